/* The sources that --source names, and an ingest for each: its own thread, poller, producer, health
 * and backoff, so that one that fails does not slow the others. */
#ifndef CANDLEWICK_COMMANDS_INGESTS_H
#define CANDLEWICK_COMMANDS_INGESTS_H

#include <stdatomic.h>

#include "commands/wiring.h"
#include "source/source_names.h"

enum { INGEST_CLIENT_ID_SIZE = 300 };

/* Zero-initialise; ingests_destroy() frees what it holds. */
struct ingests {
    struct source *sources[SOURCES_MAX];          /* NULL once the ingest owns it */
    struct ingest *items[SOURCES_MAX];            /* NULL before ingests_start() */
    const struct record_kind *kinds[SOURCES_MAX]; /* the main ones */
    char client_ids[SOURCES_MAX][INGEST_CLIENT_ID_SIZE];
    size_t count;
    bool have_end; /* each of them is of a length that it tells */
    atomic_size_t ended;
    void (*on_end)(void *context);
    void *on_end_context;
};

/* Creates the sources of --source. */
NODISCARD bool ingests_open(struct ingests *ingests, const struct options *options,
                            struct stop *stop, struct error *error);

/* The kinds that the sources write, each once. Returns their number. */
size_t ingests_kinds(const struct ingests *ingests,
                     const struct record_kind *kinds[static RECORD_KINDS]);

struct ingests_config {
    const struct options *options;
    const struct wired_streams *streams;     /* with those of all kinds */
    struct send_window *const *send_windows; /* one for each stream; NULL: none */
    bool topics_exist;
    struct stop *stop;
    /* Called on one of the ingests' threads when every source has ended, or its ingest has failed;
     * may be NULL. */
    void (*on_end)(void *context);
    void *on_end_context;
};
/* Starts an ingest for each source. The options, streams and windows are borrowed until
 * ingests_destroy(). */
NODISCARD bool ingests_start(struct ingests *ingests, const struct ingests_config *config,
                             struct error *error);

/* Fills in the figures of each; `stats` has room for SOURCES_MAX. Returns their number. */
size_t ingests_stats(const struct ingests *ingests, struct ingest_stats *stats);

/* What all of them did together, for a progress line. */
struct ingests_progress {
    int64_t rows;         /* that were read */
    int64_t acknowledged; /* records that Kafka has persisted */
    double share;         /* of what there is, 0 to 1, of the one that lags most; -1: unknown */
};
struct ingests_progress ingests_progress(const struct ingests *ingests);

/* Ends all of them (request the stop before), waits for at most about `flush_ms` until everything
 * is acknowledged, and frees them, and sources that were never started. Fills in `stats`, unless
 * NULL, like ingests_stats(), whose result it returns. */
size_t ingests_destroy(struct ingests *ingests, int flush_ms, struct ingest_stats *stats);

#endif
