/*
 * What the other side of a WebSocket sends. Input: a byte of choices, then what comes.
 *
 * The answer to the handshake opens it only with 101, the right Sec-WebSocket-Accept and an
 * upgrade; else it is one line of words and ERROR_RETRY. Frames mean the same however they are cut
 * (one input in four is cut in three ways, the others in one), and what RFC 6455 makes of them when
 * it is read plainly, frame by frame, from the whole input: that is the model below, which shares
 * no code with the client but utf8_sequence(). What is sent in answer is whole frames: pongs, then
 * at most one Close frame.
 */
#include "base/text/strbuf.h"
#include "base/text/utf8.h"
#include "base/websocket/websocket_frames.h"
#include "base/websocket/websocket_handshake.h"
#include "fuzz/fuzz.h"

enum { MESSAGE_LIMIT = 200, UNSENT_LIMIT = 1000, TRACE_LIMIT = 4 << 20 };
enum { CHOICE_HANDSHAKE = 1, CHOICE_SERVER = 2, CHOICE_ENDS = 4 };

#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

struct wire {
    struct str rest;
    size_t step;
    bool ends;
};

static ssize_t receive(void *context, void *bytes, size_t size)
{
    struct wire *wire = context;
    size_t length = wire->rest.length < wire->step ? wire->rest.length : wire->step;
    length = length < size ? length : size;
    if (length == 0) {
        return wire->ends ? -1 : 0;
    }
    memcpy(bytes, wire->rest.data, length);
    wire->rest.data += length;
    wire->rest.length -= length;
    return (ssize_t)length;
}

static void add_end(struct strbuf *trace, int code, struct str reason)
{
    strbuf_append_text(trace, "end ");
    strbuf_append_int64(trace, code);
    strbuf_append_str(trace, reason);
}

static void add_message(struct strbuf *trace, struct str text)
{
    strbuf_append_int64(trace, (int64_t)text.length);
    strbuf_append_char(trace, ' ');
    strbuf_append_str(trace, text);
}

/* What is unsent is whole frames with the right masks; nothing follows a Close frame. */
static void check_unsent(struct websocket_frames *frames, bool masked)
{
    struct str unsent = websocket_frames_unsent(frames);
    const unsigned char *bytes = (const unsigned char *)unsent.data;
    size_t at = 0;
    bool closed = false;
    while (at < unsent.length) {
        MUST(!closed && unsent.length - at >= 2);
        closed = bytes[at] == 0x88;
        MUST((closed || bytes[at] == 0x8A) && (bytes[at + 1] & 0x80) == (masked ? 0x80 : 0));
        size_t length = bytes[at + 1] & 0x7F;
        MUST(length <= 125 && length != (closed ? 1 : 126));
        at += (masked ? 6U : 2U) + length;
    }
    MUST(at == unsent.length && at <= UNSENT_LIMIT + 300);
}

static void read_frames(int choices, struct str input, size_t step, struct strbuf *trace)
{
    bool server = (choices & CHOICE_SERVER) != 0;
    struct wire wire = {input, step, (choices & CHOICE_ENDS) != 0};
    struct error error = {0};
    const struct websocket_frames_config config = {
        .role = server ? WEBSOCKET_SERVER : WEBSOCKET_CLIENT,
        .message_limit_bytes = MESSAGE_LIMIT,
        .unsent_limit_bytes = UNSENT_LIMIT,
        .receive = receive,
        .context = &wire,
    };
    struct websocket_frames *frames = websocket_frames_create(&config, &error);
    MUST(frames != NULL);
    enum websocket_step taken = WEBSOCKET_STEP_FRAME;
    while (taken == WEBSOCKET_STEP_FRAME || taken == WEBSOCKET_STEP_MESSAGE) {
        MUST(websocket_frames_end(frames).code == 0);
        taken = websocket_frames_read(frames, &error);
        if (taken == WEBSOCKET_STEP_MESSAGE) {
            add_message(trace, websocket_frames_message(frames));
        }
    }
    struct websocket_end end = websocket_frames_end(frames);
    add_end(trace, end.code, str_from(end.reason));
    MUST((taken == WEBSOCKET_STEP_OVER) == (end.code != 0));
    MUST(end.code == 0 || (error.kind == ERROR_RETRY && strchr(error.text, '\n') == NULL));
    check_unsent(frames, !server);
    websocket_frames_destroy(frames);
}

