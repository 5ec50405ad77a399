/*
 * Coins by name: a hash table from a symbol to the last times seen of it, and the list that a user
 * asks for with --coins. Values; one thread at a time.
 */
#ifndef CANDLEWICK_SOURCE_COINS_H
#define CANDLEWICK_SOURCE_COINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"
#include "record/ticker.h"

enum { COINS_MAX = 1000000 }; /* no exchange has as many: beyond it the input is broken */

struct coin {
    char symbol[SYMBOL_MAX + 1];
    bool seen;             /* the two below mean something */
    int64_t last_stamp_ns; /* the last event time given to it */
    int64_t last_input_ns; /* the last time that its input named */
    bool last_told;        /* the last stamp stood in the log, no tick of this run has it */
    bool held;             /* the clock is behind the last stamp: see stamper.h */
};

/* Zero-initialised it is empty. */
struct coin_table {
    struct coin *coins; /* in the order they were added; owned; they move when one is added */
    size_t count;
    size_t capacity;
    uint32_t *slots; /* index into coins + 1; 0: free */
    size_t slot_count;
};

/* NULL when it is not there. Borrowed until the next coin_table_add(). */
struct coin *coin_table_find(const struct coin_table *table, struct str symbol);

/* Finds or adds. NULL: no memory, COINS_MAX reached, or a symbol longer than SYMBOL_MAX. Borrowed
 * until the next call. */
NODISCARD struct coin *coin_table_add(struct coin_table *table, struct str symbol);

void coin_table_free(struct coin_table *table);

/* "ALL", in any case. */
bool coins_is_all(struct str text);

/* Reads "tBTCUSD,tETHUSD" into `table` in that order, blanks around a name and repeated names are
 * passed over; or "ALL" (in any case), which sets `all` and leaves the table empty.
 * False: ERROR_USAGE for what cannot be a coin, ERROR_FATAL without memory. Free the table in
 * either case. */
NODISCARD bool coins_parse(const char *coins, struct coin_table *table, bool *all,
                           struct error *error);

#endif
