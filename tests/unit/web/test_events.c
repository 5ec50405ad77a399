/* Server-sent events over real sockets: order, ids, resuming, loss, heartbeat, ends. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "support.h"
#include "web/server.h"
#include "wire.h"

enum { CAPACITY = 8, SOON_MS = SUPPORT_PATIENCE_MS };

struct fixture {
    struct web_events *events;
    struct web_server *server;
};

static struct web_server *serve(struct web_events *events, int heartbeat_ms)
{
    struct error error = {0};
    struct web_server_config config = {
        .listen = "127.0.0.1:0", .events = events, .heartbeat_ms = heartbeat_ms};
    struct web_server *server = web_server_create(&config, &error);
    assert_non_null(server);
    return server;
}

static int set_up(void **state)
{
    static struct fixture fixture;
    struct error error = {0};
    fixture.events = web_events_create(CAPACITY, &error);
    assert_non_null(fixture.events);
    fixture.server = serve(fixture.events, 0);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    web_server_destroy(fixture->server);
    web_events_destroy(fixture->events);
    return 0;
}

static void publish(struct web_events *events, int n)
{
    char json[32];
    (void)snprintf(json, sizeof json, "{\"n\":%d}", n);
    web_events_publish(events, "tick", str_from(json));
}

/* A stream that has its greeting, so that it reads what is published from now on. */
static struct wire_stream listen_now(const struct fixture *fixture, const char *headers)
{
    struct wire_stream stream =
        wire_open(web_server_address(fixture->server), "/api/events", headers);
    assert_true(wire_until(&stream, "retry: 2000\n\n", SOON_MS));
    return stream;
}

/* The id of the newest event in the stream. */
static void last_id(const struct wire_stream *stream, char *id, size_t size)
{
    const char *newest = NULL;
    for (const char *at = stream->text; (at = strstr(at, "id: ")) != NULL; ++at) {
        newest = at;
    }
    assert_non_null(newest);
    assert_true(str_copy((struct str){newest + 4, strcspn(newest + 4, "\n")}, id, size));
}

static void events_come_in_order_with_names_and_ids(void **state)
{
    struct fixture *fixture = *state;
    struct wire_stream stream = listen_now(fixture, "");
    assert_non_null(strstr(stream.text, "Content-Type: text/event-stream\r\n"));
    assert_non_null(strstr(stream.text, "Cache-Control: no-store\r\n"));
    publish(fixture->events, 1);
    web_events_publish(fixture->events, "status", str_from("{\"lag\":0}"));
    publish(fixture->events, 2);
    assert_true(wire_until(&stream, "data: {\"n\":2}\n\n", SOON_MS));
    const char *first = strstr(stream.text, "event: tick\ndata: {\"n\":1}\n\n");
    const char *second = strstr(stream.text, "event: status\ndata: {\"lag\":0}\n\n");
    assert_true(first != NULL && second != NULL && first < second);
    assert_int_equal(wire_count(&stream, "id: "), 3);
    wire_close(&stream);
}

static void all_readers_get_every_event(void **state)
{
    struct fixture *fixture = *state;
    struct wire_stream one = listen_now(fixture, "");
    struct wire_stream two = listen_now(fixture, "");
    publish(fixture->events, 7);
    assert_true(wire_until(&one, "{\"n\":7}", SOON_MS));
    assert_true(wire_until(&two, "{\"n\":7}", SOON_MS));
    wire_close(&one);
    wire_close(&two);
}

static void a_new_reader_begins_with_the_next_event(void **state)
{
    struct fixture *fixture = *state;
    publish(fixture->events, 1);
    struct wire_stream stream = listen_now(fixture, "");
    publish(fixture->events, 2);
    assert_true(wire_until(&stream, "{\"n\":2}", SOON_MS));
    assert_int_equal(wire_count(&stream, "{\"n\":1}"), 0);
    wire_close(&stream);
}

