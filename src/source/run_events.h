/*
 * The events that a source writes of its own run: started, coins, covered, ended (record/event.h).
 * Each is added to a batch that the source hands on. Pure: the caller passes the time. Functions
 * that add return false or NULL when memory runs out.
 */
#ifndef CANDLEWICK_SOURCE_RUN_EVENTS_H
#define CANDLEWICK_SOURCE_RUN_EVENTS_H

#include "record/event.h"
#include "source/coins.h"
#include "source/source.h"

struct run_events {
    const char *source; /* its name; borrowed */
    int64_t newest_ns;  /* time of the newest event that was added or is in the log: the next one is
                           later, so that no two of a subject are one */
    int64_t list_ns;    /* time of the event that begins the list of coins */
};

/* An event of the source in the log. */
void run_events_tell(struct run_events *events, const struct event *event);

/* A span in which a source had all that happened to some of its coins. */
struct run_span {
    int64_t begin_ns, end_ns;
    size_t first, last;  /* indexes of the coins in the list */
    int64_t interval_ms; /* how often it asked; 0: it was pushed to */
};

/* These two return an event for a source that does not hand it on in a batch at once: any one, for
 * the caller to fill in further, and `covered` of one of its connections. */
struct event run_events_make(struct run_events *events, int64_t now_ns, const char *what,
                             const char *subject);
struct event run_events_make_covered(struct run_events *events, int64_t now_ns, size_t connection,
                                     const struct run_span *span);

/* Adds an event, for the caller to fill in further. An empty batch is begun. */
NODISCARD struct event *run_events_add(struct run_events *events, struct source_batch *batch,
                                       int64_t now_ns, const char *what, const char *subject);

/* Adds started, and the list of coins in as many events as it needs. */
NODISCARD bool run_events_start(struct run_events *events, struct source_batch *batch,
                                int64_t now_ns, const struct coin_table *coins);

/* Adds covered, of the source's only connection. */
NODISCARD bool run_events_cover(struct run_events *events, struct source_batch *batch,
                                int64_t now_ns, const struct run_span *span);

/* Adds ended. */
NODISCARD bool run_events_end(struct run_events *events, struct source_batch *batch,
                              int64_t now_ns);

#endif
