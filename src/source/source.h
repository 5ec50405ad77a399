/*
 * The interface of a source of records of one kind. A source returns one batch at a time; the
 * poller paces, stamps and delivers it. Bitfinex sets no times (its ticker rows carry none); replay
 * and synthetic set their own.
 */
#ifndef CANDLEWICK_SOURCE_SOURCE_H
#define CANDLEWICK_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "record/kind.h"

/* Why a row did not become a record. Every row is a record or has exactly one of these faults. */
enum row_fault {
    ROW_FUNDING,      /* a funding row (symbol "f…") */
    ROW_UNKNOWN_COIN, /* a coin that was not asked for */
    ROW_DUPLICATE,    /* a symbol that is in the same answer already */
    ROW_BAD_SYMBOL,
    ROW_BAD_PRICE,     /* a price that is null, not a number, not finite or <= 0 */
    ROW_BAD_FIGURE,    /* another column that is not a number or null, or not finite */
    ROW_BAD_SHAPE,     /* not an array or too short; a CSV line with the wrong columns */
    ROW_BAD_SOURCE,    /* a name that no source can have */
    ROW_BAD_TIMEFRAME, /* not one of those that bars have */
    ROW_BAD_REVISION,  /* not a whole number of 0 or more */
    ROW_BAD_TIME,      /* a CSV time that cannot be read, or that the kind refuses */
    ROW_OUT_OF_ORDER,  /* a CSV row older than its series' last */
    ROW_SECOND_FULL,   /* a CSV row that would have to be moved into the next second: see
                          replay/replay_order.h */
    ROW_REPEAT,        /* a CSV row equal to its series' last one, time included */
    ROW_CONFLICT,      /* a CSV row that has its series' last identity, but other values */
    ROW_UNFINISHED,    /* a CSV file's last line without a line end: a number in it may be
                          truncated */
    ROW_FAULTS,        /* the number of faults; as a result: no fault */
};
extern const char *const row_fault_names[ROW_FAULTS];

/* The fault that a kind's check (kind.h) means by `reason`; ROW_BAD_FIGURE if it has no name of its
 * own here. */
enum row_fault row_fault_of(const char *reason);

struct row_counts {
    int64_t rows; /* all rows read: records + sum of rejected */
    int64_t records;
    int64_t rejected[ROW_FAULTS];
};

/* The records of one answer. The batch owns the memory and reuses it. A zero-initialised batch is
 * empty. */
struct source_batch {
    const struct record_kind *kind;
    void *records; /* an array of the kind's structs, filled but for what has_time says */
    size_t count;
    size_t capacity;
    bool has_time; /* the records carry their time, and what their kind has of seq and run;
                      else the poller sets all three. Times of one series strictly increase. */
};
/* Empties the batch for records of `kind`. */
void source_batch_begin(struct source_batch *batch, const struct record_kind *kind, bool has_time);
/* Adds a zeroed record, after source_batch_begin(). NULL when memory runs out. */
NODISCARD void *source_batch_add(struct source_batch *batch);
/* The record of that index, borrowed until the next source_batch_add(). */
void *source_batch_at(const struct source_batch *batch, size_t index);
void source_batch_free(struct source_batch *batch);

enum source_next { SOURCE_BATCH, SOURCE_END, SOURCE_ERROR };

/* A source. `next` begins `batch` anew (source_batch_begin), fills it and adds to `counts`; it may
 * stay empty. With SOURCE_ERROR it fills `error`: ERROR_RETRY (with retry_after_ms 60,000
 * for a rate limit), or any other kind when the source failed for good. After SOURCE_END or a
 * failure for good, every later call returns the same and leaves no records in `batch`. `next` may
 * block for a request's time-out; a live source sends at most one request per call, so that the
 * poller can keep its ceiling. Not thread-safe. */
struct source {
    const char *name; /* "bitfinex", "replay", "synthetic": written to each record's source */
    const struct record_kind *kind; /* of all its records */
    bool live; /* asked at an interval; otherwise read as fast as `speed` allows */
    void *state;
    /* Called once, before the first `next`, with the newest stamp of any coin in the log
     * (INT64_MIN: none is known), so that a source that makes up its own times starts after it. May
     * be NULL. */
    void (*begin)(void *state, int64_t newest_stamp_ns);
    enum source_next (*next)(void *state, struct source_batch *batch, struct row_counts *counts,
                             struct error *error);
    /* Returns how much of the source was read, 0 to 1. Any thread. NULL: unknown. */
    double (*share)(void *state);
    void (*destroy)(void *state);
};
void source_destroy(struct source *source); /* NULL is allowed */

#endif
