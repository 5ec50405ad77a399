/* The lab's subcommands; the contract is that of commands/commands.h. */
#ifndef CANDLEWICK_LAB_RUN_LAB_COMMANDS_H
#define CANDLEWICK_LAB_RUN_LAB_COMMANDS_H

#include "base/error.h"
#include "cli/options.h"

NODISCARD bool run_lab(const struct options *options, struct error *error);
NODISCARD bool run_lab_member(const struct options *options, struct error *error);
NODISCARD bool run_lab_predict(const struct options *options, struct error *error);

#endif