/* The model's state: what has been read of the current message. */
struct model {
    struct strbuf message;
    bool in_message;
};

struct frame {
    bool final;
    int reserved;
    int opcode;
    bool masked;
    uint64_t length;
    struct str payload; /* as much as there is of it */
};

enum model_read { MODEL_FRAME, MODEL_CUT, MODEL_BAD_LENGTH };

static enum model_read read_header(struct fuzz_input *in, struct frame *frame)
{
    unsigned char bytes[8] = {0};
    if (in->left < 2) {
        return MODEL_CUT;
    }
    fuzz_bytes(in, bytes, 2);
    *frame = (struct frame){.final = bytes[0] >> 7,
                            .reserved = bytes[0] >> 4 & 7,
                            .opcode = bytes[0] & 15,
                            .masked = bytes[1] >> 7,
                            .length = bytes[1] & 127};
    if (frame->opcode >= 8 && (frame->length > 125 || !frame->final)) {
        return MODEL_BAD_LENGTH;
    }
    size_t more = frame->length == 126 ? 2 : frame->length == 127 ? 8 : 0;
    uint64_t least = more == 2 ? 126 : more == 8 ? 65536 : 0;
    if (in->left < more) {
        return MODEL_CUT;
    }
    if (more > 0) {
        fuzz_bytes(in, bytes, more);
        frame->length = 0;
        for (size_t i = 0; i < more; i++) {
            frame->length = frame->length << 8 | bytes[i];
        }
    }
    return frame->length < least || frame->length >> 63 != 0 ? MODEL_BAD_LENGTH : MODEL_FRAME;
}

/* Takes the mask off into `payload`, which has room for a control frame and for a message. */
static enum model_read read_payload(struct fuzz_input *in, struct frame *frame, char *payload)
{
    unsigned char mask[4] = {0};
    if (frame->masked && in->left < sizeof mask) {
        return MODEL_CUT;
    }
    if (frame->masked) {
        fuzz_bytes(in, mask, sizeof mask);
    }
    if (frame->length > 0 && in->left == 0) {
        return MODEL_CUT;
    }
    size_t length = frame->length < in->left ? (size_t)frame->length : in->left;
    frame->payload = (struct str){payload, length < MESSAGE_LIMIT ? length : MESSAGE_LIMIT};
    for (size_t i = 0; i < frame->payload.length; i++) {
        payload[i] = (char)(in->at[i] ^ mask[i % 4]);
    }
    in->at += length;
    in->left -= length;
    return MODEL_FRAME;
}

static bool is_utf8(struct str text)
{
    size_t length = 1;
    for (; text.length > 0 && length > 0; text.length -= length, text.data += length) {
        length = utf8_sequence(text);
    }
    return text.length == 0 && length > 0;
}

/* The code with which a whole Close frame ends it. */
static int close_code(struct str payload, struct str *reason)
{
    int code = 1005;
    if (payload.length == 1) {
        return 1002;
    }
    if (payload.length >= 2) {
        code = (unsigned char)payload.data[0] << 8 | (unsigned char)payload.data[1];
        bool known = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                     (code >= 3000 && code < 5000);
        struct str rest = {payload.data + 2, payload.length - 2};
        if (!known || !is_utf8(rest)) {
            return known ? 1007 : 1002;
        }
        const char *nul = rest.length > 0 ? memchr(rest.data, '\0', rest.length) : NULL;
        *reason = (struct str){rest.data, nul != NULL ? (size_t)(nul - rest.data) : rest.length};
    }
    return code;
}

