/*
 * Decides which coin's bars to ask for next, and from when on. Pure: the caller passes in each
 * answer and the time.
 *
 * A bar may be asked for `grace_ns` after its end. A coin is due when another bar is the newest
 * that may be asked for than at its last request; so a clock that steps, forward or back, makes it
 * due too. The coins take turns in their order, one request each: one whose history takes several,
 * or whose answers fail, does not hold up the others. A coin that the exchange does not know is
 * asked again every five minutes.
 */
#ifndef CANDLEWICK_SOURCE_BARS_BARS_PLAN_H
#define CANDLEWICK_SOURCE_BARS_BARS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define BARS_REFUSED_NS (300 * NS_PER_SECOND)

struct bars_turn {
    bool asked;     /* an answer to the coin's last request came, and it needs no further page */
    bool refused;   /* the exchange does not know the coin */
    int64_t end_ns; /* end of the newest bar that could be asked for at that time */
};

struct bars_plan {
    struct bars_turn *turns; /* one for each coin; borrowed from the caller */
    size_t count;
    size_t next;         /* whose turn is next */
    int64_t length_ns;   /* of a bar */
    int64_t grace_ns;    /* a bar may be asked for so long after its end */
    bool pushed;         /* finished bars also come by themselves: see bars_plan_pushed() */
    int64_t interval_ns; /* least time between two requests of one coin */
};

/* Returns the end of the newest bar that may be asked for at `now_ns` (wall clock). */
int64_t bars_plan_end_ns(const struct bars_plan *plan, int64_t now_ns);

/* Finds the coin that is to be asked at `now_ns` (wall clock). Returns false when none is due. */
bool bars_plan_due(const struct bars_plan *plan, int64_t now_ns, size_t *coin);

/* Passes the turn on from a coin that is asked now, whatever its answer will be. */
void bars_plan_asks(struct bars_plan *plan, size_t coin);

/* Returns whether the next request of the coin asks again for all bars that are known, and not only
 * for the newest few: the coin's first request does, and its first one in each hour. */
bool bars_plan_looks_back(const struct bars_plan *plan, size_t coin, int64_t now_ns);

enum bars_answer {
    BARS_WHOLE,   /* all bars up to the newest */
    BARS_PAGE,    /* as many as fit into one answer: there may be more */
    BARS_REFUSED, /* the exchange does not know the coin */
};
/* Records an answer to a request that was sent at `now_ns`. A request that failed has none, and is
 * sent again. */
void bars_plan_answer(struct bars_plan *plan, size_t coin, int64_t now_ns, enum bars_answer answer);

/* Records that a bar of the coin was pushed, which ends at `end_ns` and follows on those before it:
 * it need not be asked for. */
void bars_plan_pushed(struct bars_plan *plan, size_t coin, int64_t end_ns);

/* Returns up to when all bars of all coins that the exchange knows have been received; INT64_MIN:
 * there is no such time yet. */
int64_t bars_plan_whole_ns(const struct bars_plan *plan);

/* Returns whether the exchange knows none of the coins. */
bool bars_plan_all_refused(const struct bars_plan *plan);

#endif
