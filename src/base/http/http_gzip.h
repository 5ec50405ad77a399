/* gzip of a request's body. Pure. */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_GZIP_H
#define CANDLEWICK_BASE_HTTP_HTTP_GZIP_H

#include "base/compiler/attributes.h"
#include "base/text/strbuf.h"

/* Appends one gzip member that holds `plain`. False when memory or the buffer's limit ran out. */
NODISCARD bool http_gzip(struct str plain, struct strbuf *packed);

#endif
