/* Creates the sources that --source names, and one ingest for each. An ingest has its own thread,
 * poller, producer, health and backoff, so one that fails does not slow the others. */
#ifndef CANDLEWICK_COMMANDS_INGESTS_H
#define CANDLEWICK_COMMANDS_INGESTS_H

#include <stdatomic.h>

#include "commands/wiring.h"
#include "source/source_names.h"

enum { INGEST_CLIENT_ID_SIZE = 300 };

/* Zero-initialise; ingests_destroy() frees its contents. */
struct ingests {
    struct source *sources[SOURCES_MAX];          /* NULL once the ingest owns the source */
    struct ingest *items[SOURCES_MAX];            /* NULL before ingests_start() */
    const struct record_kind *kinds[SOURCES_MAX]; /* the main ones */
    char client_ids[SOURCES_MAX][INGEST_CLIENT_ID_SIZE];
    size_t count;
    bool have_end; /* every source can say how much of it was read (source->share) */
    atomic_size_t ended;
    void (*on_end)(void *context);
    void *on_end_context;
};

/* Creates the sources that --source names. */
NODISCARD bool ingests_open(struct ingests *ingests, const struct options *options,
                            struct stop *stop, struct error *error);

/* Lists the kinds that the sources write, each kind once. Returns their number. */
size_t ingests_kinds(const struct ingests *ingests,
                     const struct record_kind *kinds[static RECORD_KINDS]);

struct ingests_config {
    const struct options *options;
    const struct wired_streams *streams;     /* must include a stream for every kind that the
                                                sources write */
    struct send_window *const *send_windows; /* one for each stream; NULL: none */
    bool topics_exist;
    struct stop *stop;
    /* Called once, on an ingest's thread, when all ingests have ended: each one's source has ended,
     * or the ingest has failed. May be NULL. */
    void (*on_end)(void *context);
    void *on_end_context;
};
/* Starts an ingest for each source. The options, streams and windows are borrowed until
 * ingests_destroy(). */
NODISCARD bool ingests_start(struct ingests *ingests, const struct ingests_config *config,
                             struct error *error);

/* Fills in the figures of each ingest; `stats` has room for SOURCES_MAX. Returns their number. */
size_t ingests_stats(const struct ingests *ingests, struct ingest_stats *stats);

/* What all ingests have done together, for a progress line. */
struct ingests_progress {
    int64_t rows;         /* rows read */
    int64_t acknowledged; /* records that Kafka has persisted */
    double share; /* how much of a source was read, 0 to 1: the lowest number of all sources; -1 if
                     one of them is unknown */
};
struct ingests_progress ingests_progress(const struct ingests *ingests);

/* Ends all ingests, and waits for at most about `flush_ms` until Kafka has acknowledged everything.
 * The caller requests the stop first. Frees the ingests, and the sources that were never started.
 * If `stats` is not NULL, fills it in as ingests_stats() does. Returns the number of ingests. */
size_t ingests_destroy(struct ingests *ingests, int flush_ms, struct ingest_stats *stats);

#endif
