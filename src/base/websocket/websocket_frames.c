#include "base/websocket/websocket_frames.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <wslay/wslay.h>

#include "base/text/strbuf.h"
#include "base/text/utf8.h"

enum {
    CONTROL_MAX = 125,                   /* bytes of a control frame's payload (RFC 6455, 5.5) */
    HEADER_MAX = 14,                     /* of a frame with the longest length field and a mask
                                            (5.2) */
    CONTROL_FRAME_MAX = CONTROL_MAX + 6, /* a control frame's payload, short header and mask */
    RESERVED = 2 * CONTROL_FRAME_MAX,    /* bytes of `unsent` that are kept free for a pong and a
                                            Close frame */
};

struct websocket_frames {
    struct websocket_frames_config config;
    wslay_frame_context_ptr codec;
    struct strbuf message; /* what has arrived of the current message */
    bool in_message;       /* between a message's first and last frame */
    bool in_frame;
    uint64_t frame_left; /* bytes of the current frame that have not arrived */
    char control[CONTROL_MAX];
    size_t control_length;
    char ping[CONTROL_MAX]; /* payload of the newest unanswered ping; older ones need no pong
                               (RFC 6455, 5.5.3) */
    size_t ping_length;
    bool has_ping;
    struct strbuf unsent; /* whole frames; the first `sent` bytes are already sent */
    size_t sent;
    bool close_added;
    ssize_t received; /* the last result of `receive` */
    bool over;
    struct websocket_end end;
    struct error why; /* why the connection ended, once `over` is set */
};

static ssize_t receive(uint8_t *bytes, size_t size, int flags, void *context)
{
    (void)flags;
    struct websocket_frames *frames = context;
    frames->received = frames->config.receive(frames->config.context, bytes, size);
    return frames->received;
}

static ssize_t append_unsent(const uint8_t *bytes, size_t length, int flags, void *context)
{
    (void)flags;
    struct websocket_frames *frames = context;
    strbuf_append(&frames->unsent, bytes, length);
    return frames->unsent.failed ? -1 : (ssize_t)length;
}

/* Makes a random mask: RFC 6455, 5.3 wants masks that nobody can predict. */
static int make_mask(uint8_t *bytes, size_t length, void *context)
{
    (void)context;
    return getrandom(bytes, length, 0) == (ssize_t)length ? 0 : -1;
}

struct websocket_frames *websocket_frames_create(const struct websocket_frames_config *config,
                                                 struct error *error)
{
    const struct wslay_frame_callbacks callbacks = {append_unsent, receive, make_mask};
    struct websocket_frames *frames = calloc(1, sizeof *frames);
    if (frames == NULL || wslay_frame_context_init(&frames->codec, &callbacks, frames) != 0) {
        free(frames);
        (void)error_set(error, ERROR_FATAL, "no memory for a WebSocket");
        return NULL;
    }
    frames->config = *config;
    frames->message = strbuf_new(config->message_limit_bytes);
    frames->unsent = strbuf_new(config->unsent_limit_bytes + RESERVED);
    return frames;
}

void websocket_frames_destroy(struct websocket_frames *frames)
{
    if (frames != NULL) {
        wslay_frame_context_free(frames->codec);
        strbuf_free(&frames->message);
        strbuf_free(&frames->unsent);
        free(frames);
    }
}

static const char *peer(const struct websocket_frames *frames)
{
    return frames->config.role == WEBSOCKET_CLIENT ? "server" : "client";
}

/* Returns how many bytes fit behind the unsent ones. */
static size_t room(const struct websocket_frames *frames)
{
    return frames->unsent.limit - (frames->unsent.length - frames->sent);
}

/* Adds one whole frame to the unsent ones; the caller has checked that there is room. Returns false
 * when memory runs out. */
