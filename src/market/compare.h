/*
 * Compares the candles of two sides over a range of time: those that we fold from an exchange's
 * trades with the bars that it publishes itself, or what polling saw with either. Pure.
 *
 * Candles are equal if open, high, low and close are the same doubles. The exchange's order within
 * a millisecond is not known, so any price of the first millisecond that has trades may be its
 * open, and any of the last one its close. Volumes are compared apart, rounded to 8 decimals,
 * because sums of doubles depend on their order.
 */
#ifndef CANDLEWICK_MARKET_COMPARE_H
#define CANDLEWICK_MARKET_COMPARE_H

#include "market/candle.h"
#include "market/coverage.h"

/* Why the sides of a candle differ: the first of these reasons that holds. */
enum compare_reason {
    COMPARE_EQUAL,
    COMPARE_NO_BAR_YET,  /* the candle is newer than the newest bar */
    COMPARE_HOLE,        /* a part of the candle's time is in a hole */
    COMPARE_UNKNOWN,     /* no event says that all of the candle's time was covered */
    COMPARE_BAR_CHANGED, /* the exchange has published the bar again */
    COMPARE_LATE_TRADE,  /* the exchange numbered one of its trades after a trade of a later candle
                          */
    COMPARE_UNEXPLAINED,
    COMPARE_REASONS,
};
/* "equal", "no_bar_yet", "hole", "unknown", "bar_changed", "late_trade", "unexplained" */
extern const char *const compare_reason_names[COMPARE_REASONS];

/* One bucket of time for which at least one side has a candle. */
struct compared {
    struct candle ours, theirs;
    bool has_ours, has_theirs;
    bool whole;        /* all of its time was covered; only set if the comparison has a coverage */
    bool has_volumes;  /* both sides have a candle with a volume */
    bool equal_volume; /* only if has_volumes */
    double off;        /* the greatest difference of a price, in basis points of theirs; only if
                          both sides have a candle */
    int64_t first_id, last_id; /* the lowest and the highest of our trades' ids; INT64_MAX and
                                  INT64_MIN: unknown */
    enum compare_reason reason;
};

/* A comparison that is being made. The caller sets the first members and zeroes the rest. */
struct compare {
    int64_t interval_ns;
    const struct coverage *coverage;  /* borrowed; NULL: not known */
    const struct candle_list *theirs; /* borrowed, in time order */

    struct compared *items; /* owned: free it with compare_free() */
    size_t count, capacity;
    size_t next;          /* in `theirs` */
    struct compared open; /* the bucket that is being folded */
    bool is_open;
    bool open_matches, close_matches; /* a price of its first (last) millisecond is their open
                                         (close) */
    int64_t first_ms, last_ms;
};

/* Takes our next trade, in the order of stored times. Returns false when memory runs out. */
NODISCARD bool compare_trade(struct compare *compare, int64_t time_ns, int64_t trade_id,
                             double price, double amount);
/* Takes our next candle, if our side is compared by candles instead of trades. Returns false when
 * memory runs out. */
NODISCARD bool compare_candle(struct compare *compare, const struct candle *candle);
/* Ends the comparison, and finds each difference's reason. Returns false when memory runs out. */
NODISCARD bool compare_conclude(struct compare *compare);
void compare_free(struct compare *compare);

/* The figures of a comparison. */
struct compare_figures {
    size_t candles; /* candles that at least one side has */
    size_t both, equal, only_ours, only_theirs;
    size_t whole; /* candles whose whole time was covered; 0 without a coverage */
    size_t reasons[COMPARE_REASONS];
    size_t volumes, volumes_off;  /* candles whose volumes were compared, and those that differ */
    double median_off, worst_off; /* of candles that both have and whose prices differ, in basis
                                     points; 0: none do */
};
/* Returns false when memory runs out. */
NODISCARD bool compare_sum_up(const struct compare *compare, struct compare_figures *figures);

#endif
