/* Reads the query's parameters. A bad one fails with ERROR_REJECT, which names the parameter and
 * says what is allowed. An absent one leaves `value` unchanged. */
#ifndef CANDLEWICK_WEB_PARAMETERS_H
#define CANDLEWICK_WEB_PARAMETERS_H

#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/http/http_server.h"

/* Fails when the parameter is absent, too. The value is borrowed for the handler's call. */
NODISCARD bool parameter_coin(const struct http_exchange *exchange, const char **value,
                              struct error *error);
NODISCARD bool parameter_interval(const struct http_exchange *exchange, int64_t *value_ns,
                                  struct error *error);
/* Accepts whatever clock_parse_time() accepts. */
NODISCARD bool parameter_time(const struct http_exchange *exchange, const char *name,
                              int64_t *value_ns, struct error *error);
NODISCARD bool parameter_whole(const struct http_exchange *exchange, const char *name,
                               int64_t least, int64_t most, int64_t *value, struct error *error);

#endif
