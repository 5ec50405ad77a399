#include "base/text/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/fit.h"
#include "base/text/utf8.h"

enum {
    GAP = 2,
    CUT_LEAST = 8,     /* a text is not cut to a smaller width */
    BROKEN_LEAST = 24, /* a column is not narrowed to a smaller width by breaking it into lines */
};

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
    free(table->tones);
    *table = (struct table){0};
}

static bool make_room(struct table *table)
{
    if (table->count < table->capacity) {
        return true;
    }
    size_t capacity = table->capacity == 0 ? 64 : table->capacity * 2;
    char **cells = realloc(table->cells, capacity * sizeof *cells);
    table->cells = cells != NULL ? cells : table->cells;
    unsigned char *tones = realloc(table->tones, capacity * sizeof *tones);
    table->tones = tones != NULL ? tones : table->tones;
    if (cells == NULL || tones == NULL) {
        return false;
    }
    table->capacity = capacity;
    return true;
}

void table_cell(struct table *table, const char *format, ...)
{
    va_list arguments;
    char *cell = NULL;
    va_start(arguments, format);
    if (!table->failed && make_room(table) && vasprintf(&cell, format, arguments) >= 0) {
        table->tones[table->count] = TONE_PLAIN;
        table->cells[table->count++] = cell;
    } else {
        table->failed = true;
    }
    va_end(arguments);
}

void table_tone(struct table *table, enum tone tone)
{
    if (table->count > 0) {
        table->tones[table->count - 1] = (unsigned char)tone;
    }
}

static bool is_number(const char *cell)
{
    return strspn(cell, "0123456789.-") == strlen(cell);
}

/* Accepts the characters that clock_format_rfc3339() writes. */
static bool is_number_or_time(const char *cell)
{
    return strspn(cell, "0123456789.-:TZ") == strlen(cell);
}

struct column {
    size_t number; /* index in the table */
    size_t width;
    bool numbers;
    bool whole; /* holds numbers or times, which are neither cut nor broken */
};

static struct column measure(const struct table *table, size_t number)
{
    struct column column = {.number = number, .numbers = true, .whole = true};
    for (size_t i = number; i < table->count; i += table->columns) {
        size_t length = fit_columns(str_from(table->cells[i]));
        column.width = length > column.width ? length : column.width;
        bool head = i < table->columns && table->count > table->columns;
        column.numbers = column.numbers && (head || is_number(table->cells[i]));
        column.whole = column.whole && (head || is_number_or_time(table->cells[i]));
    }
    return column;
}

/* Appends the cell with '?' for control characters and for bytes that are not UTF-8. */
static void append_plain(struct strbuf *text, struct str cell)
{
    for (size_t i = 0; i < cell.length;) {
        struct str rest = {.data = cell.data + i, .length = cell.length - i};
        size_t length = utf8_sequence(rest);
        if (length == 0 || utf8_control_length(rest) > 0) {
            strbuf_append_char(text, '?');
        } else {
            strbuf_append(text, rest.data, length);
        }
        i += length > 0 ? length : 1;
    }
}

/* Writes blanks only before more text, so that no line ends with blanks. */
static void append_row(const struct table *table, size_t first, const struct column *columns,
                       size_t count, struct strbuf *plain, struct strbuf *text)
{
    size_t blanks = 0;
    size_t indent = 0;
    for (size_t i = 0; i < count; i++) {
        const struct column *column = &columns[i];
        strbuf_clear(plain);
        append_plain(plain, str_from(table->cells[first + column->number]));
        enum tone tone =
            table->coloured ? (enum tone)table->tones[first + column->number] : TONE_PLAIN;
        struct str cell = strbuf_str(plain);
        size_t length = fit_columns(cell);
        size_t padding = length < column->width ? column->width - length : 0;
        blanks += column->numbers ? padding : 0;
        if (cell.length > 0) {
            fit_append_blanks(text, blanks);
            blanks = 0;
        }
        strbuf_append_text(text, tone_begin(tone, true));
        if (i + 1 == count) {
            fit_append_words(text, cell, indent, indent + column->width);
        } else {
            fit_append_middle(text, cell, column->whole ? length : column->width);
        }
        strbuf_append_text(text, tone_end(tone, true));
        blanks += GAP + (column->numbers ? 0 : padding);
        indent += GAP + column->width;
    }
    strbuf_append_char(text, '\n');
    text->failed = text->failed || plain->failed;
}

static void append_rows(const struct table *table, const struct column *columns, size_t count,
                        struct strbuf *text)
{
    struct strbuf plain = strbuf_new(text->limit);
    for (size_t i = 0; i < table->count; i += table->columns) {
        append_row(table, i, columns, count, &plain, text);
    }
    strbuf_free(&plain);
}

/* Searches the first `count` columns; returns NULL when none of them is text that can be cut. */
static struct column *widest_text(struct column *columns, size_t count)
{
    struct column *widest = NULL;
    for (size_t i = 0; i < count; i++) {
        bool wider = columns[i].width > (widest != NULL ? widest->width : CUT_LEAST);
        widest = wider && !columns[i].whole ? &columns[i] : widest;
    }
    return widest;
}

static size_t width_of(const struct column *columns, size_t count)
{
    size_t width = 0;
    for (size_t i = 0; i < count; i++) {
        width += columns[i].width + (i > 0 ? GAP : 0);
    }
    return width;
}

/* Narrows the last column, which can be broken into lines, and the first `cuttable` ones. */
static void narrow(struct column *columns, size_t count, size_t cuttable, size_t most)
{
    struct column *last = &columns[count - 1];
    size_t wide = width_of(columns, count);
    size_t others = wide - last->width;
    size_t least = last->whole || last->width < BROKEN_LEAST ? last->width : BROKEN_LEAST;
    if (wide <= most) {
        return;
    }
    struct column *widest;
    while (others + least > most && (widest = widest_text(columns, cuttable)) != NULL) {
        widest->width--;
        others--;
    }
    if (!last->whole && others + last->width > most) {
        last->width = others + least < most ? most - others : least;
    }
}

/* Returns how many columns fit: the key columns and at least one more. */
static size_t columns_that_fit(const struct column *columns, size_t keys, size_t count, size_t most)
{
    size_t taken = keys + 1;
    while (taken < count && width_of(columns, taken + 1) <= most) {
        taken++;
    }
    return taken;
}

/* Appends blocks of columns one below the other; each begins with the key columns. Reorders
 * `columns`. */
static void append_blocks(const struct table *table, struct column *columns, size_t most,
                          struct strbuf *text)
{
    size_t keys = table->keys;
    size_t left = table->columns;
    while (left > keys) {
        size_t taken = columns_that_fit(columns, keys, left, most);
        narrow(columns, taken, keys, most);
        append_rows(table, columns, taken, text);
        left -= taken - keys;
        memmove(columns + keys, columns + taken, (left - keys) * sizeof *columns);
        strbuf_append_text(text, left > keys ? "\n" : "");
    }
}

void table_append_within(const struct table *table, int most, struct strbuf *text)
{
    size_t count = table->columns;
    struct column *columns = calloc(count, sizeof *columns);
    text->failed = text->failed || table->failed || columns == NULL;
    if (columns == NULL || table->count < count) {
        free(columns);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        columns[i] = measure(table, i);
    }
    if (most > 0 && table->keys > 0 && width_of(columns, count) > (size_t)most) {
        append_blocks(table, columns, (size_t)most, text);
    } else {
        if (most > 0) {
            narrow(columns, count, count - 1, (size_t)most);
        }
        append_rows(table, columns, count, text);
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
        table_append_within(table, 0, text);
    }
}