static bool add_frame(struct websocket_frames *frames, uint8_t opcode, struct str payload)
{
    struct strbuf *unsent = &frames->unsent;
    if (frames->sent > 0) { /* sent bytes are dropped here, or when all are sent */
        unsent->length -= frames->sent;
        memmove(unsent->data, unsent->data + frames->sent, unsent->length);
        frames->sent = 0;
    }
    /* Reserve memory for the whole frame first: a frame cannot be added in part. */
    if (!strbuf_reserve(unsent, HEADER_MAX + payload.length)) {
        return false;
    }
    struct wslay_frame_iocb frame = {
        .fin = 1,
        .opcode = opcode,
        .mask = frames->config.role == WEBSOCKET_CLIENT,
        .payload_length = payload.length,
        .data = (const uint8_t *)payload.data,
        .data_length = payload.length,
    };
    return wslay_frame_send(frames->codec, &frame) >= 0;
}

bool websocket_frames_send(struct websocket_frames *frames, struct str text, struct error *error)
{
    if (frames->over || frames->close_added) {
        return error_set(error, ERROR_RETRY, "the connection is closed");
    }
    if (!utf8_valid(text)) {
        return error_set(error, ERROR_REJECT, "a message that is not UTF-8 cannot be sent");
    }
    if (room(frames) < RESERVED + HEADER_MAX ||
        text.length > room(frames) - RESERVED - HEADER_MAX) {
        return error_set(error, ERROR_RETRY,
                         "the %s does not read: %zu bytes wait to be sent, and %zu more do not fit",
                         peer(frames), frames->unsent.length - frames->sent, text.length);
    }
    return add_frame(frames, WSLAY_TEXT_FRAME, text) ||
           error_set(error, ERROR_FATAL, "no memory to send %zu bytes", text.length);
}

/* Adds a Close frame with `code` (0: without code and reason); the reason is cut between
 * characters. */
static void add_close(struct websocket_frames *frames, unsigned code, struct str reason)
{
    char payload[CONTROL_MAX];
    size_t length = 0;
    if (code != 0) {
        payload[length++] = (char)(code >> 8);
        payload[length++] = (char)(code & 0xFF);
        size_t most = sizeof payload - length;
        reason.length = reason.length < most ? reason.length : most;
        while (!utf8_valid(reason)) { /* it was cut within a character */
            reason.length--;
        }
        memcpy(payload + length, reason.data, reason.length);
        length += reason.length;
    }
    if (!frames->close_added) {
        frames->close_added = true;
        frames->has_ping = false;
        (void)add_frame(frames, WSLAY_CONNECTION_CLOSE, (struct str){payload, length});
    }
}

void websocket_frames_close(struct websocket_frames *frames, enum websocket_code code,
                            const char *reason)
{
    add_close(frames, (unsigned)code, str_from(reason));
}

struct str websocket_frames_unsent(struct websocket_frames *frames)
{
    if (frames->has_ping && room(frames) >= RESERVED) {
        struct str payload = {frames->ping, frames->ping_length};
        frames->has_ping = !add_frame(frames, WSLAY_PONG, payload);
    }
    struct str all = strbuf_str(&frames->unsent);
    return (struct str){all.data + frames->sent, all.length - frames->sent};
}

void websocket_frames_sent(struct websocket_frames *frames, size_t length)
{
    frames->sent += length;
    if (frames->sent == frames->unsent.length) {
        strbuf_clear(&frames->unsent);
        frames->sent = 0;
    }
}

struct websocket_end websocket_frames_end(const struct websocket_frames *frames)
{
    return frames->end;
}

struct str websocket_frames_message(const struct websocket_frames *frames)
{
    return strbuf_str(&frames->message);
}

/* Ends the connection because the peer broke a rule: sends it a Close frame with `code` and puts
 * `what` into the error's text. */
static enum websocket_step fail(struct websocket_frames *frames, enum websocket_code code,
                                const char *what)
{
    websocket_frames_close(frames, code, what);
    frames->over = true;
    frames->end = (struct websocket_end){.code = (int)code};
    (void)error_set(&frames->why, ERROR_RETRY, "closed with %d: the %s sent %s", (int)code,
                    peer(frames), what);
    return WEBSOCKET_STEP_OVER;
}

