/* The messages of a WebSocket on connections that behave and that do not, over real sockets and
 * TLS. */
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cmocka_all.h"
#include "support.h"
#include "websocket/websocket_expect.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Bytes that the server sends after a proper handshake, and how. */
struct script {
    const char *bytes;
    size_t length;
    bool drip;
    bool reset;
    bool leave; /* without waiting for the client's end */
};

static void play_script(struct websocket_peer *peer, void *context)
{
    const struct script *script = context;
    if (!websocket_peer_shake(peer, NULL)) {
        return;
    }
    if (script->drip) {
        (void)websocket_peer_drip(peer, script->bytes, script->length);
    } else {
        (void)websocket_peer_send(peer, script->bytes, script->length);
    }
    if (script->reset) {
        websocket_peer_reset(peer);
    }
    if (!script->leave && !script->reset) {
        websocket_peer_wait_end(peer);
    }
}

#define GOOD                                                                                       \
    "\x81\x05hello\x01\x03two\x89\x01p\x80\x06 parts\x81\x00\x8A\x00\x81\x06"                      \
    "\xE2\x82\xAC\xC3\xA9!\x88\x09\x03\xF4restart"

static void messages_come_whole_and_in_order_then_the_servers_close(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct script script = {.bytes = GOOD, .length = sizeof GOOD - 1, .drip = i % 2 == 1};
        struct websocket_server *server = websocket_server_create(play_script, &script, i >= 2);
        int64_t before_ns = clock_wall_ns();
        struct websocket *websocket = connect_to(server, (struct websocket_config){0});
        expect_message(websocket, "hello");
        expect_message(websocket, "two parts");
        expect_message(websocket, "");
        struct websocket_message message;
        struct error error = {0};
        assert_int_equal(websocket_next(websocket, PATIENCE_MS, &message, &error),
                         WEBSOCKET_MESSAGE);
        assert_true(str_equal_text(message.text, "\xE2\x82\xAC\xC3\xA9!"));
        assert_true(message.received_ns >= before_ns && message.received_ns <= clock_wall_ns());
        expect_over(websocket, 1012, "the server closed the connection with 1012, \"restart\"");
        assert_string_equal(websocket_end(websocket).reason, "restart");
        websocket_destroy(websocket);
        websocket_server_destroy(server);
    }
}

static void play_conversation(struct websocket_peer *peer, void *context)
{
    (void)context;
    (void)(websocket_peer_shake(peer, NULL) &&
           websocket_peer_expect(peer, FRAME_TEXT, BYTES("subscribe")) &&
           websocket_peer_frame(peer, FRAME_PING, BYTES("are you there")) &&
           websocket_peer_text(peer, "subscribed") &&
           websocket_peer_expect(peer, FRAME_PONG, BYTES("are you there")) &&
           websocket_peer_text(peer, "thanks") &&
           websocket_peer_expect(peer, FRAME_CLOSE, BYTES("\x03\xE8")) &&
           websocket_peer_text(peer, "too late") &&
           websocket_peer_frame(peer, FRAME_CLOSE, BYTES("\x03\xE8")));
    websocket_peer_wait_end(peer);
}

static void conversation_ends_in_good_order(void **state)
{
    (void)state;
    for (int tls = 0; tls < 2; tls++) {
        struct error error = {0};
        struct stop *stop = stop_create(&error);
        struct websocket_server *server = websocket_server_create(play_conversation, NULL, tls);
        struct websocket *websocket = connect_to(server, (struct websocket_config){.stop = stop});
        assert_true(websocket_send(websocket, str_from("subscribe"), &error));
        expect_message(websocket, "subscribed");
        expect_message(websocket, "thanks");
        assert_int_equal(websocket_end(websocket).code, 0);
        stop_request(stop);
        websocket_close(websocket, WEBSOCKET_NORMAL, PATIENCE_MS);
        expect_over(websocket, 1000, "the server closed the connection with 1000");
        websocket_destroy(websocket);
        websocket_server_destroy(server);
        stop_destroy(stop);
    }
}

