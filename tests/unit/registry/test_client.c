/* Looking ids up over real sockets: against the embedded registry, and against odd answers. */
#include "registry_http.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/http/http_server.h"
#include "base/log.h"
#include "raw_server.h"
#include "record/ticker.h"
#include "registry/client/client.h"
#include "support.h"

static struct registry_client *create_client(const char *url, const struct registry_limits *limits)
{
    struct error error = {0};
    struct registry_config config = {.url = url,
                                     .columns = ticker_columns,
                                     .reader_schema = ticker_schema_text,
                                     .limits = limits,
                                     .timeout_ms = 5000};
    struct registry_client *client = registry_client_create(&config, &error);
    if (client == NULL) {
        fail_msg("%s", error.text);
    }
    return client;
}

/* A lookup that a condition can wait for. */
struct lookup {
    struct registry_client *client;
    int32_t id;
    enum registry_answer answer;
    struct error error;
};

static bool is_settled(void *context)
{
    struct lookup *lookup = context;
    const struct decode_plan *plan = NULL;
    lookup->answer = registry_lookup(lookup->client, lookup->id, &plan, &lookup->error);
    if (lookup->answer == REGISTRY_READY) {
        registry_release(lookup->client, plan);
    }
    return lookup->answer != REGISTRY_PENDING;
}

static bool is_ready(void *context)
{
    return is_settled(context) && ((struct lookup *)context)->answer == REGISTRY_READY;
}

static void expect_answer(struct registry_client *client, int32_t id, enum registry_answer want,
                          const char *words)
{
    struct lookup lookup = {.client = client, .id = id};
    (void)support_wait(is_settled, &lookup, 20000);
    if (lookup.answer != want || strstr(lookup.error.text, words) == NULL) {
        fail_msg("id %d: answer %d, \"%s\"; wanted %d, \"%s\"", id, (int)lookup.answer,
                 lookup.error.text, (int)want, words);
    }
}

/* A registry of scripted answers: the n-th request for an id gets the n-th, later ones the last. */
struct scripted {
    struct http_server *http;
    bool stranger; /* no registry: it finds nothing else either */
    char url[128];
    const struct reply *replies;
    size_t count;
    atomic_size_t requests;
};
struct reply {
    unsigned status;
    const char *body;
};

static void answer_scripted(void *context, const struct http_exchange *exchange,
                            struct http_reply *reply)
{
    struct scripted *scripted = context;
    if (strncmp(exchange->path, "/schemas/ids/", strlen("/schemas/ids/")) != 0) {
        reply->status = scripted->stranger ? 404 : 200;
        strbuf_append_text(&reply->body, scripted->stranger ? "not found" : "[\"AVRO\"]");
        return;
    }
    size_t n = atomic_fetch_add(&scripted->requests, 1);
    const struct reply *next = &scripted->replies[n < scripted->count ? n : scripted->count - 1];
    reply->status = next->status;
    strbuf_append_text(&reply->body, next->body);
}

static void start_scripted(struct scripted *scripted, const struct reply *replies, size_t count)
{
    *scripted = (struct scripted){.replies = replies, .count = count};
    scripted->http = http_server_create(&(struct http_server_config){.listen = "127.0.0.1:0",
                                                                     .handler = answer_scripted,
                                                                     .context = scripted},
                                        NULL);
    assert_non_null(scripted->http);
    (void)snprintf(scripted->url, sizeof scripted->url, "http://%s",
                   http_server_address(scripted->http));
}

/* {"schema":"<ticker.avsc>"}, to free(). */
static char *ticker_answer(void)
{
    struct strbuf body = strbuf_new(1 << 20);
    strbuf_append_text(&body, "{\"schema\":");
    strbuf_append_json_string(&body, str_from(ticker_schema_text));
    strbuf_append_char(&body, '}');
    char *text = strbuf_take(&body);
    assert_non_null(text);
    return text;
}

