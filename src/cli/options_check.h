/* Rules that involve several options. For options*.c only. */
#ifndef CANDLEWICK_CLI_OPTIONS_CHECK_H
#define CANDLEWICK_CLI_OPTIONS_CHECK_H

#include "cli/options.h"

/* Sets defaults that depend on other options: step_ns, client_id and demo's files. */
NODISCARD bool options_derive(struct options *options, struct error *error);

/* Fails with ERROR_USAGE for options that contradict each other. */
NODISCARD bool options_check(const struct options *options, struct error *error);

#endif
