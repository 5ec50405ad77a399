/* What the options own: copies of texts, and the list of properties. For options*.c only. */
#ifndef CANDLEWICK_CLI_OPTIONS_MEMORY_H
#define CANDLEWICK_CLI_OPTIONS_MEMORY_H

#include "base/text/str.h"
#include "cli/options.h"

/* A copy that lives as long as the options; NULL: no memory, `error` filled. */
NODISCARD char *options_keep(struct options *options, struct str text, struct error *error);

/* Adds "key=value", copied. Errors never show it, since it may be a secret: ERROR_USAGE names
 * `where`. */
NODISCARD bool options_add_property(struct options *options, const char *where, struct str text,
                                    struct error *error);

#endif