static void message_of_a_registered_schema_is_decoded(void **state)
{
    (void)state;
    struct registry_server *server = start_registry(":memory:");
    struct registry_client *client = create_client(registry_server_url(server), NULL);
    struct error error = {0};
    int32_t id;
    assert_true(registry_register(client, "tickers-value", ticker_schema_text, &id, &error));
    expect_answer(client, id, REGISTRY_READY, "");

    struct schema *schema = schema_parse(str_from(ticker_schema_text), &error);
    assert_non_null(schema);
    struct encode_plan *encode = encode_plan_compile(schema, ticker_columns, &error);
    assert_non_null(encode);
    struct ticker want = {.symbol = "tBTCUSD", .source = "replay", .last_price = 0.1};
    struct ticker got;
    struct strbuf body = strbuf_new(1024);
    assert_true(encode_plan_run(encode, &want, NULL, &body));

    const struct decode_plan *plan;
    assert_int_equal(registry_lookup(client, id, &plan, &error), REGISTRY_READY);
    assert_true(decode_plan_run(plan, strbuf_str(&body), &got, NULL, &error));
    registry_release(client, plan);
    assert_string_equal(got.symbol, "tBTCUSD");
    assert_true(got.last_price == want.last_price);

    strbuf_free(&body);
    encode_plan_destroy(encode);
    schema_destroy(schema);
    registry_client_destroy(client);
    registry_server_destroy(server);
}

static void known_id_goes_on_without_the_registry(void **state)
{
    (void)state;
    struct registry_server *server = start_registry(":memory:");
    struct registry_client *client = create_client(registry_server_url(server), NULL);
    int32_t id;
    assert_true(registry_register(client, "s", ticker_schema_text, &id, NULL));
    expect_answer(client, id, REGISTRY_READY, "");
    registry_server_destroy(server);

    struct lookup unknown = {.client = client, .id = id + 1};
    for (int i = 0; i < 40; i++) {
        expect_answer(client, id, REGISTRY_READY, "");
        assert_false(is_settled(&unknown));
    }
    assert_int_equal(unknown.error.kind, ERROR_RETRY);
    registry_client_destroy(client);
}

static const struct registry_limits quick = {.missing_after_ms = 300,
                                             .ask_again_ms = 400,
                                             .waiting_ms = 60000,
                                             .waiting_window_ms = 3600000};

static void next_address_is_asked_while_the_first_is_away(void **state)
{
    (void)state;
    static const struct raw_answer busy = {
        .bytes = "HTTP/1.1 503 Away\r\nConnection: close\r\n\r\n", .end = RAW_CLOSE};
    struct raw_server *broken = raw_server_create(&busy, 1);
    struct registry_server *server = start_registry(":memory:");
    char urls[300];
    (void)snprintf(urls, sizeof urls, "http://127.0.0.1:1,%s,%s", raw_server_url(broken),
                   registry_server_url(server));
    struct registry_client *client = create_client(urls, &quick);
    struct error error = {0};
    int32_t id;
    if (!registry_register(client, "s", ticker_schema_text, &id, &error)) {
        fail_msg("%s", error.text);
    }
    expect_answer(client, id, REGISTRY_READY, "");
    expect_answer(client, id + 1, REGISTRY_MISSING, "no such id");
    /* once to register and once for all ids: who answered is asked again */
    assert_int_equal(raw_server_requests(broken), 2);
    registry_client_destroy(client);
    registry_server_destroy(server);
    raw_server_destroy(broken);
}

