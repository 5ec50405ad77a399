/*
 * The interface of a source of records. A source returns one batch at a time, each of one of its
 * kinds; the poller paces, stamps and delivers it. Some records come without times, such as
 * Bitfinex's tickers, whose rows carry none; all others bring their own.
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
    ROW_BAD_PRICE,      /* a price that is null, not a number, not finite or <= 0 */
    ROW_BAD_FIGURE,     /* another column that is not a number or null, or not finite */
    ROW_BAD_SHAPE,      /* not an array or too short; a CSV line with the wrong columns */
    ROW_BAD_SOURCE,     /* a name that no source can have */
    ROW_BAD_TIMEFRAME,  /* not one of those that bars have */
    ROW_BAD_REVISION,   /* not a whole number of 0 or more */
    ROW_BAD_TRADE_ID,   /* not a whole number of 0 or more */
    ROW_BAD_AMOUNT,     /* not a number, not finite or 0 */
    ROW_BAD_TIME,       /* a time that cannot be read, or that the kind refuses */
    ROW_OUT_OF_ORDER,   /* older than its series' last: a CSV row of a kind in order (kind.h), or
                           a bar that cannot be compared or does not follow */
    ROW_SECOND_FULL,    /* a CSV row that would have to be moved into the next second: see
                           replay/replay_order.h */
    ROW_REPEAT,         /* equal to a record of its series: a CSV row to the last one, time
                           included, or a bar */
    ROW_REPEAT_CHANGED, /* a tick with the time of one of its coin that was sent, but other
                           figures */
    ROW_CONFLICT,       /* a CSV row or a trade with the identity of another of its series, but
                           other values */
    ROW_OTHER_SOURCE,   /* of a coin that has another live source: see coin_owners.h */
    ROW_UNFINISHED,     /* cut off: a CSV file's last line without a line end, or a feed's last
                           item; or a bar that is not over yet */
    ROW_NO_PRICE,       /* a CSV row of a bar without any price: a day without trades */
    ROW_KNOWN,          /* news, or a point of the past, that was sent before, or is in the log */
    ROW_CHANGED,        /* news that was sent before, whose title has changed since; it is not
                           sent again */
    ROW_TOO_OLD,        /* news from before what the topic keeps, or a point from before the past
                           that is asked for */
    ROW_BAD_TITLE,      /* news whose title is missing, or has nothing but markup */
    ROW_NOW,            /* the last point of a chart: the price of now, of no step that is over */
    ROW_SECRET,         /* news that contains the key with which it was asked for */
    ROW_FAULTS,         /* the number of faults; as a result: no fault */
};
extern const char *const row_fault_names[ROW_FAULTS];

/* Returns the fault that a kind's check (kind.h) means by `reason`; ROW_BAD_FIGURE if it has no
 * name of its own here. */
enum row_fault row_fault_of(const char *reason);

struct row_counts {
    int64_t rows; /* all rows read: records + sum of rejected */
    int64_t records;
    int64_t rejected[ROW_FAULTS];
};

/* The records of one answer. The batch owns the memory and reuses it. A zero-initialised batch is
 * empty. */
struct source_batch {
    const struct record_kind *kind; /* one of the source's; the next batch may have another */
    void *records; /* an array of the kind's structs, filled but for what has_time says */
    /* Beside `records`: when the frame or answer with the record was read (wall clock); 0: of no
     * interest, as in a refill. Travels as a message header, never in the record. */
    int64_t *arrived_ns;
    size_t count;
    size_t capacity;
    struct text_arena texts; /* long texts of the records, and of those that a fault took out
                                again */
    bool has_time;           /* the records have their time, and what their kind has of seq and run;
                                else the poller sets all three, and the kind is the source's main one */
    int64_t step_ns; /* of a polled source's past, with times: each of its coins has a record every
                        `step_ns` from the first record's time on; 0: the batch is none.
                        source_batch_begin() clears it. */
    bool settle;     /* a barrier: every record delivered so far, those of this batch too, is
                        acknowledged by Kafka before `next` or `last` is called again. Also for an
                        empty batch. source_batch_begin() clears it. */
};
/* Empties the batch for records of `kind`. */
void source_batch_begin(struct source_batch *batch, const struct record_kind *kind, bool has_time);
/* Adds a zeroed record, whose arrival is 0, after source_batch_begin(). Returns NULL when memory
 * runs out. */
NODISCARD void *source_batch_add(struct source_batch *batch);
/* Sets when the record that was added last arrived. */
void source_batch_arrived(struct source_batch *batch, int64_t time_ns);
/* Returns the record of that index, borrowed until the next source_batch_add(). */
void *source_batch_at(const struct source_batch *batch, size_t index);
void source_batch_free(struct source_batch *batch);

