/*
 * One finished candle of somebody, an exchange's, a file's or ours (schemas/bar.avsc, record
 * candlewick.Bar). A plain value. A bar that is still open is nobody's fact yet and is never sent.
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
    int64_t open_time_ns;                  /* where the bar begins */
    int64_t revision;                      /* 0; of two bars that differ in it only, the higher one
                                              is valid */
    double open, high, low, close;
    double volume;                                 /* in units of the symbol */
    double quote_volume;                           /* in the price's currency */
    int64_t trades;                                /* how many */
    bool has_volume, has_quote_volume, has_trades; /* false: null, and the value is 0 */
    int64_t time_ns; /* the stored time: bar_stored_time_ns(), set by record_complete() */
};

extern const struct record_kind bar_kind;
extern const char bar_schema_text[]; /* schemas/bar.avsc, embedded by the build */

/* Whether the symbol matches [A-Za-z0-9:._^=-]{1,64}. */
bool bar_symbol_valid(struct str symbol);
/* Whether the source's name matches [A-Za-z0-9:._-]{1,15}. */
bool bar_source_valid(struct str source);

/* Finds the timeframe ("1m" to "1M"); returns false if it is not one of those that bars have. Sets
 * *length_ns to how long its bars are; 0: a calendar month. */
bool bar_timeframe_find(struct str timeframe, int64_t *length_ns);

/* Whether a bar of the timeframe can begin at that time: a multiple of its length since midnight
 * (UTC); for 3d a midnight, for 1w a Monday, for 1M the first of the month. */
bool bar_opens_at(struct str timeframe, int64_t time_ns);

/*
 * The time of the bar's point in the stores: the start of its UTC day
 * + (its number in that day * 2^28 + its revision) nanoseconds.
 *
 * That puts all bars of a UTC day within the 7 minutes after its midnight. InfluxDB 3 Core writes
 * one file for every 10 minutes of a point's time and never merges them, and a query opens a
 * limited number of files: a year of bars is 365 files this way, and 52,560 if bars were stored at
 * their open time. A later revision has its own time and overwrites nothing. Returns 0 for a bar
 * that has no such time: its timeframe, open time or revision is not valid.
 */
int64_t bar_stored_time_ns(const struct bar *bar);

enum bar_fault {
    BAR_OK,
    BAR_BAD_SYMBOL,
    BAR_BAD_SOURCE,
    BAR_BAD_TIMEFRAME, /* not one of those that bars have */
    BAR_BAD_TIME, /* not where a bar of the timeframe begins, or not of the years 1678 to 2261 */
    BAR_BAD_REVISION, /* below 0, or not below BAR_REVISION_LIMIT */
    BAR_BAD_PRICE,    /* not finite, or not 0 < low <= open, close <= high */
    BAR_BAD_FIGURE,   /* a volume that is not finite, or one or a number of trades below 0 */
    BAR_INCOMPLETE,   /* record_complete() was not called */
    BAR_FAULTS,       /* number of faults */
};
/* "ok", "bad_symbol", …, for counters and logs. */
extern const char *const bar_fault_names[BAR_FAULTS];

/* Checks what must hold for every bar, wherever it comes from. */
NODISCARD enum bar_fault bar_check(const struct bar *bar);

#endif
