/* InfluxDB's end: the token, and what is made before the first write. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "cmocka_all.h"
#include "influx_stub.h"
#include "record/ticker.h"
#include "store_cases.h"
#include "support.h"

static char folder[256];
static char token_path[300];

static int make_folder(void **state)
{
    (void)state;
    log_set_level(LOG_OFF);
    support_make_folder(folder, sizeof folder);
    (void)snprintf(token_path, sizeof token_path, "%s/token", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    support_remove_folder(folder);
    return 0;
}

static void write_token(const char *token)
{
    support_write_file(token_path, token, strlen(token));
    assert_int_equal(chmod(token_path, 0600), 0);
}

static void rotated_token_is_read_again_and_nothing_lost(void **state)
{
    (void)state;
    struct influx_stub stub = {.token = "apiv3_first"};
    stub_start(&stub);
    write_token("apiv3_first\n");
    struct store *store = stub_open(&stub, (struct store_config){.token_file = token_path});
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    cases_write(store, &tick, 1);
    assert_int_equal(stub.requests, 1);

    /* Changed at the server, not in the file yet: refused, and the answer repeats the token. */
    stub.token = "apiv3_second";
    struct rejected_list rejected = {0};
    struct error error = {0};
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_int_equal(rejected.count, 0);
    assert_non_null(strstr(error.text, "answered 401"));
    assert_null(strstr(error.text, "apiv3_first"));
    assert_int_equal(stub.requests, 2);

    /* The file is gone for a moment: the old token stays. */
    assert_int_equal(remove(token_path), 0);
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_int_equal(error.kind, ERROR_RETRY);

    write_token("apiv3_second");
    cases_write(store, &tick, 1);
    int64_t points = 0;
    assert_false(store_count(store, &ticker_kind, &points, &error)); /* the stub's [] is no count */
    assert_int_equal(stub_stored(&stub, "\n"), 2);
    rejected_list_free(&rejected);
    store_close(store);
    stub_stop(&stub);
}

/* What stands for a blanked token must not be taken for the token again. */
static void token_of_stars_ends_no_worse_than_another(void **state)
{
    (void)state;
    struct influx_stub stub = {.token = "***"};
    stub_start(&stub);
    write_token("***");
    struct store *store = stub_open(&stub, (struct store_config){.token_file = token_path});
    stub.token = "another";
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    struct rejected_list rejected = {0};
    struct error error = {0};
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_non_null(strstr(error.text, "answered 401"));
    store_close(store);
    stub_stop(&stub);
}

static void query_takes_rotated_token_too(void **state)
{
    (void)state;
    struct influx_stub stub = {.token = "apiv3_second"};
    stub_start(&stub);
    write_token("apiv3_first");
    struct store *store = stub_open(&stub, (struct store_config){.token_file = token_path});
    write_token("apiv3_second");
    struct series_summary *coins = NULL;
    size_t count = 1;
    struct error error = {0};
    assert_true(store_list_series(store, &ticker_kind, &coins, &count, &error));
    assert_int_equal(count, 0);
    free(coins);
    store_close(store);
    stub_stop(&stub);
}