/* A reader gets event 0 and goes; events 1 to `missed` are published; it comes back with its id. */
static struct wire_stream come_back(const struct fixture *fixture, int missed)
{
    char id[64];
    char header[128];
    struct wire_stream stream = listen_now(fixture, "");
    publish(fixture->events, 0);
    assert_true(wire_until(&stream, "{\"n\":0}\n\n", SOON_MS));
    last_id(&stream, id, sizeof id);
    wire_close(&stream);
    for (int n = 1; n <= missed; ++n) {
        publish(fixture->events, n);
    }
    (void)snprintf(header, sizeof header, "Last-Event-ID: %s\r\n", id);
    return listen_now(fixture, header);
}

static void a_reader_that_comes_back_goes_on_where_it_was(void **state)
{
    struct wire_stream stream = come_back(*state, 2);
    assert_true(wire_until(&stream, "{\"n\":2}\n\n", SOON_MS));
    assert_int_equal(wire_count(&stream, "{\"n\":0}"), 0);
    assert_int_equal(wire_count(&stream, "{\"n\":1}"), 1);
    assert_int_equal(wire_count(&stream, "event: lost"), 0);
    wire_close(&stream);
}

static void a_reader_that_comes_back_too_late_is_told_what_it_lost(void **state)
{
    struct wire_stream stream = come_back(*state, CAPACITY + 5);
    assert_true(wire_until(&stream, "{\"n\":13}\n\n", SOON_MS));
    assert_non_null(strstr(stream.text, "event: lost\ndata: {\"lost\":5}\n\n"));
    assert_int_equal(wire_count(&stream, "event: tick"), CAPACITY);
    assert_int_equal(wire_count(&stream, "{\"n\":5}"), 0);
    assert_int_equal(wire_count(&stream, "{\"n\":6}"), 1);
    wire_close(&stream);
}

/* The ring and what a reader is given at a time are bounded by bytes too. */
static void large_events_are_forgotten_before_there_are_many(void **state)
{
    enum { LARGE = 3 << 20, MOST = 16 << 20 };
    const struct fixture *fixture = *state;
    char id[64];
    char header[128];
    struct wire_stream stream = listen_now(fixture, "");
    publish(fixture->events, 0);
    assert_true(wire_until(&stream, "{\"n\":0}\n\n", SOON_MS));
    last_id(&stream, id, sizeof id);
    wire_close(&stream);
    char *large = malloc(LARGE + 1);
    assert_non_null(large);
    memset(large, '7', LARGE);
    large[LARGE] = '\0';
    for (int n = 0; n < CAPACITY - 1; ++n) {
        web_events_publish(fixture->events, "status", str_from(large));
    }
    free(large);
    publish(fixture->events, 1);
    (void)snprintf(header, sizeof header, "Last-Event-ID: %s\r\n", id);
    stream = listen_now(fixture, header);
    assert_true(wire_until(&stream, "{\"n\":1}\n\n", SOON_MS));
    size_t kept = wire_count(&stream, "event: status");
    assert_true(kept > 0 && kept * LARGE <= MOST);
    char lost[64];
    (void)snprintf(lost, sizeof lost, "{\"lost\":%zu}", CAPACITY - 1 - kept);
    assert_int_equal(wire_count(&stream, lost), 1);
    wire_close(&stream);
}

static void an_id_that_is_not_known_begins_anew(void **state)
{
    struct fixture *fixture = *state;
    static const char *const ids[] = {"",
                                      "1",
                                      "1-1",
                                      "x-y",
                                      "-",
                                      "99",
                                      "1-1-1",
                                      "9999999999999-1",
                                      "99999999999999999999-99999999999999999999"};
    for (int n = 0; n < (int)(sizeof ids / sizeof ids[0]); ++n) {
        char header[128];
        char old[32];
        char new[32];
        (void)snprintf(header, sizeof header, "Last-Event-ID: %s\r\n", ids[n]);
        (void)snprintf(old, sizeof old, "{\"n\":%d}", 100 + n);
        (void)snprintf(new, sizeof new, "{\"n\":%d}", 200 + n);
        publish(fixture->events, 100 + n);
        struct wire_stream stream = listen_now(fixture, header);
        publish(fixture->events, 200 + n);
        assert_true(wire_until(&stream, new, SOON_MS));
        assert_int_equal(wire_count(&stream, old), 0);
        wire_close(&stream);
    }
}

