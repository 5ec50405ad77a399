/* Reads the query parameters of a request. An invalid one fails with ERROR_REJECT; the text names
 * the parameter and says what is allowed. A missing one leaves `value` unchanged. */
#ifndef CANDLEWICK_WEB_PARAMETERS_H
#define CANDLEWICK_WEB_PARAMETERS_H

#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/http/http_server.h"

/* Also fails when the parameter is missing. The value is borrowed for the handler's call. */
NODISCARD bool parameter_coin(const struct http_exchange *exchange, const char **value,
                              struct error *error);
/* Accepts a source's name, as record_source_valid() does. */
NODISCARD bool parameter_source(const struct http_exchange *exchange, const char **value,
                                struct error *error);
/* Accepts one of the `words`, which end with NULL. */
NODISCARD bool parameter_word(const struct http_exchange *exchange, const char *name,
                              const char *const words[], const char **value, struct error *error);
/* Reads a list of coins or tickers with commas between, from "coins", or one from "coin". *value
 * stays unchanged if there is neither; naming both is an error. */
NODISCARD bool parameter_coins(const struct http_exchange *exchange, const char **value,
                               struct error *error);
NODISCARD bool parameter_interval(const struct http_exchange *exchange, int64_t *value_ns,
                                  struct error *error);
/* Accepts every text that clock_parse_time() accepts. */
NODISCARD bool parameter_time(const struct http_exchange *exchange, const char *name,
                              int64_t *value_ns, struct error *error);
/* Accepts any text of 1 to `most` bytes. The value is borrowed for the handler's call. */
NODISCARD bool parameter_text(const struct http_exchange *exchange, const char *name, size_t most,
                              const char **value, struct error *error);
NODISCARD bool parameter_whole(const struct http_exchange *exchange, const char *name,
                               int64_t least, int64_t most, int64_t *value, struct error *error);

#endif
