/* Which texts can be a URL, an address, a coin: checked before anything is opened, so that a typo
 * is told at once. For options*.c only. */
#ifndef CANDLEWICK_CLI_OPTIONS_TEXT_H
#define CANDLEWICK_CLI_OPTIONS_TEXT_H

#include "cli/options_table.h"

bool option_text_valid(enum option_type type, const char *text);

/* "user:password@" before the host: it would end in logs and process lists. */
bool option_text_has_password(const char *url);

/* What is allowed, to follow "is not". */
const char *option_text_expected(enum option_type type);

#endif
