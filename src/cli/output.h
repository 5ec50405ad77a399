/* Writes results to standard output. */
#ifndef CANDLEWICK_CLI_OUTPUT_H
#define CANDLEWICK_CLI_OUTPUT_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/strbuf.h"
#include "base/text/table.h"

/* Writes to standard output and flushes. Fails with ERROR_FATAL when `text` did not fit its buffer
 * or cannot be written, and with ERROR_NONE, which is not a failure of the program, when nobody
 * reads the output any more (`| head`). */
NODISCARD bool output_write(const struct strbuf *text, struct error *error);

/* Does the same; `advice` is added to the error when the text did not fit its buffer. */
NODISCARD bool output_write_or(const struct strbuf *text, const char *advice, struct error *error);

/* Flushes what was printed to standard output by other means. Call it right after printing, because
 * errno says why a write failed. Fails as output_write() does. */
NODISCARD bool output_flush(struct error *error);

/* Returns the width of the terminal on the file descriptor `file`; 0 when it is no terminal or its
 * width is unknown. */
int output_columns(int file);
/* As output_columns(), for its height. */
int output_rows(int file);

/* Returns whether text for `file` may be in colour: it is a terminal, and the user has not asked
 * for none (NO_COLOR that is not empty, https://no-color.org; TERM=dumb). */
bool output_coloured(int file);

/* Returns both for standard output. */
struct text_form output_form(void);

/* Replaces control bytes other than line feeds by '?', so that texts of other programs (messages,
 * client names) cannot control the terminal. */
void output_make_plain(struct strbuf *text);

/* Appends `lines` in a tone, made plain and broken where they are too long. A failure of `lines` is
 * one of `text`. */
void output_append_lines(struct strbuf *text, struct strbuf *lines, enum tone tone,
                         struct text_form form);

#endif
