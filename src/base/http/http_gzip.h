/* Compresses a body with gzip. Pure. */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_GZIP_H
#define CANDLEWICK_BASE_HTTP_HTTP_GZIP_H

#include "base/compiler/attributes.h"
#include "base/text/strbuf.h"

/* Appends `plain` as one gzip member. Returns false when memory or the buffer's limit runs out. */
NODISCARD bool http_gzip(struct str plain, struct strbuf *packed);

#endif
