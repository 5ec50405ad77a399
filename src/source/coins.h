/*
 * Coins by name: a hash table from a coin's or a series' name (record/series.h) to its last times,
 * and the parser of --coins. Plain values; not thread-safe.
 */
#ifndef CANDLEWICK_SOURCE_COINS_H
#define CANDLEWICK_SOURCE_COINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"
#include "record/kind.h"

enum { COINS_MAX = 1000000 }; /* more than any exchange has: beyond it the input is broken */

struct coin {
    char symbol[RECORD_SERIES_MAX + 1];
    bool seen;             /* the two fields below are set */
    int64_t last_stamp_ns; /* the last time assigned to one of its records */
    int64_t last_input_ns; /* the last time that its input carried */
    int64_t last_line;     /* the line of its file that carried it */
    bool last_told;        /* last_stamp_ns was read from the log; no record of this run has it */
    bool held;             /* the clock is behind last_stamp_ns: see stamper.h */
};

/* A zero-initialised table is empty. */
struct coin_table {
    struct coin *coins; /* in the order of adding; owned; adding a coin may move them */
    size_t count;
    size_t capacity;
    uint32_t *slots; /* index into `coins` + 1; 0: free */
    size_t slot_count;
};

/* Returns NULL when the coin is not in the table. Borrowed until the next coin_table_add(). */
struct coin *coin_table_find(const struct coin_table *table, struct str symbol);

/* Finds or adds a coin. Returns NULL when memory runs out, COINS_MAX is reached or the symbol is
 * longer than RECORD_SERIES_MAX. Borrowed until the next call. */
NODISCARD struct coin *coin_table_add(struct coin_table *table, struct str symbol);

void coin_table_free(struct coin_table *table);

/* Returns whether the text is "ALL", in any case. */
bool coins_is_all(struct str text);

/* Reads a list such as "tBTCUSD,tETHUSD" into `table` in that order, skipping blanks around names
 * and repeated names. "ALL" (in any case) sets `all` and leaves the table empty. Returns false with
 * ERROR_USAGE for a name that cannot be the key of a record of `kind` (NULL: of any kind) and
 * ERROR_FATAL when memory runs out. The caller frees the table in either case. */
NODISCARD bool coins_parse(const char *coins, const struct record_kind *kind,
                           struct coin_table *table, bool *all, struct error *error);

#endif
