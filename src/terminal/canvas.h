/*
 * A rectangle of character cells. It is drawn in any order, and then written out row by row.
 *
 * A character is taken to be one column wide. Where text has one that may be none or two (or a
 * control character, or a byte that is not UTF-8), a '?' stands for it, so that no text moves what
 * is beside it or controls the terminal.
 */
#ifndef CANDLEWICK_TERMINAL_CANVAS_H
#define CANDLEWICK_TERMINAL_CANVAS_H

#include "base/compiler/attributes.h"
#include "base/text/strbuf.h"
#include "base/text/tone.h"

enum { CANVAS_CELL_SIZE = 5 }; /* bytes of a UTF-8 character, with its NUL */

struct canvas_cell {
    char text[CANVAS_CELL_SIZE]; /* "": a blank */
    unsigned char tone;          /* an enum tone */
};

struct canvas {
    int columns, rows;
    struct canvas_cell *cells; /* owned; row by row */
};

/* A rectangle of a canvas, with its own origin; what is drawn beyond it is cut. Borrows the
 * canvas. */
struct canvas_area {
    struct canvas *canvas;
    int column, row;
    int columns, rows;
};

/* Makes a blank canvas. Returns false when memory runs out or a side is not above 0. Free it with
 * canvas_free(). */
NODISCARD bool canvas_create(struct canvas *canvas, int columns, int rows);
void canvas_free(struct canvas *canvas);

struct canvas_area canvas_all(struct canvas *canvas);
/* Returns the rectangle of `area` that begins at a column and row of it. What does not lie in
 * `area` is left out, so the result may have no columns or rows. */
struct canvas_area canvas_part(const struct canvas_area *area, int column, int row, int columns,
                               int rows);

/* Writes text from a cell of the area to the right. Returns the column after it, which is at most
 * area->columns. */
int canvas_put(const struct canvas_area *area, int column, int row, enum tone tone,
               struct str text);
/* As canvas_put(), for formatted text of at most 511 bytes. */
PRINTF_LIKE(5, 6)
int canvas_print(const struct canvas_area *area, int column, int row, enum tone tone,
                 const char *format, ...);
/* As canvas_print(), but the text ends before `end`. Returns the column where it begins; text that
 * does not fit loses its beginning. */
PRINTF_LIKE(5, 6)
int canvas_print_right(const struct canvas_area *area, int end, int row, enum tone tone,
                       const char *format, ...);
/* Writes lines of text that has tones (tone_begin(), tone_end(), in colour) into the rows of the
 * area, without its first `skipped` lines. Returns how many lines the text has. */
int canvas_put_lines(const struct canvas_area *area, int skipped, struct str lines);
/* Gives a whole row of the area another tone. */
void canvas_tone_row(const struct canvas_area *area, int row, enum tone tone);

/* Appends a row without the blanks at its end, and without a line feed. Returns how many columns it
 * has. */
int canvas_append_row(const struct canvas *canvas, int row, bool colour, struct strbuf *text);
/* Appends the first `rows` rows, each with a line feed. */
void canvas_append(const struct canvas *canvas, int rows, bool colour, struct strbuf *text);

#endif
