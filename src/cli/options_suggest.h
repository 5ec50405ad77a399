/* Suggests the nearest name for a misspelt one. For options*.c only. */
#ifndef CANDLEWICK_CLI_OPTIONS_SUGGEST_H
#define CANDLEWICK_CLI_OPTIONS_SUGGEST_H

#include "cli/options_table.h"

/* Returns the flag that is most similar to `typo`; NULL when none is similar enough. COMMAND_NONE:
 * searches the flags of all commands. */
const char *option_suggest_flag(const char *typo, enum command command);
const char *option_suggest_command(const char *typo);

#endif
