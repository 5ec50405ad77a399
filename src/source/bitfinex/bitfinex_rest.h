/* One kept-alive connection to Bitfinex's REST interface: sends requests, and reports the waits
 * that the answers ask for. Not thread-safe. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_BITFINEX_REST_H
#define CANDLEWICK_SOURCE_BITFINEX_BITFINEX_REST_H

#include "base/http/http_client.h"
#include "base/text/strbuf.h"
#include "source/sources.h"

struct bitfinex_rest {
    struct http_client *client;
    struct http_response response; /* the answer to the last request */
    const char *version;           /* what to add when the base URL lacks it: "/v2" or "" */
    struct strbuf path;
};

/* Connects nowhere yet. Fails with ERROR_USAGE for an address that cannot be used. After a failure,
 * too, free with bitfinex_rest_close(); a zeroed one may be closed. */
NODISCARD bool bitfinex_rest_open(struct bitfinex_rest *rest, const struct bitfinex_config *config,
                                  size_t path_limit, struct error *error);
void bitfinex_rest_close(struct bitfinex_rest *rest);

/* Empties the path and begins it with the version; the caller appends "/tickers?…". */
struct strbuf *bitfinex_rest_path(struct bitfinex_rest *rest);

/* Sends GET of the path; blocks for at most 10 s. Returns false with `error` filled when no whole
 * answer arrived or it is a redirect; a rate limit's wait is in `error` even then. */
NODISCARD bool bitfinex_rest_get(struct bitfinex_rest *rest, struct error *error);

/* Makes `error`, which says what is wrong with the answer, wait at least as long as the answer's
 * Retry-After, and name the exchange's address. */
void bitfinex_rest_explain(const struct bitfinex_rest *rest, struct error *error);

#endif
