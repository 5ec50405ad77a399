/* Searches, dead letters, the offsets of topics, and the lab on the page. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "kafka/consumer/dead_letter.h"
#include "page_fixture.h"

enum { FEW = 6 }; /* partitions: each request asks for the offsets of all */

static json_t *member(const json_t *object, const char *name)
{
    return json_object_get(object, name);
}

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(member(object, name));
}

/* Sends ticks of these prices with the key, where its hash puts it. */
static void send_ticks(struct fixture *fixture, const char *key, const double *prices, size_t count)
{
    struct error error = {0};
    int32_t id = rig_schema(&fixture->rig);
    struct producer *producer =
        producer_create(&(struct producer_config){.kafka = fixture->rig.settings}, &error);
    assert_non_null(producer);
    for (size_t i = 0; i < count; i++) {
        struct ticker tick = rig_tick(key, 1, prices[i]);
        struct strbuf value = rig_message(id, &tick);
        const struct producer_message message = {.topic = RIG_TOPIC,
                                                 .key = str_from(key),
                                                 .value = strbuf_str(&value),
                                                 .partition = RD_KAFKA_PARTITION_UA};
        assert_true(producer_send(producer, &message, &error));
        strbuf_free(&value);
    }
    assert_true(producer_flush(producer, 10000));
    producer_destroy(producer, 0);
}

static double price_at(const json_t *answer, size_t index)
{
    const json_t *message = json_array_get(member(answer, "messages"), index);
    return json_number_value(member(member(message, "value"), "last_price"));
}

static void search_by_key_looks_where_the_key_is_and_goes_on(void **state)
{
    static const double prices[] = {1.5, 2.5, 3.5};
    struct fixture *fixture = *state;
    send_ticks(fixture, "tBTCUSD", prices, 3);
    send_ticks(fixture, "tETHUSD", prices, 2);
    json_t *answer = page_ask(fixture, "/api/messages/search?key=tBTCUSD&limit=2", 200);
    assert_int_equal(json_array_size(member(answer, "messages")), 2);
    assert_true(price_at(answer, 0) == 3.5 && price_at(answer, 1) == 2.5);
    char path[128];
    (void)snprintf(path, sizeof path, "/api/messages/search?key=tBTCUSD&partition=%lld&before=%lld",
                   (long long)number(answer, "partition"),
                   (long long)number(answer, "next_before"));
    json_decref(answer);
    answer = page_ask(fixture, path, 200);
    assert_int_equal(json_array_size(member(answer, "messages")), 1);
    assert_true(price_at(answer, 0) == 1.5);
    assert_true(json_is_null(member(answer, "next_before")));
    json_decref(answer);
    answer = page_ask(fixture, "/api/messages/search?key=nobody", 200);
    assert_int_equal(json_array_size(member(answer, "messages")), 0);
    json_decref(answer);
}

static void search_by_value_and_time_finds_what_has_it(void **state)
{
    static const double prices[] = {1.5, 2.5, 3.5, 2.5};
    static const struct {
        const char *query;
        size_t want;
        double first;
    } cases[] = {
        {"contains=2.5", 2, 2.5},
        {"contains=BITFINEX", 4, 2.5},
        {"contains=nothing", 0, 0},
        {"contains=3.5&before=2", 0, 0},
        {"contains=3.5&from=1", 1, 3.5},
        {"from=1&limit=2", 2, 2.5},
        {"time=2020-01-01T00:00:00Z", 4, 1.5},
        {"time=2020-01-01T00:00:00Z&contains=2.5", 2, 2.5},
        {"time=2200-01-01T00:00:00Z", 0, 0},
        {"from=1000", 0, 0},
        {"before=0&contains=1", 0, 0},
    };
    struct fixture *fixture = *state;
    send_ticks(fixture, "tBTCUSD", prices, 4);
    json_t *answer = page_ask(fixture, "/api/messages/search?key=tBTCUSD", 200);
    int partition = (int)number(answer, "partition");
    json_decref(answer);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[160];
        (void)snprintf(path, sizeof path, "/api/messages/search?partition=%d&%s", partition,
                       cases[i].query);
        answer = page_ask(fixture, path, 200);
        if (json_array_size(member(answer, "messages")) != cases[i].want ||
            (cases[i].want > 0 && price_at(answer, 0) != cases[i].first)) {
            fail_msg("%s: %s", cases[i].query, json_dumps(answer, 0));
        }
        json_decref(answer);
    }
}

