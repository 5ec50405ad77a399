/* What the names in records may hold: the rules that several kinds share. */
#ifndef CANDLEWICK_RECORD_NAMES_H
#define CANDLEWICK_RECORD_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text/str.h"

/* The rules as text, as struct record_tag has them. */
#define RECORD_SYMBOL_CLASS "A-Za-z0-9:._^=-"
#define RECORD_SOURCE_CLASS "A-Za-z0-9:._-"

/* Whether `text` has 1 to `most` bytes, each an ASCII letter, a digit or one of `marks`. */
bool record_name_valid(struct str text, const char *marks, size_t most);

/* Whether a symbol matches [A-Za-z0-9:._^=-]{1,64}. */
bool record_symbol_valid(struct str symbol);
/* Whether a source's name matches [A-Za-z0-9:._-]{1,15}. */
bool record_source_valid(struct str source);

#endif
