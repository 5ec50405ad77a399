#include "commands/ingests.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/options_streams.h"
#include "commands/sources/wired_sources.h"
#include "record/event.h"

/* Lets polled sources write events, too, if --streams has these or another source writes them. */
static void write_events(struct ingests *ingests, const struct options *options)
{
    bool events = options_name_stream(options, &event_kind);
    for (size_t i = 0; i < ingests->count; i++) {
        events = events || ingests->sources[i]->writes_events;
    }
    for (size_t i = 0; i < ingests->count; i++) {
        struct source *source = ingests->sources[i];
        source->writes_events = source->writes_events || (events && source_is_polled(source));
    }
}

bool ingests_open(struct ingests *ingests, const struct options *options, struct stop *stop,
                  struct error *error)
{
    struct named_sources named;
    if (source_names_parse(str_from(options->source), &named, NULL) != SOURCES_NAMED) {
        return error_set(error, ERROR_USAGE, "--source: %.200s is none", options->source);
    }
    ingests->have_end = true;
    ingests->count = 0;
    for (size_t i = 0; i < named.count; i++) {
        struct source *source = wired_source(options, &named.items[i], stop, error);
        if (source == NULL) {
            return false;
        }
        ingests->have_end = ingests->have_end && source->share != NULL;
        ingests->kinds[ingests->count] = source->kind;
        ingests->sources[ingests->count++] = source;
    }
    write_events(ingests, options);
    return true;
}

static size_t add_kind(const struct record_kind *kinds[static RECORD_KINDS], size_t count,
                       const struct record_kind *kind)
{
    for (size_t i = 0; i < count; i++) {
        if (kinds[i] == kind) {
            return count;
        }
    }
    kinds[count] = kind;
    return count + 1;
}

size_t ingests_kinds(const struct ingests *ingests,
                     const struct record_kind *kinds[static RECORD_KINDS])
{
    size_t count = 0;
    for (size_t i = 0; i < ingests->count; i++) {
        const struct record_kind *written[INGEST_STREAMS_MAX];
        size_t more = wiring_source_kinds(ingests->sources[i], written);
        for (size_t k = 0; k < more; k++) {
            count = add_kind(kinds, count, written[k]);
        }
    }
    return count;
}

/* Called on an ingest's thread when its source has ended or the ingest has failed. */
static void one_ended(void *context)
{
    struct ingests *ingests = context;
    if (atomic_fetch_add(&ingests->ended, 1) + 1 == ingests->count && ingests->on_end != NULL) {
        ingests->on_end(ingests->on_end_context);
    }
}

/* With several sources, gives each producer its own client id, so that /metrics can show each
 * producer's round trips. */
static void name_client(struct ingests *ingests, size_t i, struct ingest_config *config)
{
    if (ingests->count > 1) {
        (void)snprintf(ingests->client_ids[i], INGEST_CLIENT_ID_SIZE, "%.200s-%.60s",
                       config->kafka.client_id, ingests->sources[i]->name);
        config->kafka.client_id = ingests->client_ids[i];
    }
}

bool ingests_start(struct ingests *ingests, const struct ingests_config *config,
                   struct error *error)
{
    const struct wired_streams *streams = config->streams;
    ingests->on_end = config->on_end;
    ingests->on_end_context = config->on_end_context;
    for (size_t i = 0; i < ingests->count; i++) {
        struct source *source = ingests->sources[i];
        struct ingest_config ingest = wiring_ingest(config->options, streams, source, config->stop);
        name_client(ingests, i, &ingest);
        ingest.topics_exist = config->topics_exist;
        ingest.on_end = one_ended;
        ingest.on_end_context = ingests;
        for (size_t k = 0; k < ingest.stream_count && config->send_windows != NULL; k++) {
            const struct stream *stream =
                stream_of_kind(streams->items, streams->count, ingest.streams[k].kind);
            ingest.streams[k].send_window = config->send_windows[stream - streams->items];
        }
        ingests->sources[i] = NULL; /* the ingest owns the source, even if ingest_create() fails */
        ingests->items[i] = ingest_create(&ingest, source, error);
        if (ingests->items[i] == NULL) {
            return false;
        }
    }
    return true;
}

size_t ingests_stats(const struct ingests *ingests, struct ingest_stats *stats)
{
    size_t count = 0;
    for (size_t i = 0; i < ingests->count; i++) {
        if (ingests->items[i] != NULL) {
            ingest_stats(ingests->items[i], &stats[count++]);
        }
    }
    return count;
}

struct ingests_progress ingests_progress(const struct ingests *ingests)
{
    struct ingests_progress progress = {.share = 1};
    for (size_t i = 0; i < ingests->count; i++) {
        struct ingest_stats stats;
        ingest_stats(ingests->items[i], &stats);
        progress.rows += stats.poller.rows.rows;
        progress.acknowledged += stats.records.acknowledged;
        bool less = stats.poller.share < progress.share; /* unknown is -1 */
        progress.share = less ? stats.poller.share : progress.share;
    }
    return progress;
}

size_t ingests_destroy(struct ingests *ingests, int flush_ms, struct ingest_stats *stats)
{
    int64_t until_ns = clock_monotonic_ns() + flush_ms * NS_PER_MS;
    size_t count = 0;
    for (size_t i = 0; i < ingests->count; i++) {
        source_destroy(ingests->sources[i]);
        ingests->sources[i] = NULL;
        if (ingests->items[i] != NULL) {
            int64_t left_ms = (until_ns - clock_monotonic_ns()) / NS_PER_MS;
            ingest_destroy(ingests->items[i], left_ms > 0 ? (int)left_ms : 0,
                           stats != NULL ? &stats[count] : NULL);
            ingests->items[i] = NULL;
            count++;
        }
    }
    ingests->count = 0;
    return count;
}
