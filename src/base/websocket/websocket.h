/*
 * A WebSocket client (RFC 6455) for text messages. libcurl connects, with the same settings as the
 * HTTP client: TLS, certificates, no proxy from the environment, no redirects, no signals. There is
 * no thread and no callback: the caller asks for messages. One thread at a time.
 *
 * An object is one connection: when that has ended, wait (base/backoff.h) and create a new object.
 * Call http_client_global_init() before the first. The server side (websocket_serve.h) uses the
 * same object; for it, read "client" wherever this file says "server".
 */
#ifndef CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_H
#define CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"
#include "base/websocket/websocket_frames.h"

struct websocket;
struct stop;

/* Zero or NULL selects the default named here. All text is copied, except `option`. */
struct websocket_config {
    const char *base_url;       /* "wss://host:port/prefix" or "ws://…"; without credentials */
    const char *path;           /* appended to base_url; may have a query, which no text shows */
    const char *option;         /* the option that sets base_url, a literal, for messages; NULL:
                                   "the address" */
    int connect_timeout_ms;     /* 10,000, until the server has answered the handshake */
    int silence_timeout_ms;     /* 30,000: see websocket_set_silence_timeout() */
    size_t message_limit_bytes; /* 1 MiB, for a message with all its fragments */
    size_t unsent_limit_bytes;  /* 256 KiB, for what websocket_send() has queued */
    const char *ca_file;        /* PEM; NULL: the system's certificates */
    struct stop *stop;          /* borrowed; ends all waits when it is requested */
};

/* Connects and completes the handshake. Blocks for at most connect_timeout_ms; a requested stop
 * ends it within about a second. Returns NULL with ERROR_USAGE for an invalid address; with
 * ERROR_RETRY when the server cannot be reached, does not accept the WebSocket (retry_after_ms is
 * set if it asks for a wait), or a stop is requested; with ERROR_FATAL when memory runs out. The
 * text names the URL and the remedy. Free with websocket_destroy(). */
NODISCARD struct websocket *websocket_connect(const struct websocket_config *config,
                                              struct error *error);

/* Drops the connection, without a Close frame if websocket_close() was not called. NULL is
 * allowed. */
void websocket_destroy(struct websocket *websocket);

enum websocket_next {
    WEBSOCKET_MESSAGE, /* `message` is filled */
    WEBSOCKET_NOTHING, /* timed out, or the stop was requested */
    WEBSOCKET_OVER,    /* the connection has ended; `error` is filled */
};

struct websocket_message {
    struct str text;      /* whole, valid UTF-8; borrowed until the next call */
    int64_t received_ns;  /* wall clock when its last bytes were read from the connection */
    int64_t monotonic_ns; /* the same, by the monotonic clock */
};

/* Returns the next message. Waits for it up to `timeout_ms` (0: does not wait); meanwhile sends
 * queued messages and answers pings. Messages that arrived before the connection ended are returned
 * before WEBSOCKET_OVER, which every later call returns again. Its error is ERROR_RETRY if the
 * server closed, the connection broke, the silence time-out passed
 * (websocket_set_silence_timeout()), a message was too large (closed with 1009), not UTF-8 (1007)
 * or binary (1003), or the server broke the protocol (1002). It is ERROR_FATAL when memory runs
 * out. */
NODISCARD enum websocket_next websocket_next(struct websocket *websocket, int timeout_ms,
                                             struct websocket_message *message,
                                             struct error *error);

/* Sends one text message, or queues a copy of it that websocket_next() sends; never blocks. Returns
 * false with ERROR_REJECT when `text` is not UTF-8; with ERROR_RETRY when the queue would exceed
 * unsent_limit_bytes (nothing is queued: call websocket_next() and try again), and also when the
 * connection has ended, which websocket_end() shows; with ERROR_FATAL when memory runs out. */
NODISCARD bool websocket_send(struct websocket *websocket, struct str text, struct error *error);

/* Sets the watchdog: the connection ends when for this time the server has sent no whole frame
 * (fragments, pings and pongs count), or the socket has accepted no byte of the queue. 0: no limit.
 * Restarts the time. */
void websocket_set_silence_timeout(struct websocket *websocket, int timeout_ms);

/* Closes the connection in order: sends the queue and a Close frame with `code`, and waits up to
 * `timeout_ms` for the server's Close frame, even when a stop is requested. Drops messages that
 * arrive meanwhile. Afterwards websocket_next() returns WEBSOCKET_OVER. */
void websocket_close(struct websocket *websocket, enum websocket_code code, int timeout_ms);

/* Returns how the connection ended; the code is 0 while it is open. */
struct websocket_end websocket_end(const struct websocket *websocket);

/* Returns the socket, for whoever waits for several of them with poll(2): after websocket_next()
 * has returned WEBSOCKET_NOTHING, nothing can be read before the socket is readable. The WebSocket
 * keeps owning it. */
int websocket_fd(const struct websocket *websocket);

/* Returns the address for messages, without its query; on a server it is "WebSocket". Borrowed. */
const char *websocket_url(const struct websocket *websocket);

#endif
