/* Text in lines of so many columns: a character of UTF-8 is one. */
#ifndef CANDLEWICK_BASE_TEXT_FIT_H
#define CANDLEWICK_BASE_TEXT_FIT_H

#include "base/text/str.h"
#include "base/text/strbuf.h"

/* Columns that `text` takes. */
size_t fit_columns(struct str text);

void fit_append_blanks(struct strbuf *text, size_t count);

/* Appends `whole` in at most `columns`: its middle gives way to "…", as of a name both its ends
 * tell most. */
void fit_append_middle(struct strbuf *text, struct str whole, size_t columns);

/* Appends `words` to a line of `text` that has `indent` columns already, and goes on in lines with
 * as many blanks in front, broken at blanks and behind commas, so that none passes `columns`. A
 * word that is longer stays whole (a terminal breaks it, and it can still be copied). */
void fit_append_words(struct strbuf *text, struct str words, size_t indent, size_t columns);

/* Appends lines, each broken like that; `columns` 0: as they are. */
void fit_append_lines(struct strbuf *text, struct str lines, size_t columns);

#endif
