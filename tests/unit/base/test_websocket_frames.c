/* What frames of a server mean, however the bytes are cut on their way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/strbuf.h"
#include "base/websocket/websocket_frames.h"
#include "cmocka_all.h"

#define BYTES(text) (text), sizeof(text) - 1
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { MESSAGE_LIMIT = 300, UNSENT_LIMIT = 1000 };

/* Bytes that come in pieces of `step`; at their end the connection is over or silent. */
struct wire {
    const char *bytes;
    size_t length;
    size_t step;
    bool ends;
};

static ssize_t receive(void *context, void *bytes, size_t size)
{
    struct wire *wire = context;
    size_t length = wire->length < wire->step ? wire->length : wire->step;
    length = length < size ? length : size;
    if (length == 0) {
        return wire->ends ? -1 : 0;
    }
    memcpy(bytes, wire->bytes, length);
    wire->bytes += length;
    wire->length -= length;
    return (ssize_t)length;
}

static struct websocket_frames *make_frames(struct wire *wire, enum websocket_role role)
{
    struct error error = {0};
    const struct websocket_frames_config config = {.role = role,
                                                   .message_limit_bytes = MESSAGE_LIMIT,
                                                   .unsent_limit_bytes = UNSENT_LIMIT,
                                                   .receive = receive,
                                                   .context = wire};
    struct websocket_frames *frames = websocket_frames_create(&config, &error);
    assert_non_null(frames);
    return frames;
}

/* Reads until nothing more comes: "[message][message] code reason: error". */
static void read_all(struct websocket_frames *frames, struct strbuf *trace)
{
    for (;;) {
        struct error error = {0};
        switch (websocket_frames_read(frames, &error)) {
        case WEBSOCKET_STEP_MESSAGE:
            strbuf_append_char(trace, '[');
            strbuf_append_str(trace, websocket_frames_message(frames));
            strbuf_append_char(trace, ']');
            assert_int_equal(websocket_frames_end(frames).code, 0);
            break;
        case WEBSOCKET_STEP_FRAME:
            break;
        case WEBSOCKET_STEP_AGAIN:
            assert_int_equal(websocket_frames_end(frames).code, 0);
            return;
        case WEBSOCKET_STEP_OVER:
            strbuf_append_format(trace, " %d %s: %s", websocket_frames_end(frames).code,
                                 websocket_frames_end(frames).reason, error.text);
            assert_int_equal(error.kind, ERROR_RETRY);
            assert_int_equal(websocket_frames_read(frames, &error), WEBSOCKET_STEP_OVER);
            return;
        }
    }
}

/* Decodes the masked frames that are unsent: "<opcode payload>" each, a Close frame's code as a
 * number. */
static void decode_unsent(struct websocket_frames *frames, struct strbuf *trace)
{
    struct str unsent = websocket_frames_unsent(frames);
    const unsigned char *bytes = (const unsigned char *)unsent.data;
    for (size_t at = 0; at < unsent.length;) {
        assert_true(unsent.length - at >= 6);
        assert_int_equal(bytes[at] & 0x80, 0x80);
        assert_int_equal(bytes[at + 1] & 0x80, 0x80);
        size_t length = bytes[at + 1] & 0x7F;
        assert_true(length < 126 && unsent.length - at >= 6 + length);
        char payload[126] = "";
        for (size_t i = 0; i < length; i++) {
            payload[i] = (char)(bytes[at + 6 + i] ^ bytes[at + 2 + i % 4]);
        }
        if ((bytes[at] & 0xF) == 8 && length >= 2) {
            strbuf_append_format(trace, "<8 %d %s>",
                                 (unsigned char)payload[0] << 8 | (unsigned char)payload[1],
                                 payload + 2);
        } else {
            strbuf_append_format(trace, "<%d %s>", bytes[at] & 0xF, payload);
        }
        at += 6 + length;
    }
    websocket_frames_sent(frames, unsent.length);
}

struct frame_case {
    const char *bytes;
    size_t length;
    bool ends;
    const char *read; /* see read_all() */
    const char *sent; /* see decode_unsent() */
};

#define BROKE ": the connection broke: the server sent no Close frame"

