/*
 * Where ticks come from. A source gives one batch at a time; the poller paces, stamps and hands on.
 * Bitfinex stamps nothing (a ticker row carries no time), replay and synthetic bring their own
 * time.
 */
#ifndef CANDLEWICK_EXCHANGE_SOURCE_H
#define CANDLEWICK_EXCHANGE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "market/ticker.h"

/* Why a row did not become a tick. Every row is a tick or exactly one of these. */
enum row_fault {
    ROW_FUNDING,      /* a funding row (symbol "f…") */
    ROW_UNKNOWN_COIN, /* not asked for */
    ROW_DUPLICATE,    /* the same symbol again in one answer */
    ROW_BAD_SYMBOL,
    ROW_BAD_PRICE,    /* null, not a number, not finite, <= 0 */
    ROW_BAD_FIGURE,   /* another column that is not a number or null, or not finite */
    ROW_BAD_SHAPE,    /* not an array or too short; a CSV line with the wrong columns */
    ROW_BAD_TIME,     /* a CSV time that cannot be read */
    ROW_OUT_OF_ORDER, /* a CSV row older than its coin's last */
    ROW_FAULTS,       /* how many */
};
extern const char *const row_fault_names[ROW_FAULTS];

struct row_counts {
    int64_t rows; /* all rows seen: ticks + sum of rejected */
    int64_t ticks;
    int64_t rejected[ROW_FAULTS];
};

/* One answer's ticks. The memory is owned by the batch and reused. */
struct tick_batch {
    struct ticker *ticks; /* symbol, figures, source, and seq and run_id where known */
    size_t count;
    size_t capacity;
    bool has_time; /* ticks carry their event_time_ns (strictly increasing per coin) */
};
NODISCARD struct ticker *tick_batch_add(struct tick_batch *batch); /* zeroed; NULL: no memory */
void tick_batch_free(struct tick_batch *batch);

enum source_next { SOURCE_BATCH, SOURCE_END, SOURCE_ERROR };

/* A source: `next` clears and fills `batch` and adds to `counts`. SOURCE_ERROR fills `error`:
 * ERROR_RETRY (with retry_after_ms 60,000 on a rate limit) or ERROR_FATAL. It may block for a
 * request's time-out. One thread at a time. */
struct source {
    const char *name; /* "bitfinex", "replay", "synthetic": the ticks' source */
    bool live;        /* polled at an interval; otherwise read as fast as `speed` says */
    void *state;
    enum source_next (*next)(void *state, struct tick_batch *batch, struct row_counts *counts,
                             struct error *error);
    void (*destroy)(void *state);
};
void source_destroy(struct source *source); /* NULL is allowed */

#endif
