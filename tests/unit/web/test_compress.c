/* Which answers are compressed, for whom, and that they are the same ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/gzip.h"
#include "cmocka_all.h"
#include "fake_backend.h"
#include "web/compress.h"
#include "wire.h"

#define ACCEPT "Accept-Encoding: gzip, deflate, br\r\n"

enum { MANY_CANDLES = 700, FEW_CANDLES = 40 }; /* the fake gives two in each round */

struct running {
    struct fake fake;
    struct web_events *events;
    struct web_server *server;
};

static int set_up(void **state)
{
    static struct running running;
    struct error error = {0};
    running = (struct running){.events = web_events_create(4, &error)};
    struct web_server_config config = {
        .listen = "127.0.0.1:0", .backend = fake_backend(&running.fake), .events = running.events};
    running.server = web_server_create(&config, &error);
    assert_non_null(running.server);
    *state = &running;
    return 0;
}

static int tear_down(void **state)
{
    struct running *running = *state;
    web_server_destroy(running->server);
    web_events_destroy(running->events);
    return 0;
}

static struct wire_answer ask(void **state, const char *method, const char *target,
                              const char *headers)
{
    const struct running *running = *state;
    return wire_ask(web_server_address(running->server), method, target, headers);
}

static bool is_packed(const struct wire_answer *answer)
{
    char value[32];
    bool given = wire_header(answer, "Content-Encoding", value, sizeof value);
    assert_true(!given || strcmp(value, "gzip") == 0);
    return given;
}

static void expect_vary(const struct wire_answer *answer)
{
    char value[64];
    assert_true(wire_header(answer, "Vary", value, sizeof value));
    assert_string_equal(value, "Accept-Encoding");
}

/* The body, decompressed, as text to free(). */
static char *unpacked(const struct wire_answer *answer)
{
    enum { ROOM = 4 << 20 };
    char *text = calloc(1, ROOM);
    z_stream zip = {.next_in = (Bytef *)answer->body,
                    .avail_in = (uInt)answer->body_length,
                    .next_out = (Bytef *)text,
                    .avail_out = ROOM - 1};
    assert_non_null(text);
    assert_int_equal(inflateInit2(&zip, GZIP_WINDOW_BITS), Z_OK);
    assert_int_equal(inflate(&zip, Z_FINISH), Z_STREAM_END);
    assert_int_equal(zip.avail_in, 0);
    (void)inflateEnd(&zip);
    return text;
}

static void gzip_is_accepted_as_the_header_says(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        bool want;
    } cases[] = {
        {NULL, false},
        {"", false},
        {"gzip", true},
        {"GZip", true},
        {"x-gzip", true},
        {"deflate, br", false},
        {"deflate , gzip ;q=0.5", true},
        {"gzip;q=0", false},
        {"gzip; Q=0.000", false},
        {"gzip;q=0.001", true},
        {"gzip;q=1", true},
        {"*", true},
        {"*;q=0", false},
        {"identity, *;q=0.1", true},
        {"*, gzip;q=0", false},
        {"gzip;q=0, *", false},
        {"*;q=0, gzip", true},
        {",, ;, gzip", true},
        {"gzipped", false},
        {"gzip;level=9", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        if (compress_accepted(cases[i].header) != cases[i].want) {
            fail_msg("%s", cases[i].header != NULL ? cases[i].header : "no header");
        }
    }
}

static void expect_same(void **state, const char *target)
{
    struct wire_answer plain = ask(state, "GET", target, "");
    struct wire_answer packed = ask(state, "GET", target, ACCEPT);
    assert_int_equal(plain.status, 200);
    assert_false(is_packed(&plain));
    assert_true(is_packed(&packed));
    assert_true(packed.body_length < plain.body_length);
    expect_vary(&plain);
    expect_vary(&packed);
    char *text = unpacked(&packed);
    assert_string_equal(text, plain.body);
    free(text);
    wire_answer_free(&plain);
    wire_answer_free(&packed);
}

