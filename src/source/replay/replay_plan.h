/*
 * Finds out what a replay file has, from its first lines and its name: how it is written, what its
 * columns hold, of which symbol and timeframe its bars are, and whether its rows go forward in
 * time.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_REPLAY_PLAN_H
#define CANDLEWICK_SOURCE_REPLAY_REPLAY_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "source/replay/replay_csv.h"
#include "source/sources.h"

struct replay_plan {
    /* What a row holds: one layout; or, of a file that has several stocks side by side, one for
     * each of them, as each row is a record of each. All of the same form. */
    struct csv_layout *layouts;
    size_t layout_count;
    int lines_before;  /* lines of the file before its first row */
    bool newest_first; /* judged by the first thousand rows */
    bool sort;         /* the rows are to be sorted by time */
};

/* Reads the file's beginning; or all of it, if its rows are to wait for their times. What it takes
 * from the file's name and from the steps of its times is logged. Fails with ERROR_USAGE when the
 * file has no header that can be read, or lacks a column, and with ERROR_FATAL for a read error;
 * the text begins with the path. Free with replay_plan_free() in either case. */
NODISCARD bool replay_plan_read(const struct replay_config *config, struct replay_plan *plan,
                                struct error *error);
void replay_plan_free(struct replay_plan *plan);

#endif
