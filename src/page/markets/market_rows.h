/*
 * A view of the whole store: one row for each coin that has a price, with what is known of it now.
 *
 * All figures of a row but the market cap are of one coin, so currencies never mix. A market cap
 * may be that of another coin of the same asset (market/assets.h), from another service.
 */
#ifndef CANDLEWICK_PAGE_MARKETS_MARKET_ROWS_H
#define CANDLEWICK_PAGE_MARKETS_MARKET_ROWS_H

#include "market/assets.h"
#include "record/bar.h"
#include "record/stream.h"
#include "record/ticker.h"
#include "store/store.h"

enum {
    MARKET_SPANS_MAX = 49,     /* a day in half-hours, and the one before */
    MARKET_VOLUMES_MAX = 100,  /* for how many coins at most a volume is summed up from bars */
    MARKET_CURRENCY_SIZE = 16, /* bytes of a currency's name, with its NUL */
};

/* What the row of a coin is made of. A figure that is not known is NAN, a text "". */
struct market_row {
    char coin[RECORD_KEY_MAX + 1];
    const struct asset *asset; /* borrowed from the table; NULL: the coin is in no row of it */
    char base[MARKET_CURRENCY_SIZE], quote[MARKET_CURRENCY_SIZE]; /* "BTC", "USD" */

    const struct record_kind *kind; /* of the series that the price and its changes are from */
    char series[RECORD_SERIES_MAX + 1];
    char source[SOURCE_MAX + 1];
    char timeframe[BAR_TIMEFRAME_MAX + 1]; /* of bars */
    int64_t length_ns;                     /* of bars; otherwise 0 */
    double price;
    int64_t time_ns;                         /* when the price was; for a bar, its end */
    double change_1h, change_24h, change_7d; /* relative: 0.01 is one per cent */

    double volume; /* of 24 hours */
    char volume_source[SOURCE_MAX + 1];
    bool volume_in_quote; /* its unit is the quote currency, not the base */

    double cap; /* the coin's own market cap, in its quote currency */
    int64_t cap_time_ns;
    char cap_source[SOURCE_MAX + 1];
    const struct market_row *cap_from; /* the row whose cap is shown; NULL: there is none */

    /* The last prices of the newest spans; the last one ends at as_of_ns. */
    int64_t step_ns;
    size_t span_count;
    double closes[MARKET_SPANS_MAX];
    double week_close;

    bool synthetic; /* its source is one of made-up records */
    bool made_up;   /* a drill's coin: no market has it */
};

struct market_rows {
    struct market_row *items; /* owned; by coin */
    size_t count, capacity;
    int64_t
        as_of_ns; /* the time of the newest price, at most the present: changes are up to then */
};

/* What market_rows_read() has to know besides the store. */
struct market_facts {
    const struct stream *streams;
    size_t stream_count;
    const struct assets *assets; /* borrowed until the rows are freed */
    const char *ticks_source;    /* source of the ticks; NULL: the service that a coin's name
                                    tells */
};

/* Reads the rows of all coins that have ticks, trades or bars. Of several series of a coin the
 * price is from its ticks, else its trades, else its bars, unless those are more than an hour older
 * than its newest price. Fails with the store's error. The caller frees `rows`, which is
 * zero-initialised, in either case. */
NODISCARD bool market_rows_read(struct store *store, const struct market_facts *facts,
                                struct market_rows *rows, struct error *error);
void market_rows_free(struct market_rows *rows);

#endif
