/*
 * Stands in for Bitfinex's public REST API, so that the real HTTP and JSON path runs offline and
 * repeatably: `candlewick fake-exchange`, and tests.
 *
 *   GET /v2/tickers?symbols=tBTCUSD,tETHUSD  or  ?symbols=ALL
 *   GET /v2/platform/status      [1]
 *   GET /candlewick/progress     {"requests":5,"rows":200,"served":200,"repeated":0,"rejected":0,
 *                                 "used_up":true}
 *
 * With a replay CSV (plain or gzip), each answer has the next row of every requested coin, so that
 * each row is served exactly once and a coin's rows in the file's order. Rows that the replay
 * source rejects are counted but not served. When a coin's rows are used up, its last row is served
 * again or (repeat false) the coin is left out, so that the answer to ALL is [] in the end.
 * With a recorded JSON body (the file begins with '[' or '{'), each answer is that body, byte for
 * byte, or only its rows of the requested symbols. A body that is not an array of rows is always
 * served whole.
 */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_EXCHANGE_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct fake_exchange;

struct fake_exchange_config {
    const char *data;   /* the file's path; read whole at creation */
    const char *listen; /* "127.0.0.1:8090"; port 0: any free one */
    /* Which requests for tickers (numbered from 1) get a fault instead of a normal answer:
     * "429@3,5-7;slow@10;500@20-"; NULL or "": none. Kinds:
     *   429          HTTP 429 (or 200), one of the three rate limit bodies in turn
     *   500          HTTP 500 with an error body
     *   maintenance  HTTP 503 ["error",20060,"maintenance"]
     *   html         HTTP 502 with a page
     *   truncated    the connection is cut in the middle of the body
     *   slow         the right body, in pieces, during `slow_ms`
     * Only slow uses up rows. A client that gives up on a slow answer misses its rows. */
    const char *faults;
    int slow_ms; /* 0: 3,000 */
    bool repeat; /* repeat the last row of a coin whose rows are used up: see above */
    /* Whether an unknown symbol makes the whole request fail with HTTP 500 and
     * ["error",10020,"symbol: invalid"]; otherwise it is left out of the answer. */
    bool refuse_unknown;
};

/* Listens when it returns. Returns NULL with ERROR_USAGE for a file that cannot be read or used,
 * for invalid faults (the text says what is allowed) and for an invalid address; with ERROR_FATAL
 * when it cannot listen. */
NODISCARD struct fake_exchange *fake_exchange_create(const struct fake_exchange_config *config,
                                                     struct error *error);
void fake_exchange_destroy(struct fake_exchange *exchange); /* NULL is allowed */

/* Returns "http://127.0.0.1:41235", the value for --exchange-url. Borrowed. */
const char *fake_exchange_url(const struct fake_exchange *exchange);

struct fake_exchange_progress {
    int64_t requests; /* for tickers, faults included */
    int64_t rows;     /* rows in the file that can be served */
    int64_t served;   /* rows that were served at least once */
    int64_t repeated; /* times that a row was served again */
    int64_t rejected; /* lines of a CSV that are no valid rows */
    bool used_up;     /* served == rows */
};

/* Copies consistent figures. Any thread. */
void fake_exchange_progress(struct fake_exchange *exchange,
                            struct fake_exchange_progress *progress);

#endif
