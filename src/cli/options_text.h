/* Checks whether a text can be a URL, an address or a coin. It is called before anything is opened,
 * so that a typing error is reported at once. For options*.c only. */
#ifndef CANDLEWICK_CLI_OPTIONS_TEXT_H
#define CANDLEWICK_CLI_OPTIONS_TEXT_H

#include "cli/options_table.h"

bool option_text_valid(enum option_type type, const char *text);

/* Returns whether the URL has "user:password@" before the host; logs and lists of processes would
 * show it. */
bool option_text_has_password(const char *url);

/* Returns what is allowed, in words that can follow "is not". */
const char *option_text_expected(enum option_type type);

#endif
