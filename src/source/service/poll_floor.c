#include "source/service/poll_floor.h"

#include "base/clock.h"
#include "base/http/http_url.h"

bool poll_floor_check(const struct poll_floor *floor, int64_t interval_ns, const char *url,
                      struct error *error)
{
    if (interval_ns >= floor->least_ns || http_url_is_loopback(url)) {
        return true;
    }
    char given[CLOCK_TEXT_SIZE], least[CLOCK_TEXT_SIZE];
    clock_format_duration(interval_ns, given);
    clock_format_duration(floor->least_ns, least);
    return error_set(error, ERROR_USAGE, "--poll-interval %s=%s: %s at least: %s", floor->source,
                     given, least, floor->reason);
}
