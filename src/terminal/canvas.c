#include "terminal/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/fit.h"
#include "base/text/utf8.h"

enum { PRINT_SIZE = 512 };

bool canvas_create(struct canvas *canvas, int columns, int rows)
{
    *canvas = (struct canvas){.columns = columns, .rows = rows};
    if (columns <= 0 || rows <= 0) {
        return false;
    }
    canvas->cells = calloc((size_t)columns * (size_t)rows, sizeof *canvas->cells);
    return canvas->cells != NULL;
}

void canvas_free(struct canvas *canvas)
{
    free(canvas->cells);
    *canvas = (struct canvas){0};
}

struct canvas_area canvas_all(struct canvas *canvas)
{
    return (struct canvas_area){.canvas = canvas, .columns = canvas->columns, .rows = canvas->rows};
}

static int between(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

struct canvas_area canvas_part(const struct canvas_area *area, int column, int row, int columns,
                               int rows)
{
    column = between(column, 0, area->columns);
    row = between(row, 0, area->rows);
    return (struct canvas_area){
        .canvas = area->canvas,
        .column = area->column + column,
        .row = area->row + row,
        .columns = between(columns, 0, area->columns - column),
        .rows = between(rows, 0, area->rows - row),
    };
}

/* Returns whether terminals show the character in one column. Combining marks have none; most of
 * what lies beyond U+1100 may have two (Unicode TR 11), but the symbols that this program draws
 * with have one. */
static bool is_narrow(uint32_t code)
{
    bool letter =
        code < 0x0300 || (code >= 0x0370 && code < 0x0483) || (code >= 0x048A && code < 0x0591);
    bool sign = (code >= 0x2010 && code < 0x2028) || (code >= 0x2030 && code < 0x2060);
    bool drawing = code >= 0x2190 && code < 0x231A;
    bool shape = (code >= 0x2500 && code < 0x25FD) || code == 0x2605 || code == 0x2606;
    return letter || sign || drawing || shape;
}

/* Copies the character at the front of `text` to the cell; returns how many bytes it has there. */
static size_t take_character(struct str text, struct canvas_cell *cell)
{
    size_t length = utf8_sequence(text);
    bool shown = length > 0 && length < CANVAS_CELL_SIZE && utf8_control_length(text) == 0 &&
                 is_narrow(utf8_decode(text.data, length));
    if (shown) {
        memcpy(cell->text, text.data, length);
        cell->text[length] = '\0';
    } else {
        memcpy(cell->text, "?", 2);
    }
    return length > 0 ? length : 1;
}

static struct canvas_cell *cell_at(const struct canvas_area *area, int column, int row)
{
    size_t first = (size_t)(area->row + row) * (size_t)area->canvas->columns;
    return &area->canvas->cells[first + (size_t)(area->column + column)];
}

int canvas_put(const struct canvas_area *area, int column, int row, enum tone tone, struct str text)
{
    if (row < 0 || row >= area->rows) {
        return between(column, 0, area->columns);
    }
    for (size_t at = 0; at < text.length && column < area->columns; column++) {
        struct str rest = {.data = text.data + at, .length = text.length - at};
        struct canvas_cell cell = {.tone = (unsigned char)tone};
        at += take_character(rest, &cell);
        if (column >= 0) {
            *cell_at(area, column, row) = cell;
        }
    }
    return between(column, 0, area->columns);
}

int canvas_print(const struct canvas_area *area, int column, int row, enum tone tone,
                 const char *format, ...)
{
    char text[PRINT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return canvas_put(area, column, row, tone, str_from(text));
}

int canvas_print_right(const struct canvas_area *area, int end, int row, enum tone tone,
                       const char *format, ...)
{
    char text[PRINT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    int column = end - (int)fit_columns(str_from(text));
    struct canvas_area until = canvas_part(area, 0, 0, end, area->rows);
    (void)canvas_put(&until, column, row, tone, str_from(text));
    return between(column, 0, area->columns);
}

/* Removes a control sequence of a tone from the front of the text. Returns false if there is none.
 */
static bool take_tone(struct str *text, enum tone *tone)
{
    for (int i = TONE_PLAIN; i < TONE_COUNT; i++) {
        const char *begin =
            i == TONE_PLAIN ? tone_end(TONE_STRONG, true) : tone_begin((enum tone)i, true);
        if (str_starts_with(*text, begin)) {
            *tone = (enum tone)i;
            text->data += strlen(begin);
            text->length -= strlen(begin);
            return true;
        }
    }
    return false;
}

int canvas_put_lines(const struct canvas_area *area, int skipped, struct str lines)
{
    struct str line;
    enum tone tone = TONE_PLAIN;
    int count = 0;
    for (; lines.length > 0 && str_split(&lines, '\n', &line); count++) {
        int column = 0;
        while (line.length > 0) {
            if (take_tone(&line, &tone)) {
                continue;
            }
            const char *escape = memchr(line.data + 1, '\033', line.length - 1);
            size_t length = escape != NULL ? (size_t)(escape - line.data) : line.length;
            column = canvas_put(area, column, count - skipped, tone,
                                (struct str){.data = line.data, .length = length});
            line.data += length;
            line.length -= length;
        }
    }
    return count;
}

void canvas_tone_row(const struct canvas_area *area, int row, enum tone tone)
{
    for (int column = 0; row >= 0 && row < area->rows && column < area->columns; column++) {
        cell_at(area, column, row)->tone = (unsigned char)tone;
    }
}

static bool is_blank(const struct canvas_cell *cell)
{
    bool seen = cell->tone == TONE_CHOSEN; /* an inverse blank is a bar */
    return !seen && (cell->text[0] == '\0' || strcmp(cell->text, " ") == 0);
}

int canvas_append_row(const struct canvas *canvas, int row, bool colour, struct strbuf *text)
{
    const struct canvas_cell *cells = canvas->cells + (size_t)row * (size_t)canvas->columns;
    int end = canvas->columns;
    enum tone tone = TONE_PLAIN;
    while (end > 0 && is_blank(&cells[end - 1])) {
        end--;
    }
    for (int column = 0; column < end; column++) {
        const struct canvas_cell *cell = &cells[column];
        enum tone next = (enum tone)cell->tone;
        if (is_blank(cell)) { /* shows no tone but the inverse one, and so changes no other */
            next = tone == TONE_CHOSEN ? TONE_PLAIN : tone;
        }
        if (next != tone) {
            strbuf_append_text(text, tone_end(tone, colour));
            strbuf_append_text(text, tone_begin(next, colour));
            tone = next;
        }
        strbuf_append_text(text, cell->text[0] != '\0' ? cell->text : " ");
    }
    strbuf_append_text(text, tone_end(tone, colour));
    return end;
}

void canvas_append(const struct canvas *canvas, int rows, bool colour, struct strbuf *text)
{
    for (int row = 0; row < rows && row < canvas->rows; row++) {
        (void)canvas_append_row(canvas, row, colour, text);
        strbuf_append_char(text, '\n');
    }
}
