/*
 * What the fault store holds: every point it was ever sent, by identity (table, tags, time), and
 * for each identity every different set of fields that came for it. Reads line protocol by itself:
 * nothing of src/store is in here, and of src/record only the names of the figures.
 */
#ifndef CANDLEWICK_TESTS_KEPT_POINTS_H
#define CANDLEWICK_TESTS_KEPT_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "record/ticker.h"

enum { KEPT_DOUBLES = 1 + TICKER_FIGURES, KEPT_COIN_MAX = 64 };
_Static_assert(KEPT_DOUBLES <= 32, "each has a bit of `present`");

struct kept_fields {
    uint64_t bits[KEPT_DOUBLES]; /* last_price, then the figures in the schema's order */
    uint32_t present;            /* a bit for each */
    int64_t seq, run_id;
};

struct kept_line {
    char coin[KEPT_COIN_MAX + 1];
    int64_t time_ns;
    struct kept_fields fields;
};

/* One line without its line feed, for the table as `prepare` makes it. NULL when it is good, else
 * what InfluxDB would say. */
const char *kept_read_line(const char *text, size_t length, struct kept_line *line);

struct kept;
struct kept *kept_create(void);

/* Keeps one point as of `now_ns`. False: another point of this identity was there with other
 * fields (both are kept). Any thread. */
bool kept_put(struct kept *kept, const struct kept_line *line, int64_t now_ns);

struct kept_counts {
    int64_t points;    /* identities */
    int64_t writes;    /* all of them */
    int64_t rewrites;  /* of an identity that was there, with the same fields */
    int64_t conflicts; /* ... with other fields */
};
void kept_count(struct kept *kept, struct kept_counts *counts);

/* One line for each identity and set of fields: as the ledger's, then the times (CLOCK_MONOTONIC,
 * ns) of its first and its last write, how many there were, and how many other sets of fields this
 * identity had before. */
void kept_dump(struct kept *kept, FILE *file);

#endif
