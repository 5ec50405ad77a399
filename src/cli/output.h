/* Results go to standard output as a whole. */
#ifndef CANDLEWICK_CLI_OUTPUT_H
#define CANDLEWICK_CLI_OUTPUT_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/strbuf.h"

/* Writes and flushes; ERROR_FATAL when the text did not fit its buffer or cannot be written;
 * ERROR_NONE, which is no failure of the program, when the reader (`| head`) went away. */
NODISCARD bool output_write(const struct strbuf *text, struct error *error);

/* The same, by a command that has an advice of its own for a text that is too long. */
NODISCARD bool output_write_or(const struct strbuf *text, const char *advice, struct error *error);

/* The end of what was printed to standard output by other means. Call it right after, as errno says
 * why a write failed. Errors as output_write()'s. */
NODISCARD bool output_flush(struct error *error);

/* Clears the terminal that standard output is. Errors as output_write()'s. */
NODISCARD bool output_clear_screen(struct error *error);

/* How wide the terminal is that the file descriptor `file` is; 0: it is none, or does not say. */
int output_columns(int file);

/* For text of several lines: control bytes but line feeds become '?'. What other programs put into
 * a message or a client's name must not steer the terminal. */
void output_make_plain(struct strbuf *text);

#endif