/* More messages than one search looks at, in both directions. */
static void search_is_bounded_and_goes_on_to_the_end(void **state)
{
    enum { MESSAGES = 21000, MOST = 20000 };
    struct fixture *fixture = *state;
    double *prices = calloc(MESSAGES, sizeof *prices);
    assert_non_null(prices);
    for (size_t i = 0; i < MESSAGES; i++) {
        prices[i] = i == 0 || i == MESSAGES - 1 ? 987654.25 : 1.5;
    }
    send_ticks(fixture, "tBTCUSD", prices, MESSAGES);
    free(prices);
    json_t *answer = page_ask(fixture, "/api/messages/search?key=tBTCUSD&limit=1", 200);
    int partition = (int)number(answer, "partition");
    json_decref(answer);
    for (int back = 0; back < 2; back++) {
        int64_t looked = 0, at = back ? MESSAGES : 0;
        size_t found = 0;
        const char *next = back ? "next_before" : "next_from";
        for (bool more = true; more;) {
            char path[128];
            (void)snprintf(path, sizeof path,
                           "/api/messages/search?partition=%d&contains=987654.25&%s=%lld",
                           partition, back ? "before" : "from", (long long)at);
            answer = page_ask(fixture, path, 200);
            assert_in_range(number(answer, "looked_at"), 1, MOST);
            assert_int_equal(number(answer, back ? "looked_to" : "looked_from"), at);
            looked += number(answer, "looked_at");
            found += json_array_size(member(answer, "messages"));
            more = !json_is_null(member(answer, next));
            at = number(answer, next);
            json_decref(answer);
        }
        assert_int_equal(looked, MESSAGES);
        assert_int_equal(found, 2);
    }
}

static void send_letter(struct fixture *fixture, const struct producer_header *headers,
                        size_t count)
{
    struct error error = {0};
    struct producer *producer =
        producer_create(&(struct producer_config){.kafka = fixture->rig.settings}, &error);
    assert_non_null(producer);
    const struct producer_message message = {.topic = RIG_TOPIC ".dlq",
                                             .key = str_from("tBTCUSD"),
                                             .value = str_from("no frame"),
                                             .headers = headers,
                                             .header_count = count};
    assert_true(producer_send(producer, &message, &error));
    assert_true(producer_flush(producer, 10000));
    producer_destroy(producer, 0);
}

static void dead_letters_have_their_reason_and_place(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    const struct topic_spec spec = {.name = RIG_TOPIC ".dlq", .partitions = 1, .replication = 3};
    const struct producer_header headers[] = {
        {DEAD_LETTER_HEADER_TOPIC, str_from(RIG_TOPIC)},
        {DEAD_LETTER_HEADER_PARTITION, str_from("3")},
        {DEAD_LETTER_HEADER_OFFSET, str_from("4711")},
        {DEAD_LETTER_HEADER_KIND, str_from("undecodable")},
        {DEAD_LETTER_HEADER_REASON, str_from("<b>no</b> magic byte")},
    };
    assert_true(embedded_kafka_create_topic(fixture->rig.kafka, &spec, &error));
    send_letter(fixture, headers, sizeof headers / sizeof *headers);
    send_letter(fixture, &(struct producer_header){DEAD_LETTER_HEADER_OFFSET, str_from("-1")}, 1);
    json_t *answer =
        page_ask(fixture, "/api/messages?topic=" RIG_TOPIC ".dlq&partition=0&offset=0", 200);
    const json_t *letter = member(json_array_get(answer, 0), "dead_letter");
    assert_string_equal(json_string_value(member(letter, "reason")), "<b>no</b> magic byte");
    assert_string_equal(json_string_value(member(letter, "kind")), "undecodable");
    assert_string_equal(json_string_value(member(letter, "topic")), RIG_TOPIC);
    assert_int_equal(number(letter, "partition"), 3);
    assert_int_equal(number(letter, "offset"), 4711);
    const json_t *forged = member(json_array_get(answer, 1), "dead_letter");
    assert_true(json_is_null(member(forged, "offset")) && json_is_null(member(forged, "reason")));
    json_decref(answer);
    answer = page_ask(
        fixture, "/api/messages/search?topic=" RIG_TOPIC ".dlq&partition=0&contains=MAGIC", 200);
    assert_int_equal(json_array_size(member(answer, "messages")), 1);
    json_decref(answer);
    answer = page_ask(fixture, "/api/partitions?topic=" RIG_TOPIC ".dlq", 200);
    assert_int_equal(number(json_array_get(answer, 0), "end"), 2);
    json_decref(answer);
    json_decref(page_ask(fixture, "/api/partitions?topic=bars.dlq", 400)); /* there is none */
}