static const struct frame_case cases[] = {
    {BYTES(""), false, "", ""},
    {BYTES(""), true, " 1006 " BROKE, ""},
    {BYTES("\x81\x02hi"), false, "[hi]", ""},
    {BYTES("\x81\x02hi\x81\x00\x81\x03you"), true, "[hi][][you] 1006 " BROKE, ""},
    {BYTES("\x81\x02h"), true, " 1006 " BROKE, ""},
    /* fragments, an empty one among them, and frames between them */
    {BYTES("\x01\x02he\x00\x00\x89\x01p\x00\x01l\x8A\x00\x80\x02lo\x81\x01x"), false, "[hello][x]",
     "<10 p>"},
    {BYTES("\x01\x00\x00\x00\x80\x00"), false, "[]", ""},
    /* a character that two fragments share */
    {BYTES("\x01\x01\xC3\x80\x01\xA9"), false, "[\xC3\xA9]", ""},
    /* the newest of the pings that were not answered, and pongs that nobody asked for */
    {BYTES("\x89\x01p\x89\x00\x8A\x02zz\x89\x03new"), false, "", "<10 new>"},
    /* lengths of each form */
    {BYTES("\x81\x7E\x00\x80"
           "0123456789012345678901234567890123456789012345678901234567890123"
           "0123456789012345678901234567890123456789012345678901234567890123"),
     false,
     "[0123456789012345678901234567890123456789012345678901234567890123"
     "0123456789012345678901234567890123456789012345678901234567890123]",
     ""},
    {BYTES("\x81\x7E\x00\x7Dx"), false,
     " 1002 : closed with 1002: the server sent a frame with an "
     "invalid length",
     "<8 1002 a frame with an invalid length>"},
    {BYTES("\x81\x7F\x00\x00\x00\x00\x00\x00\xFF\xFFx"), false,
     " 1002 : closed with 1002: the server sent a frame with an invalid length",
     "<8 1002 a frame with an invalid length>"},
    {BYTES("\x81\x7F\x80\x00\x00\x00\x00\x00\x00\x00x"), false,
     " 1002 : closed with 1002: the server sent a frame with an invalid length",
     "<8 1002 a frame with an invalid length>"},
    /* too large, at once and by fragments; what came before is given */
    {BYTES("\x81\x02hi\x81\x7E\x01\x2Dx"), false,
     "[hi] 1009 : closed with 1009: the server sent a message of more than 300 bytes",
     "<8 1009 a message of more than 300 bytes>"},
    {BYTES("\x81\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFFx"), false,
     " 1009 : closed with 1009: the server sent a message of more than 300 bytes",
     "<8 1009 a message of more than 300 bytes>"},
    {BYTES("\x01\x02he\x00\x7E\x01\x2Bx"), false,
     " 1009 : closed with 1009: the server sent a message of more than 300 bytes",
     "<8 1009 a message of more than 300 bytes>"},
    /* Close frames: with and without a code, reserved and unknown codes, bad reasons */
    {BYTES("\x88\x02\x03\xE8"), false, " 1000 : the server closed the connection with 1000",
     "<8 1000 >"},
    {BYTES("\x88\x09\x03\xF4restart\x81\x02no"), false,
     " 1012 restart: the server closed the connection with 1012, \"restart\"", "<8 1012 >"},
    {BYTES("\x88\x00"), false, " 1005 : the server closed the connection with 1005", "<8 >"},
    {BYTES("\x88\x02\x0B\xB8"), true, " 3000 : the server closed the connection with 3000",
     "<8 3000 >"},
    {BYTES("\x89\x01p\x88\x02\x03\xE9"), false,
     " 1001 : the server closed the connection with 1001", "<8 1001 >"},
    {BYTES("\x88\x01\x03"), false,
     " 1002 : closed with 1002: the server sent a Close frame with an invalid code",
     "<8 1002 a Close frame with an invalid code>"},
    {BYTES("\x88\x02\x03\xED"), false,
     " 1002 : closed with 1002: the server sent a Close frame with an invalid code",
     "<8 1002 a Close frame with an invalid code>"},
    {BYTES("\x88\x02\x13\x88"), false,
     " 1002 : closed with 1002: the server sent a Close frame with an invalid code",
     "<8 1002 a Close frame with an invalid code>"},
    {BYTES("\x88\x03\x03\xE8\xFF"), false,
     " 1007 : closed with 1007: the server sent a Close frame that is not UTF-8",
     "<8 1007 a Close frame that is not UTF-8>"},
    /* all other rules */
    {BYTES("\x81\x02\xC3\x28"), false,
     " 1007 : closed with 1007: the server sent a message that is not UTF-8",
     "<8 1007 a message that is not UTF-8>"},
    {BYTES("\x81\x01\xC3"), false,
     " 1007 : closed with 1007: the server sent a message that is not UTF-8",
     "<8 1007 a message that is not UTF-8>"},
    {BYTES("\x82\x01x"), false, " 1003 : closed with 1003: the server sent a binary message",
     "<8 1003 a binary message>"},
    {BYTES("\x80\x01x"), false,
     " 1002 : closed with 1002: the server sent a continuation of "
     "nothing",
     "<8 1002 a continuation of nothing>"},
    {BYTES("\x01\x01x\x81\x01y"), false,
     " 1002 : closed with 1002: the server sent a message within a message",
     "<8 1002 a message within a message>"},
    {BYTES("\x83\x01x"), false,
     " 1002 : closed with 1002: the server sent a frame with an unknown opcode",
     "<8 1002 a frame with an unknown opcode>"},
    {BYTES("\x8B\x00"), false,
     " 1002 : closed with 1002: the server sent a frame with an unknown opcode",
     "<8 1002 a frame with an unknown opcode>"},
    {BYTES("\xC1\x01x"), false,
     " 1002 : closed with 1002: the server sent a frame with a reserved bit",
     "<8 1002 a frame with a reserved bit>"},
    {BYTES("\x81\x81\x00\x00\x00\x00x"), false,
     " 1002 : closed with 1002: the server sent a masked frame", "<8 1002 a masked frame>"},
    {BYTES("\x09\x00"), false,
     " 1002 : closed with 1002: the server sent a frame with an invalid length",
     "<8 1002 a frame with an invalid length>"},
    {BYTES("\x89\x7E\x00\x7E"), false,
     " 1002 : closed with 1002: the server sent a frame with an invalid length",
     "<8 1002 a frame with an invalid length>"},
};

