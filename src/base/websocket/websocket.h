/*
 * A WebSocket client (RFC 6455): text messages over one connection, which libcurl makes with the
 * same settings as the HTTP client: TLS and trust, no proxy from the environment, no redirects, no
 * signals. No thread of its own and no callbacks: the caller pulls messages. One thread at a time.
 *
 * What ends a connection ends this object: connect again, after a wait (base/backoff.h), for
 * another. Call http_client_global_init() before the first. On the server's side
 * (websocket_serve.h) it is the same object, and what is said of the server is true of the client.
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
    int connect_timeout_ms;     /* 10,000, until the handshake is answered */
    int silence_timeout_ms;     /* 30,000: see websocket_set_silence_timeout() */
    size_t message_limit_bytes; /* 1 MiB, fragments joined */
    size_t unsent_limit_bytes;  /* 256 KiB */
    const char *ca_file;        /* PEM; NULL: the system's certificates */
    struct stop *stop;          /* borrowed; ends all waits when it is requested */
};

/* Connects, and returns when the server has accepted the WebSocket. Blocks for at most
 * connect_timeout_ms; a requested stop ends it within about a second. Returns NULL with ERROR_USAGE
 * for an address that cannot be one, and with ERROR_RETRY for all else: not reached, another answer
 * than the WebSocket's (with retry_after_ms where the server names a wait), a stop. The text names
 * the URL and the remedy. Destroy it. */
NODISCARD struct websocket *websocket_connect(const struct websocket_config *config,
                                              struct error *error);

/* Drops the connection, without a Close frame if websocket_close() was not called. NULL is
 * allowed. */
void websocket_destroy(struct websocket *websocket);

enum websocket_next {
    WEBSOCKET_MESSAGE, /* `message` is filled */
    WEBSOCKET_NOTHING, /* the time is over, or the stop is requested */
    WEBSOCKET_OVER,    /* the connection is over; `error` is filled */
};

struct websocket_message {
    struct str text;     /* whole, valid UTF-8; borrowed until the next call */
    int64_t received_ns; /* wall clock when its last bytes were read from the connection */
};

/* Returns the next message; waits for it up to `timeout_ms` (0: takes what is there), and sends
 * meanwhile what is unsent. Pings are answered. With WEBSOCKET_OVER the error is ERROR_RETRY, and
 * every later call returns the same: the server closed, the connection broke, the server was silent
 * or did not read for the silence time-out, a message was larger than its limit (closed with 1009),
 * not UTF-8 (1007) or binary (1003), or the server broke the protocol (1002). ERROR_FATAL: no
 * memory. Messages that arrived before the end are given first. */
NODISCARD enum websocket_next websocket_next(struct websocket *websocket, int timeout_ms,
                                             struct websocket_message *message,
                                             struct error *error);

/* Sends one text message, or keeps a copy that websocket_next() sends: it never blocks. Returns
 * false with ERROR_REJECT when `text` is not UTF-8, with ERROR_RETRY when more than
 * unsent_limit_bytes would be unsent (nothing is added: call websocket_next() and try again), or
 * when the connection is over, which websocket_end() tells. */
NODISCARD bool websocket_send(struct websocket *websocket, struct str text, struct error *error);

/* The watchdog: how long the server may send no frame of any kind (a fragment, ping or pong is one;
 * a part of a frame is none), or take nothing of what is unsent. 0: for ever. Restarts the time. */
void websocket_set_silence_timeout(struct websocket *websocket, int timeout_ms);

/* Ends the connection in good order: sends what is unsent and a Close frame with `code`, and waits
 * up to `timeout_ms` for the server's, also when a stop is requested. Messages that arrive
 * meanwhile are dropped. Afterwards websocket_next() returns WEBSOCKET_OVER. */
void websocket_close(struct websocket *websocket, enum websocket_code code, int timeout_ms);

/* How the connection ended; a code of 0: it has not. */
struct websocket_end websocket_end(const struct websocket *websocket);

/* Returns the address for people: without query; "WebSocket" on a server. Borrowed. */
const char *websocket_url(const struct websocket *websocket);

#endif
