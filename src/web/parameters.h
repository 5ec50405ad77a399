/* The query's parameters: each is checked, and a bad one is an ERROR_REJECT that names it and says
 * what is allowed. A parameter that is absent leaves `value` as it was. */
#ifndef CANDLEWICK_WEB_PARAMETERS_H
#define CANDLEWICK_WEB_PARAMETERS_H

#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/http/http_server.h"

/* Needed: absent is an error too. Borrowed for the exchange's call. */
NODISCARD bool parameter_coin(const struct http_exchange *exchange, const char **value,
                              struct error *error);
NODISCARD bool parameter_interval(const struct http_exchange *exchange, int64_t *value_ns,
                                  struct error *error);
/* Anything that clock_parse_time takes. */
NODISCARD bool parameter_time(const struct http_exchange *exchange, const char *name,
                              int64_t *value_ns, struct error *error);
NODISCARD bool parameter_whole(const struct http_exchange *exchange, const char *name,
                               int64_t least, int64_t most, int64_t *value, struct error *error);

#endif