static void odd_answer_is_no_verdict_and_the_next_good_one_counts(void **state)
{
    (void)state;
    static const struct reply odd[] = {
        {500, "{\"error_code\":50001,\"message\":\"disk\"}"},
        {404, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}"},
        {404, "<html>nothing here</html>"},
        {404, "{\"error_code\":40403,\"message\":\"Schema not found\"}"},
        {401, "{\"error_code\":401,\"message\":\"who\"}"},
        {302, ""},
        {200, "<html>log in</html>"},
        {200, "{}"},
        {200, ""},
        {200, "{\"schema\":\"{}\""},
    };
    char *good = ticker_answer();
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        const struct reply replies[] = {odd[i], odd[i], {200, good}};
        struct scripted scripted;
        start_scripted(&scripted, replies, 3);
        struct registry_client *client = create_client(scripted.url, NULL);
        expect_answer(client, 5, REGISTRY_READY, "");
        assert_int_equal(atomic_load(&scripted.requests), 3);
        registry_client_destroy(client);
        http_server_destroy(scripted.http);
    }
    free(good);
}

static void unknown_id_is_missing_after_its_time_and_can_still_come(void **state)
{
    (void)state;
    struct registry_server *server = start_registry(":memory:");
    struct registry_client *client = create_client(registry_server_url(server), &quick);
    int64_t start_ns = clock_monotonic_ns();
    expect_answer(client, 1, REGISTRY_MISSING,
                  "schema 1: the registry has no such id (it answered 404: Schema not found)");
    assert_true(clock_monotonic_ns() - start_ns >= quick.missing_after_ms * NS_PER_MS);
    int32_t id;
    assert_true(registry_register(client, "s", ticker_schema_text, &id, NULL));
    assert_int_equal(id, 1);
    struct lookup lookup = {.client = client, .id = 1};
    assert_true(support_wait(is_ready, &lookup, 20000));
    registry_client_destroy(client);
    registry_server_destroy(server);
}

