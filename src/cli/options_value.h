/* Parses one value into its field. For options*.c only. */
#ifndef CANDLEWICK_CLI_OPTIONS_VALUE_H
#define CANDLEWICK_CLI_OPTIONS_VALUE_H

#include "base/text/strbuf.h"
#include "cli/options_table.h"

/* Parses `text` into `options`, which borrow it if the value is a text. `where` is what the user
 * wrote before it: "--store", "STORE". Fails with ERROR_USAGE, which says what is allowed, and
 * leaves the member unchanged. Not for OPTION_PROPERTIES. */
NODISCARD bool option_value_set(const struct option_row *row, const char *where, const char *text,
                                struct options *options, struct error *error);

/* Appends what is allowed, in words that can follow "is not": "a whole number from 1 to 16". */
void option_value_expected(const struct option_row *row, struct strbuf *text);

/* Appends the same in fewer words, for help: "1 to 16", "one of range, roundrobin", "or forever";
 * nothing if every value is allowed. */
void option_value_range(const struct option_row *row, struct strbuf *text);

#endif
