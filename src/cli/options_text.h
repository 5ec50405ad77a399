/* Checks whether a text can be a URL, an address or a coin, before anything is opened, so that a
 * typing error is reported at once. For options*.c only. */
#ifndef CANDLEWICK_CLI_OPTIONS_TEXT_H
#define CANDLEWICK_CLI_OPTIONS_TEXT_H

#include "cli/options_table.h"

bool option_text_valid(enum option_type type, const char *text);

/* Returns whether the URL has "user:password@" before the host, which would appear in logs and
 * process lists. */
bool option_text_has_password(const char *url);

/* Returns what is allowed, to follow "is not" in a message. */
const char *option_text_expected(enum option_type type);

#endif