/* Publishes far more than the ring and the socket hold while the reader sleeps: what it gets
 * afterwards and what it is told to have lost make up all of them, and the newest is among them. */
static void a_slow_reader_loses_the_oldest_and_is_told_how_many(void **state)
{
    struct fixture *fixture = *state;
    enum { EVENTS = 3000, PADDING = 8000 };
    char *json = malloc(PADDING + 64);
    assert_non_null(json);
    memset(json, 'x', PADDING);
    struct wire_stream stream = listen_now(fixture, "");
    for (int n = 1; n <= EVENTS; ++n) {
        (void)snprintf(json + PADDING, 64, "{\"n\":%d}", n);
        web_events_publish(fixture->events, "tick", str_from(json));
    }
    web_events_publish(fixture->events, "status", str_from("{\"last\":true}"));
    assert_true(wire_until(&stream, "{\"last\":true}\n\n", SOON_MS));
    long long lost = 0;
    for (const char *at = stream.text; (at = strstr(at, "{\"lost\":")) != NULL; ++at) {
        lost += strtoll(at + strlen("{\"lost\":"), NULL, 10);
    }
    assert_true(lost > 0);
    assert_int_equal((long long)wire_count(&stream, "event: tick") + lost, EVENTS);
    wire_close(&stream);
    free(json);
}

static void data_with_line_breaks_stays_one_event(void **state)
{
    struct fixture *fixture = *state;
    struct wire_stream stream = listen_now(fixture, "");
    web_events_publish(fixture->events, "status", str_from("{\n\"a\":1\r\n}"));
    assert_true(wire_until(&stream, "data: {\ndata: \"a\":1\ndata: }\n\n", SOON_MS));
    wire_close(&stream);
}

static void a_quiet_stream_has_a_heartbeat(void **state)
{
    struct fixture *fixture = *state;
    struct web_server *server = serve(fixture->events, 100);
    struct wire_stream stream = wire_open(web_server_address(server), "/api/events", "");
    int64_t start_ns = clock_monotonic_ns();
    assert_true(wire_until(&stream, ": still here\n\n", SOON_MS));
    assert_true(clock_monotonic_ns() - start_ns >= 90 * NS_PER_MS);
    wire_close(&stream);
    web_server_destroy(server);
}

static void closing_ends_streams_after_what_is_there(void **state)
{
    struct fixture *fixture = *state;
    struct wire_stream stream = listen_now(fixture, "");
    publish(fixture->events, 1);
    web_events_close(fixture->events);
    publish(fixture->events, 2);
    assert_true(wire_until(&stream, "\r\n0\r\n", SOON_MS));
    assert_int_equal(wire_count(&stream, "{\"n\":1}"), 1);
    assert_int_equal(wire_count(&stream, "{\"n\":2}"), 0);
    wire_close(&stream);
}

static void destroying_the_server_does_not_wait_for_readers(void **state)
{
    struct fixture *fixture = *state;
    struct web_server *server = serve(fixture->events, 0);
    struct wire_stream stream = wire_open(web_server_address(server), "/api/events", "");
    assert_true(wire_until(&stream, "retry: ", SOON_MS));
    int64_t start_ns = clock_monotonic_ns();
    web_server_destroy(server);
    assert_true(clock_monotonic_ns() - start_ns < 20 * NS_PER_SECOND);
    assert_true(wire_until_end(&stream, SOON_MS));
    wire_close(&stream);
}

