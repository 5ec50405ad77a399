/* Formats rows of cells for people or programs. A column is as wide as its widest cell. */
#ifndef CANDLEWICK_BASE_TEXT_TABLE_H
#define CANDLEWICK_BASE_TEXT_TABLE_H

#include "base/text/strbuf.h"

/* The values of --format. A table itself is never written as JSON. */
enum output_format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON, FORMAT_MARKDOWN };

/* The first `columns` cells are the head. After a failure, appends do nothing, and the text that
 * the table is written to fails. */
struct table {
    size_t columns;
    size_t keys;  /* number of leading columns that identify a row: see table_append_within() */
    char **cells; /* owned */
    size_t count, capacity;
    bool failed; /* memory ran out */
};

struct table table_new(size_t columns);
/* Creates a table with these cells as its head; NULL ends the list. */
struct table table_new_with_head(const char *const *head);
void table_free(struct table *table);

PRINTF_LIKE(2, 3) void table_cell(struct table *table, const char *format, ...);

/* Appends aligned columns for a terminal of width `most` (0: unlimited). When that is too narrow,
 * the last column is broken into lines if it is text, and names in the others are cut in their
 * middle. A table with `keys` is not cut: columns that do not fit follow below, after the key
 * columns again. Numbers and times stay whole. */
void table_append_within(const struct table *table, int most, struct strbuf *text);

/* Appends aligned columns (numbers to the right; a control character, even a line break, becomes
 * '?', so that text of others cannot control a terminal), CSV (RFC 4180, lines end with LF) or
 * Markdown. */
void table_append(const struct table *table, enum output_format format, struct strbuf *text);

#endif
