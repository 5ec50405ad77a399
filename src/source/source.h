/*
 * Where ticks come from. A source gives one batch at a time; the poller paces, stamps and hands on.
 * Bitfinex stamps nothing (a ticker row carries no time), replay and synthetic bring their own
 * time.
 */
#ifndef CANDLEWICK_SOURCE_SOURCE_H
#define CANDLEWICK_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "record/ticker.h"

/* Why a row did not become a tick. Every row is a tick or exactly one of these. */
enum row_fault {
    ROW_FUNDING,      /* a funding row (symbol "f…") */
    ROW_UNKNOWN_COIN, /* not asked for */
    ROW_DUPLICATE,    /* the same symbol again in one answer */
    ROW_BAD_SYMBOL,
    ROW_BAD_PRICE,    /* null, not a number, not finite, <= 0 */
    ROW_BAD_FIGURE,   /* another column that is not a number or null, or not finite */
    ROW_BAD_SHAPE,    /* not an array or too short; a CSV line with the wrong columns */
    ROW_BAD_TIME,     /* a CSV time that cannot be read, or no ticker_time_valid() */
    ROW_OUT_OF_ORDER, /* a CSV row older than its coin's last */
    ROW_SECOND_FULL,  /* a CSV row that would have to go into the next second: see replay.c */
    ROW_REPEAT,       /* a CSV row that says what its coin's last one said, time and all */
    ROW_UNFINISHED,   /* a CSV file's last line without a line end: a number in it may be cut */
    ROW_FAULTS,       /* how many */
};
extern const char *const row_fault_names[ROW_FAULTS];

struct row_counts {
    int64_t rows; /* all rows seen: ticks + sum of rejected */
    int64_t ticks;
    int64_t rejected[ROW_FAULTS];
};

/* One answer's ticks. The memory is owned by the batch and reused. Zero-initialised it is empty. */
struct tick_batch {
    struct ticker *ticks; /* symbol, source and figures; see has_time for the rest */
    size_t count;
    size_t capacity;
    bool has_time; /* ticks carry event_time_ns (strictly increasing per coin), seq and run_id;
                      else the poller stamps all three */
};
NODISCARD struct ticker *tick_batch_add(struct tick_batch *batch); /* zeroed; NULL: no memory */
void tick_batch_free(struct tick_batch *batch);

enum source_next { SOURCE_BATCH, SOURCE_END, SOURCE_ERROR };

/* A source: `next` sets batch->count to 0 and batch->has_time, fills `batch` and adds to `counts`;
 * a batch may be empty. SOURCE_ERROR fills `error`: ERROR_RETRY (with retry_after_ms 60,000 on a
 * rate limit), or any other kind for good; SOURCE_END and an error for good stay when asked again,
 * and leave no ticks in `batch`. It may block for a request's time-out; a live source makes at most
 * one request a call, so that the poller can keep to its ceiling. One thread at a time. */
struct source {
    const char *name; /* "bitfinex", "replay", "synthetic": the ticks' source */
    bool live;        /* polled at an interval; otherwise read as fast as `speed` says */
    void *state;
    /* Told once, before the first `next`: the newest stamp of any coin in the log (INT64_MIN: none
     * is known), so that a source that makes up its own times begins after it. NULL: it does not
     * care. */
    void (*begin)(void *state, int64_t newest_stamp_ns);
    enum source_next (*next)(void *state, struct tick_batch *batch, struct row_counts *counts,
                             struct error *error);
    /* How much of what there is was read, 0 to 1. Any thread. NULL: nobody knows. */
    double (*share)(void *state);
    void (*destroy)(void *state);
};
void source_destroy(struct source *source); /* NULL is allowed */

#endif
