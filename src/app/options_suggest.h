/* The nearest name to a typo. For options*.c only. */
#ifndef CANDLEWICK_APP_OPTIONS_SUGGEST_H
#define CANDLEWICK_APP_OPTIONS_SUGGEST_H

#include "app/options_table.h"

/* NULL when nothing is near enough to be what was meant. COMMAND_NONE: any command's flag. */
const char *option_suggest_flag(const char *typo, enum command command);
const char *option_suggest_command(const char *typo);

#endif
