/*
 * Which coins to ask Bitfinex for next. Pure: the caller tells what each answer was, and the time.
 *
 * All coins are asked for at once. When one of them is unknown the exchange refuses the whole
 * request and does not say which it is; then the coins are asked for in halves, and halves of the
 * refused ones, until each culprit stands alone: at most about 2 log2(n) requests a culprit, and
 * the other halves bring their ticks meanwhile. A culprit is dropped, and asked for again, alone,
 * one of them every five minutes.
 */
#ifndef CANDLEWICK_SOURCE_BITFINEX_BITFINEX_ASK_H
#define CANDLEWICK_SOURCE_BITFINEX_BITFINEX_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/compiler/attributes.h"

#define BITFINEX_RECHECK_NS (300 * NS_PER_SECOND)

struct bitfinex_range {
    size_t begin; /* into `active` */
    size_t end;
};

/* Depth first, each pair of halves replaces its whole: never deeper than log2(coins) + 1. */
enum { BITFINEX_RANGES = 8 * sizeof(size_t) };

struct bitfinex_ask {
    size_t count; /* of all coins; they are named by their index */
    bool *dropped;
    size_t *active; /* indexes of those that are not dropped, in order */
    size_t active_count;
    struct bitfinex_range ranges[BITFINEX_RANGES]; /* still to ask; the last one next */
    size_t range_count;
    bool asking_dropped; /* the last question was for `probe` alone */
    size_t probe;        /* index of the dropped coin that was asked for last */
    int64_t recheck_ns;  /* when the next dropped one is due */
};

/* False without memory. Free with bitfinex_ask_free(). */
NODISCARD bool bitfinex_ask_init(struct bitfinex_ask *ask, size_t count);
void bitfinex_ask_free(struct bitfinex_ask *ask);

/* The coins to ask for: borrowed until the next call of any function here. */
const size_t *bitfinex_ask_next(struct bitfinex_ask *ask, int64_t now_ns, size_t *count);

enum bitfinex_finding {
    BITFINEX_NOTHING_FOUND, /* go on asking */
    BITFINEX_FOUND_UNKNOWN, /* `coin` is the culprit, or still unknown */
    BITFINEX_FOUND_KNOWN,   /* `coin` had been dropped, and is asked for with the others again */
};

/* What was asked last was answered (`known`), or refused for a symbol in it. A question that got
 * neither is asked again. */
NODISCARD enum bitfinex_finding bitfinex_ask_answer(struct bitfinex_ask *ask, int64_t now_ns,
                                                    bool known, size_t *coin);

#endif
