#include "lab/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2 };

struct lab_table lab_table_new(size_t columns)
{
    return (struct lab_table){.columns = columns};
}

void lab_table_free(struct lab_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        free(table->cells[i]);
    }
    free(table->cells);
    *table = (struct lab_table){0};
}

static bool make_room(struct lab_table *table)
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

void lab_table_cell(struct lab_table *table, const char *format, ...)
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

static struct column measure(const struct lab_table *table, size_t number)
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

static void append_aligned(const struct lab_table *table, struct strbuf *text)
{
    for (size_t i = 0; i < table->count; i++) {
        struct column column = measure(table, i % table->columns);
        size_t blanks = column.width - shown(table->cells[i]);
        bool last = (i + 1) % table->columns == 0;
        append_blanks(text, i % table->columns > 0 ? GAP : 0);
        append_blanks(text, column.numbers ? blanks : 0);
        strbuf_append_text(text, table->cells[i]);
        append_blanks(text, column.numbers || last ? 0 : blanks);
        strbuf_append_text(text, last ? "\n" : "");
    }
}

static void append_markdown(const struct lab_table *table, struct strbuf *text)
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

static void append_csv(const struct lab_table *table, struct strbuf *text)
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

void lab_table_append(const struct lab_table *table, enum lab_format format, struct strbuf *text)
{
    text->failed = text->failed || table->failed;
    switch (format) {
    case LAB_FORMAT_CSV:
        append_csv(table, text);
        break;
    case LAB_FORMAT_MARKDOWN:
        append_markdown(table, text);
        break;
    default:
        append_aligned(table, text);
    }
}
