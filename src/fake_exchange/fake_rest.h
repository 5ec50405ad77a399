/*
 * The fake exchange's answers over HTTP from its book: Bitfinex's /v2/tickers, /v2/trades and
 * /v2/candles. Pure: no socket and no clock.
 */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_REST_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_REST_H

#include "fake_exchange/fake_market.h"

/* The parameters of a request as text; NULL: the request has none of that name. */
struct fake_params {
    const char *limit, *start, *end, *sort;
};

/* Appends [[SYMBOL,BID,…],…]: the coins of "tBTCUSD,tETHUSD" or "ALL" that have been traded. */
void fake_rest_tickers(const struct fake_market *market, struct str symbols, int64_t now_ms,
                       struct strbuf *body);

/* Both append the answer and return its status: 200 with rows, newest first unless sort=1, `start`
 * and `end` (ms) inclusive, at most `limit` (up to 10,000; default: 125 trades, 100 candles); or
 * 500 with ["error",10020,"… : invalid"]. A well-formed symbol that has no trades has no rows. */
unsigned fake_rest_trades(const struct fake_market *market, struct str symbol,
                          const struct fake_params *params, int64_t now_ms, struct strbuf *body);
/* `key`: "trade:1m:tBTCUSD". `changed`: the newest candle that is finished lacks its last trade. */
unsigned fake_rest_candles(const struct fake_market *market, struct str key,
                           const struct fake_params *params, int64_t now_ms, bool changed,
                           struct strbuf *body);

/* Appends [ID,MTS,AMOUNT,PRICE]. */
void fake_rest_trade_row(const struct fake_trade *trade, struct strbuf *body);

/* Appends up to `most` trades of the book from number `*next` on as lines of CSV,
 * "id,time_ms,symbol,amount,price", those of `coin` (FAKE_UNKNOWN_COIN: of all) before number
 * `end`. Returns false when it has appended none. */
bool fake_rest_book(const struct fake_market *market, size_t coin, size_t *next, size_t end,
                    size_t most, struct strbuf *body);

#endif