static enum websocket_step fail_for_size(struct websocket_frames *frames)
{
    char what[64];
    (void)snprintf(what, sizeof what, "a message of more than %zu bytes",
                   frames->config.message_limit_bytes);
    return fail(frames, WEBSOCKET_TOO_LARGE, what);
}

static enum websocket_step fail_for_memory(struct websocket_frames *frames)
{
    frames->over = true;
    frames->end = (struct websocket_end){.code = WEBSOCKET_BROKEN};
    (void)error_set(&frames->why, ERROR_FATAL, "no memory for a message");
    return WEBSOCKET_STEP_OVER;
}

/* Returns whether a peer may send this code: RFC 6455, 7.4, and the codes registered since (1012 to
 * 1014). */
static bool is_close_code(unsigned code)
{
    return (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) ||
           (code >= 3000 && code <= 4999);
}

static enum websocket_step take_close(struct websocket_frames *frames)
{
    struct str payload = {frames->control, frames->control_length};
    unsigned code = 0;
    if (payload.length > 0) {
        const unsigned char *bytes = (const unsigned char *)payload.data;
        code = payload.length > 1 ? (unsigned)bytes[0] << 8 | bytes[1] : 0;
        if (!is_close_code(code)) {
            return fail(frames, WEBSOCKET_PROTOCOL_ERROR, "a Close frame with an invalid code");
        }
        payload.data += 2;
        payload.length -= 2;
    }
    if (!utf8_valid(payload)) {
        return fail(frames, WEBSOCKET_NOT_UTF8, "a Close frame that is not UTF-8");
    }
    add_close(frames, code, (struct str){"", 0});
    frames->over = true;
    frames->end.code = code != 0 ? (int)code : WEBSOCKET_NO_CODE;
    (void)str_copy(payload, frames->end.reason, sizeof frames->end.reason);
    (void)error_set(&frames->why, ERROR_RETRY, "the %s closed the connection with %d%s%s%s",
                    peer(frames), frames->end.code, payload.length > 0 ? ", \"" : "",
                    frames->end.reason, payload.length > 0 ? "\"" : "");
    return WEBSOCKET_STEP_OVER;
}

static bool is_control(uint8_t opcode)
{
    return wslay_is_ctrl_frame(opcode);
}

/* Returns which rule the header of a frame breaks, as text; NULL: none. libwslay has already
 * checked the length field, and that control frames are not fragmented. */
static const char *broken_rule(const struct websocket_frames *frames,
                               const struct wslay_frame_iocb *piece)
{
    if (piece->rsv != 0) {
        return "a frame with a reserved bit";
    }
    if ((piece->mask != 0) != (frames->config.role == WEBSOCKET_SERVER)) {
        return piece->mask != 0 ? "a masked frame" : "a frame without a mask";
    }
    switch (piece->opcode) {
    case WSLAY_CONTINUATION_FRAME:
        return frames->in_message ? NULL : "a continuation of nothing";
    case WSLAY_TEXT_FRAME:
    case WSLAY_BINARY_FRAME:
        return frames->in_message ? "a message within a message" : NULL;
    case WSLAY_CONNECTION_CLOSE:
    case WSLAY_PING:
    case WSLAY_PONG:
        return NULL;
    default:
        return "a frame with an unknown opcode";
    }
}

static enum websocket_step begin_frame(struct websocket_frames *frames,
                                       const struct wslay_frame_iocb *piece)
{
    const char *broken = broken_rule(frames, piece);
    if (broken != NULL) {
        return fail(frames, WEBSOCKET_PROTOCOL_ERROR, broken);
    }
    if (piece->opcode == WSLAY_BINARY_FRAME) {
        return fail(frames, WEBSOCKET_UNSUPPORTED, "a binary message");
    }
    frames->in_frame = true;
    frames->frame_left = piece->payload_length;
    if (is_control(piece->opcode)) {
        frames->control_length = 0;
        return WEBSOCKET_STEP_FRAME;
    }
    if (!frames->in_message) {
        strbuf_clear(&frames->message);
        frames->in_message = true;
    }
    return piece->payload_length > frames->config.message_limit_bytes - frames->message.length
               ? fail_for_size(frames)
               : WEBSOCKET_STEP_FRAME;
}

