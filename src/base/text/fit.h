/* Fits text into lines of a given width. A UTF-8 character counts as one column. */
#ifndef CANDLEWICK_BASE_TEXT_FIT_H
#define CANDLEWICK_BASE_TEXT_FIT_H

#include "base/text/str.h"
#include "base/text/strbuf.h"

/* Returns the number of columns of `text`. */
size_t fit_columns(struct str text);

void fit_append_blanks(struct strbuf *text, size_t count);

/* Appends `whole` in at most `columns` (0: no limit): "…" replaces its middle, since both ends of a
 * name distinguish it most. */
void fit_append_middle(struct strbuf *text, struct str whole, size_t columns);

/* Appends `words` to a line of `text` that already has `indent` columns, and continues on lines
 * indented by as many blanks. Lines are broken at blanks and after commas, so that none exceeds
 * `columns`. A longer word stays whole (a terminal wraps it, and it can still be copied). */
void fit_append_words(struct strbuf *text, struct str words, size_t indent, size_t columns);

/* Appends lines, each broken the same way; with `columns` 0 they are unchanged. */
void fit_append_lines(struct strbuf *text, struct str lines, size_t columns);

#endif
