/*
 * One trade on an exchange (schemas/trade.avsc, record candlewick.Trade). A plain value. Nothing in
 * it depends on how the trade was received. So a trade that is sent again, after a reconnect or to
 * fill a hole, has the same bytes and is the same point. Trades that were missed are sent later, so
 * the trades of a series are in the log in any order of their times.
 */
#ifndef CANDLEWICK_RECORD_TRADE_H
#define CANDLEWICK_RECORD_TRADE_H

#include <stdint.h>

#include "base/compiler/attributes.h"
#include "record/kind.h"

struct trade {
    char symbol[RECORD_KEY_MAX + 1]; /* "tBTCUSD" */
    char source[SOURCE_MAX + 1];     /* "bitfinex": the service */
    int64_t trade_id;                /* the exchange's own number; 0 or more */
    int64_t exchange_time_ns;        /* the exchange's own time, in whole milliseconds */
    double price;                    /* finite and > 0 */
    double amount;                   /* in units of the symbol, finite and not 0; below 0: a sell */
    int64_t time_ns; /* the stored time: trade_stored_time_ns(), set by record_complete() */
};

extern const struct record_kind trade_kind;
extern const char trade_schema_text[]; /* schemas/trade.avsc, embedded by the build */

/* Returns the time of the trade's point in the stores: its exchange time + (its id modulo 10^6)
 * nanoseconds. That distinguishes and orders the trades of one millisecond. Returns 0 for a trade
 * whose exchange time or id is not valid. */
int64_t trade_stored_time_ns(const struct trade *trade);

enum trade_fault {
    TRADE_OK,
    TRADE_BAD_SYMBOL,
    TRADE_BAD_SOURCE,
    TRADE_BAD_ID,     /* below 0 */
    TRADE_BAD_TIME,   /* not a whole millisecond, or the year is not in 1678 to 2261 */
    TRADE_BAD_PRICE,  /* not finite, or <= 0 */
    TRADE_BAD_AMOUNT, /* not finite, or 0 */
    TRADE_INCOMPLETE, /* record_complete() was not called */
    TRADE_FAULTS,     /* number of faults */
};
/* The faults' names ("ok", "bad_symbol", …), for counters and logs. */
extern const char *const trade_fault_names[TRADE_FAULTS];

/* Checks what must hold for every trade, whatever its source. */
NODISCARD enum trade_fault trade_check(const struct trade *trade);

#endif
