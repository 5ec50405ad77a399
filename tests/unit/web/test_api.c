/* The API's questions and answers, over a real socket. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "cmocka_all.h"
#include "fake_backend.h"
#include "wire.h"

struct fixture {
    struct fake fake;
    struct web_server *server;
    const char *address;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct error error = {0};
    fixture = (struct fixture){0};
    struct web_server_config config = {.listen = "127.0.0.1:0",
                                       .backend = fake_backend(&fixture.fake)};
    fixture.server = web_server_create(&config, &error);
    assert_non_null(fixture.server);
    fixture.address = web_server_address(fixture.server);
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
    return wire_ask(fixture->address, "GET", target, "");
}

static void plain_questions_reach_their_function(void **state)
{
    const char *const names[] = {"info",   "coins",    "markets", "news",
                                 "status", "messages", "history", "verify"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
        char target[64];
        char want[64];
        (void)snprintf(target, sizeof target, "/api/%s?partition=0", names[i]);
        (void)snprintf(want, sizeof want, "{\"answer\":\"%s\"}", names[i]);
        struct wire_answer answer = get(*state, target);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.body, want);
        wire_answer_free(&answer);
    }
}

/* As a text up to a thousand, beyond it while they go out. */
static void candles_are_the_bytes_that_market_writes(void **state)
{
    static const size_t rounds[] = {1, 256, 500, 501, 768, 50000};
    struct fixture *fixture = *state;
    char url[64];
    (void)snprintf(url, sizeof url, "http://%s", web_server_address(fixture->server));
    struct error error = {0};
    struct http_client *client = http_client_create(
        &(struct http_client_config){
            .base_url = url, .timeout_ms = 20000, .body_limit_bytes = 32 << 20},
        &error);
    assert_non_null(client);
    for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; ++i) {
        fixture->fake.candle_rounds = rounds[i];
        char *want = fake_candles_json(&fixture->fake, "tBTCUSD");
        struct http_response response = {0};
        const struct http_request request = {.path = "/api/candles?coin=tBTCUSD&interval=5m"};
        assert_true(http_client_send(client, &request, &response, &error));
        assert_int_equal(response.status, 200);
        assert_true(want != NULL && strcmp(strbuf_text(&response.body), want) == 0);
        http_response_free(&response);
        free(want);
    }
    http_client_destroy(client);
}

/* Of the largest answers a few are held for slow readers; small ones come through all the same,
 * and there is room again as soon as the readers are gone. */
static void a_large_answer_too_many_is_told_to_come_back(void **state)
{
    enum { SLOW = 6 };
    static const char large[] = "/api/candles?coin=tBTCUSD&limit=100000";
    struct fixture *fixture = *state;
    fixture->fake.candle_rounds = WEB_CANDLES_MOST / 2;
    struct wire_stream slow[SLOW];
    size_t answered = 0;
    for (size_t i = 0; i < SLOW; ++i) {
        slow[i] = wire_open(web_server_address(fixture->server), large, "");
        assert_true(wire_until(&slow[i], "\r\n\r\n", 20000));
        answered += strncmp(slow[i].text, "HTTP/1.1 200 ", 13) == 0 ? 1 : 0;
    }
    assert_int_equal(answered, SLOW - 1);
    assert_non_null(strstr(slow[SLOW - 1].text, "\r\nRetry-After: 3\r\n"));
    fixture->fake.candle_rounds = 1;
    struct wire_answer answer = get(fixture, "/api/candles?coin=tBTCUSD&limit=1000");
    assert_int_equal(answer.status, 200);
    wire_answer_free(&answer);
    for (size_t i = 0; i < SLOW; ++i) {
        wire_close(&slow[i]);
    }
    answer = get(fixture, large);
    assert_int_equal(answer.status, 200);
    wire_answer_free(&answer);
}

