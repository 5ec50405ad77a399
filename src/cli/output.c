#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text/fit.h"
#include "base/text/utf8.h"

bool output_write(const struct strbuf *text, struct error *error)
{
    return output_write_or(text, "narrow it with --from, --to or --limit", error);
}

bool output_write_or(const struct strbuf *text, const char *advice, struct error *error)
{
    if (text->failed) {
        return text->no_memory
                   ? error_set(error, ERROR_FATAL, "no memory for the result: %s", advice)
                   : error_set(error, ERROR_FATAL, "the result is over %zu bytes: %s", text->limit,
                               advice);
    }
    struct str all = strbuf_str(text);
    (void)fwrite(all.data, 1, all.length, stdout); /* a failure sets the stream's error flag */
    return output_flush(error);
}

bool output_flush(struct error *error)
{
    bool written = !ferror(stdout) && fflush(stdout) == 0;
    if (!written && errno == EPIPE) {
        return error_set(error, ERROR_NONE, "the reader of the output went away");
    }
    if (!written) {
        return error_set(error, ERROR_FATAL, "standard output cannot be written: %s",
                         strerror(errno));
    }
    return true;
}

int output_columns(int file)
{
    struct winsize window;
    return ioctl(file, TIOCGWINSZ, &window) == 0 ? window.ws_col : 0;
}

int output_rows(int file)
{
    struct winsize window;
    return ioctl(file, TIOCGWINSZ, &window) == 0 ? window.ws_row : 0;
}

bool output_coloured(int file)
{
    const char *refused = getenv("NO_COLOR"), *kind = getenv("TERM");
    return isatty(file) == 1 && (refused == NULL || refused[0] == '\0') &&
           (kind == NULL || strcmp(kind, "dumb") != 0);
}

struct text_form output_form(void)
{
    return (struct text_form){.columns = output_columns(STDOUT_FILENO),
                              .colour = output_coloured(STDOUT_FILENO)};
}

void output_make_plain(struct strbuf *text)
{
    for (size_t i = 0; i < text->length;) {
        struct str rest = {.data = text->data + i, .length = text->length - i};
        size_t length = utf8_sequence(rest);
        bool plain = length > 0 && (rest.data[0] == '\n' || utf8_control_length(rest) == 0);
        length = length > 0 ? length : 1;
        if (!plain) {
            memset(text->data + i, '?', length);
        }
        i += length;
    }
}

void output_append_lines(struct strbuf *text, struct strbuf *lines, enum tone tone,
                         struct text_form form)
{
    output_make_plain(lines);
    strbuf_append_text(text, form.colour ? tone_begin(tone, true) : "");
    fit_append_lines(text, strbuf_str(lines), (size_t)form.columns);
    strbuf_append_text(text, form.colour ? tone_end(tone, true) : "");
    text->failed = text->failed || lines->failed;
}
