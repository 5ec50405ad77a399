#include "base/log.h"
#include "base/stop.h"
#include "commands/commands.h"
#include "commands/wiring.h"
#include "page/board.h"

bool run_serve(const struct options *options, struct error *error)
{
    struct registry_client *registry = NULL;
    struct board *board = NULL;
    bool done = false;
    struct stop *stop = stop_create(error);
    if (stop == NULL || (registry = wiring_registry(options, &ticker_kind, &registry_reader_limits,
                                                    stop, error)) == NULL) {
        goto out;
    }
    struct board_config config = {
        .listen = options->listen,
        .kafka = wiring_kafka(options, NULL),
        .topic = options->topic,
        .group = options->group,
        .registry = registry,
        .store = wiring_store(options),
    };
    config.other_count = wiring_other_streams(options, config.others);
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
    registry_client_destroy(registry);
    stop_destroy(stop);
    return done;
}
