#include "base/log.h"
#include "base/stop.h"
#include "commands/commands.h"
#include "commands/wiring.h"
#include "page/board.h"

bool run_serve(const struct options *options, struct error *error)
{
    struct wired_streams streams = {.count = 0};
    struct board *board = NULL;
    bool done = false;
    struct stop *stop = stop_create(error);
    if (stop == NULL || !wiring_streams(options, &registry_reader_limits, stop, &streams, error)) {
        goto out;
    }
    struct board_config config = {
        .listen = options->listen,
        .kafka = wiring_kafka(options, NULL),
        .streams = streams.items,
        .registries = streams.registries,
        .stream_count = streams.count,
        .group = options->group,
        .store = wiring_store(options),
    };
    config.store.read_only = true;
    board = board_create(&config, error);
    if (board == NULL) {
        goto out;
    }
    log_info("ready", log_text("page", board_url(board)), log_text("brokers", options->brokers),
             log_text("registry", options->registry), log_text("store", options->store));
    stop_wait_signals(stop, options->duration_ns);
    done = true;
out:
    board_destroy(board);
    wiring_streams_free(&streams);
    stop_destroy(stop);
    return done;
}