/* As registries say it: Confluent and Karapace; Apicurio; others. */
static void each_registry_has_its_own_words_for_no_such_id(void **state)
{
    (void)state;
    static const struct reply words[] = {
        {404, "{\"error_code\":40403,\"message\":\"Schema not found\"}"},
        {404, "{\"error_code\":404,\"message\":\"No artifact with id 5\"}"},
        {404, "{\"error_code\":40401,\"message\":\"Subject not found\"}"},
        {404, "Not found"},
        {404, "<html>404</html>"},
        {404, ""},
        {410, ""},
        {422, "{\"error_code\":42201,\"message\":\"Invalid id\"}"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct scripted scripted;
        start_scripted(&scripted, &words[i], 1);
        struct registry_client *client = create_client(scripted.url, &quick);
        expect_answer(client, 5, REGISTRY_MISSING, "no such id");
        assert_true(atomic_load(&scripted.requests) >= 3);
        registry_client_destroy(client);
        http_server_destroy(scripted.http);
    }
}

/* A wrong address, or a proxy whose registry is away, says 404 to everything. */
static void who_finds_nothing_at_all_is_no_registry(void **state)
{
    (void)state;
    static const struct reply nothing = {404, "not found"};
    struct scripted scripted;
    start_scripted(&scripted, &nothing, 1);
    scripted.stranger = true;
    struct registry_client *client = create_client(scripted.url, &quick);
    struct lookup lookup = {.client = client, .id = 5};
    assert_true(support_stays_false(is_settled, &lookup, 3 * quick.missing_after_ms));
    assert_non_null(strstr(lookup.error.text, "is --registry a registry's address?"));
    assert_int_equal(lookup.error.kind, ERROR_RETRY);
    registry_client_destroy(client);
    http_server_destroy(scripted.http);
}

struct unknowns {
    struct registry_client *client;
    int32_t judged; /* the first so many ids */
    int32_t all;
};

static bool all_are_missing(void *context)
{
    struct unknowns *unknowns = context;
    struct lookup lookup = {.client = unknowns->client, .id = unknowns->judged + 1};
    while (unknowns->judged < unknowns->all && is_settled(&lookup)) {
        assert_int_equal(lookup.answer, REGISTRY_MISSING);
        lookup.id = ++unknowns->judged + 1;
    }
    return unknowns->judged == unknowns->all;
}

/* One after the other, as messages of one partition come: the budget ends the waiting. */
static void hundreds_of_unknown_ids_cost_the_budget_and_one_answer_each(void **state)
{
    (void)state;
    static const struct registry_limits limits = {.missing_after_ms = 300,
                                                  .ask_again_ms = 400000,
                                                  .waiting_ms = 1000,
                                                  .waiting_window_ms = 3600000};
    struct registry_server *server = start_registry(":memory:");
    struct registry_client *client = create_client(registry_server_url(server), &limits);
    struct unknowns unknowns = {.client = client, .all = 300};
    int64_t start_ns = clock_monotonic_ns();
    assert_true(support_wait(all_are_missing, &unknowns, 60000));
    assert_true(clock_monotonic_ns() - start_ns >= limits.waiting_ms * NS_PER_MS);
    registry_client_destroy(client);
    registry_server_destroy(server);
}

static void schemas_that_cannot_be_ours_are_unusable_with_the_reason(void **state)
{
    (void)state;
#define SCHEMA(text) "{\"schema\":\"" text "\"}"
#define TEN "[[[[[[[[[["
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
    static const struct {
        const char *body;
        const char *want;
    } cases[] = {
        {"{\"schema\":\"syntax = \\\"proto3\\\";\",\"schemaType\":\"PROTOBUF\"}",
         "schema 5: the schema is of type PROTOBUF, not AVRO"},
        {"{\"schema\":\"{}\",\"references\":[{\"name\":\"a\",\"subject\":\"b\",\"version\":1}]}",
         "refers to others"},
        {SCHEMA("\\\"string\\\""), "string cannot be read as record"},
        {SCHEMA("{\\\"type\\\":\\\"fixed\\\",\\\"name\\\":\\\"F\\\",\\\"size\\\":-2}"),
         "the fixed has no size"},
        {SCHEMA(HUNDRED HUNDRED HUNDRED), "nests deeper than 64 levels"},
        {SCHEMA("{"), "not JSON"},
        {SCHEMA("a\\u0000b"), "holds a NUL"},
        {SCHEMA("{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"Ticker\\\",\\\"fields\\\":[]}"),
         "field 'symbol' is not in the writer's record"},
        {SCHEMA("{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"Other\\\",\\\"fields\\\":[]}"),
         "record 'Other' is neither 'candlewick.Ticker'"},
    };
#undef HUNDRED
#undef TEN
#undef SCHEMA
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reply reply = {200, cases[i].body};
        struct scripted scripted;
        start_scripted(&scripted, &reply, 1);
        struct registry_client *client = create_client(scripted.url, NULL);
        expect_answer(client, 5, REGISTRY_UNUSABLE, cases[i].want);
        assert_int_equal(atomic_load(&scripted.requests), 1);
        registry_client_destroy(client);
        http_server_destroy(scripted.http);
    }
}

static void number_of_no_guid_waits_without_asking(void **state)
{
    (void)state;
    struct registry_client *client = create_client("http://127.0.0.1:1", NULL);
    struct lookup lookup = {.client = client, .id = -5};
    assert_false(is_settled(&lookup));
    assert_int_equal(lookup.answer, REGISTRY_PENDING);
    assert_int_equal(lookup.error.kind, ERROR_RETRY);
    assert_non_null(strstr(lookup.error.text, "forgotten"));
    registry_client_destroy(client);
}

static void answer_without_end_is_cut_and_unusable_when_it_stays(void **state)
{
    (void)state;
    struct strbuf large = strbuf_new((size_t)8 << 20);
    strbuf_append_text(&large, "{\"schema\":\"");
    while (large.length < (size_t)4 << 20) {
        strbuf_append_text(&large, "                                                    ");
    }
    struct reply reply = {200, strbuf_text(&large)};
    struct scripted scripted;
    start_scripted(&scripted, &reply, 1);
    struct registry_client *client = create_client(scripted.url, &quick);
    expect_answer(client, 5, REGISTRY_UNUSABLE, "the schema is larger than 1048576 bytes");
    assert_true(atomic_load(&scripted.requests) >= 3);
    registry_client_destroy(client);
    http_server_destroy(scripted.http);
    strbuf_free(&large);
}

