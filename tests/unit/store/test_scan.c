/* Streaming points: SQLite's file, and InfluxDB's answers that must not end a scan early or never.
 * What the SQL gives on real rows is test_influx_sql.c's. */
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "influx_stub.h"
#include "record/ticker.h"
#include "scan_cases.h"
#include "sqlite_place.h"
#include "store_cases.h"

static void sqlite_streams_the_same_bits(void **state)
{
    struct store *store = place_open_prepared(*state);
    scan_cases_run(store);
    store_close(store);
}

/* A reader that holds a transaction open would block the file's check-points. */
static void sqlite_scan_ends_its_transaction(void **state)
{
    struct store *writer = place_open_prepared(*state);
    struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    cases_write(writer, &tick, 1);
    struct store *reader = place_open(*state, true);
    struct error error = {0};
    for (int64_t i = 2; i < 10; i++) {
        int64_t points = 0;
        assert_true(store_count_between(reader, &ticker_kind, "tBTCUSD", INT64_MIN, INT64_MAX,
                                        &points, &error));
        assert_int_equal(points, i - 1);
        tick = cases_plain_tick("tBTCUSD", i, i);
        cases_write(writer, &tick, 1);
    }
    store_close(reader);
    store_close(writer);
}

static void sqlite_without_a_file_is_an_error(void **state)
{
    struct store *store = place_open(*state, true);
    struct error error = {0};
    int64_t points = 0;
    assert_false(store_count_between(store, &ticker_kind, "tBTCUSD", 0, 1, &points, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "nothing stored yet"));
    store_close(store);
}

struct told {
    int count;
    int64_t last_ns;
};

static bool note(void *context, const void *record, const struct text_arena *texts, const char *odd)
{
    (void)texts;
    const struct ticker *point = record;
    (void)odd;
    struct told *told = context;
    told->count++;
    told->last_ns = point->event_time_ns;
    return true;
}

#define HOUR_NS (3600 * NS_PER_SECOND)

/* The stub is the caller's to stop. */
static bool scan(struct influx_stub *stub, int64_t from_ns, int64_t to_ns, struct told *told,
                 struct error *error)
{
    stub_start(stub);
    struct store *store = stub_open(stub, (struct store_config){.read_only = true});
    bool done = store_scan(store, &ticker_kind, "tBTCUSD", from_ns, to_ns, note, told, error);
    store_close(store);
    return done;
}

#define ROW(time) "{\"time\":\"" time "\",\"last_price\":1,\"seq\":1,\"run_id\":1}"

/* Where InfluxDB will not open so many files, a smaller piece is asked for; nothing is skipped. */
static void refused_for_files_is_asked_in_smaller_pieces(void **state)
{
    (void)state;
    static const char too_many[] = "{\"error\":\"Query would exceed file limit of 432 parquet "
                                   "files\"}";
    static const struct stub_answer answers[] = {
        {500, too_many, NULL},
        {500, too_many, NULL},
        {200, "[" ROW("1970-01-01T00:10:00") "]", NULL},
        {200, "[" ROW("1970-01-01T00:20:00") "]", NULL},
        {200, "[]", NULL},
    };
    struct influx_stub stub = {.answers = answers, .answer_count = 5};
    struct told told = {0};
    struct error error = {0};
    assert_true(scan(&stub, 0, HOUR_NS, &told, &error));
    assert_int_equal(told.count, 2);
    assert_int_equal(stub.requests, 5);
    assert_non_null(strstr(stub.seen[0], "'1970-01-01T01:00:00Z'"));
    assert_non_null(strstr(stub.seen[1], "'1970-01-01T00:30:00Z'"));
    assert_non_null(strstr(stub.seen[2], "time < '1970-01-01T00:15:00Z'::TIMESTAMP"));
    assert_non_null(strstr(stub.seen[3], "time >= '1970-01-01T00:15:00Z'"));
    stub_stop(&stub);
}

