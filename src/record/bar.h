/*
 * One finished candle, as an exchange, a file or this program made it (schemas/bar.avsc, record
 * candlewick.Bar). A plain value. A bar whose time is not over yet may still change, so it is never
 * sent.
 */
#ifndef CANDLEWICK_RECORD_BAR_H
#define CANDLEWICK_RECORD_BAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"
#include "record/kind.h"

enum {
    BAR_SYMBOL_MAX = RECORD_KEY_MAX,
    BAR_TIMEFRAME_MAX = 3,        /* "15m" */
    BAR_REVISION_LIMIT = 1 << 28, /* exclusive */
};

struct bar {
    char symbol[BAR_SYMBOL_MAX + 1];       /* "AAPL" */
    char source[SOURCE_MAX + 1];           /* "replay" */
    char timeframe[BAR_TIMEFRAME_MAX + 1]; /* "1d"; not named interval: that is a keyword in SQL */
    int64_t open_time_ns;                  /* the bar's first moment */
    int64_t revision;                      /* 0 at first; of bars that differ only in their
                                              revision, the one with the highest revision is
                                              valid */
    double open, high, low, close;
    double volume;                                 /* in units of the symbol */
    double quote_volume;                           /* in the price's currency */
    int64_t trades;                                /* number of trades */
    bool has_volume, has_quote_volume, has_trades; /* false: the figure is null, and its member
                                                      is 0 */
    int64_t time_ns; /* the time in the stores: bar_stored_time_ns(), set by record_complete() */
};

extern const struct record_kind bar_kind;
extern const char bar_schema_text[]; /* schemas/bar.avsc, embedded by the build */

/* Finds the timeframe ("1m" to "1M"); returns false for a text that is no timeframe. Sets
 * *length_ns to the length of its bars; 0: a calendar month. */
bool bar_timeframe_find(struct str timeframe, int64_t *length_ns);

/* Returns whether a bar of the timeframe can begin at that time: a multiple of its length since
 * midnight (UTC); for 3d any midnight, for 1w a Monday, for 1M the first of a month. */
bool bar_opens_at(struct str timeframe, int64_t time_ns);

/*
 * Returns the time of the bar's point in the stores: the start of its UTC day + (the bar's number
 * in that day * 2^28 + its revision) nanoseconds.
 *
 * That puts all bars of a UTC day into the first 7 minutes of that day. InfluxDB 3 Core writes one
 * file for every 10 minutes of its points' times and never merges the files, and it limits how many
 * files a query may open: a year of bars is 365 files this way, but would be 52,560 if each bar's
 * point had the bar's open time. A later revision has another time, so it overwrites nothing.
 * Returns 0 for a bar whose timeframe, open time or revision is not valid.
 */
int64_t bar_stored_time_ns(const struct bar *bar);

/* Returns a time such that of a series with that timeframe exactly the bars that open before
 * `time_ns` are stored before it, whatever their revision. */
int64_t bar_stored_before_ns(struct str timeframe, int64_t time_ns);

enum bar_fault {
    BAR_OK,
    BAR_BAD_SYMBOL,
    BAR_BAD_SOURCE,
    BAR_BAD_TIMEFRAME, /* the timeframe is unknown */
    BAR_BAD_TIME,      /* no bar of the timeframe begins then, or the year is not in 1678 to 2261 */
    BAR_BAD_REVISION,  /* below 0, or not below BAR_REVISION_LIMIT */
    BAR_BAD_PRICE,     /* not finite, or not 0 < low <= open, close <= high */
    BAR_BAD_FIGURE,    /* a volume is not finite, or a volume or the number of trades is below 0 */
    BAR_INCOMPLETE,    /* record_complete() was not called */
    BAR_FAULTS,        /* number of faults */
};
/* The faults' names ("ok", "bad_symbol", …), for counters and logs. */
extern const char *const bar_fault_names[BAR_FAULTS];

/* Checks what must hold for every bar, whatever its source. */
NODISCARD enum bar_fault bar_check(const struct bar *bar);

#endif