static void silent_registry_blocks_neither_lookups_nor_the_end(void **state)
{
    (void)state;
    static const struct raw_answer answer = {.end = RAW_HANG};
    struct raw_server *server = raw_server_create(&answer, 1);
    struct registry_config config = {.url = raw_server_url(server),
                                     .columns = ticker_columns,
                                     .reader_schema = ticker_schema_text,
                                     .timeout_ms = 600000};
    struct registry_client *client = registry_client_create(&config, NULL);
    assert_non_null(client);
    struct lookup lookup = {.client = client, .id = 5};
    assert_false(is_settled(&lookup));
    while (raw_server_requests(server) == 0) {
        assert_true(support_stays_false(is_settled, &lookup, 10));
    }
    int64_t start_ns = clock_monotonic_ns();
    for (int i = 0; i < 1000; i++) {
        assert_false(is_settled(&lookup));
    }
    registry_client_destroy(client);
    assert_true(clock_monotonic_ns() - start_ns < 5 * NS_PER_SECOND);
    raw_server_destroy(server);
}

enum { READERS = 4, IDS = 100 };
struct reader {
    pthread_t thread;
    struct registry_client *client;
    int ready;
};

/* Looks all ids up, holding two plans at a time. */
static void *read_all(void *argument)
{
    struct reader *reader = argument;
    int64_t deadline_ns = clock_monotonic_ns() + 40 * NS_PER_SECOND;
    const struct decode_plan *held = NULL;
    int32_t id = 1;
    while (id <= IDS && clock_monotonic_ns() < deadline_ns) {
        const struct decode_plan *plan = NULL;
        if (registry_lookup(reader->client, id, &plan, NULL) != REGISTRY_READY) {
            struct lookup lookup = {.client = reader->client, .id = id};
            (void)support_wait(is_settled, &lookup, 1000);
            continue;
        }
        if (held != NULL) {
            registry_release(reader->client, held);
        }
        held = plan;
        reader->ready++;
        id++;
    }
    if (held != NULL) {
        registry_release(reader->client, held);
    }
    return NULL;
}

static void many_threads_read_more_ids_than_the_cache_holds(void **state)
{
    (void)state;
    char *good = ticker_answer();
    struct reply reply = {200, good};
    struct scripted scripted;
    start_scripted(&scripted, &reply, 1);
    struct registry_client *client = create_client(scripted.url, NULL);
    struct reader readers[READERS] = {0};
    for (int i = 0; i < READERS; i++) {
        readers[i].client = client;
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_all, &readers[i]), 0);
    }
    for (int i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
        assert_int_equal(readers[i].ready, IDS);
    }
    registry_client_destroy(client);
    http_server_destroy(scripted.http);
    free(good);
}

int main(void)
{
    log_set_level(LOG_OFF);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_of_a_registered_schema_is_decoded),
        cmocka_unit_test(known_id_goes_on_without_the_registry),
        cmocka_unit_test(next_address_is_asked_while_the_first_is_away),
        cmocka_unit_test(odd_answer_is_no_verdict_and_the_next_good_one_counts),
        cmocka_unit_test(unknown_id_is_missing_after_its_time_and_can_still_come),
        cmocka_unit_test(each_registry_has_its_own_words_for_no_such_id),
        cmocka_unit_test(who_finds_nothing_at_all_is_no_registry),
        cmocka_unit_test(hundreds_of_unknown_ids_cost_the_budget_and_one_answer_each),
        cmocka_unit_test(schemas_that_cannot_be_ours_are_unusable_with_the_reason),
        cmocka_unit_test(number_of_no_guid_waits_without_asking),
        cmocka_unit_test(answer_without_end_is_cut_and_unusable_when_it_stays),
        cmocka_unit_test(silent_registry_blocks_neither_lookups_nor_the_end),
        cmocka_unit_test(many_threads_read_more_ids_than_the_cache_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