/* The code with which a frame ends it; 0: it does not. */
static int model_frame(struct model *model, const struct frame *frame, bool server,
                       struct strbuf *trace, struct str *reason)
{
    bool control = frame->opcode >= 8;
    bool known = frame->opcode <= 2 || (frame->opcode >= 8 && frame->opcode <= 10);
    bool misplaced = !control && (frame->opcode == 0) != model->in_message;
    if (frame->reserved != 0 || frame->masked != server || !known || misplaced) {
        return 1002;
    }
    if (frame->opcode == 2) {
        return 1003;
    }
    if (!control && frame->length > MESSAGE_LIMIT - model->message.length) {
        return 1009;
    }
    if (frame->payload.length < frame->length) {
        return -1; /* it is cut */
    }
    if (control) {
        return frame->opcode == 8 ? close_code(frame->payload, reason) : 0;
    }
    strbuf_append_str(&model->message, frame->payload);
    model->in_message = !frame->final;
    if (frame->final && !is_utf8(strbuf_str(&model->message))) {
        return 1007;
    }
    if (frame->final) {
        add_message(trace, strbuf_str(&model->message));
        strbuf_clear(&model->message);
    }
    return 0;
}

static void read_by_model(int choices, struct str input, struct strbuf *trace)
{
    struct fuzz_input in = {(const uint8_t *)input.data, input.length};
    struct model model = {.message = strbuf_new(MESSAGE_LIMIT)};
    struct str reason = {"", 0};
    char payload[MESSAGE_LIMIT];
    int code = 0;
    while (code == 0) {
        struct frame frame;
        enum model_read read = read_header(&in, &frame);
        read = read == MODEL_FRAME ? read_payload(&in, &frame, payload) : read;
        code = read == MODEL_CUT ? -1
               : read == MODEL_BAD_LENGTH
                   ? 1002
                   : model_frame(&model, &frame, (choices & CHOICE_SERVER) != 0, trace, &reason);
    }
    code = code > 0 ? code : (choices & CHOICE_ENDS) != 0 ? 1006 : 0;
    add_end(trace, code, reason);
    strbuf_free(&model.message);
}

static void try_frames(int choices, struct str input)
{
    static const size_t steps[] = {1, 3, 100000};
    static struct strbuf want = {.limit = TRACE_LIMIT};
    static struct strbuf trace = {.limit = TRACE_LIMIT};
    strbuf_clear(&want);
    read_by_model(choices, input, &want);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (input.length % 4 != 0 && input.length % 3 != i) {
            continue;
        }
        strbuf_clear(&trace);
        read_frames(choices, input, steps[i], &trace);
        MUST(str_equal(strbuf_str(&trace), strbuf_str(&want)));
    }
}

static void try_handshake(struct str input)
{
    struct error error = {0};
    struct str head = {input.data, websocket_head_length(input)};
    MUST(head.length <= input.length);
    if (head.length == 0) {
        return;
    }
    struct str body = {input.data + head.length, input.length - head.length};
    bool interim = websocket_is_interim(head);
    if (websocket_check_answer(head, body, ACCEPT, "http://host.test/ws", "--x", &error)) {
        char *text = fuzz_text(head);
        MUST(!interim && str_starts_with(head, "HTTP/1.1 101"));
        MUST(memmem(head.data, head.length, ACCEPT, strlen(ACCEPT)) != NULL);
        MUST(strcasestr(text, "\nUpgrade:") != NULL && strcasestr(text, "websocket") != NULL);
        free(text);
    } else {
        MUST(error.kind == ERROR_RETRY && error.text[0] != '\0' && error.retry_after_ms >= 0);
        MUST(strchr(error.text, '\n') == NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    int choices = fuzz_byte(&in);
    struct str input = fuzz_rest(&in);
    if ((choices & CHOICE_HANDSHAKE) != 0) {
        try_handshake(input);
    } else {
        try_frames(choices, input);
    }
    return 0;
}