static void candles_say_how_much_of_their_time_was_covered(void **state)
{
    struct fixture *fixture = *state;
    const char *const covered =
        "\"covered\":{\"unknown\":0.8,\"live\":0.2,\"refilled\":0,\"hole\":0},\"polls\":12}";
    struct wire_answer answer = get(fixture, "/api/candles?coin=tBTCUSD&interval=5m");
    assert_null(strstr(answer.body, "covered"));
    wire_answer_free(&answer);
    fixture->fake.covered = true;
    for (size_t rounds = 1; rounds <= 1001; rounds += 1000) { /* as a text, and while it goes out */
        fixture->fake.candle_rounds = rounds;
        answer = get(fixture, "/api/candles?coin=tBTCUSD&interval=5m");
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(answer.body, covered));
        assert_null(strstr(answer.body, "forming"));
        wire_answer_free(&answer);
    }
}

static void a_comparison_asks_for_a_day_unless_told(void **state)
{
    struct fixture *fixture = *state;
    const struct fake *fake = &fixture->fake;
    int64_t before_ns = clock_wall_ns();
    struct wire_answer answer = get(fixture, "/api/compare?coin=tBTCUSD");
    assert_string_equal(answer.body, "{\"answer\":\"compare\"}");
    wire_answer_free(&answer);
    assert_true(fake->to_ns >= before_ns && fake->to_ns - fake->from_ns == NS_PER_DAY);
    assert_int_equal(fake->interval_ns, 60 * NS_PER_SECOND);
    answer = get(fixture, "/api/compare?coin=BRK.B&source=kraken&interval=1h&from=1767225600&"
                          "to=1767229200");
    assert_int_equal(answer.status, 200);
    wire_answer_free(&answer);
    assert_string_equal(fake->coin, "BRK.B");
    assert_string_equal(fake->source, "kraken");
    assert_int_equal(fake->from_ns, INT64_C(1767225600) * NS_PER_SECOND);
    assert_int_equal(fake->to_ns, INT64_C(1767229200) * NS_PER_SECOND);
}

static void candle_parameters_reach_the_backend(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *query;
        const char *of, *coin, *source;
        int64_t interval_ns, from_ns, to_ns;
        size_t limit;
    } cases[] = {
        {"coin=tBTCUSD", "ticker", "tBTCUSD", "", 60 * NS_PER_SECOND, INT64_MIN, INT64_MAX, 0},
        {"coin=tDOGE:USD&interval=250ms", "ticker", "tDOGE:USD", "", 250 * NS_PER_MS, INT64_MIN,
         INT64_MAX, 0},
        {"coin=tDOGE%3AUSD&interval=1h&limit=100000", "ticker", "tDOGE:USD", "",
         3600 * NS_PER_SECOND, INT64_MIN, INT64_MAX, 100000},
        {"coin=ab&from=2026-01-01T00:00:00Z&to=1767229200&limit=1", "ticker", "ab", "",
         60 * NS_PER_SECOND, INT64_C(1767225600) * NS_PER_SECOND,
         INT64_C(1767229200) * NS_PER_SECOND, 1},
        {"coin=ab&from=2026-01-01T01:00:00%2B01:00", "ticker", "ab", "", 60 * NS_PER_SECOND,
         INT64_C(1767225600) * NS_PER_SECOND, INT64_MAX, 0},
        {"coin=%5EGSPC&of=bar&source=nyse", "bar", "^GSPC", "nyse", 60 * NS_PER_SECOND, INT64_MIN,
         INT64_MAX, 0},
        {"of=trade&coin=ab&fill=bar", "trade", "ab", "", 60 * NS_PER_SECOND, INT64_MIN, INT64_MAX,
         0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char target[256];
        (void)snprintf(target, sizeof target, "/api/candles?%s", cases[i].query);
        struct wire_answer answer = get(fixture, target);
        assert_int_equal(answer.status, 200);
        assert_string_equal(fixture->fake.of, cases[i].of);
        assert_string_equal(fixture->fake.coin, cases[i].coin);
        assert_string_equal(fixture->fake.source, cases[i].source);
        assert_int_equal(fixture->fake.fill, strstr(cases[i].query, "fill=") != NULL);
        assert_int_equal(fixture->fake.interval_ns, cases[i].interval_ns);
        assert_int_equal(fixture->fake.from_ns, cases[i].from_ns);
        assert_int_equal(fixture->fake.to_ns, cases[i].to_ns);
        assert_int_equal(fixture->fake.candle_limit, cases[i].limit);
        wire_answer_free(&answer);
    }
}