enum { SOURCE_FIGURES_MAX = 24 };

/* A figure that a source defines itself. */
struct source_figure {
    const char *name; /* "open_holes", in /metrics candlewick_source_open_holes; borrowed */
    const char *help; /* one sentence for /metrics; borrowed */
    bool grows;       /* a counter, whose metric ends in _total; else a gauge */
    int64_t value;
};

/* What a source reports about itself. */
struct source_report {
    char trouble[ERROR_REASON_SIZE]; /* why it is not healthy although `next` has not failed; "": it
                                        is */
    char notice[ERROR_REASON_SIZE];  /* a warning that does not make it unhealthy; "": none */
    /* Of a source that pushes: requests that it sent to the service, and how many of them failed
     * without an error of `next`. */
    int64_t requests, request_errors;
    struct source_figure figures[SOURCE_FIGURES_MAX];
    size_t figure_count;
};
/* Adds a figure; does nothing when there are SOURCE_FIGURES_MAX. The texts are borrowed. */
void source_report_add(struct source_report *report, const char *name, const char *help, bool grows,
                       int64_t value);

enum source_next { SOURCE_BATCH, SOURCE_END, SOURCE_ERROR };

/* A source. `next` begins `batch` anew (source_batch_begin), fills it and adds to `counts`; it may
 * stay empty. With SOURCE_ERROR it fills `error`: ERROR_RETRY (with retry_after_ms 60,000 for a
 * rate limit), or any other kind when the source failed for good. After SOURCE_END or a failure for
 * good, every later call returns the same and leaves no records in `batch`. `next` may block for a
 * request's time-out; a polled source sends at most one request per call, so that the poller can
 * keep its ceiling. But for share() and report(), no two of its functions are called at the same
 * time. */
struct source {
    const char *name;               /* "bitfinex", "replay", "synthetic" */
    const char *service;            /* what its records have as their source; NULL: `name` */
    const struct record_kind *kind; /* its main kind */
    /* Every batch has the service's own times, and 0 as seq and run_id: a record has the same bytes
     * whenever it is sent again, and is not stamped. For kinds without a run it says nothing. */
    bool own_times;
    bool live; /* what it returns is of now; otherwise it is read as fast as `speed` allows */
    /* The service pushes, or the source paces its requests itself: `next` waits for what comes, at
     * most 200 ms and not after a stop, and is called again at once, without an interval. The
     * source keeps its own reconnects and limits; ERROR_RETRY from it is paced by the poller's
     * backoff, which only a batch with records ends. An empty batch says that nothing has come. */
    bool pushed;
    int64_t told_ns;    /* besides the tail, `tell` gets the records written in the last `told_ns`;
                           0: only the tail */
    bool writes_events; /* some of its batches are of kind event; or, if it is polled, the poller
                           writes the events of its run (poll_coverage.h) */
    bool told_all; /* `tell` is called for all records of the main kind in the log, not only for
                      those of its tail */
    void *state;
    /* Called before begin(): for each record in the tail of the main kind's topic, in the order of
     * each partition, and then, with writes_events, for every event in the log that this source
     * wrote. The record and its long texts, which are in `texts`, are borrowed for the call. If
     * reading the log fails and begins anew, records are told again. Returns false when memory runs
     * out. May be NULL. */
    bool (*tell)(void *state, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts);
    /* Called once, before the first `next`, with the newest stamp of any coin in the log
     * (INT64_MIN: none is known), so that a source that makes up its own times starts after it. May
     * be NULL. */
    void (*begin)(void *state, int64_t newest_stamp_ns);
    enum source_next (*next)(void *state, struct source_batch *batch, struct row_counts *counts,
                             struct error *error);
    /* Called after the last `next`, and again until it returns false, for what is still to be sent
     * (covered, ended). Fills a batch like `next`, and does not block. It is not called (any more)
     * when a record was not taken, or not acknowledged in time, after the stop. May be NULL. */
    bool (*last)(void *state, struct source_batch *batch);
    /* Returns how much of the source was read, 0 to 1. Any thread. NULL: unknown. */
    double (*share)(void *state);
    /* Fills in figures and words for status, healthz and /metrics; `report` is empty before. Any
     * thread. May be NULL. */
    void (*report)(void *state, struct source_report *report);
    void (*destroy)(void *state);
};
bool source_is_polled(const struct source *source); /* returns whether it is asked at an interval */
void source_destroy(struct source *source);         /* NULL is allowed */

#endif
