/*
 * Stands in for Bitfinex's public REST API, so that the real HTTP and JSON path runs offline and
 * repeatably: `candlewick fake-exchange`, and tests.
 *
 *   GET /v2/tickers?symbols=tBTCUSD,tETHUSD  or  ?symbols=ALL
 *   GET /v2/platform/status      [1]
 *   GET /candlewick/progress     {"requests":5,"rows":200,"served":200,"repeated":0,"rejected":0,
 *                                 "used_up":true}
 *
 * From a replay CSV (plain or gzip) each answer holds the next row of every coin that was asked
 * for, at most one a coin, so that each row is answered exactly once and a coin's rows in the
 * file's order. Rows that the replay source rejects are not served, but counted. A coin whose rows
 * are used up is answered with its last row again, or (repeat false) left out; then the answer to
 * all coins is [] in the end.
 * From a recorded JSON body (the file begins with '[' or '{') each answer is that body, byte for
 * byte, or of it the rows of the symbols that were asked for; one that is not an array of rows is
 * served whole whatever was asked for.
 */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_EXCHANGE_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct fake_exchange;

struct fake_exchange_config {
    const char *data;   /* the file; read whole at creation */
    const char *listen; /* "127.0.0.1:8090"; port 0: any free one */
    /* NULL or "": none. What to do instead of a plain answer at given requests for tickers (numbers
     * from 1): "429@3,5-7;slow@10;500@20-". Kinds:
     *   429          HTTP 429 (or 200), one of the three rate limit bodies in turn
     *   500          HTTP 500 with an error body
     *   maintenance  HTTP 503 ["error",20060,"maintenance"]
     *   html         HTTP 502 with a page
     *   truncated    the connection is cut in the middle of the body
     *   slow         the right body, in pieces over `slow_ms`
     * But for slow they use no row up. A client that gives up on a slow answer has missed it. */
    const char *faults;
    int slow_ms; /* 0: 3,000 */
    bool repeat; /* what a CSV's coin gives when it is used up: see above */
    /* A symbol that the file does not have makes the whole request fail, with HTTP 500
     * ["error",10020,"symbol: invalid"]; else it is left out of the answer. */
    bool refuse_unknown;
};

/* NULL on failure: ERROR_USAGE for a file that cannot be read or used, faults that make no sense
 * (the text says what is allowed), or an address that is none; ERROR_FATAL when it cannot listen.
 * Listens when it returns. */
NODISCARD struct fake_exchange *fake_exchange_create(const struct fake_exchange_config *config,
                                                     struct error *error);
void fake_exchange_destroy(struct fake_exchange *exchange); /* NULL is allowed */

/* "http://127.0.0.1:41235": what --exchange-url takes. Borrowed. */
const char *fake_exchange_url(const struct fake_exchange *exchange);

struct fake_exchange_progress {
    int64_t requests; /* for tickers, faults included */
    int64_t rows;     /* that the file has to serve */
    int64_t served;   /* of them, answered at least once */
    int64_t repeated; /* answers of a row that had been answered before */
    int64_t rejected; /* lines of a CSV that are no rows */
    bool used_up;     /* served == rows */
};

/* A consistent copy. Any thread. */
void fake_exchange_progress(struct fake_exchange *exchange,
                            struct fake_exchange_progress *progress);

#endif
