#include "base/log.h"
#include "base/stop.h"
#include "commands/commands.h"
#include "commands/page/proof_runner.h"
#include "commands/sources/wired_sources.h"
#include "commands/wiring.h"
#include "page/metrics.h"
#include "page/page_model.h"

enum { FLUSH_MS = 2000 };

static void live_figures(void *context, struct live_figures *figures)
{
    live_figures_add_events(figures, context);
}

static void on_status(void *context, const struct group_status *status)
{
    group_events_seen(context, status);
}

bool run_serve(const struct options *options, struct error *error)
{
    struct wired_streams streams = {.count = 0};
    struct event_log *events = NULL;
    struct group_events *group_events = NULL;
    struct page_model *model = NULL;
    struct proof_runner *proofs = NULL;
    struct assets *assets = wiring_assets(options, error);
    bool done = false;
    struct stop *stop = stop_create(error);
    if (stop == NULL || assets == NULL ||
        !wiring_streams(options, &registry_reader_limits, stop, &streams, error) ||
        !wiring_event_log(options, &streams, NULL, "serve", &events, error) ||
        !wiring_group_events(options, &streams, events, &group_events, error) ||
        (proof_runner_is_offered(options) &&
         (proofs = proof_runner_create(options, &proof_limits_usual, error)) == NULL)) {
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
        .assets = assets,
        .proofs = proof_runner_functions(proofs),
        .lab_results = options->lab_results,
        .grafana_url = options->grafana_url,
        .kafka_ui_url = options->kafka_ui_url,
    };
    config.store.read_only = true;
    if (events != NULL) {
        config.live = live_figures;
        config.live_context = events;
        config.on_status = on_status;
        config.on_status_context = group_events;
    }
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
    proof_runner_destroy(proofs);
    assets_destroy(assets);
    group_events_destroy(group_events);
    (void)event_log_end(events, FLUSH_MS); /* it logs how many events were not sent */
    event_log_destroy(events);
    wiring_streams_free(&streams);
    stop_destroy(stop);
    return done;
}
