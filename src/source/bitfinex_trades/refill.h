/*
 * What to ask Bitfinex's history for (GET trades/SYM/hist), and what a page of it means for the
 * holes. Pages are asked for from a hole's newer end backwards: `start` and `end` are inclusive,
 * the newest rows come first, and a page that is full lacks the oldest (docs.bitfinex.com,
 * rest-public-trades). Pure.
 */
#ifndef CANDLEWICK_SOURCE_BITFINEX_TRADES_REFILL_H
#define CANDLEWICK_SOURCE_BITFINEX_TRADES_REFILL_H

#include "base/text/strbuf.h"
#include "source/bitfinex_trades/hole_book.h"
#include "source/bitfinex_trades/trade_row.h"

enum {
    REFILL_ROWS_MAX = 10000, /* most rows that one request returns */
    /* Trades are not published in the order of their times, and ids do not follow the times: so
     * much before and after a hole is asked for, too. */
    REFILL_MARGIN_MS = 5000,
};

struct refill_page {
    size_t coin;
    int64_t hole_begin_ms;    /* begin of the group's newest hole, which identifies it */
    int64_t start_ms, end_ms; /* of the request */
};

enum refill_state {
    REFILL_ASK,     /* `page` is to be asked for */
    REFILL_NOTHING, /* no hole has an end that is known */
    REFILL_TOO_OLD, /* the rest of the group in `page` is older than the greatest age */
};

/* Chooses the next page. Trades before `oldest_ms` are not asked for. */
enum refill_state refill_next(struct hole_book *book, int64_t oldest_ms, struct refill_page *page);

/* Appends "/trades/tBTCUSD/hist?…". Every character that a symbol may hold is valid there. */
void refill_append_path(const struct refill_page *page, const char *symbol, struct strbuf *path);

enum refill_result {
    REFILL_MORE,     /* the group needs another page */
    REFILL_WHOLE,    /* all trades of the group came */
    REFILL_HAS_LESS, /* the exchange has no more, and the trade before the hole was not among them,
                        or more trades are in one ms than a page holds */
    REFILL_AGED,     /* what is left is too old */
    REFILL_GONE,     /* the group is closed already, or has grown since the page was chosen */
};

/* Takes the good rows of a page's answer that are in its span, in any order; `all_rows` is how many
 * the answer had. Records in the book how far back the group was asked for. With any result but
 * REFILL_MORE and REFILL_GONE the caller closes the group's holes. */
enum refill_result refill_take(struct hole_book *book, const struct refill_page *page,
                               const struct trade_row *rows, size_t count, size_t all_rows,
                               int64_t oldest_ms);

#endif
