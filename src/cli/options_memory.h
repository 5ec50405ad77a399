/* The memory that the options own: copies of texts, and the list of properties. For options*.c
 * only. */
#ifndef CANDLEWICK_CLI_OPTIONS_MEMORY_H
#define CANDLEWICK_CLI_OPTIONS_MEMORY_H

#include "base/text/str.h"
#include "cli/options.h"

/* Copies a text for the life of the options. Returns NULL with `error` filled when memory runs
 * out. */
NODISCARD char *options_keep(struct options *options, struct str text, struct error *error);

/* Adds a copy of "key=value". Fails with ERROR_USAGE, naming `where` (the place that the user wrote
 * it); the error never shows `text`, since that may be a secret. */
NODISCARD bool options_add_property(struct options *options, const char *where, struct str text,
                                    struct error *error);

#endif
