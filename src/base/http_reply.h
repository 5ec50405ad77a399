/* Turns a handler's reply into what libmicrohttpd sends. */
#ifndef CANDLEWICK_BASE_HTTP_REPLY_H
#define CANDLEWICK_BASE_HTTP_REPLY_H

#include <microhttpd.h>

#include "base/http_server.h"

enum { HTTP_REPLY_LIMIT = 16 << 20 };

/* Both take the reply's body and stream over, on failure too. NULL without memory, or when a header
 * is none. A body that failed becomes an empty one with status 500. `reply->status` is for the
 * caller to send. */
NODISCARD struct MHD_Response *http_reply_body(struct http_reply *reply);

/* The stream ends when its source says so, or when the connection `fd` (borrowed as long as the
 * response lives) is no longer open. */
NODISCARD struct MHD_Response *http_reply_stream(struct http_reply *reply, int fd);

#endif
