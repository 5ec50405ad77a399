/*
 * The interface of a source of ticks. A source returns one batch at a time; the poller paces,
 * stamps and delivers it. Bitfinex sets no times (its ticker rows carry none); replay and synthetic
 * set their own.
 */
#ifndef CANDLEWICK_SOURCE_SOURCE_H
#define CANDLEWICK_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "record/ticker.h"

/* Why a row did not become a tick. Every row is a tick or has exactly one of these faults. */
enum row_fault {
    ROW_FUNDING,      /* a funding row (symbol "f…") */
    ROW_UNKNOWN_COIN, /* a coin that was not asked for */
    ROW_DUPLICATE,    /* a symbol that is in the same answer already */
    ROW_BAD_SYMBOL,
    ROW_BAD_PRICE,    /* null, not a number, not finite, <= 0 */
    ROW_BAD_FIGURE,   /* another column that is not a number or null, or not finite */
    ROW_BAD_SHAPE,    /* not an array or too short; a CSV line with the wrong columns */
    ROW_BAD_TIME,     /* a CSV time that cannot be read, or no ticker_time_valid() */
    ROW_OUT_OF_ORDER, /* a CSV row older than its coin's last */
    ROW_SECOND_FULL,  /* a CSV row that would have to be moved into the next second: see replay.c */
    ROW_REPEAT,       /* a CSV row equal to its coin's last one, time included */
    ROW_UNFINISHED,   /* a CSV file's last line without a line end: a number in it may be
                         truncated */
    ROW_FAULTS,       /* the number of faults; as a result: no fault */
};
extern const char *const row_fault_names[ROW_FAULTS];

struct row_counts {
    int64_t rows; /* all rows read: ticks + sum of rejected */
    int64_t ticks;
    int64_t rejected[ROW_FAULTS];
};

/* The ticks of one answer. The batch owns the memory and reuses it. A zero-initialised batch is
 * empty. */
struct tick_batch {
    struct ticker *ticks; /* symbol, source and figures are set; for the rest see has_time */
    size_t count;
    size_t capacity;
    bool has_time; /* ticks carry event_time_ns (strictly increasing per coin), seq and run_id;
                      else the poller sets all three */
};
NODISCARD struct ticker *tick_batch_add(struct tick_batch *batch); /* zeroed; NULL when memory
                                                                      runs out */
void tick_batch_free(struct tick_batch *batch);

enum source_next { SOURCE_BATCH, SOURCE_END, SOURCE_ERROR };

/* A source. `next` sets batch->count to 0 and batch->has_time, fills `batch` and adds to `counts`;
 * a batch may be empty. With SOURCE_ERROR it fills `error`: ERROR_RETRY (with retry_after_ms 60,000
 * for a rate limit), or any other kind when the source failed for good. After SOURCE_END or a
 * failure for good, every later call returns the same and leaves no ticks in `batch`. `next` may
 * block for a request's time-out; a live source sends at most one request per call, so that the
 * poller can keep its ceiling. Not thread-safe. */
struct source {
    const char *name; /* "bitfinex", "replay", "synthetic": written to each tick's source */
    bool live;        /* asked at an interval; otherwise read as fast as `speed` allows */
    void *state;
    /* Called once, before the first `next`, with the newest stamp of any coin in the log
     * (INT64_MIN: none is known), so that a source that makes up its own times starts after it. May
     * be NULL. */
    void (*begin)(void *state, int64_t newest_stamp_ns);
    enum source_next (*next)(void *state, struct tick_batch *batch, struct row_counts *counts,
                             struct error *error);
    /* Returns how much of the source was read, 0 to 1. Any thread. NULL: unknown. */
    double (*share)(void *state);
    void (*destroy)(void *state);
};
void source_destroy(struct source *source); /* NULL is allowed */

#endif
