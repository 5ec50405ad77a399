/* The rules for names in records that several kinds share. */
#ifndef CANDLEWICK_RECORD_NAMES_H
#define CANDLEWICK_RECORD_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text/str.h"

/* The rules as text, for struct record_tag. */
#define RECORD_SYMBOL_CLASS "A-Za-z0-9:._^=-"
#define RECORD_SOURCE_CLASS "A-Za-z0-9:._-"

/* Returns whether `text` has 1 to `most` bytes, each of them an ASCII letter, a digit or one of
 * `marks`. */
bool record_name_valid(struct str text, const char *marks, size_t most);

/* Returns whether a symbol matches [A-Za-z0-9:._^=-]{1,64}. */
bool record_symbol_valid(struct str symbol);
/* Returns whether a source's name matches [A-Za-z0-9:._-]{1,15}. */
bool record_source_valid(struct str source);

/* Sources of records that are made up: by the program itself; and a file that is read again and
 * again, each time at later times. */
#define RECORD_SOURCE_SYNTHETIC "synthetic"
#define RECORD_SOURCE_LOOP "replay-loop"
/* Returns, in words for people, what records of that source are, if they are made up; NULL: they
 * are not. */
const char *record_made_up(struct str source);

#endif
