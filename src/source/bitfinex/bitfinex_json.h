/* JSON of an exchange that is not trusted, by jansson. Pure. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_BITFINEX_JSON_H
#define CANDLEWICK_SOURCE_BITFINEX_BITFINEX_JSON_H

#include <stdbool.h>

#include <jansson.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

/* NULL: not JSON, or no memory (ERROR_RETRY, the text says what came instead). All numbers are
 * reals. A number too large for a double would make jansson refuse the whole text: such a one reads
 * as `true`, so that only what stands in its place is bad. Free with json_decref(). */
NODISCARD json_t *bitfinex_json_load(struct str body, struct error *error);

/* An array of rows, or of nothing; [1], or a single ticker without its symbol, is not. */
bool bitfinex_json_is_rows(const json_t *json);

#endif