static void frames_mean_the_same_however_they_are_cut(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 2, 3, 7, 100000};
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t n = 0; n < COUNT(steps); n++) {
            struct wire wire = {cases[i].bytes, cases[i].length, steps[n], cases[i].ends};
            struct websocket_frames *frames = make_frames(&wire, WEBSOCKET_CLIENT);
            struct strbuf trace = strbuf_new(4096);
            read_all(frames, &trace);
            if (strcmp(strbuf_text(&trace), cases[i].read) != 0) {
                fail_msg("case %zu by %zu bytes: \"%s\"", i, steps[n], strbuf_text(&trace));
            }
            strbuf_clear(&trace);
            decode_unsent(frames, &trace);
            if (strcmp(strbuf_text(&trace), cases[i].sent) != 0) {
                fail_msg("case %zu by %zu bytes sent: \"%s\"", i, steps[n], strbuf_text(&trace));
            }
            strbuf_free(&trace);
            websocket_frames_destroy(frames);
        }
    }
}

static void messages_of_the_largest_size_are_taken_one_after_the_other(void **state)
{
    (void)state;
    char bytes[2 * (MESSAGE_LIMIT + 4)];
    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes, "\x81\x7E\x01\x2C", 4);
    memcpy(bytes + MESSAGE_LIMIT + 4, "\x81\x7E\x01\x2C", 4);
    struct wire wire = {bytes, sizeof bytes, 11, false};
    struct websocket_frames *frames = make_frames(&wire, WEBSOCKET_CLIENT);
    struct strbuf trace = strbuf_new(4096);
    read_all(frames, &trace);
    assert_int_equal(trace.length, 2 * (MESSAGE_LIMIT + 2));
    strbuf_free(&trace);
    websocket_frames_destroy(frames);
}

/* A server's frames, read by a client of the same code; with what is sent in small pieces. */
static void what_a_server_sends_a_client_reads(void **state)
{
    (void)state;
    struct wire silence = {0};
    struct wire wire = {.step = 3};
    struct error error = {0};
    struct websocket_frames *server = make_frames(&silence, WEBSOCKET_SERVER);
    struct websocket_frames *client = make_frames(&wire, WEBSOCKET_CLIENT);
    struct strbuf trace = strbuf_new(4096);
    assert_true(websocket_frames_send(server, str_from("one"), &error));
    assert_true(websocket_frames_send(server, str_from(""), &error));
    assert_true(websocket_frames_send(server, str_from("three"), &error));
    websocket_frames_close(server, WEBSOCKET_GOING_AWAY, "bye");
    while (websocket_frames_unsent(server).length > 0) {
        struct str unsent = websocket_frames_unsent(server);
        wire.bytes = unsent.data;
        wire.length = unsent.length < 5 ? unsent.length : 5;
        websocket_frames_sent(server, wire.length);
        read_all(client, &trace);
    }
    assert_string_equal(strbuf_text(&trace),
                        "[one][][three] 1001 bye: the server closed the connection with 1001, "
                        "\"bye\"");
    strbuf_free(&trace);
    websocket_frames_destroy(server);
    websocket_frames_destroy(client);
}

