/* What opens a WebSocket and what uses it share this. */
#ifndef CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_PARTS_H
#define CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_PARTS_H

#include <curl/curl.h>

#include "base/clock.h"
#include "base/http/http_transport.h"
#include "base/text/strbuf.h"
#include "base/websocket/websocket.h"

enum { WEBSOCKET_SEND_BYTES = 16 << 10 }; /* a TLS record */

struct websocket {
    struct http_transport transport; /* of a client; zeroed for a server */
    struct strbuf shown;             /* a client's URL without query */
    struct strbuf address;           /* the same with query, as http(s), which libcurl knows */
    CURL *easy;                      /* NULL for a server */
    curl_socket_t fd;
    const char *peer; /* "server" or "client" */
    struct websocket_frames *frames;
    struct strbuf head; /* a client's handshake, then the bytes that came behind it */
    size_t head_taken;
    /* What was given to be sent: after a write that would block, OpenSSL wants the same memory
     * again (SSL_write(3)). */
    char sending[WEBSOCKET_SEND_BYTES];
    size_t sending_length;
    size_t sending_done;
    int64_t silence_ns; /* 0: no limit */
    int64_t frame_ns;   /* when the last frame came, monotonic */
    int64_t stuck_ns;   /* since when the connection takes nothing of what is unsent; 0: it does */
    int64_t read_ns;    /* when bytes were read last: monotonic, and wall clock */
    int64_t read_wall_ns;
    CURLcode receive_code; /* why reading ended; CURLE_OK: it has not, or the server ended it */
    CURLcode send_code;    /* why nothing can be sent any more; CURLE_OK: it can */
    struct error over;     /* why the connection is over; kind ERROR_NONE: it is not */
    struct websocket_end end;
};

/* Makes the frames of `websocket`; a limit of 0 is the default. Fails with ERROR_FATAL. */
NODISCARD bool websocket_make_frames(struct websocket *websocket, enum websocket_role role,
                                     size_t message_limit_bytes, size_t unsent_limit_bytes,
                                     struct error *error);

/* Sends some of `bytes` without waiting. *sent says how many; CURLE_AGAIN: none now. */
CURLcode websocket_link_send(struct websocket *websocket, const void *bytes, size_t length,
                             size_t *sent);

static inline int64_t websocket_deadline_ns(int timeout_ms)
{
    return clock_monotonic_ns() + timeout_ms * NS_PER_MS;
}

#endif
