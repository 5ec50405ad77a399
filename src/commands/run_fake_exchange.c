#include "base/clock.h"
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
        .coins = options->coins,
        .seed = (uint64_t)options->seed,
        .trades_per_minute = options->trades_per_minute,
        .history_ms = options->history_ns / NS_PER_MS,
        .length_ms = options->fake_length_ns / NS_PER_MS,
        .start_ms = options->start_ns / NS_PER_MS,
        .speed = options->speed,
        .start_channels = (size_t)options->fake_start_channels,
        .heartbeat_ms = options->fake_heartbeat_ms,
        .limits = options->fake_limits,
    };
    struct fake_exchange_progress progress;
    struct fake_exchange *exchange = NULL;
    bool done = false;
    struct stop *stop = stop_create(error);
    if (stop == NULL || (exchange = fake_exchange_create(&config, error)) == NULL) {
        goto out;
    }
    log_info("listening", log_text("url", fake_exchange_url(exchange)),
             log_text("ws_url", fake_exchange_ws_url(exchange)),
             log_text("data", options->data != NULL ? options->data : "made from the seed"));
    stop_wait_signals(stop, options->duration_ns);
    fake_exchange_progress(exchange, &progress);
    log_info("summary", log_int("requests", progress.requests), log_int("rows", progress.rows),
             log_int("served", progress.served), log_int("repeated", progress.repeated),
             log_int("rejected", progress.rejected), log_int("trades", progress.happened),
             log_int("streamed", progress.streamed), log_int("connections", progress.connections),
             log_int("faults", progress.faults));
    done = true;
out:
    fake_exchange_destroy(exchange);
    stop_destroy(stop);
    return done;
}
