/* Questions to InfluxDB: the SQL that is sent, and answers that must not pass for "no data". What
 * the SQL gives on real rows is test_influx_sql.c's. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cmocka_all.h"
#include "influx_stub.h"
#include "note_kind.h"
#include "record/event.h"
#include "record/ticker.h"
#include "store/influx/influx.h"

static const struct candle_query day = {.kind = &ticker_kind,
                                        .series = "tBTCUSD",
                                        .interval_ns = 300 * NS_PER_SECOND,
                                        .from_ns = 1767225600 * NS_PER_SECOND + 1,
                                        .to_ns = 1767312000 * NS_PER_SECOND};

static bool ask_candles(struct store *store, struct error *error)
{
    struct candle_list candles = {0};
    bool ok = store_candles(store, &day, &candles, error);
    assert_true(ok || candles.count == 0);
    candle_list_free(&candles);
    return ok;
}

static bool ask_newest(struct store *store, struct error *error)
{
    struct candle_list candles = {0};
    struct candle_query query = day;
    query.limit = 5;
    bool ok = store_candles(store, &query, &candles, error);
    candle_list_free(&candles);
    return ok;
}

static bool ask_coins(struct store *store, struct error *error)
{
    struct series_summary *coins = NULL;
    size_t count = 0;
    bool ok = store_list_series(store, &ticker_kind, &coins, &count, error);
    assert_true(ok || (coins == NULL && count == 0));
    free(coins);
    return ok;
}

static bool ask_price(struct store *store, struct error *error)
{
    double price = 0;
    bool found = false;
    bool ok = store_price_at(store, &ticker_kind, "tBTCUSD", 5, &price, &found, error);
    assert_true(ok || !found);
    return ok;
}

static bool ask_count(struct store *store, struct error *error)
{
    int64_t points = 0;
    return store_count(store, &ticker_kind, &points, error);
}

typedef bool question(struct store *store, struct error *error);
static question *const questions[] = {ask_candles, ask_newest, ask_coins, ask_price, ask_count};
enum { QUESTIONS = sizeof questions / sizeof questions[0] };

static void failed_query_is_an_error_never_no_data(void **state)
{
    (void)state;
    static const struct {
        struct stub_answer answer;
        const char *want;
    } cases[] = {
        {{404, "{\"error\":\"query error: database not found: market\"}", NULL},
         "nothing is stored there yet"},
        {{404, "<html>not found</html>", NULL}, "answered 404: <html>"},
        {{503, "busy", "3"}, "answered 503: busy"},
        {{401, "", NULL}, "see --token-file"},
        {{200, "", NULL}, "not what was asked for"},
        {{200, "[{\"time\":\"2026-01-01T00:00:00\",", NULL}, "not what was asked for"},
        {{200, "{}", NULL}, "not what was asked for"},
        {{200, "[1]", NULL}, "not what was asked for"},
        {{200, "[{}]", NULL}, "not what was asked for"},
        {{200, "[{\"time\":5,\"last_price\":1}]", NULL}, "not what was asked for"},
        {{200,
          "[{\"time\":\"2026-01-01T00:00:00\",\"last_price\":\"1\",\"open\":null,"
          "\"coin\":\"tBTCUSD\",\"points\":1.5}]",
          NULL},
         "not what was asked for"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t k = 0; k < QUESTIONS; k++) {
            struct influx_stub stub = {.answers = &cases[i].answer, .answer_count = 1};
            stub_start(&stub);
            struct store *store = stub_open(&stub, (struct store_config){.read_only = true});
            struct error error = {0};
            assert_false(questions[k](store, &error));
            assert_int_equal(error.kind, ERROR_RETRY);
            if (strstr(error.text, cases[i].want) == NULL) {
                fail_msg("case %zu, question %zu: %s", i, k, error.text);
            }
            assert_int_equal(error.retry_after_ms, cases[i].answer.retry_after ? 3000 : 0);
            store_close(store);
            stub_stop(&stub);
        }
    }
}

static bool no_point(void *context, const void *point, const struct text_arena *texts,
                     const char *odd)
{
    (void)texts;
    (void)context, (void)point, (void)odd;
    fail_msg("a point of a table that does not exist");
    return false;
}

static void check_contents(struct store *store)
{
    struct store_contents contents;
    struct error error = {0};
    assert_true(store_contents_begin(store, &ticker_kind, 0, 1, &contents, &error));
    assert_int_equal(contents.series_count + contents.oddity_count + contents.closed_count, 0);
    store_contents_end(store, &contents);
}

/* InfluxDB makes a table with the first write of a record of its kind. */
static void table_that_was_never_made_holds_nothing(void **state)
{
    (void)state;
    static const unsigned statuses[] = {400, 404, 500};
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        struct stub_answer answers[12];
        for (size_t k = 0; k < 12; k++) {
            answers[k] = (struct stub_answer){
                statuses[i],
                "query error: error while planning query: Error during planning: table "
                "'public.iox.ticker' not found",
                NULL};
        }
        struct influx_stub stub = {.answers = answers, .answer_count = 12};
        stub_start(&stub);
        struct store *store = stub_open(&stub, (struct store_config){.read_only = true});
        struct error error = {0};
        for (size_t k = 0; k < QUESTIONS; k++) {
            assert_true(questions[k](store, &error));
        }
        int64_t points = -1;
        assert_true(store_count(store, &ticker_kind, &points, &error));
        assert_int_equal(points, 0);
        points = -1;
        assert_true(store_count_between(store, &ticker_kind, "tBTCUSD", 0, 1, &points, &error));
        assert_int_equal(points, 0);
        assert_true(store_scan(store, &ticker_kind, "tBTCUSD", 0, 1, no_point, NULL, &error));
        check_contents(store);
        assert_int_equal(stub.requests, QUESTIONS + 5);
        store_close(store);
        stub_stop(&stub);
    }
}

