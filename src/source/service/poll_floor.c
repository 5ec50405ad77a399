#include "source/service/poll_floor.h"

#include <string.h>

#include "base/clock.h"

bool poll_floor_is_local(const char *url)
{
    static const char *const hosts[] = {"127.", "localhost:", "localhost/", "[::1]"};
    const char *scheme = strstr(url, "://");
    struct str host = str_from(scheme != NULL ? scheme + 3 : url);
    bool local = str_equal_text(host, "localhost");
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        local = local || str_starts_with(host, hosts[i]);
    }
    return local;
}

bool poll_floor_check(const struct poll_floor *floor, int64_t interval_ns, const char *url,
                      struct error *error)
{
    if (interval_ns >= floor->least_ns || poll_floor_is_local(url)) {
        return true;
    }
    char given[CLOCK_TEXT_SIZE], least[CLOCK_TEXT_SIZE];
    clock_format_duration(interval_ns, given);
    clock_format_duration(floor->least_ns, least);
    return error_set(error, ERROR_USAGE, "--poll-interval %s=%s: %s at least: %s", floor->source,
                     given, least, floor->reason);
}