static void news_parameters_reach_the_backend(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *query, *coins;
        size_t limit;
        int64_t before_ns;
    } cases[] = {
        {"", "", WEB_NEWS_DEFAULT, INT64_MAX},
        {"?coin=cg:bitcoin&limit=1", "cg:bitcoin", 1, INT64_MAX},
        {"?coins=BTC,tETHUSD&limit=200&before=1767225600", "BTC,tETHUSD", WEB_NEWS_MOST,
         INT64_C(1767225600) * NS_PER_SECOND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char target[256];
        (void)snprintf(target, sizeof target, "/api/news%s", cases[i].query);
        struct wire_answer answer = get(fixture, target);
        assert_int_equal(answer.status, 200);
        assert_string_equal(fixture->fake.coin, cases[i].coins);
        assert_int_equal(fixture->fake.news_limit, cases[i].limit);
        assert_int_equal(fixture->fake.before_ns, cases[i].before_ns);
        wire_answer_free(&answer);
    }
}

static void history_parameters_reach_the_backend(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *query, *coin;
        int64_t from_ns, to_ns;
        size_t limit;
    } cases[] = {
        {"", "", INT64_MIN, INT64_MAX, WEB_HISTORY_DEFAULT},
        {"?coin=cg:bitcoin&from=1767225600&to=1767229200&limit=1000", "cg:bitcoin",
         INT64_C(1767225600) * NS_PER_SECOND, INT64_C(1767229200) * NS_PER_SECOND,
         WEB_HISTORY_MOST},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char target[128];
        (void)snprintf(target, sizeof target, "/api/history%s", cases[i].query);
        struct wire_answer answer = get(fixture, target);
        assert_int_equal(answer.status, 200);
        assert_string_equal(fixture->fake.coin, cases[i].coin);
        assert_int_equal(fixture->fake.from_ns, cases[i].from_ns);
        assert_int_equal(fixture->fake.to_ns, cases[i].to_ns);
        assert_int_equal(fixture->fake.history_limit, cases[i].limit);
        wire_answer_free(&answer);
    }
}

static void message_parameters_reach_the_backend(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *query;
        const char *topic;
        int32_t partition;
        int64_t offset;
        int limit;
    } cases[] = {
        {"partition=0", "", 0, -1, 50},
        {"topic=my.bars&partition=0", "my.bars", 0, -1, 50},
        {"partition=5&offset=-1&limit=500", "", 5, -1, 500},
        {"partition=2147483647&offset=9223372036854775807&limit=1", "", INT32_MAX, INT64_MAX, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char target[256];
        (void)snprintf(target, sizeof target, "/api/messages?%s", cases[i].query);
        struct wire_answer answer = get(fixture, target);
        assert_int_equal(answer.status, 200);
        assert_string_equal(fixture->fake.topic, cases[i].topic);
        assert_int_equal(fixture->fake.partition, cases[i].partition);
        assert_int_equal(fixture->fake.offset, cases[i].offset);
        assert_int_equal(fixture->fake.message_limit, cases[i].limit);
        wire_answer_free(&answer);
    }
}

