/* Formats rows of cells: in aligned columns for people, or as a file for programs. */
#ifndef CANDLEWICK_BASE_TEXT_TABLE_H
#define CANDLEWICK_BASE_TEXT_TABLE_H

#include "base/text/strbuf.h"
#include "base/text/tone.h"

/* The values of --format. A table itself is never written as JSON. */
enum output_format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON, FORMAT_MARKDOWN };

/* For what text is formatted. All zero: for a file or a pipe. */
struct text_form {
    int columns; /* the terminal's width; 0: lines are as long as they are */
    bool colour;
};

/* The first `columns` cells are the head. After table_cell() has failed, later calls do nothing,
 * and the functions that append the table mark their target buffer as failed. */
struct table {
    size_t columns;
    size_t keys;  /* number of leading columns that identify a row: see table_append_within() */
    char **cells; /* owned */
    unsigned char *tones; /* owned; the enum tone of each cell */
    bool coloured;        /* aligned columns have the cells' tones */
    size_t count, capacity;
    bool failed; /* memory ran out */
};

struct table table_new(size_t columns);
/* Creates a table with these cells as its head; the list ends with NULL. */
struct table table_new_with_head(const char *const *head);
void table_free(struct table *table);

PRINTF_LIKE(2, 3) void table_cell(struct table *table, const char *format, ...);

/* Gives the cell that was added last a tone. */
void table_tone(struct table *table, enum tone tone);

/* Appends aligned columns for a terminal of width `most` (0: unlimited). Where that is too narrow,
 * the last column is broken into lines if it is text, and names in the other columns are cut in
 * their middle. With `keys`, only names in the key columns are cut: columns that do not fit are
 * printed in blocks below, which repeat the keys. Numbers and times are never cut or broken. */
void table_append_within(const struct table *table, int most, struct strbuf *text);

/* Appends aligned columns, CSV (RFC 4180, but lines end with LF) or Markdown. In aligned columns
 * numbers are at the right, and each control character, line breaks too, and each byte that is not
 * UTF-8 becomes '?', so that foreign text cannot control the terminal. */
void table_append(const struct table *table, enum output_format format, struct strbuf *text);

#endif
