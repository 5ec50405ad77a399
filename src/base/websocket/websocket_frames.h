/*
 * The WebSocket protocol after its handshake (RFC 6455, sections 5 to 8), on bytes in memory: no
 * socket and no clock, so that tests can feed it any bytes. libwslay reads and writes frames; this
 * module decides what a frame means. Only text messages; no extensions. Not thread-safe.
 *
 * Memory is bounded: one message up to its limit, the payload of one unanswered ping, and unsent
 * frames up to their limit.
 */
#ifndef CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_FRAMES_H
#define CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

/* Close codes (RFC 6455, section 7.4.1): those that this program sends, and two that are never
 * sent. */
enum websocket_code {
    WEBSOCKET_NORMAL = 1000,
    WEBSOCKET_GOING_AWAY = 1001,
    WEBSOCKET_PROTOCOL_ERROR = 1002,
    WEBSOCKET_UNSUPPORTED = 1003,
    WEBSOCKET_NO_CODE = 1005, /* a Close frame without a code; never sent */
    WEBSOCKET_BROKEN = 1006,  /* the connection ended without a Close frame; never sent */
    WEBSOCKET_NOT_UTF8 = 1007,
    WEBSOCKET_TOO_LARGE = 1009,
};

/* Which side this end of the connection is: a client masks the frames it sends, a server does
 * not. */
enum websocket_role { WEBSOCKET_CLIENT, WEBSOCKET_SERVER };

enum websocket_step {
    WEBSOCKET_STEP_MESSAGE, /* a whole text message has arrived: see websocket_frames_message() */
    WEBSOCKET_STEP_FRAME,   /* a frame that completes no message has arrived: a fragment, ping or
                               pong */
    WEBSOCKET_STEP_AGAIN,   /* no more bytes at the moment */
    WEBSOCKET_STEP_OVER,    /* the connection has ended */
};

enum { WEBSOCKET_REASON_SIZE = 124 }; /* size of a Close frame's reason, NUL included */

/* How the connection ended. A plain value. */
struct websocket_end {
    int code;                           /* code of the Close frame that ended it: the peer's, or
                                           ours when the peer broke the rules. WEBSOCKET_BROKEN:
                                           there was no Close frame; 0: the connection is open */
    char reason[WEBSOCKET_REASON_SIZE]; /* the peer's reason, UTF-8; "": none */
};

/* Reads up to `size` bytes from the peer. Returns their number; 0: none at the moment; -1: the
 * connection has ended. */
typedef ssize_t (*websocket_receive)(void *context, void *bytes, size_t size);

struct websocket_frames_config {
    enum websocket_role role; /* this end's role */
    size_t message_limit_bytes;
    size_t unsent_limit_bytes;
    websocket_receive receive;
    void *context; /* borrowed; passed to `receive` */
};

struct websocket_frames;

/* Returns NULL with ERROR_FATAL when memory runs out. */
NODISCARD struct websocket_frames *
websocket_frames_create(const struct websocket_frames_config *config, struct error *error);
void websocket_frames_destroy(struct websocket_frames *frames); /* NULL is allowed */

/* Reads until a frame is complete or no more bytes are there. With WEBSOCKET_STEP_OVER it fills
 * `error`: ERROR_RETRY, whose text says who closed and why, or ERROR_FATAL when memory runs out. A
 * Close frame, ours or the answer to the peer's, may then still be unsent. Every later call returns
 * WEBSOCKET_STEP_OVER again. */
enum websocket_step websocket_frames_read(struct websocket_frames *frames, struct error *error);

/* Returns the message after WEBSOCKET_STEP_MESSAGE. Borrowed until the next
 * websocket_frames_read(). */
struct str websocket_frames_message(const struct websocket_frames *frames);

/* Adds one text message to the unsent frames. Returns false with ERROR_RETRY when it does not fit
 * (nothing is added) or when a Close frame was added before, with ERROR_REJECT when it is not
 * UTF-8, and with ERROR_FATAL when memory runs out. */
NODISCARD bool websocket_frames_send(struct websocket_frames *frames, struct str text,
                                     struct error *error);

/* Adds a Close frame to the unsent frames; `reason` is cut to what fits. After it nothing can be
 * added, and messages that still arrive are dropped until the peer's Close frame. Does nothing when
 * a Close frame was added before. */
void websocket_frames_close(struct websocket_frames *frames, enum websocket_code code,
                            const char *reason);

/* Returns the bytes that have to be sent to the peer; "" if there are none. They are borrowed until
 * the next call of any function with these frames. */
struct str websocket_frames_unsent(struct websocket_frames *frames);
/* Removes the first `length` unsent bytes: the caller has sent them. */
void websocket_frames_sent(struct websocket_frames *frames, size_t length);

struct websocket_end websocket_frames_end(const struct websocket_frames *frames);

#endif
