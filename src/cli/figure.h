/* Figures that may not be known: -1 here, null in JSON. */
#ifndef CANDLEWICK_CLI_FIGURE_H
#define CANDLEWICK_CLI_FIGURE_H

#include "base/text/strbuf.h"

/* ,"name":value, or null below 0. */
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
