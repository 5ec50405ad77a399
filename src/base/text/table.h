/* Rows of cells, written as people or programs want them. A column is as wide as its widest cell.
 */
#ifndef CANDLEWICK_BASE_TEXT_TABLE_H
#define CANDLEWICK_BASE_TEXT_TABLE_H

#include "base/text/strbuf.h"

/* What --format names. A table itself is never written as JSON. */
enum output_format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON, FORMAT_MARKDOWN };

/* The first `columns` cells are the head. Appends after a failure do nothing; the text it is
 * written to fails then. */
struct table {
    size_t columns;
    size_t keys;  /* columns that say what a row is: see table_append_within() */
    char **cells; /* owned */
    size_t count, capacity;
    bool failed; /* no memory */
};

struct table table_new(size_t columns);
/* With these cells as its head; NULL ends them. */
struct table table_new_with_head(const char *const *head);
void table_free(struct table *table);

PRINTF_LIKE(2, 3) void table_cell(struct table *table, const char *format, ...);

/* Aligned, for a terminal of so many columns (0: as wide as it gets). Where that is too narrow, the
 * last column is broken into lines if it is text, and names in the others are cut in their middle.
 * Nothing is cut of a table with `keys`: columns that do not fit follow below, behind the keys once
 * more. Numbers and times stay whole. */
void table_append_within(const struct table *table, int most, struct strbuf *text);

/* Aligned (numbers to the right; a control character, a line break too, is shown as '?', so that
 * what others wrote cannot steer a terminal), CSV (RFC 4180, lines end with LF) or Markdown. */
void table_append(const struct table *table, enum output_format format, struct strbuf *text);

#endif
