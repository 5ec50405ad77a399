/* What the files of a WebSocket share: websocket_connect.c and websocket_serve.c open it,
 * websocket.c uses it. */
#ifndef CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_PARTS_H
#define CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_PARTS_H

#include <curl/curl.h>

#include "base/clock.h"
#include "base/http/http_transport.h"
#include "base/text/strbuf.h"
#include "base/websocket/websocket.h"

enum { WEBSOCKET_SEND_BYTES = 16 << 10 }; /* as much as one TLS record holds */

struct websocket {
    struct http_transport transport; /* used by a client; zeroed on a server */
    struct strbuf shown;             /* a client's URL without its query, for messages */
    struct strbuf address;           /* the URL with its query, and with http(s) in place of
                                        ws(s), for libcurl */
    CURL *easy;                      /* NULL for a server */
    curl_socket_t fd;
    const char *peer; /* "server" or "client" */
    struct websocket_frames *frames;
    struct strbuf head; /* a client's handshake; then the bytes that arrived after it */
    size_t head_taken;
    /* The bytes passed to libcurl's send. They stay here until they are sent: after a write that
     * would block, OpenSSL must be called with the same memory again (SSL_write(3)). */
    char sending[WEBSOCKET_SEND_BYTES];
    size_t sending_length;
    size_t sending_done;
    int64_t silence_ns; /* 0: no limit */
    int64_t frame_ns;   /* when the last frame arrived, monotonic */
    int64_t stuck_ns;   /* since when the socket accepts no bytes; 0: it accepts them */
    int64_t read_ns;    /* when bytes were last read: monotonic, and by the wall clock */
    int64_t read_wall_ns;
    CURLcode receive_code; /* why reading ended; CURLE_OK: it did not, or the peer ended it */
    CURLcode send_code;    /* why sending ended; CURLE_OK: it did not */
    struct error over;     /* why the connection ended; kind ERROR_NONE: it is open */
    struct websocket_end end;
};

/* Creates websocket->frames; a limit of 0 means the default. Fails with ERROR_FATAL. */
NODISCARD bool websocket_make_frames(struct websocket *websocket, enum websocket_role role,
                                     size_t message_limit_bytes, size_t unsent_limit_bytes,
                                     struct error *error);

/* Sends some of `bytes` without blocking; *sent is their number. CURLE_AGAIN: the socket would
 * block. */
CURLcode websocket_link_send(struct websocket *websocket, const void *bytes, size_t length,
                             size_t *sent);

static inline int64_t websocket_deadline_ns(int timeout_ms)
{
    return clock_monotonic_ns() + timeout_ms * NS_PER_MS;
}

#endif
