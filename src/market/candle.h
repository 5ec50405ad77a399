/*
 * Candles: open, high, low and close of last_price per half-open bucket [t, t + interval), aligned
 * to 1970-01-01T00:00:00Z like DATE_BIN with that origin. Whole weeks begin on a Monday (ISO 8601):
 * their origin is 1970-01-05. A calendar month is of UTC. Empty buckets stay empty.
 */
#ifndef CANDLEWICK_MARKET_CANDLE_H
#define CANDLEWICK_MARKET_CANDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/compiler/attributes.h"

struct candle {
    int64_t time_ns; /* start of the bucket */
    double open, high, low, close;
    int64_t ticks;
};

#define CANDLE_WEEK_NS (7 * 86400 * NS_PER_SECOND)
#define CANDLE_WEEK_ORIGIN_NS (4 * 86400 * NS_PER_SECOND) /* Monday 1970-01-05 */
/* Stands for the calendar month: the mean length of one. */
#define CANDLE_MONTH_NS (2629746 * NS_PER_SECOND)

/* "5m", "1h", "1w", "1M": a duration with its unit, "w" (7d is the same), or the calendar month.
 * False otherwise; `interval_ns` is kept then. */
bool candle_interval_parse(struct str text, int64_t *interval_ns);
/* As it is read; 7d is "1w". */
void candle_interval_format(int64_t interval_ns, char text[CLOCK_TEXT_SIZE]);

/* Start of the bucket that holds `time_ns`; rounds towards minus infinity. interval_ns > 0. */
int64_t candle_bucket_start(int64_t time_ns, int64_t interval_ns);
/* One past the end of the bucket that holds `time_ns`; INT64_MAX where there is no such time. */
int64_t candle_bucket_end(int64_t time_ns, int64_t interval_ns);

/* Folds one tick into an open candle. Ticks must come in time order; `candle->ticks` 0 means new.
 * Returns true when the tick belongs to a later bucket: nothing was folded, the candle is complete,
 * and the caller starts the next one with ticks = 0. */
NODISCARD bool candle_fold(struct candle *candle, int64_t interval_ns, int64_t time_ns,
                           double price);

/* What is to be said of candles besides their figures. */
struct candle_marks {
    int64_t interval_ns;
    int64_t now_ns;         /* a candle that it lies in is forming */
    int64_t from_ns, to_ns; /* a candle that begins before, or ends behind, is cut. INT64_MIN and
                               INT64_MAX where no candle is */
    bool synthetic;         /* the data is made up */
};
bool candle_is_forming(const struct candle *candle, const struct candle_marks *marks);
bool candle_is_cut(const struct candle *candle, const struct candle_marks *marks);

/* A growing list, in time order. `items` is owned by the list. */
struct candle_list {
    struct candle *items;
    size_t count;
    size_t capacity;
};
NODISCARD bool candle_list_add(struct candle_list *list, const struct candle *candle);
void candle_list_free(struct candle_list *list);

#endif
