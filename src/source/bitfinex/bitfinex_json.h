/* Parses JSON of an exchange, which is not trusted, with jansson. Pure. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_BITFINEX_JSON_H
#define CANDLEWICK_SOURCE_BITFINEX_BITFINEX_JSON_H

#include <stdbool.h>

#include <jansson.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

/* Returns NULL when the body is no JSON or memory runs out (ERROR_RETRY; the text shows what was
 * received). All numbers become reals. jansson refuses a whole text for one number that a double
 * cannot hold, so such a number is read as `true` and only its row is bad. Free with
 * json_decref(). */
NODISCARD json_t *bitfinex_json_load(struct str body, struct error *error);

/* Returns whether the value is an array of rows or an empty array; [1], or a single ticker without
 * its symbol, is not. */
bool bitfinex_json_is_rows(const json_t *json);

#endif