static void candle_sql_is_bounded_and_aligned(void **state)
{
    (void)state;
    struct influx_stub stub = {.answers = NULL};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){.read_only = true});
    struct error error = {0};
    assert_true(ask_candles(store, &error));
    assert_string_equal(
        stub.seen[0],
        "POST /api/v3/query_sql - - -\n"
        "{\"db\":\"market\",\"format\":\"json\",\"q\":\""
        "SELECT DATE_BIN(INTERVAL '5 minutes', time, '1970-01-01T00:00:00Z'::TIMESTAMP) AS time, "
        "first_value(last_price ORDER BY time) AS open, MAX(last_price) AS high, "
        "MIN(last_price) AS low, last_value(last_price ORDER BY time) AS close, "
        "count(*) AS ticks FROM ticker WHERE coin = 'tBTCUSD' "
        "AND time >= '2026-01-01T00:00:00Z'::TIMESTAMP "
        "AND time < '2026-01-02T00:00:00Z'::TIMESTAMP GROUP BY 1 ORDER BY 1 LIMIT 100001\"}");
    store_close(store);
    stub_stop(&stub);
}

/* A server that will not open all its files for the list of coins is asked for less, once. */
static void file_limit_shortens_list_of_coins(void **state)
{
    (void)state;
    log_set_level(LOG_OFF);
    static const struct stub_answer answers[] = {
        {500, "Query would scan 432 Parquet files, exceeding the file limit", NULL},
        {500, "Query would scan 432 Parquet files, exceeding the file limit", NULL},
        {200, "[]", NULL},
    };
    struct influx_stub stub = {.answers = answers, .answer_count = 3};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){.read_only = true});
    struct error error = {0};
    assert_true(ask_coins(store, &error));
    assert_int_equal(stub.requests, 3);
    assert_null(strstr(stub.seen[0], "time >"));
    assert_non_null(strstr(stub.seen[2], "time >"));
    assert_true(ask_coins(store, &error));
    assert_int_equal(stub.requests, 4); /* it goes on with what worked */
    assert_non_null(strstr(stub.seen[3], "time >"));
    store_close(store);
    stub_stop(&stub);
}

static void file_limit_at_every_span_is_an_error(void **state)
{
    (void)state;
    log_set_level(LOG_OFF);
    static const struct stub_answer full = {500, "exceeding the file limit", NULL};
    struct stub_answer answers[8];
    for (size_t i = 0; i < 8; i++) {
        answers[i] = full;
    }
    struct influx_stub stub = {.answers = answers, .answer_count = 8};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){.read_only = true});
    struct error error = {0};
    assert_false(ask_coins(store, &error));
    assert_non_null(strstr(error.text, "file limit"));
    store_close(store);
    stub_stop(&stub);
}

static bool count_point(void *context, const void *point, const struct text_arena *texts,
                        const char *odd)
{
    (void)point, (void)texts;
    assert_null(odd);
    ++*(int *)context;
    return true;
}

