/*
 * The WebSocket protocol after its handshake (RFC 6455, sections 5 to 8) on bytes in memory: no
 * socket and no clock, so that any bytes can be played to it. libwslay reads and writes the frames;
 * what a frame means is decided here. Only text messages; no extensions. Not thread-safe.
 *
 * Memory is bounded: one message up to its limit, one unanswered ping, unsent frames up to theirs.
 */
#ifndef CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_FRAMES_H
#define CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

/* The codes of RFC 6455, section 7.4.1, that this program sends, or that stand for no code. */
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

/* What the peer of these frames is: a client masks what it sends, a server does not. */
enum websocket_role { WEBSOCKET_CLIENT, WEBSOCKET_SERVER };

enum websocket_step {
    WEBSOCKET_STEP_MESSAGE, /* a whole text message: websocket_frames_message() */
    WEBSOCKET_STEP_FRAME,   /* a frame that completes no message: a fragment, ping or pong */
    WEBSOCKET_STEP_AGAIN,   /* no more bytes now */
    WEBSOCKET_STEP_OVER,    /* nothing more will come */
};

enum { WEBSOCKET_REASON_SIZE = 124 }; /* of a Close frame's reason, NUL included */

/* How it ended. A plain value. */
struct websocket_end {
    int code;                           /* of the Close frame that ended it, the peer's or, when
                                           the peer broke the rules, ours; WEBSOCKET_BROKEN: none;
                                           0: it has not ended */
    char reason[WEBSOCKET_REASON_SIZE]; /* the peer's, UTF-8; "" */
};

/* Reads up to `size` bytes that came from the peer. Returns how many; 0: none now; -1: the
 * connection has ended. */
typedef ssize_t (*websocket_receive)(void *context, void *bytes, size_t size);

struct websocket_frames_config {
    enum websocket_role role; /* ours */
    size_t message_limit_bytes;
    size_t unsent_limit_bytes;
    websocket_receive receive;
    void *context; /* borrowed, given to `receive` */
};

struct websocket_frames;

/* Returns NULL with ERROR_FATAL when memory runs out. */
NODISCARD struct websocket_frames *
websocket_frames_create(const struct websocket_frames_config *config, struct error *error);
void websocket_frames_destroy(struct websocket_frames *frames); /* NULL is allowed */

/* Takes the next frame, or what there is of it. With WEBSOCKET_STEP_OVER it fills `error`:
 * ERROR_RETRY, which says who closed and why, or ERROR_FATAL when memory runs out; a Close frame,
 * ours or the answer to the peer's, may then be unsent. Every later call returns the same step. */
enum websocket_step websocket_frames_read(struct websocket_frames *frames, struct error *error);

/* The message of the last step. Borrowed until the next websocket_frames_read(). */
struct str websocket_frames_message(const struct websocket_frames *frames);

/* Adds one text message to what is unsent. Returns false with ERROR_RETRY when it does not fit
 * (nothing is added) or after a Close frame, with ERROR_REJECT when it is not UTF-8. */
NODISCARD bool websocket_frames_send(struct websocket_frames *frames, struct str text,
                                     struct error *error);

/* Adds a Close frame to what is unsent; `reason` is cut to what fits. Nothing can be sent after it,
 * and messages that still arrive are dropped until the peer's Close frame. Does nothing when one
 * was added before. */
void websocket_frames_close(struct websocket_frames *frames, enum websocket_code code,
                            const char *reason);

/* Returns the bytes that have to be sent to the peer; "" if there are none. They are borrowed until
 * the next call of any function with these frames. */
struct str websocket_frames_unsent(struct websocket_frames *frames);
/* The first `length` bytes of it are sent. */
void websocket_frames_sent(struct websocket_frames *frames, size_t length);

struct websocket_end websocket_frames_end(const struct websocket_frames *frames);

#endif
