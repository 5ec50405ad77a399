/*
 * The events that a source writes of its own run: started, coins, covered, ended (record/event.h).
 * Each is added to a batch; an empty batch is begun. Pure: the caller passes the time. Functions
 * that add return false or NULL when memory runs out.
 */
#ifndef CANDLEWICK_SOURCE_RUN_EVENTS_H
#define CANDLEWICK_SOURCE_RUN_EVENTS_H

#include "record/event.h"
#include "record/event_clock.h"
#include "source/coins.h"
#include "source/source.h"

struct run_events {
    const char *source;       /* its name; borrowed */
    struct event_clock clock; /* knows the source's events in the log, by run_events_tell() */
    int64_t list_ns; /* time of the event that begins the list of coins; 0: there is no list yet */
};

/* Restores the state from an event of the source that is in the log. */
void run_events_tell(struct run_events *events, const struct event *event);

/* Adds an event, for the caller to fill in further; its detail is in the batch's texts. */
NODISCARD struct event *run_events_add(struct run_events *events, struct source_batch *batch,
                                       int64_t now_ns, const char *what, const char *subject);

/* Adds the list of coins, `names` with commas between, in as many events as it needs. From then on,
 * events `covered` refer to this list. */
NODISCARD bool run_events_list(struct run_events *events, struct source_batch *batch,
                               int64_t now_ns, struct str names);

/* Adds the list of coins of a table. */
NODISCARD bool run_events_coins(struct run_events *events, struct source_batch *batch,
                                int64_t now_ns, const struct coin_table *coins);

/* Adds the event `started`, and the list of coins. */
NODISCARD bool run_events_start(struct run_events *events, struct source_batch *batch,
                                int64_t now_ns, const struct coin_table *coins);

/* A span of time in which a source received all records of some of its coins. */
struct run_span {
    int64_t begin_ns, end_ns;
    size_t connection;   /* number of the source's connection; 0 if it has only one */
    size_t first, last;  /* indexes of the coins in the list */
    int64_t interval_ms; /* from one poll to the next; 0: it was pushed to */
};

/* Adds an event `covered`. */
NODISCARD bool run_events_cover(struct run_events *events, struct source_batch *batch,
                                int64_t now_ns, const struct run_span *span);

/* Adds the event `ended`. */
NODISCARD bool run_events_end(struct run_events *events, struct source_batch *batch,
                              int64_t now_ns);

#endif
