#include "app/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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
    bool written = fwrite(all.data, 1, all.length, stdout) == all.length && fflush(stdout) == 0;
    if (!written && errno == EPIPE) {
        return error_set(error, ERROR_NONE, "the reader of the output went away");
    }
    if (!written) {
        return error_set(error, ERROR_FATAL, "standard output cannot be written: %s",
                         strerror(errno));
    }
    return true;
}

/* C0, DEL, and C1: U+0080 to U+009F. */
static size_t control_length(struct str text)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    if (bytes[0] == 0xC2 && text.length > 1 && bytes[1] >= 0x80 && bytes[1] <= 0x9F) {
        return 2;
    }
    return (bytes[0] < ' ' && bytes[0] != '\n') || bytes[0] == 0x7F ? 1 : 0;
}

void output_make_plain(struct strbuf *text)
{
    for (size_t i = 0; i < text->length;) {
        struct str rest = {.data = text->data + i, .length = text->length - i};
        size_t length = control_length(rest);
        memset(text->data + i, '?', length);
        i += length > 0 ? length : 1;
    }
}
