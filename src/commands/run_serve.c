#include "base/log.h"
#include "base/stop.h"
#include "commands/commands.h"
#include "commands/wiring.h"
#include "page/page_model.h"

bool run_serve(const struct options *options, struct error *error)
{
    struct wired_streams streams = {.count = 0};
    struct page_model *model = NULL;
    bool done = false;
    struct stop *stop = stop_create(error);
    if (stop == NULL || !wiring_streams(options, &registry_reader_limits, stop, &streams, error)) {
        goto out;
    }
    struct page_model_config config = {
        .listen = options->listen,
        .kafka = wiring_kafka(options, NULL),
        .streams = streams.items,
        .registries = streams.registries,
        .stream_count = streams.count,
        .group = options->group,
        .store = wiring_store(options),
    };
    config.store.read_only = true;
    model = page_model_create(&config, error);
    if (model == NULL) {
        goto out;
    }
    log_info("ready", log_text("page", page_model_url(model)),
             log_text("brokers", options->brokers), log_text("registry", options->registry),
             log_text("store", options->store));
    stop_wait_signals(stop, options->duration_ns);
    done = true;
out:
    page_model_destroy(model);
    wiring_streams_free(&streams);
    stop_destroy(stop);
    return done;
}
