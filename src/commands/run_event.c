#include <string.h>

#include "base/stop.h"
#include "commands/commands.h"
#include "commands/wiring.h"

static bool check(const struct options *options, struct error *error)
{
    if (!event_what_valid(str_from(options->event_what))) {
        return error_set(error, ERROR_USAGE,
                         "--what: \"%.60s\" is not a word of up to %d of a-z and _, as drill",
                         options->event_what, EVENT_WHAT_MAX);
    }
    if (!event_subject_valid(str_from(options->event_subject))) {
        return error_set(error, ERROR_USAGE,
                         "--subject: \"%.70s\" is not 1 to %d of letters, digits, and . : _ ^ = / "
                         "-, as broker/2; a sentence goes into --detail",
                         options->event_subject, RECORD_KEY_MAX);
    }
    size_t length = options->event_detail != NULL ? strlen(options->event_detail) : 0;
    return length <= LONG_TEXT_MAX ||
           error_set(error, ERROR_USAGE, "--detail: it has %zu bytes; at most %d fit into an event",
                     length, LONG_TEXT_MAX);
}

static bool write_event(const struct options *options, const struct wired_streams *streams,
                        struct error *error)
{
    struct event_log *log = NULL;
    if (!wiring_event_log(options, streams, NULL, "event", &log, error)) {
        return false;
    }
    event_log_add(log, options->event_what, options->event_subject, -1, options->event_detail);
    bool done = event_log_end(log, (int)(options->wait_ns / NS_PER_MS));
    event_log_destroy(log);
    return done ||
           error_set(error, ERROR_RETRY,
                     "the event is not in the log: topic %.60s has not acknowledged it in "
                     "the time of --wait; is it there (candlewick prepare --streams event), "
                     "are brokers %.60s and registry %.60s?",
                     streams->items[0].topic, options->brokers, options->registry);
}

bool run_event(const struct options *options, struct error *error)
{
    struct wired_streams streams = {.count = 0};
    struct stop *stop = NULL;
    bool done =
        check(options, error) && (stop = stop_create(error)) != NULL &&
        wiring_add_stream(options, &event_kind, &registry_reader_limits, stop, &streams, error) &&
        write_event(options, &streams, error);
    wiring_streams_free(&streams);
    stop_destroy(stop);
    return done;
}
