/* Which candle stands in which column of a chart. Time without candles keeps its columns, but where
 * it is long it is shortened to a few. */
#ifndef CANDLEWICK_TERMINAL_CANDLE_SLOTS_H
#define CANDLEWICK_TERMINAL_CANDLE_SLOTS_H

#include "market/candle.h"

enum candle_slot_kind {
    SLOT_CANDLE,
    SLOT_EMPTY, /* no candle */
    SLOT_CUT,   /* no candle; stands for all of a longer time */
};

struct candle_slot {
    enum candle_slot_kind kind;
    const struct candle *candle; /* borrowed; NULL unless there is one */
    int64_t begin_ns, end_ns;    /* the time that the column stands for */
};

/* Between two candles, up to SLOT_EMPTY_MOST intervals without one have a column each; more of them
 * have that many columns in all, the middle one of which is a SLOT_CUT. */
enum { SLOT_EMPTY_MOST = 3 };

/* Fills `slots` with the newest candles that fit into `room` columns, in time order. The first and
 * the last slot have candles. `interval_ns` 0: not known; the candles then stand side by side.
 * Returns how many slots there are. */
size_t candle_slots(const struct candle_list *candles, int64_t interval_ns,
                    struct candle_slot *slots, size_t room);

/* Returns how long the time between a candle and the one before it in the list is; 0 if one follows
 * the other, for the first one, and where `interval_ns` is 0. */
int64_t candle_gap_ns(const struct candle_list *candles, size_t index, int64_t interval_ns);

/* Writes a duration in its two largest units: "5h 40m", "3d", "45s". */
void candle_gap_format(int64_t gap_ns, char text[CLOCK_TEXT_SIZE]);

#endif
