/*
 * The order of a replay's records: within a series (series.h) times only rise, unless the kind's
 * records come in any order (kind.h); a repeated row is no second record, and no two neighbours of
 * a series have the same identity. Not thread-safe.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_REPLAY_ORDER_H
#define CANDLEWICK_SOURCE_REPLAY_REPLAY_ORDER_H

#include "source/coins.h"
#include "source/source.h"

/* A zero-initialised order with a kind is empty. */
struct replay_order {
    const struct record_kind *kind;
    struct coin_table series; /* the series, each with the time of its last record */
    char *last; /* the last record of each series as in the file; by the series' index */
    size_t last_capacity;
};
void replay_order_free(struct replay_order *order);

/*
 * Finds the place of a record, as csv_read() filled it, which is in line number `line` of the file.
 * Sets *fault to ROW_FAULTS if it follows its series' last one, otherwise to why it is refused.
 * Returns false when memory runs out, also for more than COINS_MAX series.
 *
 * - A record that is older than its series' last one is refused (ROW_OUT_OF_ORDER), unless the
 *   kind's records come in any order (trades).
 * - A record that equals it in all columns is a repeat (ROW_REPEAT).
 * - If the kind has a run (ticks), other records of the same time follow it 1 ns apart, which
 *   changes the record's time; if such records have used up the next nanoseconds, a record whose
 *   own time is one of those follows them too. No record leaves its second, which may be the last
 * of its candle: one for which the second has no nanosecond left is refused (ROW_SECOND_FULL).
 * - If the kind has no run (bars, trades), only the time tells two records of a series apart. So
 *   another record of the same time is refused (ROW_CONFLICT); *earlier_line is the line of the
 *   first one.
 */
NODISCARD bool replay_order_take(struct replay_order *order, void *record, int64_t line,
                                 enum row_fault *fault, int64_t *earlier_line);

#endif