/* What the longest texts would take is asked for only once an answer was too long. */
static void answer_that_is_too_long_is_asked_for_in_parts(void **state)
{
    (void)state;
    static char spaces[(32 << 20) + 2]; /* longer than what is taken */
    memset(spaces, ' ', sizeof spaces - 1);
    static const char row[] =
        "[{\"time\":\"2026-01-01T00:00:01\",\"source\":\"x\",\"detail\":\"a\"}]";
    const struct stub_answer answers[] = {{200, spaces, NULL}, {200, row, NULL}};
    struct influx_stub stub = {.answers = answers, .answer_count = 2};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){.read_only = true});
    struct error error = {0};
    int points = 0;
    bool scanned = store_scan(store, &event_kind, "x drill", day.from_ns,
                              day.from_ns + 60 * NS_PER_SECOND, count_point, &points, &error);
    assert_true(scanned);
    assert_int_equal(points, 1);
    assert_int_equal(stub.requests, 2);
    assert_non_null(strstr(stub.seen[0], " LIMIT 5000"));
    assert_non_null(strstr(stub.seen[1], " LIMIT 80"));
    store_close(store);
    stub_stop(&stub);
}

/* Rows of somebody else in our table do not break the list. */
static void foreign_coin_is_left_out(void **state)
{
    (void)state;
    log_set_level(LOG_OFF);
    static const struct stub_answer answers[] = {
        {200,
         "[{\"coin\":\"no such coin\",\"first_time\":\"2026-01-01T00:00:00\","
         "\"last_time\":\"2026-01-01T00:00:00\"},"
         "{\"coin\":\"tBTCUSD\",\"first_time\":\"2026-01-01T00:00:00\","
         "\"last_time\":\"2026-01-01T00:00:00.000000001\"}]",
         NULL},
        {200,
         "[{\"coin\":\"tXXX\",\"time\":\"2026-01-01T00:00:00.000000001\",\"last_price\":1.0,"
         "\"seq\":1,\"run_id\":1},"
         "{\"coin\":\"tBTCUSD\",\"time\":\"2026-01-01T00:00:00.000000001Z\",\"last_price\":7,"
         "\"bid\":-0.0,\"seq\":2,\"run_id\":-3}]",
         NULL},
    };
    struct influx_stub stub = {.answers = answers, .answer_count = 2};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){.read_only = true});
    struct series_summary *coins = NULL;
    size_t count = 0;
    struct error error = {0};
    assert_true(store_list_series(store, &ticker_kind, &coins, &count, &error));
    assert_int_equal(count, 1);
    assert_string_equal(coins[0].series, "tBTCUSD");
    assert_int_equal(coins[0].first_time_ns, 1767225600 * NS_PER_SECOND);
    const struct ticker *last = (const void *)&coins[0].last;
    assert_int_equal(last->event_time_ns, 1767225600 * NS_PER_SECOND + 1);
    assert_true(last->last_price > 6.9 && last->last_price < 7.1);
    assert_true(last->has[TICKER_BID] && !last->has[TICKER_ASK]);
    assert_int_equal(last->run_id, -3);
    free(coins);
    store_close(store);
    stub_stop(&stub);
}

/* The writer's own question for what it wrote. */
static void point_of_a_kind_without_a_price_is_found(void **state)
{
    (void)state;
    static const struct stub_answer answers[] = {
        {200, "[{\"time\":\"1970-01-01T00:00:00.000000005\"}]", NULL}, {200, "[]", NULL}};
    struct influx_stub stub = {.answers = answers, .answer_count = 2};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){.read_only = true});
    struct error error = {0};
    bool found = false;
    assert_true(influx_has_point((struct influx *)store, &note_kind, "a", 5, &found, &error));
    assert_true(found);
    assert_non_null(strstr(stub.seen[0], "SELECT time FROM note WHERE name = 'a' AND time > "));
    assert_true(influx_has_point((struct influx *)store, &note_kind, "a", 5, &found, &error));
    assert_false(found);
    store_close(store);
    stub_stop(&stub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failed_query_is_an_error_never_no_data),
        cmocka_unit_test(table_that_was_never_made_holds_nothing),
        cmocka_unit_test(candle_sql_is_bounded_and_aligned),
        cmocka_unit_test(file_limit_shortens_list_of_coins),
        cmocka_unit_test(file_limit_at_every_span_is_an_error),
        cmocka_unit_test(answer_that_is_too_long_is_asked_for_in_parts),
        cmocka_unit_test(foreign_coin_is_left_out),
        cmocka_unit_test(point_of_a_kind_without_a_price_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
