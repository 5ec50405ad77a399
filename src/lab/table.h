/* Rows of cells, written as people or programs want them. */
#ifndef CANDLEWICK_LAB_TABLE_H
#define CANDLEWICK_LAB_TABLE_H

#include "base/strbuf.h"

enum lab_format { LAB_FORMAT_TABLE, LAB_FORMAT_CSV, LAB_FORMAT_JSON, LAB_FORMAT_MARKDOWN };

/* The first `columns` cells are the head. Appends after a failure do nothing; the text it is
 * written to fails then. */
struct lab_table {
    size_t columns;
    char **cells; /* owned */
    size_t count, capacity;
    bool failed; /* no memory */
};

struct lab_table lab_table_new(size_t columns);
void lab_table_free(struct lab_table *table);

PRINTF_LIKE(2, 3) void lab_table_cell(struct lab_table *table, const char *format, ...);

/* Aligned (numbers to the right), CSV (RFC 4180, lines end with LF) or Markdown. */
void lab_table_append(const struct lab_table *table, enum lab_format format, struct strbuf *text);

#endif
