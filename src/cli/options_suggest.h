/* The nearest name to a typo. For options*.c only. */
#ifndef CANDLEWICK_CLI_OPTIONS_SUGGEST_H
#define CANDLEWICK_CLI_OPTIONS_SUGGEST_H

#include "cli/options_table.h"

/* NULL when nothing is near enough to be what was meant. COMMAND_NONE: any command's flag. */
const char *option_suggest_flag(const char *typo, enum command command);
const char *option_suggest_command(const char *typo);

#endif
