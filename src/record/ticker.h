/*
 * One tick: the price and figures of one coin at one time (schemas/ticker.avsc, record
 * candlewick.Ticker). A plain value.
 */
#ifndef CANDLEWICK_RECORD_TICKER_H
#define CANDLEWICK_RECORD_TICKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"
#include "record/kind.h"

enum { SYMBOL_MAX = RECORD_KEY_MAX };

/* The figures: doubles that a source may not know, in the order of the schema. Each has a name in
 * C, a name everywhere else, and the first version of the schema that has it. volume, high and low
 * are rolling 24 h figures, never those of a candle. market_cap is the price times the circulating
 * coins. To add a figure, add a line here and a field at the end of schemas/ticker.avsc. */
#define TICKER_FIGURE_LIST(FIGURE)                                                                 \
    FIGURE(TICKER_BID, "bid", 1)                                                                   \
    FIGURE(TICKER_BID_SIZE, "bid_size", 1)                                                         \
    FIGURE(TICKER_ASK, "ask", 1)                                                                   \
    FIGURE(TICKER_ASK_SIZE, "ask_size", 1)                                                         \
    FIGURE(TICKER_DAILY_CHANGE, "daily_change", 1)                                                 \
    FIGURE(TICKER_DAILY_CHANGE_RELATIVE, "daily_change_relative", 1)                               \
    FIGURE(TICKER_VOLUME, "volume", 1)                                                             \
    FIGURE(TICKER_HIGH, "high", 1)                                                                 \
    FIGURE(TICKER_LOW, "low", 1)                                                                   \
    FIGURE(TICKER_MARKET_CAP, "market_cap", 2)

#define TICKER_FIGURE_NUMBER(number, name, since) number,
enum ticker_figure {
    TICKER_FIGURE_LIST(TICKER_FIGURE_NUMBER) TICKER_FIGURES /* number of figures */
};

struct ticker {
    char symbol[SYMBOL_MAX + 1]; /* "tBTCUSD", NUL-terminated */
    char source[SOURCE_MAX + 1]; /* "bitfinex", "replay", "synthetic" */
    int64_t event_time_ns;       /* assigned once; strictly increasing per coin */
    int64_t seq;                 /* number of the tick in its run; 0 for a tick with the service's
                                    own time, which contains nothing of the run */
    int64_t run_id;              /* start time of a live run; 0 if seq is 0; otherwise a hash of the
                                    content or seed */
    double last_price;           /* finite and > 0 */
    double figures[TICKER_FIGURES];
    bool has[TICKER_FIGURES]; /* false: the figure is null, and its member is 0 */
};

extern const struct record_kind ticker_kind;
extern const struct column ticker_columns[]; /* a NULL name ends them */
extern const char ticker_schema_text[];      /* schemas/ticker.avsc, embedded by the build */

/* The figures' names ("bid", "bid_size", …), the same in the schema, CSV, stores and JSON. */
extern const char *const ticker_figure_names[TICKER_FIGURES];

/* Writes a name for people: "BTC/USD" for "tBTCUSD", "DOGE/USD" for "tDOGE:USD"; others are
 * unchanged. `text` needs at most SYMBOL_MAX + 2 bytes. */
void symbol_display(const char *symbol, char text[SYMBOL_MAX + 2]);

enum ticker_fault {
    TICKER_OK,
    TICKER_BAD_SYMBOL,
    TICKER_BAD_PRICE,  /* not finite, or <= 0 */
    TICKER_BAD_FIGURE, /* a figure that is not finite */
    TICKER_BAD_TIME,   /* !record_time_valid() */
    TICKER_FAULTS,     /* number of faults */
};
/* "ok", "bad_symbol", "bad_price", "bad_figure", "bad_time", for counters and logs. */
extern const char *const ticker_fault_names[TICKER_FAULTS];

/* Checks what must hold for every tick, whatever its source. */
NODISCARD enum ticker_fault ticker_check(const struct ticker *ticker);

#endif
