/* Puts the rows of a replay file into the order of their times, in bounded memory. Not
 * thread-safe. */
#ifndef CANDLEWICK_SOURCE_REPLAY_REPLAY_SORT_H
#define CANDLEWICK_SOURCE_REPLAY_REPLAY_SORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "record/kind.h"

struct replay_sort;

/* A row of the file, as it was read. */
struct sorted_row {
    int64_t line;       /* its line's number */
    int64_t row;        /* its own number, which becomes its seq */
    const void *record; /* borrowed until the next call */
};

/* Rows of the same time keep the order of their lines, or, of a file whose newest rows come first,
 * the opposite one. Returns NULL with ERROR_FATAL. */
NODISCARD struct replay_sort *replay_sort_create(const struct record_kind *kind, bool newest_first,
                                                 struct error *error);
void replay_sort_destroy(struct replay_sort *sort); /* NULL is allowed */

/* replay_sort_add() and replay_sort_finish() fail as sorter_add() does (base/sorter/sorter.h). */
NODISCARD bool replay_sort_add(struct replay_sort *sort, const struct sorted_row *row,
                               struct error *error);
/* Call when all rows are added. */
NODISCARD bool replay_sort_finish(struct replay_sort *sort, struct error *error);

/* Returns the next row in `row`; its record is NULL after the last one. */
NODISCARD bool replay_sort_next(struct replay_sort *sort, struct sorted_row *row,
                                struct error *error);

/* Returns which share of the rows replay_sort_next() has returned, 0 to 1. */
double replay_sort_share(const struct replay_sort *sort);

#endif
