/*
 * The loop that asks a source, stamps ticks and hands them on, on a thread of its own.
 *
 * Live sources are asked at a fixed rate, never more than `requests_per_minute`; a late round is
 * logged and not made up for. Errors wait by kind: a rate limit 60 s, others backoff with jitter.
 * Replayed ticks are paced by their own times over `speed`.
 */
#ifndef CANDLEWICK_EXCHANGE_POLLER_H
#define CANDLEWICK_EXCHANGE_POLLER_H

#include "exchange/source.h"

struct poller;
struct stop;

/* Takes one stamped tick; borrowed for the call. May block (that is the back-pressure). False when
 * it was not taken, which the poller counts as dropped; the sink has logged why. Called on the
 * poller's thread. */
typedef bool (*tick_sink)(void *context, const struct ticker *tick);

struct poller_config {
    int64_t interval_ns;     /* between two requests of a live source */
    int requests_per_minute; /* a ceiling on the above; 30 */
    double speed;            /* replay: times faster than recorded; 0: no waiting */
    int64_t run_id;          /* of live ticks */
    tick_sink sink;
    void *sink_context;            /* borrowed until destroy */
    struct stop *stop;             /* borrowed; the loop ends soon after it is requested */
    void (*on_end)(void *context); /* called once on the poller's thread when the loop has ended;
                                      may be NULL */
    void *on_end_context;
};

struct poller_stats {
    int64_t requests;
    int64_t request_errors;
    int64_t late_rounds;
    int64_t produced;  /* handed to the sink and taken */
    int64_t dropped;   /* not taken by the sink */
    int64_t held_back; /* not stamped, because the clock stepped back */
    struct row_counts rows;
    int64_t last_success_ns; /* wall clock; 0: none yet */
    bool ended;              /* the source is used up, or failed for good */
    bool healthy;
    char reason[256]; /* why not healthy, or what it waits for */
};

/* `source` is taken over, on success only. poller_start() starts the thread. */
NODISCARD struct poller *poller_create(const struct poller_config *config, struct source *source,
                                       struct error *error);

/* The last stamp of a coin in the log, told before poller_start: identities are never reused. */
NODISCARD bool poller_set_last_stamp(struct poller *poller, const char *symbol,
                                     int64_t event_time_ns);
NODISCARD bool poller_start(struct poller *poller, struct error *error);

/* A consistent copy. Any thread. */
void poller_stats(struct poller *poller, struct poller_stats *stats);

/* Joins the thread (request the stop first). NULL is allowed. */
void poller_destroy(struct poller *poller);

#endif