static void server_refuses_a_frame_without_a_mask(void **state)
{
    (void)state;
    struct wire wire = {BYTES("\x81\x01x"), 100, false};
    struct websocket_frames *server = make_frames(&wire, WEBSOCKET_SERVER);
    struct error error = {0};
    assert_int_equal(websocket_frames_read(server, &error), WEBSOCKET_STEP_OVER);
    assert_string_equal(error.text, "closed with 1002: the client sent a frame without a mask");
    websocket_frames_destroy(server);
}

static void send_takes_what_fits_and_refuses_the_rest_whole(void **state)
{
    (void)state;
    struct wire wire = {BYTES("\x89\x01p\x89\x01q"), 100, false};
    struct websocket_frames *frames = make_frames(&wire, WEBSOCKET_CLIENT);
    struct strbuf trace = strbuf_new(16 << 10);
    struct error error = {0};
    static const char hundred[] = "0123456789012345678901234567890123456789012345678901234567890123"
                                  "012345678901234567890123456789012345";
    size_t taken = 0;
    while (websocket_frames_send(frames, str_from(hundred), &error)) {
        taken++;
        assert_true(taken < 100);
    }
    assert_int_equal(taken, 9); /* of 106 bytes each, with room for the longest header */
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_string_equal(error.text, "the server does not read: 954 bytes wait to be sent, and 100 "
                                    "more do not fit");
    /* A ping is answered, and a Close frame goes, all the same. */
    read_all(frames, &trace);
    websocket_frames_sent(frames, 0);
    websocket_frames_close(frames, WEBSOCKET_NORMAL, "");
    assert_false(websocket_frames_send(frames, str_from("x"), &error));
    decode_unsent(frames, &trace);
    size_t length = trace.length;
    assert_int_equal(length, 9 * (100 + 4) + strlen("<8 1000 >"));
    strbuf_free(&trace);
    websocket_frames_destroy(frames);
}

/* Pings without end and a client that cannot send: one pong is kept. */
static void unanswered_pings_take_no_memory(void **state)
{
    (void)state;
    struct wire wire = {0};
    struct websocket_frames *frames = make_frames(&wire, WEBSOCKET_CLIENT);
    struct strbuf trace = strbuf_new(4096);
    size_t most = 0;
    for (int i = 0; i < 1000; i++) {
        wire = (struct wire){BYTES("\x89\x04ping"), 100, false};
        read_all(frames, &trace);
        size_t unsent = websocket_frames_unsent(frames).length;
        most = unsent > most ? unsent : most;
    }
    assert_in_range(most, 10, UNSENT_LIMIT + 2 * 131);
    strbuf_free(&trace);
    websocket_frames_destroy(frames);
}

static void text_that_is_not_utf8_is_not_sent(void **state)
{
    (void)state;
    struct wire wire = {0};
    struct websocket_frames *frames = make_frames(&wire, WEBSOCKET_CLIENT);
    struct error error = {0};
    assert_false(websocket_frames_send(frames, str_from("\xFF"), &error));
    assert_int_equal(error.kind, ERROR_REJECT);
    assert_int_equal(websocket_frames_unsent(frames).length, 0);
    websocket_frames_destroy(frames);
}

/* After our Close frame messages are dropped until the server's. */
static void messages_after_our_close_are_dropped(void **state)
{
    (void)state;
    struct wire wire = {BYTES("\x81\x01x\x89\x01p\x88\x02\x03\xE8"), 100, false};
    struct websocket_frames *frames = make_frames(&wire, WEBSOCKET_CLIENT);
    struct strbuf trace = strbuf_new(4096);
    char reason[200];
    (void)snprintf(reason, sizeof reason, "%0121d\xE2\x82\xAC", 7); /* 124 bytes: one too many */
    websocket_frames_close(frames, WEBSOCKET_GOING_AWAY, reason);
    read_all(frames, &trace);
    assert_string_equal(strbuf_text(&trace), " 1000 : the server closed the connection with 1000");
    strbuf_clear(&trace);
    decode_unsent(frames, &trace);
    reason[121] = '\0'; /* without half a character */
    char want[300];
    (void)snprintf(want, sizeof want, "<8 1001 %s>", reason);
    assert_string_equal(strbuf_text(&trace), want);
    strbuf_free(&trace);
    websocket_frames_destroy(frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_mean_the_same_however_they_are_cut),
        cmocka_unit_test(messages_of_the_largest_size_are_taken_one_after_the_other),
        cmocka_unit_test(what_a_server_sends_a_client_reads),
        cmocka_unit_test(server_refuses_a_frame_without_a_mask),
        cmocka_unit_test(send_takes_what_fits_and_refuses_the_rest_whole),
        cmocka_unit_test(unanswered_pings_take_no_memory),
        cmocka_unit_test(text_that_is_not_utf8_is_not_sent),
        cmocka_unit_test(messages_after_our_close_are_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
