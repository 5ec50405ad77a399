/*
 * What a source of bars knows of its coins and has to send: it decides from when on to ask, which
 * bars of an answer are new, changed or repeated, and which events are sent before and after them.
 * Pure: the caller passes in answers and the time. Not thread-safe.
 */
#ifndef CANDLEWICK_SOURCE_BARS_BARS_BOOK_H
#define CANDLEWICK_SOURCE_BARS_BARS_BOOK_H

#include "source/bars/bars_plan.h"
#include "source/bars/known_bars.h"
#include "source/coins.h"
#include "source/run_events.h"
#include "source/source.h"

/* The source reads the log of the history and of this much time before (its told_ns). A bar is sent
 * after its begin, so the log since the history's begin has all bars of the history that were sent;
 * the hour more is for clocks that disagree. */
#define BARS_SENT_WITHIN_NS (3600 * NS_PER_SECOND)

struct bars_book_config {
    const char *name;      /* of the source: "bitfinex-bars"; borrowed, as the others are */
    const char *service;   /* of its bars: "bitfinex" */
    const char *timeframe; /* "1m" */
    int64_t length_ns;     /* of such a bar; it divides a day */
    int64_t grace_ns;      /* a bar may be asked for once so much time has passed since its end */
    int64_t interval_ns;   /* least time between two requests of one coin */
    int64_t history_ns;    /* how far back to begin where the log has no bar of a coin */
    bool pushed;           /* finished bars also come by themselves: bars_book_push() */
    bool tells_holes;      /* the service has a bar for a span without trades, too: one that is
                              missing between two others is a hole, which an event tells */
};

struct bars_book {
    struct bars_book_config config;
    struct coin_table coins;
    struct known_bars *known; /* one for each coin */
    bool *paging; /* for each coin: its last answer was a page, and the next request continues
                     after it */
    struct bars_plan plan;
    struct source_batch answer; /* what is to be sent of the answer that was taken last */
    struct source_batch events; /* the events that are sent before these bars */
    struct run_events run;
    bool announced, ended; /* the events started and coins were written; the event ended was */
    int64_t history_ns; /* begin of the history that is requested; 0: nothing was requested yet */
    int64_t begun_ns;   /* from this time on the bars of all coins were requested; 0: not yet */
    int64_t covered_ns; /* end of the newest span that an event `covered` names; 0: none yet */
    int64_t changed;    /* bars that the service changed after they were sent */
};

/* Takes ownership of the coins, also on failure, when it returns false with ERROR_FATAL. Free the
 * book in either case. */
NODISCARD bool bars_book_init(struct bars_book *book, const struct bars_book_config *config,
                              struct coin_table *coins, struct error *error);
void bars_book_free(struct bars_book *book);

/* For the source's `tell`. */
NODISCARD bool bars_book_tell(struct bars_book *book, const struct record_kind *kind,
                              const void *record);

/* Returns from which time on the coin's next request asks for bars. */
int64_t bars_book_start_ns(struct bars_book *book, size_t coin, int64_t now_ns);

/* Keeps of book->answer (bars of one coin, by time, revision 0) what is to be sent, and counts each
 * bar as a record or a fault. A bar that ends after `finished_ns` is not finished. Returns false
 * when memory runs out; nothing is to be sent then. */
NODISCARD bool bars_book_take(struct bars_book *book, size_t coin, int64_t finished_ns,
                              int64_t now_ns, struct row_counts *counts);

/* Takes a finished bar (revision 0) of a coin that the service pushed, which arrived at
 * `arrived_ns`, and counts it. A new one is to be sent only if it follows on the newest known bar:
 * otherwise bars are missing in between, which have to be requested first. Returns false when
 * memory runs out. */
NODISCARD bool bars_book_push(struct bars_book *book, size_t coin, const struct bar *bar,
                              int64_t arrived_ns, struct row_counts *counts);

/* Takes the answer to a request that was sent at `now_ns`: see bars_plan_answer(). */
void bars_book_answered(struct bars_book *book, size_t coin, int64_t now_ns,
                        enum bars_answer answer);

/* Writes the events that are due when nothing else is to be sent: the first time those of the
 * run's start, then what is covered. Returns false when memory runs out. */
NODISCARD bool bars_book_write_events(struct bars_book *book, int64_t now_ns);

/* Fills `batch` with what is ready: events first, behind which is a barrier, so that Kafka has them
 * before the bars that they announce. If nothing is ready, begins it empty and returns false. */
bool bars_book_hand_on(struct bars_book *book, struct source_batch *batch);

/* For the source's `last`. */
bool bars_book_last(struct bars_book *book, int64_t now_ns, struct source_batch *batch);

#endif
