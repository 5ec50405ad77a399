/* The API's questions about the group and its messages, over a real socket. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "fake_backend.h"
#include "wire.h"

struct fixture {
    struct fake fake;
    struct web_server *server;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct error error = {0};
    fixture = (struct fixture){0};
    const struct web_server_config config = {.listen = "127.0.0.1:0",
                                             .backend = fake_backend(&fixture.fake)};
    fixture.server = web_server_create(&config, &error);
    assert_non_null(fixture.server);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    web_server_destroy(fixture->server);
    return 0;
}

static struct wire_answer get(const struct fixture *fixture, const char *target)
{
    return wire_ask(web_server_address(fixture->server), "GET", target, "");
}

static void each_path_reaches_its_function(void **state)
{
    static const char *const paths[] = {"lag", "lab/predict", "lab/results", "partitions"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char target[64], want[64];
        (void)snprintf(target, sizeof target, "/api/%s?topic=bars.dlq", paths[i]);
        (void)snprintf(want, sizeof want, "{\"answer\":\"%s\"}", paths[i]);
        struct wire_answer answer = get(*state, target);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.body, want);
        wire_answer_free(&answer);
    }
    assert_string_equal(((struct fixture *)*state)->fake.topic, "bars.dlq");
}

static void search_parameters_reach_the_backend(void **state)
{
    static const struct {
        const char *query, *topic, *key, *contains;
        int32_t partition;
        int64_t from, before, since_ns;
        int limit;
    } cases[] = {
        {"partition=0", "", "", "", 0, -1, -1, INT64_MIN, WEB_MESSAGES_DEFAULT},
        {"key=tBTCUSD", "", "tBTCUSD", "", -1, -1, -1, INT64_MIN, WEB_MESSAGES_DEFAULT},
        {"topic=a.dlq&partition=3&key=%3Cb%3E&contains=a%20b&limit=500", "a.dlq", "<b>", "a b", 3,
         -1, -1, INT64_MIN, 500},
        {"partition=1&before=7", "", "", "", 1, -1, 7, INT64_MIN, WEB_MESSAGES_DEFAULT},
        {"partition=1&from=7&time=2026-01-01T00:00:00Z", "", "", "", 1, 7, -1,
         INT64_C(1767225600) * NS_PER_SECOND, WEB_MESSAGES_DEFAULT},
    };
    struct fixture *fixture = *state;
    const struct fake *fake = &fixture->fake;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char target[256];
        (void)snprintf(target, sizeof target, "/api/messages/search?%s", cases[i].query);
        struct wire_answer answer = get(fixture, target);
        assert_int_equal(answer.status, 200);
        assert_string_equal(fake->topic, cases[i].topic);
        assert_string_equal(fake->key, cases[i].key);
        assert_string_equal(fake->contains, cases[i].contains);
        assert_int_equal(fake->search.partition, cases[i].partition);
        assert_int_equal(fake->search.from, cases[i].from);
        assert_int_equal(fake->search.before, cases[i].before);
        assert_int_equal(fake->search.since_ns, cases[i].since_ns);
        assert_int_equal(fake->search.limit, cases[i].limit);
        wire_answer_free(&answer);
    }
}

static void prediction_parameters_reach_the_backend(void **state)
{
    static const struct {
        const char *query, *strategies;
        enum web_predict_change change;
        int members, member;
    } cases[] = {
        {"", "range,roundrobin,sticky,eager-sticky", WEB_PREDICT_NONE, 3, 1},
        {"?members=31&change=join&strategy=sticky", "sticky", WEB_PREDICT_JOIN, 31, 1},
        {"?members=2&change=leave&member=2&strategy=range,sticky", "range,sticky",
         WEB_PREDICT_LEAVE, 2, 2},
        {"?members=1&change=none", "range,roundrobin,sticky,eager-sticky", WEB_PREDICT_NONE, 1, 1},
    };
    struct fixture *fixture = *state;
    const struct fake *fake = &fixture->fake;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char target[256];
        (void)snprintf(target, sizeof target, "/api/lab/predict%s", cases[i].query);
        struct wire_answer answer = get(fixture, target);
        assert_int_equal(answer.status, 200);
        assert_string_equal(fake->strategies, cases[i].strategies);
        assert_int_equal(fake->predict.change, cases[i].change);
        assert_int_equal(fake->predict.members, cases[i].members);
        assert_int_equal(fake->predict.member, cases[i].member);
        wire_answer_free(&answer);
    }
}

static void bad_parameters_give_400_that_names_them(void **state)
{
    static const struct {
        const char *target, *want;
    } cases[] = {
        {"/api/messages/search", "partition is missing: name one, such as partition=0, or a key"},
        {"/api/messages/search?contains=a", "partition is missing"},
        {"/api/messages/search?partition=-1", "partition \\\"-1\\\" must be a whole number, 0 to"},
        {"/api/messages/search?partition=0&key=", "key must have 1 to 1000 bytes, and has 0"},
        {"/api/messages/search?partition=0&contains=", "contains must have 1 to 100 bytes"},
        {"/api/messages/search?partition=0&time=soon", "time \\\"soon\\\" is no time: use RFC"},
        {"/api/messages/search?partition=0&from=-1",
         "from \\\"-1\\\" must be a whole number, 0 to"},
        {"/api/messages/search?partition=0&before=x", "before \\\"x\\\""},
        {"/api/messages/search?partition=0&from=1&before=2", "before looks back, from and time"},
        {"/api/messages/search?partition=0&time=1&before=2", "name one of the two"},
        {"/api/messages/search?partition=0&limit=501", "1 to 500"},
        {"/api/lab/predict?members=0", "members \\\"0\\\" must be a whole number, 1 to 31"},
        {"/api/lab/predict?members=32", "1 to 31"},
        {"/api/lab/predict?members=2&member=3", "member \\\"3\\\" must be a whole number, 1 to 2"},
        {"/api/lab/predict?change=crash", "change \\\"crash\\\" must be one of: none, join, leave"},
        {"/api/lab/predict?members=1&change=leave", "nobody would be left"},
        {"/api/lab/predict?strategy=", "strategy must have 1 to 100 bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wire_answer answer = get(*state, cases[i].target);
        if (answer.status != 400 || strstr(answer.body, cases[i].want) == NULL) {
            fail_msg("%s gave %d %s", cases[i].target, answer.status, answer.body);
        }
        wire_answer_free(&answer);
    }
    char target[200] = "/api/messages/search?partition=0&contains=";
    memset(target + strlen(target), 'x', 101);
    struct wire_answer answer = get(*state, target);
    assert_int_equal(answer.status, 400);
    assert_non_null(strstr(answer.body, "1 to 100 bytes, and has 101"));
    wire_answer_free(&answer);
}

static void errors_of_the_backend_give_the_status_of_their_kind(void **state)
{
    static const char *const targets[] = {"/api/lag", "/api/lab/predict", "/api/lab/results",
                                          "/api/partitions", "/api/messages/search?partition=0"};
    struct fixture *fixture = *state;
    fixture->fake.fail = ERROR_RETRY;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        struct wire_answer answer = get(fixture, targets[i]);
        assert_int_equal(answer.status, 503);
        assert_non_null(strstr(answer.body, "the \\\"store\\\" is away"));
        wire_answer_free(&answer);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_path_reaches_its_function),
        TEST(search_parameters_reach_the_backend),
        TEST(prediction_parameters_reach_the_backend),
        TEST(bad_parameters_give_400_that_names_them),
        TEST(errors_of_the_backend_give_the_status_of_their_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