static void head_of_the_stream_is_its_headers_alone(void **state)
{
    struct fixture *fixture = *state;
    struct wire_answer answer =
        wire_ask(web_server_address(fixture->server), "HEAD", "/api/events", "");
    char type[64];
    assert_int_equal(answer.status, 200);
    assert_true(wire_header(&answer, "Content-Type", type, sizeof type));
    assert_string_equal(type, "text/event-stream");
    assert_int_equal(answer.body_length, 0);
    wire_answer_free(&answer);
}

/* The page asks by itself then, and tries again. */
static void a_reader_too_many_is_told_to_come_back(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct web_server_config config = {
        .listen = "127.0.0.1:0", .events = fixture->events, .streams_most = 2};
    struct web_server *server = web_server_create(&config, &error);
    assert_non_null(server);
    struct wire_stream streams[2];
    for (size_t i = 0; i < 2; ++i) {
        streams[i] = wire_open(web_server_address(server), "/api/events", "");
        assert_true(wire_until(&streams[i], "retry: 2000\n\n", SOON_MS));
    }
    struct wire_answer answer = wire_ask(web_server_address(server), "GET", "/api/events", "");
    char wait[16];
    assert_int_equal(answer.status, 503);
    assert_true(wire_header(&answer, "Retry-After", wait, sizeof wait));
    assert_string_equal(wait, "3");
    assert_non_null(strstr(answer.body, "2 pages are live already"));
    wire_answer_free(&answer);
    /* Who leaves makes room, and a HEAD takes none. */
    wire_close(&streams[0]);
    int64_t deadline_ns = clock_monotonic_ns() + SOON_MS * NS_PER_MS;
    do {
        answer = wire_ask(web_server_address(server), "HEAD", "/api/events", "");
        assert_true(clock_monotonic_ns() < deadline_ns);
        wire_answer_free(&answer);
    } while (answer.status != 200);
    streams[0] = wire_open(web_server_address(server), "/api/events", "");
    assert_true(wire_until(&streams[0], "retry: 2000\n\n", SOON_MS));
    for (size_t i = 0; i < 2; ++i) {
        wire_close(&streams[i]);
    }
    web_server_destroy(server);
}

static void *publish_many(void *context)
{
    for (int n = 0; n < 2000; ++n) {
        publish(context, n);
    }
    return NULL;
}

static void many_threads_may_publish(void **state)
{
    struct fixture *fixture = *state;
    pthread_t threads[3];
    struct wire_stream stream = listen_now(fixture, "");
    for (size_t i = 0; i < 3; ++i) {
        assert_int_equal(pthread_create(&threads[i], NULL, publish_many, fixture->events), 0);
    }
    for (size_t i = 0; i < 3; ++i) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    web_events_publish(fixture->events, "status", str_from("{\"last\":true}"));
    assert_true(wire_until(&stream, "{\"last\":true}\n\n", SOON_MS));
    long long lost = 0;
    for (const char *at = stream.text; (at = strstr(at, "{\"lost\":")) != NULL; ++at) {
        lost += strtoll(at + strlen("{\"lost\":"), NULL, 10);
    }
    assert_int_equal((long long)wire_count(&stream, "event: tick") + lost, 6000);
    wire_close(&stream);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(events_come_in_order_with_names_and_ids),
        TEST(all_readers_get_every_event),
        TEST(a_new_reader_begins_with_the_next_event),
        TEST(a_reader_that_comes_back_goes_on_where_it_was),
        TEST(a_reader_that_comes_back_too_late_is_told_what_it_lost),
        TEST(large_events_are_forgotten_before_there_are_many),
        TEST(an_id_that_is_not_known_begins_anew),
        TEST(a_slow_reader_loses_the_oldest_and_is_told_how_many),
        TEST(data_with_line_breaks_stays_one_event),
        TEST(a_quiet_stream_has_a_heartbeat),
        TEST(closing_ends_streams_after_what_is_there),
        TEST(destroying_the_server_does_not_wait_for_readers),
        TEST(head_of_the_stream_is_its_headers_alone),
        TEST(a_reader_too_many_is_told_to_come_back),
        TEST(many_threads_may_publish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
