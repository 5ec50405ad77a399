#include "app/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool output_write(const struct strbuf *text, struct error *error)
{
    if (text->failed) {
        return error_set(error, ERROR_FATAL,
                         "the result is over %zu bytes: narrow it with --from, --to or --limit",
                         text->limit);
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
