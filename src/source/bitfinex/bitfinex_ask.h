/*
 * Decides which coins to ask Bitfinex for next. Pure: the caller passes in each answer and the
 * time.
 *
 * All coins are requested at once. When one of them is unknown, the exchange refuses the whole
 * request without naming it. The coins are then requested in halves, and halves of the refused
 * halves, until each unknown coin is alone: at most about 2 log2(n) requests per unknown coin,
 * while the other halves already return their ticks. An unknown coin is dropped; every five minutes
 * one of the dropped coins is requested again, alone.
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
    size_t begin; /* index into `active` */
    size_t end;
};

/* The search is depth first and each pair of halves replaces its whole, so at most log2(coins) + 1
 * ranges are open. */
enum { BITFINEX_RANGES = 8 * sizeof(size_t) };

struct bitfinex_ask {
    size_t count; /* number of all coins; a coin is named by its index */
    bool *dropped;
    size_t *active; /* indexes of the coins that are not dropped, ascending */
    size_t active_count;
    struct bitfinex_range ranges[BITFINEX_RANGES]; /* ranges still to ask for; the last one is
                                                      next */
    size_t range_count;
    bool asking_dropped; /* the last request was for `probe` alone */
    size_t probe;        /* index of the dropped coin that was requested last */
    int64_t recheck_ns;  /* monotonic time at which the next dropped coin is requested */
};

/* Returns false when memory runs out. Free with bitfinex_ask_free(). */
NODISCARD bool bitfinex_ask_init(struct bitfinex_ask *ask, size_t count);
void bitfinex_ask_free(struct bitfinex_ask *ask);

/* Returns the coins to ask for; borrowed until the next call of any function of this file. */
const size_t *bitfinex_ask_next(struct bitfinex_ask *ask, int64_t now_ns, size_t *count);

enum bitfinex_finding {
    BITFINEX_NOTHING_FOUND, /* keep asking */
    BITFINEX_FOUND_UNKNOWN, /* `coin` is the unknown one, or is still unknown */
    BITFINEX_FOUND_KNOWN,   /* `coin` was dropped before and is now requested with the others
                               again */
};

/* Records that the last request was answered (`known`) or refused because of a symbol in it. A
 * request that had any other result is sent again. */
NODISCARD enum bitfinex_finding bitfinex_ask_answer(struct bitfinex_ask *ask, int64_t now_ns,
                                                    bool known, size_t *coin);

#endif