static void prepare_makes_database_and_typed_table(void **state)
{
    (void)state;
    struct influx_stub stub = {.answers = NULL};
    stub_start(&stub);
    struct store *store =
        stub_open(&stub, (struct store_config){.retention_ns = 86400 * NS_PER_SECOND + 1});
    struct error error = {0};
    assert_true(store_prepare(store, &error));
    assert_int_equal(stub.requests, 1 + RECORD_KINDS);
    assert_string_equal(stub.seen[0], "POST /api/v3/configure/database - - -\n"
                                      "{\"db\":\"market\",\"retention_period\":\"86401s\"}");
    assert_string_equal(
        stub.seen[1],
        "POST /api/v3/configure/table - - -\n"
        "{\"db\":\"market\",\"table\":\"ticker\",\"tags\":[\"coin\"],\"fields\":["
        "{\"name\":\"last_price\",\"type\":\"float64\"},{\"name\":\"bid\",\"type\":\"float64\"},"
        "{\"name\":\"bid_size\",\"type\":\"float64\"},{\"name\":\"ask\",\"type\":\"float64\"},"
        "{\"name\":\"ask_size\",\"type\":\"float64\"},"
        "{\"name\":\"daily_change\",\"type\":\"float64\"},"
        "{\"name\":\"daily_change_relative\",\"type\":\"float64\"},"
        "{\"name\":\"volume\",\"type\":\"float64\"},{\"name\":\"high\",\"type\":\"float64\"},"
        "{\"name\":\"low\",\"type\":\"float64\"},{\"name\":\"market_cap\",\"type\":\"float64\"},{"
        "\"name\":\"seq\",\"type\":\"int64\"},"
        "{\"name\":\"run_id\",\"type\":\"int64\"}]}");
    assert_string_equal(
        stub.seen[2],
        "POST /api/v3/configure/table - - -\n"
        "{\"db\":\"market\",\"table\":\"bar\",\"tags\":[\"coin\",\"source\",\"timeframe\"],"
        "\"fields\":["
        "{\"name\":\"open_time_ns\",\"type\":\"int64\"},{\"name\":\"revision\",\"type\":\"int64\"},"
        "{\"name\":\"open\",\"type\":\"float64\"},{\"name\":\"high\",\"type\":\"float64\"},"
        "{\"name\":\"low\",\"type\":\"float64\"},{\"name\":\"close\",\"type\":\"float64\"},"
        "{\"name\":\"volume\",\"type\":\"float64\"},{\"name\":\"quote_volume\",\"type\":"
        "\"float64\"},"
        "{\"name\":\"trades\",\"type\":\"int64\"}]}");
    store_close(store);
    stub_stop(&stub);
}

static void prepare_knows_what_is_there_and_what_is_not(void **state)
{
    (void)state;
    static const struct {
        struct stub_answer answers[3];
        bool want;
        const char *text; /* in the error */
    } cases[] = {
        {{{409, "attempted to create a resource that already exists", NULL},
          {200, "", NULL},
          {409, "", NULL}},
         true,
         NULL},
        {{{400, "attempted to create a resource that already exists", NULL},
          {405, "", NULL}, /* the retention, before 3.10 */
          {200, "", NULL}},
         true,
         NULL},
        {{{409, "", NULL}, {400, "no such retention", NULL}, {0}}, false, "no such retention"},
        {{{404, "", NULL}, {405, "", NULL}, {0}}, true, NULL}, /* a server without these calls */
        {{{422, "limit of 5 databases", NULL}, {0}, {0}},
         false,
         "answered 422: limit of 5 databases"},
        {{{200, "", NULL}, {503, "busy", "2"}, {0}},
         false,
         "/api/v3/configure/table: answered 503"},
        {{{401, "", NULL}, {0}, {0}}, false, "see --token-file"},
        {{{500, "it already exists, perhaps", NULL}, {0}, {0}}, false, "answered 500"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct influx_stub stub = {.answers = cases[i].answers, .answer_count = 3};
        stub_start(&stub);
        struct store *store = stub_open(&stub, (struct store_config){.retention_ns = 1});
        struct error error = {0};
        bool got = store_prepare(store, &error);
        if (got != cases[i].want ||
            (cases[i].text != NULL && strstr(error.text, cases[i].text) == NULL)) {
            fail_msg("case %zu: %d %s", i, got, error.text);
        }
        assert_int_equal(error.kind, got ? ERROR_NONE : ERROR_RETRY);
        assert_int_equal(error.retry_after_ms, i == 5 ? 2000 : 0);
        store_close(store);
        stub_stop(&stub);
    }
}

static void reader_sends_no_write(void **state)
{
    (void)state;
    struct influx_stub stub = {.answers = NULL};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){.read_only = true});
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    struct rejected_list rejected = {0};
    struct error error = {0};
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_false(store_prepare(store, &error));
    assert_int_equal(stub.requests, 0);
    store_close(store);
    stub_stop(&stub);
}

