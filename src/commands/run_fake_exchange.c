#include "base/log.h"
#include "base/stop.h"
#include "commands/commands.h"
#include "fake_exchange/fake_exchange.h"

bool run_fake_exchange(const struct options *options, struct error *error)
{
    struct fake_exchange_config config = {
        .data = options->data,
        .listen = options->listen,
        .faults = options->fault,
        .repeat = true,
    };
    struct fake_exchange_progress progress;
    struct fake_exchange *exchange = NULL;
    bool done = false;
    struct stop *stop = stop_create(error);
    if (stop == NULL || (exchange = fake_exchange_create(&config, error)) == NULL) {
        goto out;
    }
    log_info("listening", log_text("url", fake_exchange_url(exchange)),
             log_text("data", options->data));
    stop_wait_signals(stop, options->duration_ns);
    fake_exchange_progress(exchange, &progress);
    log_info("summary", log_int("requests", progress.requests), log_int("rows", progress.rows),
             log_int("served", progress.served), log_int("repeated", progress.repeated),
             log_int("rejected", progress.rejected));
    done = true;
out:
    fake_exchange_destroy(exchange);
    stop_destroy(stop);
    return done;
}
