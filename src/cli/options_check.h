/* What concerns several options at once. For options*.c only. */
#ifndef CANDLEWICK_CLI_OPTIONS_CHECK_H
#define CANDLEWICK_CLI_OPTIONS_CHECK_H

#include "cli/options.h"

/* Defaults that follow from other options: step_ns, client_id, and demo's files. */
NODISCARD bool options_derive(struct options *options, struct error *error);

/* False: ERROR_USAGE for options that do not go together. */
NODISCARD bool options_check(const struct options *options, struct error *error);

#endif
