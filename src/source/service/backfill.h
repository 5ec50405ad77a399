/*
 * The past of a service's first coins: which are still to be asked for, and which of their points
 * are to be sent. Points between which the log has a tick are not: so a restart sends nothing
 * twice, and fills just what was missed, whatever the exact times of the points are. Pure; not
 * thread-safe.
 *
 * The past is divided into half steps. A point is known when the log has a tick of its coin in the
 * same half step or in one beside it.
 */
#ifndef CANDLEWICK_SOURCE_SERVICE_BACKFILL_H
#define CANDLEWICK_SOURCE_SERVICE_BACKFILL_H

#include "base/clock.h"
#include "record/ticker.h"
#include "source/coins.h"
#include "source/source.h"

enum { BACKFILL_COINS_MAX = 10, BACKFILL_DAYS_MAX = 90 };

struct backfill {
    int64_t begin_ns, end_ns; /* of the past; end_ns is when it was created */
    int64_t step_ns;          /* between two points: 5 minutes for a day, an hour for more */
    size_t half_steps;        /* from begin_ns until a day after end_ns */
    struct coin_table coins;  /* of which the log has ticks of that time */
    uint8_t **known;          /* one a coin: a bit for each half step; owned */
    size_t capacity;
    char asked[BACKFILL_COINS_MAX][RECORD_KEY_MAX + 1]; /* the coins whose past is asked for */
    size_t count, next;
    bool planned; /* they are chosen */
};

/* A history of 0 asks for nothing; of one longer than BACKFILL_DAYS_MAX days so many count. */
struct backfill backfill_new(int64_t history_ns, int64_t now_ns);
void backfill_free(struct backfill *backfill);

/* Takes a tick that the log has, or that is sent. Returns false when memory runs out. */
NODISCARD bool backfill_keep(struct backfill *backfill, const struct ticker *tick);

/* Chooses the first of those coins, once. A coin without a gap of more than three steps in what is
 * known of it is not asked for. */
void backfill_plan(struct backfill *backfill, const struct coin_table *wanted);
void backfill_plan_batch(struct backfill *backfill, const struct source_batch *batch);

/* Returns the coin whose past is to be asked for next; NULL: none (any more). Borrowed. */
const char *backfill_coin(const struct backfill *backfill);
/* Goes on to the next coin: the past of this one was answered, or cannot be had. */
void backfill_done(struct backfill *backfill);
/* Ends the backfill: the service gives no past. */
void backfill_end(struct backfill *backfill);

/* Keeps of the batch, which is of one coin, the points to be sent, and counts all of them: as
 * records, too_old (before the past that was asked for), bad_time (of a later day) or known.
 * Returns false when memory runs out. */
NODISCARD bool backfill_choose(struct backfill *backfill, struct source_batch *batch,
                               struct row_counts *counts);

#endif