static void the_packed_answer_is_the_plain_one(void **state)
{
    struct running *running = *state;
    static const char *const files[] = {"/", "/assets/page.js", "/assets/page.css",
                                        "/assets/lightweight-charts.LICENSE.txt"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; ++i) {
        expect_same(state, files[i]);
    }
    running->fake.candle_rounds = FEW_CANDLES / 2;
    expect_same(state, "/api/candles?coin=tBTCUSD");
    running->fake.candle_rounds = MANY_CANDLES; /* so many are streamed */
    expect_same(state, "/api/candles?coin=tBTCUSD");
}

static void small_answers_errors_and_events_are_sent_plain(void **state)
{
    static const char *const targets[] = {"/api/info", "/api/nothing", "/api/candles",
                                          "/assets/icon.svg", "/healthz"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; ++i) {
        struct wire_answer answer = ask(state, "GET", targets[i], ACCEPT);
        assert_false(is_packed(&answer));
        expect_vary(&answer);
        wire_answer_free(&answer);
    }
    struct running *running = *state;
    web_events_publish(running->events, "tick", str_from("{}"));
    web_events_close(running->events);
    struct wire_answer events = ask(state, "GET", "/api/events", ACCEPT);
    assert_int_equal(events.status, 200);
    assert_false(is_packed(&events));
    assert_int_equal(strncmp(events.body, "retry:", 6), 0);
    wire_answer_free(&events);
}

static void each_form_of_a_file_has_its_own_tag(void **state)
{
    char plain_tag[64];
    char packed_tag[64];
    struct wire_answer plain = ask(state, "GET", "/assets/page.js", "");
    struct wire_answer packed = ask(state, "GET", "/assets/page.js", ACCEPT);
    assert_true(wire_header(&plain, "ETag", plain_tag, sizeof plain_tag));
    assert_true(wire_header(&packed, "ETag", packed_tag, sizeof packed_tag));
    assert_string_not_equal(plain_tag, packed_tag);
    wire_answer_free(&plain);
    wire_answer_free(&packed);
    const struct {
        const char *tag, *accept;
        int want;
    } cases[] = {{plain_tag, "", 304},
                 {packed_tag, ACCEPT, 304},
                 {plain_tag, ACCEPT, 200},
                 {packed_tag, "", 200}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char headers[256];
        (void)snprintf(headers, sizeof headers, "%sIf-None-Match: %s\r\n", cases[i].accept,
                       cases[i].tag);
        struct wire_answer answer = ask(state, "GET", "/assets/page.js", headers);
        assert_int_equal(answer.status, cases[i].want);
        assert_int_equal(answer.body_length == 0, cases[i].want == 304);
        expect_vary(&answer);
        wire_answer_free(&answer);
    }
}

static void head_has_the_length_of_the_packed_answer(void **state)
{
    struct running *running = *state;
    running->fake.candle_rounds = FEW_CANDLES / 2;
    static const char *const targets[] = {"/", "/api/candles?coin=tBTCUSD"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; ++i) {
        char want[64];
        char got[64];
        struct wire_answer whole = ask(state, "GET", targets[i], ACCEPT);
        struct wire_answer head = ask(state, "HEAD", targets[i], ACCEPT);
        assert_true(is_packed(&head));
        assert_int_equal(head.body_length, 0);
        assert_true(wire_header(&whole, "Content-Length", want, sizeof want));
        assert_true(wire_header(&head, "Content-Length", got, sizeof got));
        assert_string_equal(got, want);
        wire_answer_free(&whole);
        wire_answer_free(&head);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip_is_accepted_as_the_header_says),
        cmocka_unit_test_setup_teardown(the_packed_answer_is_the_plain_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(small_answers_errors_and_events_are_sent_plain, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(each_form_of_a_file_has_its_own_tag, set_up, tear_down),
        cmocka_unit_test_setup_teardown(head_has_the_length_of_the_packed_answer, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
