/* The server's side of a WebSocket: takes over a connection of the HTTP server. */
#ifndef CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_SERVE_H
#define CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_SERVE_H

#include "base/http/http_server.h"
#include "base/websocket/websocket.h"

/* Serves one WebSocket, on the connection's own thread, until the WebSocket ends; the connection is
 * closed when the function returns. It may call websocket_next(), websocket_send(),
 * websocket_close(), websocket_end() and websocket_set_silence_timeout(), but not destroy
 * `websocket`. `path` is the request's. When the server is destroyed, websocket_next() returns
 * WEBSOCKET_OVER: the function must then return. */
typedef void (*websocket_service)(void *context, struct websocket *websocket, const char *path);

struct websocket_serve_config {
    int silence_timeout_ms;     /* 0: no limit; see websocket_set_silence_timeout() */
    size_t message_limit_bytes; /* 0: 1 MiB */
    size_t unsent_limit_bytes;  /* 0: 256 KiB */
    websocket_service service;
    void *context; /* borrowed until the server is destroyed */
};

/* Answers a request for a WebSocket (RFC 6455, 4.2): fills `reply` so that the service runs after
 * it is sent. For any other request returns false and fills `reply` with a refusal: 426 for another
 * version or a request without an upgrade, 400 for an invalid key, 500 when memory runs out. The
 * server must allow upgrades (http_server_config). Accepts any Origin, that is, pages of any site
 * in a browser: a service with private data must check the Origin before. Call it from a request
 * handler, on its thread. */
bool websocket_serve(const struct websocket_serve_config *config,
                     const struct http_exchange *exchange, struct http_reply *reply);

#endif
