/* Turns a handler's reply into a libmicrohttpd response. */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_REPLY_H
#define CANDLEWICK_BASE_HTTP_HTTP_REPLY_H

#include <stdatomic.h>

#include <microhttpd.h>

#include "base/http/http_server.h"

enum { HTTP_REPLY_LIMIT = 16 << 20 };

/* Limits the memory of all bodies that are being sent. Any thread; must outlive the responses. */
struct http_bodies {
    size_t limit_bytes;
    atomic_size_t bytes;
};

/* Both functions take ownership of the reply's body and stream, even on failure. They return NULL
 * when memory runs out or a header is invalid. A body that has failed (strbuf.failed) becomes an
 * empty one with status 500; one that does not fit into `bodies` becomes a 503. The caller sends
 * reply->status. */
NODISCARD struct MHD_Response *http_reply_body(struct http_reply *reply,
                                               struct http_bodies *bodies);

/* The stream ends when reply->stream_next returns false. It is aborted when the connection `fd`
 * (borrowed for the response's life) is no longer open; an endless stream also when the client has
 * closed its sending half. */
NODISCARD struct MHD_Response *http_reply_stream(struct http_reply *reply, int fd);

/* Returns the response that ends HTTP on a connection (status 101); libmicrohttpd then calls
 * `handler` with `context`. Takes ownership of the reply's body, but not of `upgrade`. Returns NULL
 * when memory runs out. */
NODISCARD struct MHD_Response *http_reply_upgrade(struct http_reply *reply,
                                                  MHD_UpgradeHandler handler, void *context);

#endif
