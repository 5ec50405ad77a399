#include "base/text/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/utf8.h"

enum { GAP = 2 };

struct table table_new(size_t columns)
{
    return (struct table){.columns = columns};
}

struct table table_new_with_head(const char *const *head)
{
    struct table table = {.columns = 0};
    while (head[table.columns] != NULL) {
        table_cell(&table, "%s", head[table.columns++]);
    }
    return table;
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        free(table->cells[i]);
    }
    free(table->cells);
    *table = (struct table){0};
}

static bool make_room(struct table *table)
{
    if (table->count < table->capacity) {
        return true;
    }
    size_t capacity = table->capacity == 0 ? 64 : table->capacity * 2;
    char **cells = realloc(table->cells, capacity * sizeof *cells);
    if (cells != NULL) {
        table->cells = cells;
        table->capacity = capacity;
    }
    return cells != NULL;
}

void table_cell(struct table *table, const char *format, ...)
{
    va_list arguments;
    char *cell = NULL;
    va_start(arguments, format);
    if (!table->failed && make_room(table) && vasprintf(&cell, format, arguments) >= 0) {
        table->cells[table->count++] = cell;
    } else {
        table->failed = true;
    }
    va_end(arguments);
}

/* Columns as people see them: bytes but for those that continue a character of UTF-8. */
static size_t shown(const char *cell)
{
    size_t length = 0;
    for (; *cell != '\0'; cell++) {
        length += ((unsigned char)*cell & 0xC0) != 0x80 ? 1 : 0;
    }
    return length;
}

static bool is_number(const char *cell)
{
    return strspn(cell, "0123456789.-") == strlen(cell);
}

struct column {
    size_t width;
    bool numbers;
};

static struct column measure(const struct table *table, size_t number)
{
    struct column column = {.width = 0, .numbers = true};
    for (size_t i = number; i < table->count; i += table->columns) {
        size_t length = shown(table->cells[i]);
        column.width = length > column.width ? length : column.width;
        column.numbers = column.numbers && (i < table->columns || is_number(table->cells[i]));
    }
    return column;
}

static void append_blanks(struct strbuf *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        strbuf_append_char(text, ' ');
    }
}

/* Control characters as '?'. */
static void append_plain(struct strbuf *text, struct str cell)
{
    for (size_t i = 0; i < cell.length;) {
        struct str rest = {.data = cell.data + i, .length = cell.length - i};
        size_t control = utf8_control_length(rest);
        strbuf_append_char(text, control > 0 ? '?' : cell.data[i]);
        i += control > 0 ? control : 1;
    }
}

static void append_aligned(const struct table *table, struct strbuf *text)
{
    struct column *columns = calloc(table->columns, sizeof *columns);
    text->failed = text->failed || columns == NULL;
    for (size_t i = 0; columns != NULL && i < table->columns; i++) {
        columns[i] = measure(table, i);
    }
    for (size_t i = 0; columns != NULL && i < table->count; i++) {
        struct column column = columns[i % table->columns];
        size_t blanks = column.width - shown(table->cells[i]);
        bool last = (i + 1) % table->columns == 0;
        if (last && table->cells[i][0] == '\0') {
            strbuf_append_char(text, '\n'); /* no blanks before a line's end */
            continue;
        }
        append_blanks(text, i % table->columns > 0 ? GAP : 0);
        append_blanks(text, column.numbers ? blanks : 0);
        append_plain(text, str_from(table->cells[i]));
        append_blanks(text, column.numbers || last ? 0 : blanks);
        strbuf_append_text(text, last ? "\n" : "");
    }
    free(columns);
}

static void append_markdown(const struct table *table, struct strbuf *text)
{
    for (size_t i = 0; i < table->count; i++) {
        strbuf_append_text(text, i % table->columns == 0 ? "| " : "");
        strbuf_append_text(text, table->cells[i]);
        bool last = (i + 1) % table->columns == 0;
        strbuf_append_text(text, last ? " |\n" : " | ");
        if (last && i < table->columns) {
            for (size_t k = 0; k < table->columns; k++) {
                strbuf_append_text(text, measure(table, k).numbers ? "|---:" : "|---");
            }
            strbuf_append_text(text, "|\n");
        }
    }
}

static void append_csv(const struct table *table, struct strbuf *text)
{
    for (size_t i = 0; i < table->count; i++) {
        const char *cell = table->cells[i];
        bool quoted = strpbrk(cell, ",\"\n") != NULL;
        strbuf_append_text(text, quoted ? "\"" : "");
        for (; *cell != '\0'; cell++) {
            strbuf_append_text(text, *cell == '"' ? "\"" : "");
            strbuf_append_char(text, *cell);
        }
        strbuf_append_text(text, quoted ? "\"" : "");
        strbuf_append_char(text, (i + 1) % table->columns == 0 ? '\n' : ',');
    }
}

void table_append(const struct table *table, enum output_format format, struct strbuf *text)
{
    text->failed = text->failed || table->failed;
    switch (format) {
    case FORMAT_CSV:
        append_csv(table, text);
        break;
    case FORMAT_MARKDOWN:
        append_markdown(table, text);
        break;
    default:
        append_aligned(table, text);
    }
}