static void bad_parameters_give_400_that_names_them(void **state)
{
    static const struct {
        const char *target;
        const char *want; /* part of the error */
    } cases[] = {
        {"/api/candles", "coin is missing"},
        {"/api/candles?coin=", "coin \\\"\\\" is no symbol"},
        {"/api/candles?coin=a%20b", "coin \\\"a b\\\" is no symbol"},
        {"/api/candles?coin=%22%3Cb%3E", "coin \\\"\\\"<b>\\\" is no symbol"},
        {"/api/candles?coin=tBTCUSD&interval=0", "interval \\\"0\\\" is none: use 1m"},
        {"/api/candles?coin=tBTCUSD&interval=5x", "interval \\\"5x\\\""},
        {"/api/candles?coin=tBTCUSD&interval=", "interval \\\"\\\""},
        {"/api/candles?coin=tBTCUSD&from=yesterday", "from \\\"yesterday\\\" is no time: use RFC"},
        {"/api/candles?coin=tBTCUSD&to=2026-13-01", "to \\\"2026-13-01\\\" is no time"},
        {"/api/candles?coin=tBTCUSD&from=20&to=20", "from must lie before to"},
        {"/api/candles?coin=tBTCUSD&limit=0",
         "limit \\\"0\\\" must be a whole number, 1 to 100000"},
        {"/api/candles?coin=tBTCUSD&limit=100001", "1 to 100000"},
        {"/api/candles?coin=tBTCUSD&limit=5.5", "limit \\\"5.5\\\""},
        {"/api/candles?coin=tBTCUSD&of=tick", "of \\\"tick\\\" must be one of: ticker, trade, bar"},
        {"/api/candles?coin=tBTCUSD&of=trade&fill=tick", "fill \\\"tick\\\" must be one of: bar"},
        {"/api/candles?coin=tBTCUSD&of=trade&source=a%20b", "source \\\"a b\\\" is none"},
        {"/api/news?coin=a%20b", "coin \\\"a b\\\" is no symbol"},
        {"/api/news?coins=BTC,,ETH", "coin \\\"\\\" is no symbol"},
        {"/api/news?coin=a,b", "coin takes one coin"},
        {"/api/news?coin=a&coins=b", "either coin or coins"},
        {"/api/news?coins=", "no coin is named"},
        {"/api/news?limit=201", "1 to 200"},
        {"/api/news?before=soon", "before \\\"soon\\\" is no time"},
        {"/api/history?from=20&to=20", "from must lie before to"},
        {"/api/history?limit=1001", "1 to 1000"},
        {"/api/history?coin=a%20b", "coin \\\"a b\\\" is no symbol"},
        {"/api/history?to=soon", "to \\\"soon\\\" is no time"},
        {"/api/compare?from=1", "coin is missing"},
        {"/api/compare?coin=ab&from=20&to=20", "from must lie before to"},
        {"/api/compare?coin=ab&from=2026-01-01&to=2027-01-01&interval=1m",
         "at most 100000 candles"},
        {"/api/messages", "partition is missing"},
        {"/api/messages?partition=-1", "partition \\\"-1\\\" must be a whole number, 0 to"},
        {"/api/messages?partition=x", "partition \\\"x\\\""},
        {"/api/messages?partition=0&offset=-2", "offset \\\"-2\\\" must be a whole number, -1 to"},
        {"/api/messages?partition=0&limit=501",
         "limit \\\"501\\\" must be a whole number, 1 to 500"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct wire_answer answer = get(*state, cases[i].target);
        if (answer.status != 400 || strstr(answer.body, cases[i].want) == NULL) {
            fail_msg("%s gave %d %s", cases[i].target, answer.status, answer.body);
        }
        assert_int_equal(strncmp(answer.body, "{\"error\":\"", 10), 0);
        wire_answer_free(&answer);
    }
}

static void a_long_bad_value_is_cut_in_the_error(void **state)
{
    char target[1200] = "/api/candles?coin=tBTCUSD&interval=";
    size_t start = strlen(target);
    memset(target + start, 'x', 1000);
    struct wire_answer answer = get(*state, target);
    assert_int_equal(answer.status, 400);
    assert_true(answer.body_length < 300);
    assert_non_null(strstr(answer.body, "is none"));
    wire_answer_free(&answer);
}

static void errors_of_the_backend_give_the_status_of_their_kind(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        enum error_kind kind;
        int want;
    } kinds[] = {{ERROR_REJECT, 400}, {ERROR_USAGE, 400}, {ERROR_RETRY, 503}, {ERROR_FATAL, 500}};
    static const char *const targets[] = {"/api/info",
                                          "/api/coins",
                                          "/api/status",
                                          "/api/history",
                                          "/api/verify",
                                          "/api/candles?coin=tBTCUSD",
                                          "/api/compare?coin=tBTCUSD",
                                          "/api/messages?partition=0"};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; ++k) {
        fixture->fake.fail = kinds[k].kind;
        for (size_t t = 0; t < sizeof targets / sizeof targets[0]; ++t) {
            struct wire_answer answer = get(fixture, targets[t]);
            assert_int_equal(answer.status, kinds[k].want);
            assert_int_equal(strncmp(answer.body, "{\"error\":\"", 10), 0);
            assert_non_null(strstr(answer.body, "the \\\"store\\\" is away"));
            assert_null(strstr(answer.body, "\"answer\""));
            char wait[16];
            assert_int_equal(wire_header(&answer, "Retry-After", wait, sizeof wait),
                             kinds[k].want == 503);
            wire_answer_free(&answer);
        }
    }
}

