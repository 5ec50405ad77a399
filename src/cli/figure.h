/* Figures that may be unknown: -1 in C, null in JSON. */
#ifndef CANDLEWICK_CLI_FIGURE_H
#define CANDLEWICK_CLI_FIGURE_H

#include "base/text/strbuf.h"

/* Appends ,"name":value, with null for a value below 0. */
static inline void figure_append(struct strbuf *json, const char *name, int64_t value)
{
    strbuf_append_format(json, ",\"%s\":", name);
    if (value < 0) {
        strbuf_append_text(json, "null");
    } else {
        strbuf_append_int64(json, value);
    }
}

#endif