#define RETENTION_BODY "{\"db\":\"market\",\"retention_period\":\"31622400s\"}"

static struct ticker tick_of_now(int64_t seq)
{
    struct ticker tick = cases_plain_tick("tBTCUSD", seq, 1);
    tick.event_time_ns = clock_wall_ns();
    return tick;
}

static struct store *open_with_retention(const struct influx_stub *stub)
{
    return stub_open(stub, (struct store_config){.retention_ns = 366 * 86400 * NS_PER_SECOND});
}

/* InfluxDB makes it anew with a write, without its retention. */
static void database_deleted_under_a_writer_is_made_again_with_its_retention(void **state)
{
    (void)state;
    static const struct stub_answer answers[] = {
        {204, "", NULL},
        {500, "", NULL}, /* an outage: then it looks before it writes */
        {404, "{\"error\":\"query error: database not found: market\"}", NULL},
        {409, "attempted to create a resource that already exists", NULL},
    };
    struct influx_stub stub = {.answers = answers, .answer_count = 4};
    stub_start(&stub);
    struct store *store = open_with_retention(&stub);
    struct ticker tick = tick_of_now(1);
    struct rejected_list rejected = {0};
    struct error error = {0};
    cases_write(store, &tick, 1);
    assert_int_equal(store_emptied_ns(store), 0);
    tick = tick_of_now(2);
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_true(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_true(store_emptied_ns(store) > 0);
    assert_int_equal(stub.requests, 6 + RECORD_KINDS);
    assert_string_equal(stub.seen[3], "POST /api/v3/configure/database - - -\n" RETENTION_BODY);
    assert_string_equal(stub.seen[4], "PUT /api/v3/configure/database - - -\n" RETENTION_BODY);
    assert_int_equal(strncmp(stub.seen[5], "POST /api/v3/configure/table ", 29), 0);
    store_close(store);
    stub_stop(&stub);
}

/* The stub's [] says that the point is not there, which it may be for a moment. */
static void point_that_stays_away_means_that_the_store_was_emptied(void **state)
{
    (void)state;
    static const struct stub_answer answers[] = {{204, "", NULL}, {503, "", NULL}};
    struct influx_stub stub = {.answers = answers, .answer_count = 2};
    stub_start(&stub);
    struct store *store = open_with_retention(&stub);
    struct ticker tick = tick_of_now(1);
    struct rejected_list rejected = {0};
    struct error error = {0};
    cases_write(store, &tick, 1);
    tick = tick_of_now(2);
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    int64_t begin_ns = clock_monotonic_ns();
    while (!store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected,
                        &error)) {
        assert_non_null(strstr(error.text, "is not there"));
        assert_true(error.retry_after_ms > 0);
        assert_true(clock_monotonic_ns() - begin_ns < 30 * NS_PER_SECOND);
        nanosleep(&(struct timespec){.tv_nsec = error.retry_after_ms * NS_PER_MS}, NULL);
    }
    assert_true(clock_monotonic_ns() - begin_ns > 2 * NS_PER_SECOND);
    assert_true(store_emptied_ns(store) > 0);
    store_close(store);
    stub_stop(&stub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rotated_token_is_read_again_and_nothing_lost),
        cmocka_unit_test(token_of_stars_ends_no_worse_than_another),
        cmocka_unit_test(query_takes_rotated_token_too),
        cmocka_unit_test(prepare_makes_database_and_typed_table),
        cmocka_unit_test(database_deleted_under_a_writer_is_made_again_with_its_retention),
        cmocka_unit_test(point_that_stays_away_means_that_the_store_was_emptied),
        cmocka_unit_test(prepare_knows_what_is_there_and_what_is_not),
        cmocka_unit_test(reader_sends_no_write),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
