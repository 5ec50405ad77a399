#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "cli/progress.h"
#include "commands/commands.h"
#include "commands/ingests.h"
#include "page/metrics.h"
#include "pipeline/run_summary.h"

enum { FLUSH_MS = 8000 };

struct produce {
    struct ingests ingests;
    struct wired_streams streams;
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
    figures->ingest_count = ingests_stats(&produce->ingests, figures->ingests);
}

static void describe_progress(void *context, char *line, size_t size)
{
    const struct produce *produce = context;
    struct ingests_progress progress = ingests_progress(&produce->ingests);
    size_t length = progress_rows(progress.rows, progress.share, produce->since_ns, line, size);
    (void)snprintf(line + length, size - length, ", %lld acknowledged",
                   (long long)progress.acknowledged);
}

static bool add_streams(struct produce *produce, const struct options *options, struct error *error)
{
    const struct record_kind *kinds[RECORD_KINDS];
    size_t count = ingests_kinds(&produce->ingests, kinds);
    for (size_t i = 0; i < count; i++) {
        if (!wiring_add_stream(options, kinds[i], &registry_reader_limits, produce->stop,
                               &produce->streams, error)) {
            return false;
        }
    }
    return true;
}

static bool start(struct produce *produce, const struct options *options, struct error *error)
{
    produce->stop = stop_create(error);
    const struct ingests_config config = {.options = options,
                                          .streams = &produce->streams,
                                          .stop = produce->stop,
                                          .on_end = on_end,
                                          .on_end_context = produce};
    return produce->stop != NULL &&
           ingests_open(&produce->ingests, options, produce->stop, error) &&
           add_streams(produce, options, error) && ingests_start(&produce->ingests, &config, error);
}

static void log_producing(const struct produce *produce, const struct options *options)
{
    struct strbuf topics = strbuf_new(STREAMS_MAX * STREAM_TOPIC_SIZE);
    for (size_t i = 0; i < produce->streams.count; i++) {
        strbuf_append_text(&topics, i > 0 ? "," : "");
        strbuf_append_text(&topics, produce->streams.items[i].topic);
    }
    log_info("producing", log_text("source", options->source),
             log_text("topic", strbuf_text(&topics)), log_text("brokers", options->brokers));
    strbuf_free(&topics);
}

/* Ends the ingests; returns false if something was left unsent. */
static bool finish(struct produce *produce, bool started, struct error *error)
{
    struct ingest_stats stats[SOURCES_MAX];
    struct error *why = started ? error : &(struct error){0};
    size_t count = ingests_destroy(&produce->ingests, FLUSH_MS, stats);
    if (count > 0) {
        run_summary_log(&(struct run_summary){.ingests = stats, .ingest_count = count, .lag = -1});
    }
    return run_summary_ingests_complete(stats, count, why);
}

bool run_produce(const struct options *options, struct error *error)
{
    struct produce produce = {.since_ns = 0};
    struct metrics_server *metrics = NULL;
    struct progress *progress = NULL;
    bool done = false;
    if (!start(&produce, options, error) ||
        !metrics_serve(options->metrics, live_figures, &produce, &metrics, error)) {
        goto out;
    }
    log_producing(&produce, options);
    produce.since_ns = clock_monotonic_ns();
    if (produce.ingests.have_end || options->speed <= 0) {
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
    done = finish(&produce, done, error) && done;
    wiring_streams_free(&produce.streams);
    stop_destroy(produce.stop);
    return done;
}