static bool lag_is_known(void *context)
{
    json_t *lag = page_ask(context, "/api/lag", 200);
    const json_t *ticks = json_array_get(member(lag, "topics"), 0);
    size_t steps = json_array_size(member(ticks, "lag"));
    bool known = steps > 0 && json_is_integer(json_array_get(member(ticks, "lag"), steps - 1));
    json_decref(lag);
    return known;
}

/* The ages of messages that were there before are unknown; nothing is unread where there is none.
 */
static void lag_is_a_history_and_has_an_age(void **state)
{
    struct fixture *fixture = *state;
    assert_true(support_wait(lag_is_known, fixture, SOON_MS));
    json_t *lag = page_ask(fixture, "/api/lag", 200);
    assert_int_equal(json_array_size(member(lag, "topics")), 3);
    const json_t *missing = json_array_get(member(lag, "topics"), 2);
    assert_true(json_is_null(json_array_get(member(missing, "lag"), 0)));
    json_decref(lag);
    json_t *status = page_ask(fixture, "/api/status", 200);
    assert_true(json_number_value(member(status, "lag_s")) == 0.0);
    assert_true(json_is_number(member(status, "lag_s")));
    const json_t *partition = json_array_get(member(status, "partitions"), 0);
    assert_int_equal(number(partition, "replicas"), 3);
    assert_int_equal(number(partition, "in_sync"), 3);
    json_decref(status);
}

static void prediction_is_of_the_groups_own_topics(void **state)
{
    struct fixture *fixture = *state;
    assert_true(support_wait(lag_is_known, fixture, SOON_MS));
    json_t *answer =
        page_ask(fixture, "/api/lab/predict?members=4&change=leave&member=4&strategy=sticky", 200);
    assert_int_equal(json_array_size(member(answer, "topics")), 2); /* one is missing */
    const json_t *strategies = member(answer, "strategies");
    assert_int_equal(json_array_size(strategies), 1);
    const json_t *steps = member(json_array_get(strategies, 0), "steps");
    assert_int_equal(json_array_size(steps), 2);
    const json_t *left = json_array_get(steps, 1);
    assert_string_equal(json_string_value(member(left, "change")), "m4 leaves");
    assert_int_equal(json_object_size(member(left, "placement")), 3);
    assert_int_equal(number(left, "least") + 2 * number(left, "most"), FEW + 2);
    json_decref(answer);
    answer = page_ask(fixture, "/api/lab/predict?members=31&change=join", 200);
    assert_int_equal(json_array_size(member(answer, "strategies")), 4);
    json_decref(answer);
    json_decref(page_ask(fixture, "/api/lab/predict?strategy=best", 400));
}

static void write_results(const struct fixture *fixture, const char *text)
{
    FILE *file = fopen(fixture->lab_results, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void lab_results_are_those_of_the_file(void **state)
{
    struct fixture *fixture = *state;
    json_t *answer = page_ask(fixture, "/api/lab/results", 200);
    assert_true(json_is_null(member(answer, "time")));
    assert_int_equal(json_array_size(member(answer, "scenarios")), 0);
    json_decref(answer);
    write_results(fixture, "{\"scenarios\":[{\"scenario\":\"join\"}]}");
    answer = page_ask(fixture, "/api/lab/results", 200);
    assert_int_equal(json_array_size(member(answer, "scenarios")), 1);
    json_decref(answer);
    write_results(fixture, "root:x:0:0");
    json_decref(page_ask(fixture, "/api/lab/results", 500));
}

static int set_up(void **state)
{
    return page_set_up(state, FEW);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, page_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(search_by_key_looks_where_the_key_is_and_goes_on),
        TEST(search_by_value_and_time_finds_what_has_it),
        TEST(search_is_bounded_and_goes_on_to_the_end),
        TEST(dead_letters_have_their_reason_and_place),
        TEST(lag_is_a_history_and_has_an_age),
        TEST(prediction_is_of_the_groups_own_topics),
        TEST(lab_results_are_those_of_the_file),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