/* Handles a frame that has arrived whole. */
static enum websocket_step end_frame(struct websocket_frames *frames,
                                     const struct wslay_frame_iocb *piece)
{
    frames->in_frame = false;
    switch (piece->opcode) {
    case WSLAY_CONNECTION_CLOSE:
        return take_close(frames);
    case WSLAY_PING:
        frames->has_ping = !frames->close_added;
        memcpy(frames->ping, frames->control, frames->control_length);
        frames->ping_length = frames->control_length;
        return WEBSOCKET_STEP_FRAME;
    case WSLAY_PONG:
        return WEBSOCKET_STEP_FRAME;
    default:
        break;
    }
    if (piece->fin == 0) {
        return WEBSOCKET_STEP_FRAME;
    }
    frames->in_message = false;
    if (!utf8_valid(strbuf_str(&frames->message))) {
        return fail(frames, WEBSOCKET_NOT_UTF8, "a message that is not UTF-8");
    }
    return frames->close_added ? WEBSOCKET_STEP_FRAME : WEBSOCKET_STEP_MESSAGE;
}

/* Handles a part of a frame; sets *whole when it was the last part. */
static enum websocket_step take_piece(struct websocket_frames *frames,
                                      const struct wslay_frame_iocb *piece, bool *whole)
{
    if (!frames->in_frame && begin_frame(frames, piece) == WEBSOCKET_STEP_OVER) {
        return WEBSOCKET_STEP_OVER;
    }
    if (is_control(piece->opcode)) {
        memcpy(frames->control + frames->control_length, piece->data, piece->data_length);
        frames->control_length += piece->data_length;
    } else {
        strbuf_append(&frames->message, piece->data, piece->data_length);
        if (frames->message.failed) {
            return fail_for_memory(frames);
        }
    }
    frames->frame_left -= piece->data_length;
    *whole = frames->frame_left == 0;
    return *whole ? end_frame(frames, piece) : WEBSOCKET_STEP_FRAME;
}

static enum websocket_step end_broken(struct websocket_frames *frames)
{
    frames->over = true;
    frames->end = (struct websocket_end){.code = WEBSOCKET_BROKEN};
    (void)error_set(&frames->why, ERROR_RETRY, "the connection broke: the %s sent no Close frame",
                    peer(frames));
    return WEBSOCKET_STEP_OVER;
}

static enum websocket_step next_step(struct websocket_frames *frames)
{
    for (;;) {
        struct wslay_frame_iocb piece = {0};
        ssize_t got = wslay_frame_recv(frames->codec, &piece);
        bool whole = false;
        enum websocket_step step = WEBSOCKET_STEP_FRAME;
        if (got >= 0) {
            step = take_piece(frames, &piece, &whole);
        } else if (got != WSLAY_ERR_WANT_READ) {
            step = fail(frames, WEBSOCKET_PROTOCOL_ERROR, "a frame with an invalid length");
        } else if (frames->received < 0) {
            step = end_broken(frames);
        } else if (frames->received == 0) {
            step = WEBSOCKET_STEP_AGAIN;
        } /* else: only part of a header was read, so read on */
        if (whole || step != WEBSOCKET_STEP_FRAME) {
            return step;
        }
    }
}

enum websocket_step websocket_frames_read(struct websocket_frames *frames, struct error *error)
{
    enum websocket_step step = frames->over ? WEBSOCKET_STEP_OVER : next_step(frames);
    if (step == WEBSOCKET_STEP_OVER) {
        (void)error_pass(error, &frames->why);
    }
    return step;
}