static void connection_that_breaks_is_over_with_1006_after_its_messages(void **state)
{
    (void)state;
    static const struct script scripts[] = {
        {.bytes = "\x81\x05hello", .length = 7, .leave = true},
        {.bytes = "\x81\x05hello\x81\x7E", .length = 9, .leave = true},
        {.bytes = "\x81\x05hello\x81\x09half", .length = 13, .leave = true},
    };
    for (size_t i = 0; i < 2 * COUNT(scripts); i++) {
        struct script script = scripts[i / 2];
        struct websocket_server *server = websocket_server_create(play_script, &script, i % 2);
        struct websocket *websocket = connect_to(server, (struct websocket_config){0});
        expect_message(websocket, "hello");
        expect_over(websocket, 1006, "the connection broke");
        websocket_destroy(websocket);
        websocket_server_destroy(server);
    }
}

static void connection_that_is_reset_is_over(void **state)
{
    (void)state;
    struct script script = {.bytes = "", .reset = true};
    struct websocket_server *server = websocket_server_create(play_script, &script, false);
    struct websocket *websocket = connect_to(server, (struct websocket_config){0});
    expect_over(websocket, 1006, "the connection broke (");
    websocket_destroy(websocket);
    websocket_server_destroy(server);
}

/* Sends a message of the size that is given, and expects the Close frame for it. */
static void play_large(struct websocket_peer *peer, void *context)
{
    size_t size = *(const size_t *)context;
    char *bytes = malloc(size);
    memset(bytes, 'x', size);
    static const char close_too_large[] = "\x03\xF1"
                                          "a message of more than 1048576 bytes";
    (void)(websocket_peer_shake(peer, NULL) &&
           websocket_peer_frame(peer, FRAME_TEXT, bytes, size) &&
           websocket_peer_expect(peer, FRAME_CLOSE, BYTES(close_too_large)));
    free(bytes);
    websocket_peer_wait_end(peer);
}

static void message_up_to_the_limit_is_taken_and_a_larger_one_ends_it(void **state)
{
    (void)state;
    size_t size = (1 << 20) + 1;
    struct websocket_server *server = websocket_server_create(play_large, &size, false);
    struct websocket *websocket = connect_to(server, (struct websocket_config){0});
    expect_over(websocket, 1009, "sent a message of more than 1048576 bytes");
    websocket_destroy(websocket);
    websocket_server_destroy(server);

    char *bytes = malloc(10 + size);
    memset(bytes, 'x', 10 + size);
    memcpy(bytes, "\x81\x7F\x00\x00\x00\x00\x00\x10\x00\x00", 10);
    for (int tls = 0; tls < 2; tls++) {
        struct script script = {.bytes = bytes, .length = 10 + size - 1};
        server = websocket_server_create(play_script, &script, tls);
        websocket = connect_to(server, (struct websocket_config){0});
        struct websocket_message message;
        struct error error = {0};
        assert_int_equal(websocket_next(websocket, PATIENCE_MS, &message, &error),
                         WEBSOCKET_MESSAGE);
        assert_int_equal(message.text.length, size - 1);
        websocket_destroy(websocket);
        websocket_server_destroy(server);
    }
    free(bytes);
}