static void failed_piece_is_an_error_never_the_end(void **state)
{
    (void)state;
    static const struct {
        struct stub_answer answer;
        const char *want;
    } cases[] = {
        {{503, "busy", NULL}, "answered 503"},
        {{200, "[{}]", NULL}, "not what was asked for"},
        /* Before the piece's start, and a step back in it. */
        {{200, "[" ROW("1970-01-01T00:10:00") "]", NULL}, "not what was asked for"},
        {{200, "[" ROW("1970-01-02T00:10:00") "," ROW("1970-01-02T00:09:59") "]", NULL},
         "not what was asked for"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct influx_stub stub = {.answers = &cases[i].answer, .answer_count = 1};
        struct told told = {0};
        struct error error = {0};
        assert_false(scan(&stub, HOUR_NS, 48 * HOUR_NS, &told, &error));
        assert_int_equal(error.kind, ERROR_RETRY);
        if (strstr(error.text, cases[i].want) == NULL) {
            fail_msg("case %zu: %s", i, error.text);
        }
        stub_stop(&stub);
    }
}

static bool keep(void *context, const void *record, const struct text_arena *texts, const char *odd)
{
    (void)texts;
    const struct ticker *point = record;
    (void)odd;
    *(struct ticker *)context = *point;
    return true;
}

static void point_of_another_program_is_told_with_what_it_has(void **state)
{
    (void)state;
    static const struct stub_answer answer = {
        200, "[{\"time\":\"1970-01-01T00:10:00\",\"bid\":2.5,\"last_price\":null,\"run_id\":7}]",
        NULL};
    struct influx_stub stub = {.answers = &answer, .answer_count = 1};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){.read_only = true});
    struct ticker point = {.seq = 1};
    struct error error = {0};
    assert_true(store_scan(store, &ticker_kind, "tBTCUSD", 0, HOUR_NS, keep, &point, &error));
    assert_int_equal(point.event_time_ns, 600 * NS_PER_SECOND);
    assert_true(point.last_price == 0);
    assert_true(point.seq == INT64_MIN);
    assert_int_equal(point.run_id, 7);
    assert_true(point.has[TICKER_BID] && point.figures[TICKER_BID] == 2.5);
    assert_false(point.has[TICKER_ASK]);
    store_close(store);
    stub_stop(&stub);
}

static bool keep_odd(void *context, const void *point, const struct text_arena *texts,
                     const char *odd)
{
    (void)texts;
    (void)point;
    *(const char **)context = odd;
    return true;
}

static void second_point_of_one_time_is_told_as_of_another_tag(void **state)
{
    (void)state;
    static const struct stub_answer answer = {
        200, "[" ROW("1970-01-01T00:10:00") "," ROW("1970-01-01T00:10:00") "]", NULL};
    struct influx_stub stub = {.answers = &answer, .answer_count = 1};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){.read_only = true});
    const char *odd = NULL;
    struct error error = {0};
    assert_true(store_scan(store, &ticker_kind, "tBTCUSD", 0, HOUR_NS, keep_odd, &odd, &error));
    assert_non_null(odd);
    assert_string_equal(odd, "coin");
    store_close(store);
    stub_stop(&stub);
}

/* Refused for files even in the smallest piece: that ends, with its words. */
static void refusals_without_end_are_an_error(void **state)
{
    (void)state;
    struct stub_answer answers[64];
    for (size_t i = 0; i < 64; i++) {
        answers[i] = (struct stub_answer){500, "file limit", NULL};
    }
    struct influx_stub stub = {.answers = answers, .answer_count = 64};
    struct told told = {0};
    struct error error = {0};
    assert_false(scan(&stub, 0, HOUR_NS, &told, &error));
    assert_non_null(strstr(error.text, "file limit"));
    assert_true(stub.requests < 10);
    stub_stop(&stub);
}

/* An empty half century costs a few questions, not one an hour. */
static void empty_years_cost_few_questions(void **state)
{
    (void)state;
    struct stub_answer answers[64];
    for (size_t i = 0; i < 64; i++) {
        answers[i] = (struct stub_answer){200, "[]", NULL};
    }
    struct influx_stub stub = {.answers = answers, .answer_count = 64};
    struct told told = {0};
    struct error error = {0};
    assert_true(scan(&stub, 0, 50 * 8766 * HOUR_NS, &told, &error));
    assert_int_equal(told.count, 0);
    assert_true(stub.requests < 25);
    stub_stop(&stub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(sqlite_streams_the_same_bits),
        WITH_PLACE(sqlite_scan_ends_its_transaction),
        WITH_PLACE(sqlite_without_a_file_is_an_error),
        cmocka_unit_test(refused_for_files_is_asked_in_smaller_pieces),
        cmocka_unit_test(failed_piece_is_an_error_never_the_end),
        cmocka_unit_test(point_of_another_program_is_told_with_what_it_has),
        cmocka_unit_test(second_point_of_one_time_is_told_as_of_another_tag),
        cmocka_unit_test(refusals_without_end_are_an_error),
        cmocka_unit_test(empty_years_cost_few_questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
