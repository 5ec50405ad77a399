/*
 * Candles: open, high, low and close of last_price per half-open bucket [t, t + interval), aligned
 * to 1970-01-01T00:00:00Z, as DATE_BIN does with that origin. Buckets of whole weeks begin on a
 * Monday (ISO 8601): their origin is 1970-01-05. Months are calendar months in UTC. Buckets without
 * ticks have no candle.
 */
#ifndef CANDLEWICK_MARKET_CANDLE_H
#define CANDLEWICK_MARKET_CANDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/compiler/attributes.h"

struct coverage; /* coverage.h, as coverage_share */
struct coverage_share;

struct candle {
    int64_t time_ns; /* start of the bucket */
    double open, high, low, close;
    int64_t ticks; /* how many prices it is made of, or CANDLE_TICKS_UNKNOWN */
    double volume; /* how much was traded; valid if has_volume, since ticks have no volume */
    bool has_volume;
    bool revised; /* it was made from a bar that was published more than once */
    bool filled;  /* it was made from other records than its neighbours: see candle_list_fill() */
};
#define CANDLE_TICKS_UNKNOWN INT64_C(-1) /* for a bar whose source does not count its trades */

#define CANDLE_WEEK_NS (7 * 86400 * NS_PER_SECOND)
#define CANDLE_WEEK_ORIGIN_NS (4 * 86400 * NS_PER_SECOND) /* Monday 1970-01-05 */
/* The interval that means a calendar month: a month's mean length. */
#define CANDLE_MONTH_NS (2629746 * NS_PER_SECOND)

/* Parses a duration with its unit ("5m", "1h"; "1w" is 7d), or "1M", the calendar month. Returns
 * false for anything else; `interval_ns` is then unchanged. */
bool candle_interval_parse(struct str text, int64_t *interval_ns);
/* Writes the interval in the form that candle_interval_parse() reads; 7d is "1w". */
void candle_interval_format(int64_t interval_ns, char text[CLOCK_TEXT_SIZE]);

/* Returns the start of the bucket that contains `time_ns`; rounds towards minus infinity.
 * `interval_ns` must be above 0. */
int64_t candle_bucket_start(int64_t time_ns, int64_t interval_ns);
/* Returns the end (exclusive) of that bucket; INT64_MAX if it would be later. */
int64_t candle_bucket_end(int64_t time_ns, int64_t interval_ns);

/* Folds one tick into an open candle. Ticks must be in time order; `candle->ticks` 0 means a new
 * candle. Returns true if the tick belongs to a later bucket: it was not folded, the candle is
 * complete, and the caller starts the next one with ticks = 0. */
NODISCARD bool candle_fold(struct candle *candle, int64_t interval_ns, int64_t time_ns,
                           double price);

/* As candle_fold(), for a trade: its amount, which is below 0 for a sell, adds to the volume. A sum
 * of doubles depends on their order, so a candle's volume is that of its trades in time order. */
NODISCARD bool candle_fold_trade(struct candle *candle, int64_t interval_ns, int64_t time_ns,
                                 double price, double amount);

/* What the JSON of candles says besides their figures. */
struct candle_marks {
    int64_t interval_ns;
    int64_t now_ns;         /* the candle that contains this time is "forming" */
    int64_t from_ns, to_ns; /* a candle that begins before from_ns or ends after to_ns is "cut";
                               INT64_MIN and INT64_MAX: none is */
    bool synthetic;         /* the data is synthetic */
    bool volumes;           /* the candles may have volumes */
    bool coverage_only;     /* the JSON says nothing of forming, cut and synthetic */
    const struct coverage
        *coverage; /* how much of their time was covered; borrowed; NULL: not known */
};
bool candle_is_forming(const struct candle *candle, const struct candle_marks *marks);
bool candle_is_cut(const struct candle *candle, const struct candle_marks *marks);
/* Returns how much of the candle's time until marks->now_ns was covered. Needs marks->coverage. */
struct coverage_share candle_coverage(const struct candle *candle,
                                      const struct candle_marks *marks);

/* A growing list in time order, which owns `items`. */
struct candle_list {
    struct candle *items;
    size_t count;
    size_t capacity;
};
NODISCARD bool candle_list_add(struct candle_list *list, const struct candle *candle);
void candle_list_free(struct candle_list *list);
/* Keeps only the newest `most` candles; 0: all. */
void candle_list_keep_newest(struct candle_list *list, size_t most);
/* Folds the candles into those of a longer interval; each must lie within one of these. The ticks
 * and volume of a longer one are known only if those of all its parts are. */
void candle_list_coarsen(struct candle_list *list, int64_t interval_ns);
/* Adds the candles of `others` at whose time the list has none, and marks them as filled. Both are
 * in time order. Returns false when memory runs out; the list is then unchanged. */
NODISCARD bool candle_list_fill(struct candle_list *list, const struct candle_list *others);

#endif
