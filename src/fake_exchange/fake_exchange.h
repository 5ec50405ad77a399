/*
 * Stands in for Bitfinex's public REST and WebSocket APIs, so that the real paths run offline and
 * repeatably: `candlewick fake-exchange`, and tests.
 *
 *   GET /v2/tickers?symbols=tBTCUSD,tETHUSD  or  ?symbols=ALL
 *   GET /v2/trades/tBTCUSD/hist?limit=&start=&end=&sort=
 *   GET /v2/candles/trade:1m:tBTCUSD/hist?limit=&start=&end=&sort=
 *   GET /v2/platform/status      [1]; [0] in maintenance
 *   GET /ws/2                    a WebSocket: see fake_session.h
 *   GET /candlewick/progress     figures: struct fake_exchange_progress
 *   GET /candlewick/trades?symbol=tBTCUSD
 *                                the book until now as CSV, id,time_ms,symbol,amount,price, in the
 *                                order in which it happened; without symbol that of all coins
 *
 * All of it comes from one book of trades (fake_market.h), which is made from a seed or read from a
 * CSV of trades, so that tickers, trades and candles agree. The book is whole at the start; what
 * has happened is what the exchange's clock says.
 *
 * With other data there are tickers alone, without limits of requests. With a replay CSV of ticks
 * (plain or gzip), each answer has the next row of every requested coin, so that each row is served
 * exactly once and a coin's rows in the file's order. Rows that the replay source rejects are
 * counted but not served. When a coin's rows are used up, its last row is served again or (repeat
 * false) the coin is left out, so that the answer to ALL is [] in the end. With a recorded JSON
 * body (the file begins with '[' or '{'), each answer is that body, byte for byte, or only its rows
 * of the requested symbols. A body that is not an array of rows is always served whole.
 */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_EXCHANGE_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct fake_exchange;
struct fake_market;

struct fake_exchange_config {
    const char *listen; /* "127.0.0.1:8090"; port 0: any free one */
    const char *data;   /* the file's path, read whole at creation: trades, ticks or a body; NULL:
                           a book from the seed, if trades_per_minute says how large */
    /* Which faults happen where, "429@3,5-7;drop@1/500": see fake_fault.h. NULL or "": none. A
     * client that gives up on a slow answer of a file of ticks misses its rows; no other fault uses
     * up rows. */
    const char *faults;
    bool repeat; /* repeat the last row of a coin whose rows are used up: see above */
    /* Whether an unknown symbol makes the whole request to a file of ticks fail with HTTP 500 and
     * ["error",10020,"symbol: invalid"]; otherwise it is left out of the answer. */
    bool refuse_unknown;

    /* A book that is made from a seed, from which faults by chance are drawn, too. */
    const char *coins; /* "tBTCUSD,tETHUSD"; NULL or "ALL": ten common ones */
    uint64_t seed;
    int64_t trades_per_minute;     /* trades of each coin; 0: no book is made from the seed */
    int64_t history_ms, length_ms; /* how much of it is before, and after, start_ms */

    /* the clock */
    int64_t start_ms;      /* the exchange's time at the start, since 1970; 0: now */
    double speed;          /* how many times faster than real time the exchange's time goes; 0: 1 */
    size_t start_channels; /* the exchange's time stays at start_ms until this many channels are
                              subscribed */

    const char *limits; /* "trades=600,connects=0": see fake_limit.h. NULL or "": Bitfinex's */
    int heartbeat_ms;   /* 0: 15,000 */
    int stall_ms;       /* a client that reads nothing for so long is cut; 0: 10,000 */
};

/* Listens when it returns. Returns NULL with ERROR_USAGE for a file that cannot be read or used,
 * for invalid faults (the text says what is allowed) and for an invalid address; with ERROR_FATAL
 * when it cannot listen. */
NODISCARD struct fake_exchange *fake_exchange_create(const struct fake_exchange_config *config,
                                                     struct error *error);
void fake_exchange_destroy(struct fake_exchange *exchange); /* NULL is allowed */

/* Returns "http://127.0.0.1:41235", the value for --exchange-url. Borrowed. */
const char *fake_exchange_url(const struct fake_exchange *exchange);
/* Returns "ws://127.0.0.1:41235", to which clients append /ws/2. Borrowed. */
const char *fake_exchange_ws_url(const struct fake_exchange *exchange);

/* The book, borrowed for the exchange's life; an empty one where there is none. */
const struct fake_market *fake_exchange_market(const struct fake_exchange *exchange);

/* What the exchange's clock shows, ms since 1970. Any thread. */
int64_t fake_exchange_time(struct fake_exchange *exchange);
/* For tests: from now on the clock shows this, until it is set again. Any thread. */
void fake_exchange_set_time(struct fake_exchange *exchange, int64_t now_ms);

struct fake_exchange_progress {
    int64_t requests; /* for tickers, faults included */
    /* for a file of tickers */
    int64_t rows;     /* rows in the file that can be served */
    int64_t served;   /* rows that were served at least once */
    int64_t repeated; /* times that a row was served again */
    int64_t rejected; /* lines of a CSV that are no valid rows */
    bool used_up;     /* served == rows */
    /* for a book of trades */
    int64_t trade_requests, candle_requests; /* faults included */
    int64_t refused;                         /* requests of all kinds that were over a limit */
    /* WebSockets that were ever opened, that are open now, and the channels of these. */
    int64_t connections, open, channels;
    int64_t streamed;         /* trades, over all connections */
    int64_t stalled;          /* connections cut since the client did not read */
    int64_t faults;           /* how many happened */
    int64_t trades, happened; /* trades in the book, and those of them that have happened by now */
    int64_t time_ms;          /* the exchange's clock */
};

/* Copies consistent figures. Any thread. */
void fake_exchange_progress(struct fake_exchange *exchange,
                            struct fake_exchange_progress *progress);

#endif