static void silence_and_parts_of_a_frame_end_it_after_the_time_out(void **state)
{
    (void)state;
    static const struct {
        struct script script;
        int silence_timeout_ms; /* enough for a message to come first, where one does */
        const char *message;
        const char *want;
    } cases[] = {
        {{.bytes = ""}, 150, NULL, "the server has sent no frame for 150 ms"},
        {{.bytes = "\x81\x05half", .length = 6}, 150, NULL, "sent no frame for 150 ms"},
        {{.bytes = "\x81\x01x", .length = 3}, 1500, "x", "sent no frame for 1500 ms"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct script script = cases[i].script;
        struct websocket_server *server = websocket_server_create(play_script, &script, false);
        struct websocket *websocket = connect_to(server, (struct websocket_config){0});
        int64_t start_ns = clock_monotonic_ns();
        websocket_set_silence_timeout(websocket, cases[i].silence_timeout_ms);
        if (cases[i].message != NULL) {
            expect_message(websocket, cases[i].message);
        }
        expect_over(websocket, 1006, cases[i].want);
        int64_t took_ms = (clock_monotonic_ns() - start_ns) / NS_PER_MS;
        assert_in_range(took_ms, cases[i].silence_timeout_ms - 1,
                        cases[i].silence_timeout_ms + SOON_MS);
        websocket_destroy(websocket);
        websocket_server_destroy(server);
    }
}

static void time_of_a_call_ends_it_and_the_watchdog_can_be_set_aside(void **state)
{
    (void)state;
    struct script script = {.bytes = ""};
    struct websocket_message message;
    struct error error = {0};
    struct websocket_server *server = websocket_server_create(play_script, &script, false);
    struct websocket *websocket =
        connect_to(server, (struct websocket_config){.silence_timeout_ms = PATIENCE_MS});
    int64_t start_ns = clock_monotonic_ns();
    assert_int_equal(websocket_next(websocket, 0, &message, &error), WEBSOCKET_NOTHING);
    assert_int_equal(websocket_next(websocket, 60, &message, &error), WEBSOCKET_NOTHING);
    assert_true(clock_monotonic_ns() - start_ns >= 60 * NS_PER_MS);
    websocket_set_silence_timeout(websocket, 0);
    assert_int_equal(websocket_next(websocket, 60, &message, &error), WEBSOCKET_NOTHING);
    websocket_set_silence_timeout(websocket, 20);
    expect_over(websocket, 1006, "no frame for 20 ms");
    websocket_destroy(websocket);
    websocket_server_destroy(server);
}

static void stop_ends_waits_at_once(void **state)
{
    (void)state;
    struct error error = {0};
    struct websocket_message message;
    struct stop *stop = stop_create(&error);
    struct script script = {.bytes = "\x81\x01x", .length = 3};
    struct websocket_server *server = websocket_server_create(play_script, &script, false);
    struct websocket *websocket = connect_to(server, (struct websocket_config){.stop = stop});
    expect_message(websocket, "x");
    pthread_t thread = request_stop_soon(stop);
    int64_t start_ns = clock_monotonic_ns();
    assert_int_equal(websocket_next(websocket, PATIENCE_MS, &message, &error), WEBSOCKET_NOTHING);
    assert_true(clock_monotonic_ns() - start_ns < SOON_MS * NS_PER_MS);
    assert_int_equal(pthread_join(thread, NULL), 0);
    websocket_destroy(websocket);
    websocket_server_destroy(server);
    stop_destroy(stop);
}

/* A server that reads nothing until `go`, then all. */
struct lazy {
    sem_t go;
    bool pings;
    size_t messages; /* read */
    bool in_order;
};

static void play_lazy(struct websocket_peer *peer, void *context)
{
    struct lazy *lazy = context;
    static char payload[8192];
    int first;
    size_t length;
    if (!websocket_peer_shake(peer, NULL)) {
        return;
    }
    while (lazy->pings && websocket_peer_frame(peer, FRAME_PING, BYTES("x"))) {
        nanosleep(&(struct timespec){.tv_nsec = 10 * NS_PER_MS}, NULL);
    }
    while (sem_wait(&lazy->go) != 0) {
    }
    lazy->in_order = true;
    while (websocket_peer_read(peer, &first, payload, sizeof payload, &length) &&
           first == FRAME_TEXT) {
        lazy->in_order &= strtoul(payload, NULL, 10) == lazy->messages;
        lazy->messages++;
    }
    (void)websocket_peer_frame(peer, FRAME_CLOSE, BYTES("\x03\xE8"));
    websocket_peer_wait_end(peer);
}

/* Sends numbered messages of 4 KiB until none is taken any more; how many were. */
static size_t send_all(struct websocket *websocket, struct error *error)
{
    static char text[4096];
    size_t sent = 0;
    memset(text, ' ', sizeof text);
    for (bool taken = true; taken; sent += taken) {
        char number[24];
        (void)snprintf(number, sizeof number, "%zu ", sent);
        memcpy(text, number, strlen(number));
        taken = websocket_send(websocket, (struct str){text, sizeof text}, error);
    }
    return sent;
}

static void what_a_slow_server_does_not_read_waits_and_is_bounded(void **state)
{
    (void)state;
    for (int tls = 0; tls < 2; tls++) {
        struct lazy lazy = {0};
        struct error error = {0};
        struct websocket_message message;
        assert_int_equal(sem_init(&lazy.go, 0, 0), 0);
        struct websocket_server *server = websocket_server_create(play_lazy, &lazy, tls);
        struct websocket *websocket =
            connect_to(server, (struct websocket_config){.silence_timeout_ms = 2 * PATIENCE_MS});
        size_t sent = send_all(websocket, &error);
        assert_int_equal(error.kind, ERROR_RETRY);
        assert_non_null(strstr(error.text, "the server does not read"));
        assert_in_range(sent, 64, 4096); /* 256 KiB, and what the kernel holds */
        assert_int_equal(websocket_end(websocket).code, 0);
        assert_int_equal(websocket_next(websocket, 50, &message, &error), WEBSOCKET_NOTHING);
        assert_int_equal(sem_post(&lazy.go), 0);
        websocket_close(websocket, WEBSOCKET_NORMAL, PATIENCE_MS);
        assert_int_equal(websocket_end(websocket).code, 1000);
        websocket_destroy(websocket);
        websocket_server_destroy(server);
        assert_true(lazy.in_order);
        assert_int_equal(lazy.messages, sent);
        (void)sem_destroy(&lazy.go);
    }
}

/* It sends frames, but takes none: such a connection must not seem alive. */
static void server_that_reads_nothing_ends_it_after_the_time_out(void **state)
{
    (void)state;
    struct lazy lazy = {.pings = true};
    struct error error = {0};
    assert_int_equal(sem_init(&lazy.go, 0, 1), 0);
    struct websocket_server *server = websocket_server_create(play_lazy, &lazy, false);
    struct websocket *websocket =
        connect_to(server, (struct websocket_config){.silence_timeout_ms = 2000});
    /* The kernel takes more as long as its buffers grow. */
    struct websocket_message message;
    while (send_all(websocket, &error) > 0) {
        assert_int_equal(websocket_next(websocket, 100, &message, &error), WEBSOCKET_NOTHING);
    }
    expect_over(websocket, 1006, "the server has read nothing for 2000 ms");
    websocket_destroy(websocket);
    websocket_server_destroy(server);
    (void)sem_destroy(&lazy.go);
}

static void close_that_is_not_answered_ends_after_its_time(void **state)
{
    (void)state;
    struct script script = {.bytes = ""};
    struct websocket_server *server = websocket_server_create(play_script, &script, false);
    struct websocket *websocket = connect_to(server, (struct websocket_config){0});
    int64_t start_ns = clock_monotonic_ns();
    websocket_close(websocket, WEBSOCKET_GOING_AWAY, 80);
    int64_t took_ms = (clock_monotonic_ns() - start_ns) / NS_PER_MS;
    assert_in_range(took_ms, 80, SOON_MS);
    expect_over(websocket, 1006, "did not answer that in time");
    websocket_destroy(websocket);
    websocket_server_destroy(server);
}

static void play_pings(struct websocket_peer *peer, void *context)
{
    (void)context;
    static char pings[64 << 10]; /* faster than the client reads them: it never has to wait */
    for (size_t i = 0; i + 1 < sizeof pings; i += 2) {
        memcpy(pings + i, "\x89\x00", 2);
    }
    bool open = websocket_peer_shake(peer, NULL);
    while (open) {
        open = websocket_peer_send(peer, pings, sizeof pings);
    }
}

static void pings_without_end_do_not_hold_a_call(void **state)
{
    (void)state;
    struct error error = {0};
    struct websocket_message message;
    struct websocket_server *server = websocket_server_create(play_pings, NULL, false);
    struct websocket *websocket = connect_to(server, (struct websocket_config){0});
    int64_t start_ns = clock_monotonic_ns();
    assert_int_equal(websocket_next(websocket, 100, &message, &error), WEBSOCKET_NOTHING);
    assert_true(clock_monotonic_ns() - start_ns < SOON_MS * NS_PER_MS);
    websocket_destroy(websocket);
    websocket_server_destroy(server);
}

/* A frame of 110 bytes, as often as it fits into a block, as many blocks as are asked for. */
struct flood {
    size_t blocks;
    size_t block_frames;
};

static void play_flood(struct websocket_peer *peer, void *context)
{
    const struct flood *flood = context;
    static char block[110 * 100];
    for (size_t i = 0; i < sizeof block; i += 110) {
        memset(block + i, '0' + (int)(i / 110 % 10), 110);
        memcpy(block + i, "\x81\x6C", 2);
    }
    bool open = websocket_peer_shake(peer, NULL);
    for (size_t i = 0; i < flood->blocks && open; i++) {
        open = websocket_peer_send(peer, block, 110 * flood->block_frames);
    }
    (void)websocket_peer_frame(peer, FRAME_CLOSE, BYTES("\x03\xE8"));
    websocket_peer_wait_end(peer);
}

/* Bytes of the heap that are in use; always the same under a sanitizer, which has a heap of its
 * own. */
static size_t heap_bytes(void)
{
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

static void a_million_frames_take_no_memory(void **state)
{
    (void)state;
    struct flood flood = {.blocks = 10000, .block_frames = 100};
    struct error error = {0};
    struct websocket_message message;
    struct websocket_server *server = websocket_server_create(play_flood, &flood, false);
    struct websocket *websocket = connect_to(server, (struct websocket_config){0});
    size_t before = 0;
    size_t count = 0;
    while (websocket_next(websocket, PATIENCE_MS, &message, &error) == WEBSOCKET_MESSAGE) {
        assert_int_equal(message.text.length, 108);
        assert_int_equal(message.text.data[107], '0' + (int)(count % 10));
        count++;
        before = count == 10000 ? heap_bytes() : before;
    }
    assert_int_equal(count, 1000000);
    assert_in_range(heap_bytes(), 0, before + 1000);
    websocket_destroy(websocket);
    websocket_server_destroy(server);
}

int main(void)
{
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_whole_and_in_order_then_the_servers_close),
        cmocka_unit_test(conversation_ends_in_good_order),
        cmocka_unit_test(connection_that_breaks_is_over_with_1006_after_its_messages),
        cmocka_unit_test(connection_that_is_reset_is_over),
        cmocka_unit_test(message_up_to_the_limit_is_taken_and_a_larger_one_ends_it),
        cmocka_unit_test(silence_and_parts_of_a_frame_end_it_after_the_time_out),
        cmocka_unit_test(time_of_a_call_ends_it_and_the_watchdog_can_be_set_aside),
        cmocka_unit_test(stop_ends_waits_at_once),
        cmocka_unit_test(what_a_slow_server_does_not_read_waits_and_is_bounded),
        cmocka_unit_test(server_that_reads_nothing_ends_it_after_the_time_out),
        cmocka_unit_test(close_that_is_not_answered_ends_after_its_time),
        cmocka_unit_test(pings_without_end_do_not_hold_a_call),
        cmocka_unit_test(a_million_frames_take_no_memory),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
