/* The server's side of a WebSocket, on a connection that the HTTP server gives away. */
#ifndef CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_SERVE_H
#define CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_SERVE_H

#include "base/http/http_server.h"
#include "base/websocket/websocket.h"

/* Talks on a WebSocket until it ends or the service wants it to end; then the connection is closed.
 * `websocket` is for websocket_next(), websocket_send(), websocket_close(), websocket_end() and
 * websocket_set_silence_timeout(), on this thread; it is destroyed by the caller. `path` is the
 * request's. Runs on the connection's own thread. When the server is destroyed, websocket_next()
 * returns WEBSOCKET_OVER: then it must return. */
typedef void (*websocket_service)(void *context, struct websocket *websocket, const char *path);

struct websocket_serve_config {
    int silence_timeout_ms;     /* 0: for ever; see websocket_set_silence_timeout() */
    size_t message_limit_bytes; /* 0: 1 MiB */
    size_t unsent_limit_bytes;  /* 0: 256 KiB */
    websocket_service service;
    void *context; /* borrowed until the server is destroyed */
};

/* Makes `reply` the answer to a request for a WebSocket (RFC 6455, 4.2), after which the service
 * runs. Returns false when it is none, and makes it a refusal: 426 for another version or no
 * upgrade at all, 400 for a request that is broken; 500 when memory runs out. The server must allow
 * upgrades (http_server_config). Any Origin is accepted, that is, pages of any site in a browser:
 * a service that knows secrets has to look at it first. For a handler of requests, on its thread.
 */
bool websocket_serve(const struct websocket_serve_config *config,
                     const struct http_exchange *exchange, struct http_reply *reply);

#endif
