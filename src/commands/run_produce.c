#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "cli/progress.h"
#include "commands/commands.h"
#include "commands/wiring.h"
#include "page/metrics.h"
#include "pipeline/run_summary.h"

enum { FLUSH_MS = 8000 };

struct produce {
    struct ingest *ingest;
    struct stop *stop;
    int64_t since_ns; /* monotonic start time */
};

static void on_end(void *context)
{
    const struct produce *produce = context;
    stop_request(produce->stop);
}

static void live_figures(void *context, struct live_figures *figures)
{
    const struct produce *produce = context;
    figures->has_ingest = true;
    ingest_stats(produce->ingest, &figures->ingest);
}

static void describe_progress(void *context, char *line, size_t size)
{
    const struct produce *produce = context;
    struct ingest_stats stats;
    ingest_stats(produce->ingest, &stats);
    size_t length =
        progress_rows(stats.poller.rows.rows, stats.poller.share, produce->since_ns, line, size);
    (void)snprintf(line + length, size - length, ", %lld acknowledged",
                   (long long)stats.producer.acknowledged);
}

bool run_produce(const struct options *options, struct error *error)
{
    struct produce produce = {0};
    struct wired_streams streams = {.count = 0};
    struct metrics_server *metrics = NULL;
    struct progress *progress = NULL;
    struct source *source = NULL;
    bool done = false;
    produce.stop = stop_create(error);
    if (produce.stop == NULL || (source = wiring_source(options, produce.stop, error)) == NULL ||
        !wiring_source_streams(options, source, &registry_reader_limits, produce.stop, &streams,
                               error)) {
        source_destroy(source);
        goto out;
    }
    bool has_end = source->share != NULL;
    struct ingest_config config = wiring_ingest(options, &streams, source, produce.stop);
    config.on_end = on_end;
    config.on_end_context = &produce;
    produce.ingest = ingest_create(&config, source, error);
    if (produce.ingest == NULL ||
        !metrics_serve(options->metrics, live_figures, &produce, &metrics, error)) {
        goto out;
    }
    log_info("producing", log_text("source", options->source),
             log_text("topic", streams.items[0].topic), log_text("brokers", options->brokers));
    produce.since_ns = clock_monotonic_ns();
    if (has_end || options->speed <= 0) {
        progress = progress_begin(describe_progress, &produce);
    }
    stop_wait_signals(produce.stop, options->duration_ns);
    done = true;
out:
    progress_end(progress);
    if (produce.stop != NULL) {
        stop_request(produce.stop);
    }
    metrics_server_destroy(metrics);
    if (produce.ingest != NULL) {
        struct ingest_stats stats;
        ingest_destroy(produce.ingest, FLUSH_MS, &stats);
        run_summary_log(&(struct run_summary){.ingest = &stats, .lag = -1});
        done = done && run_summary_ingest_complete(&stats, error);
    }
    wiring_streams_free(&streams);
    stop_destroy(produce.stop);
    return done;
}
