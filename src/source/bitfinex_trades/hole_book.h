/*
 * The holes of all coins: spans of time of which trades may be missing. A hole begins at the last
 * trade that was known (that trade's own ms, which may hold more of them) and ends at the first one
 * that came afterwards, both inclusive. Each hole has its own event and its own closing. Holes of
 * one coin that touch are a group, which is refilled as one. Pure.
 */
#ifndef CANDLEWICK_SOURCE_BITFINEX_TRADES_HOLE_BOOK_H
#define CANDLEWICK_SOURCE_BITFINEX_TRADES_HOLE_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"

#define HOLE_LASTS INT64_MAX /* an end that is not known yet */

struct hole {
    size_t coin;
    int64_t begin_ms;
    int64_t end_ms;  /* HOLE_LASTS: not known yet */
    int64_t last_id; /* id of the last trade before the hole; -1: not known */
    int64_t refilled;
    /* Only in the newest hole of a group, and about the whole group: how far back it was asked for
     * (HOLE_LASTS: not yet), and whether the exchange cannot return some of its trades. */
    int64_t asked_ms;
    bool lacks;
};

/* A zero-initialised book is empty. */
struct hole_book {
    struct hole *holes; /* by coin, then by begin; owned */
    size_t count;
    size_t capacity;
    size_t turn; /* the next refill is of this coin, or of the first one after it that has a hole */
};

void hole_book_free(struct hole_book *book);

/* Opens a hole, or sets end and last id of the one that begins there. Returns false when memory
 * runs out. */
NODISCARD bool hole_book_open(struct hole_book *book, size_t coin, int64_t begin_ms, int64_t end_ms,
                              int64_t last_id);

/* Removes the hole that begins there, if there is one. */
void hole_book_close(struct hole_book *book, size_t coin, int64_t begin_ms);

/* Returns the hole that begins there; NULL: there is none. Borrowed until the next change. */
struct hole *hole_book_find(const struct hole_book *book, size_t coin, int64_t begin_ms);

/* Returns the coin's newest hole; NULL: it has none. Borrowed until the next change. */
struct hole *hole_book_newest(const struct hole_book *book, size_t coin);

/* The first and last holes of a group, by their places in `holes`. */
struct hole_group {
    size_t first, last;
};

/* Finds what is to be refilled next. The coins take turns; each time it is the coin's newest group
 * whose end is known. Returns false when there is none. */
NODISCARD bool hole_book_next(struct hole_book *book, struct hole_group *group);

/* Finds the group of the coin's hole that begins there. Returns false when it has none. */
NODISCARD bool hole_book_group(const struct hole_book *book, size_t coin, int64_t begin_ms,
                               struct hole_group *group);

/* Counts a refilled trade of a group at the newest of its holes that holds its time. */
void hole_book_count(struct hole_book *book, struct hole_group group, int64_t time_ms);

#endif
