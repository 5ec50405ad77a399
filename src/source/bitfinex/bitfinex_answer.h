/* Classifies an answer of Bitfinex's REST interface: rows, or what else. Pure. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_BITFINEX_ANSWER_H
#define CANDLEWICK_SOURCE_BITFINEX_BITFINEX_ANSWER_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

struct json_t; /* jansson's */

enum {
    BITFINEX_TOO_MANY = 429,        /* HTTP status of a rate-limit breach */
    BITFINEX_RATE_LIMIT_MS = 60000, /* how long Bitfinex blocks an address after a breach */
};

enum bitfinex_answer {
    BITFINEX_ROWS,           /* rows, or none at all: [] */
    BITFINEX_UNKNOWN_SYMBOL, /* ["error",10020,"symbol: invalid"]: one of the requested symbols
                                does not exist */
    BITFINEX_AWAY,      /* anything else: ERROR_RETRY, with retry_after_ms of a minute for a rate
                           limit */
    BITFINEX_NO_MEMORY, /* ERROR_FATAL */
};

/* Reads an answer by its HTTP status and its body; Bitfinex reports a rate limit with 429 or with
 * 200. `what` names the rows in error texts ("tickers"). On BITFINEX_ROWS sets *rows to an array,
 * empty or with at least one array in it: free it with json_decref(). Otherwise sets *rows to NULL
 * and fills `error`. */
NODISCARD enum bitfinex_answer bitfinex_answer_read(long status, struct str body, const char *what,
                                                    struct json_t **rows, struct error *error);

#endif
