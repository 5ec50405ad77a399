#include "pipeline/store_sink.h"

#include <stdio.h>

#include "base/backoff.h"
#include "base/log.h"
#include "base/stop.h"

bool store_sink_open(struct store_sink *sink, const struct store_config *config,
                     struct error *error)
{
    *sink = (struct store_sink){.store = store_open(config, error)};
    return sink->store != NULL;
}

void store_sink_close(struct store_sink *sink)
{
    store_close(sink->store);
    sink->store = NULL;
}

bool store_sink_write(struct store_sink *sink, const struct record_set *records,
                      struct rejected_list *rejected, struct error *error)
{
    if (!sink->prepared) {
        if (!store_prepare(sink->store, error)) {
            return false;
        }
        sink->prepared = true;
    }
    return store_write(sink->store, records, rejected, error);
}

bool store_sink_write_on(struct store_sink *sink, const struct record_set *records,
                         struct rejected_list *rejected, struct stop *stop, struct error *error)
{
    struct backoff backoff = backoff_usual();
    while (!stop_requested(stop)) {
        struct error failure = {.kind = ERROR_NONE};
        if (store_sink_write(sink, records, rejected, &failure)) {
            return true;
        }
        if (failure.kind == ERROR_FATAL) {
            return error_pass(error, &failure);
        }
        int wait_ms = backoff_next_ms(&backoff, failure.retry_after_ms);
        log_warn("write_failed", log_int("ticks", (int64_t)records->count),
                 log_text("reason", failure.text), log_int("retry_ms", wait_ms));
        if (stop_wait_ms(stop, wait_ms)) {
            return error_set(error, ERROR_FATAL, "stopped: %s", failure.text);
        }
    }
    return error_set(error, ERROR_FATAL, "stopped before the end");
}
