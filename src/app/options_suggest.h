/* The nearest name to a typo. For options*.c only. */
#ifndef CANDLEWICK_APP_OPTIONS_SUGGEST_H
#define CANDLEWICK_APP_OPTIONS_SUGGEST_H

#include "app/options_table.h"

/* How many characters must be put in, taken out, changed or swapped with their neighbour. Names of
 * more than 40 bytes are as far as can be. */
size_t option_edit_distance(const char *left, const char *right);

/* NULL when nothing is near enough to be what was meant. COMMAND_NONE: any command's flag. */
const char *option_suggest_flag(const char *typo, enum command command);
const char *option_suggest_command(const char *typo);

#endif
