/* Turns a handler's reply into what libmicrohttpd sends. */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_REPLY_H
#define CANDLEWICK_BASE_HTTP_HTTP_REPLY_H

#include <stdatomic.h>

#include <microhttpd.h>

#include "base/http/http_server.h"

enum { HTTP_REPLY_LIMIT = 16 << 20 };

/* What bodies on their way to clients take together. Any thread; outlives the responses. */
struct http_bodies {
    size_t limit_bytes;
    atomic_size_t bytes;
};

/* Both take the reply's body and stream over, on failure too. NULL without memory, or when a header
 * is none. A body that failed becomes an empty one with status 500, one for which `bodies` has no
 * room a 503. `reply->status` is for the caller to send. */
NODISCARD struct MHD_Response *http_reply_body(struct http_reply *reply,
                                               struct http_bodies *bodies);

/* The stream ends when its source says so. It is broken off when the connection `fd` (borrowed as
 * long as the response lives) is no longer open; an endless one also when the client has closed its
 * sending half. */
NODISCARD struct MHD_Response *http_reply_stream(struct http_reply *reply, int fd);

#endif
