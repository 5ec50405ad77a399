/* One value: from text into its field. For options*.c only. */
#ifndef CANDLEWICK_CLI_OPTIONS_VALUE_H
#define CANDLEWICK_CLI_OPTIONS_VALUE_H

#include "base/text/strbuf.h"
#include "cli/options_table.h"

/* Reads `text` (borrowed by the field where it is kept as text) into `options`. `where` is what the
 * user wrote it after: "--store", "STORE". False: ERROR_USAGE that says what is allowed, and the
 * field is kept. Not for OPTION_PROPERTIES. */
NODISCARD bool option_value_set(const struct option_row *row, const char *where, const char *text,
                                struct options *options, struct error *error);

/* What is allowed, to follow "is not": "a whole number from 1 to 16". */
void option_value_expected(const struct option_row *row, struct strbuf *text);

/* The same in few words, for help: "1 to 16", "one of range, roundrobin", "or forever"; nothing
 * where there is nothing to say. */
void option_value_range(const struct option_row *row, struct strbuf *text);

#endif