static void an_answer_that_is_too_large_says_so(void **state)
{
    struct fixture *fixture = *state;
    fixture->fake.huge = true;
    struct wire_answer answer = get(fixture, "/api/status");
    assert_int_equal(answer.status, 500);
    assert_string_equal(answer.body,
                        "{\"error\":\"the answer is too large: ask for less (limit, from, to)\"}");
    wire_answer_free(&answer);
}

static void metrics_are_in_the_text_format(void **state)
{
    char type[128];
    struct wire_answer answer = get(*state, "/metrics");
    assert_int_equal(answer.status, 200);
    assert_true(wire_header(&answer, "Content-Type", type, sizeof type));
    assert_string_equal(type, "text/plain; version=0.0.4; charset=utf-8");
    assert_string_equal(answer.body,
                        "# HELP fake_total Things.\n# TYPE fake_total counter\nfake_total 3\n");
    wire_answer_free(&answer);
}

static void health_is_200_or_503_with_the_reason(void **state)
{
    struct fixture *fixture = *state;
    struct wire_answer well = get(fixture, "/healthz");
    assert_int_equal(well.status, 200);
    assert_string_equal(well.body, "ok\n");
    wire_answer_free(&well);
    fixture->fake.unhealthy = true;
    struct wire_answer ill = get(fixture, "/healthz");
    assert_int_equal(ill.status, 503);
    assert_string_equal(ill.body, "not ready: no broker answers \"now\"\nnotice: late\n");
    wire_answer_free(&ill);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain_questions_reach_their_function, set_up, tear_down),
        cmocka_unit_test_setup_teardown(candles_say_how_much_of_their_time_was_covered, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_comparison_asks_for_a_day_unless_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(candles_are_the_bytes_that_market_writes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_large_answer_too_many_is_told_to_come_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(candle_parameters_reach_the_backend, set_up, tear_down),
        cmocka_unit_test_setup_teardown(news_parameters_reach_the_backend, set_up, tear_down),
        cmocka_unit_test_setup_teardown(history_parameters_reach_the_backend, set_up, tear_down),
        cmocka_unit_test_setup_teardown(message_parameters_reach_the_backend, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_parameters_give_400_that_names_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_bad_value_is_cut_in_the_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_of_the_backend_give_the_status_of_their_kind, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_answer_that_is_too_large_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(metrics_are_in_the_text_format, set_up, tear_down),
        cmocka_unit_test_setup_teardown(health_is_200_or_503_with_the_reason, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
