#include "replay_fixture.h"

static void broken_lines_are_counted_by_reason_and_named(void **state)
{
    struct fixture *fixture = *state;
    char *text = malloc(200000);
    assert_non_null(text);
    int length = snprintf(text, 1000, "%s",
                          "time,symbol,last_price,bid\n"
                          "1767225600,tBTCUSD,30000,\n"
                          "1767225600,tBTCUSD,30000\n"
                          "\n"
                          "1767225600,t!,30000,\n"
                          "never,tBTCUSD,30000,\n"
                          "1767225600,tBTCUSD,-1,\n"
                          "1767225600,tBTCUSD,30000,x y\n"
                          "\"1767225600,tBTCUSD,30000,\n"
                          "1767225600,\xff\x01,30000,\n");
    memset(text + length, 'x', 100000);
    length += 100000;
    length += snprintf(text + length, 1000, "\n1767225601,tBTCUSD,30001,\n");
    support_write_file(fixture->path, text, (size_t)length);
    free(text);
    struct played played = play(fixture, "ALL");
    assert_int_equal(played.end, SOURCE_END);
    assert_int_equal(played.counts.rows, 10);
    assert_int_equal(played.all.count, 2);
    assert_int_equal(batch_ticks(&played.all)[1].seq, 10);
    static const struct {
        enum row_fault fault;
        int64_t want;
        const char *named;
    } cases[] = {
        {ROW_BAD_SHAPE, 3, "line=3 reason=bad_shape"},
        {ROW_BAD_SYMBOL, 2, "line=5 reason=bad_symbol"},
        {ROW_BAD_TIME, 1, "line=6 reason=bad_time"},
        {ROW_BAD_PRICE, 1, "line=7 reason=bad_price"},
        {ROW_BAD_FIGURE, 1, "line=8 reason=bad_figure text=\"1767225600,tBTCUSD,30000,x y\""},
        {ROW_BAD_SHAPE, 3, "line=9 reason=bad_shape"},
        {ROW_BAD_SYMBOL, 2, "line=10 reason=bad_symbol"},
        {ROW_BAD_SHAPE, 3, "line=11 reason=bad_shape"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(played.counts.rejected[cases[i].fault], cases[i].want);
        assert_int_equal(logged(fixture, cases[i].named), 1);
    }
    assert_int_equal(logged(fixture, "event=line_rejected"), 8);
    assert_int_equal(logged(fixture, "level=warn event=replay_read"), 1);
    assert_int_equal(logged(fixture, "rows=10 ticks=2 bad_symbol=2 bad_price=1 bad_figure=1 "
                                     "bad_shape=3 bad_time=1"),
                     1);
    source_batch_free(&played.all);
}

static void a_file_of_other_coins_only_is_a_failure_that_names_one(void **state)
{
    struct fixture *fixture = *state;
    static const char text[] = "time,symbol,last_price\n"
                               "1767225600,tETHUSD,3000\n"
                               "1767225600,tXRPUSD,1\n";
    support_write_file(fixture->path, text, sizeof text - 1);
    struct played played = play(fixture, "BTC");
    assert_int_equal(played.end, SOURCE_ERROR);
    assert_non_null(strstr(played.error.text, "the first is of tETHUSD"));
    assert_int_equal(played.counts.rejected[ROW_UNKNOWN_COIN], 2);
    source_batch_free(&played.all);
    played = play(fixture, "tXRPUSD");
    assert_int_equal(played.end, SOURCE_END);
    source_batch_free(&played.all);
}

static void only_the_first_twenty_are_named_and_unasked_coins_never(void **state)
{
    struct fixture *fixture = *state;
    FILE *file = fopen(fixture->path, "wb");
    assert_non_null(file);
    assert_true(fputs("time,symbol,last_price\n", file) >= 0);
    for (int i = 0; i < 5000; i++) {
        assert_true(fprintf(file, "bad,%s,1\n", i % 2 == 0 ? "tBTCUSD" : "tETHUSD") > 0);
    }
    assert_int_equal(fclose(file), 0);
    struct played played = play(fixture, "tBTCUSD");
    assert_int_equal(played.counts.rows, 5000);
    assert_int_equal(played.counts.rejected[ROW_BAD_TIME], 2500);
    assert_int_equal(played.counts.rejected[ROW_UNKNOWN_COIN], 2500);
    assert_int_equal(logged(fixture, "event=line_rejected"), 20);
    assert_int_equal(played.end, SOURCE_ERROR); /* nothing came of it */
    assert_int_equal(logged(fixture, "event=replay_failed"), 1);
    assert_int_equal(logged(fixture, "not_named=2480"), 1);
    source_batch_free(&played.all);
}

static void a_replay_of_nothing_is_a_failure_that_says_why(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *content;
        const char *want[2];
    } cases[] = {
        {"time,symbol,last_price", {"has a header and no row", "prices.csv"}},
        {"time,symbol,last_price\n\n \n", {"has a header and no row", "prices.csv"}},
        {"time,symbol,last_price\nx,tA1,1\ny,tA1,1\n1,tA1,0\n", {"2 of 3 are bad_time", "2026-"}},
        {"time,symbol,last_price\n1,tA1,\"1,5,5\"\n", {"1 of 1 are bad_price", "with a point"}},
        {"time,symbol,last_price\n1,tA1\n", {"1 of 1 are bad_shape", "as many fields"}},
        {"time,symbol,last_price\n1,t A1,1\n", {"1 of 1 are bad_symbol", "no blank"}},
        {"time,symbol,last_price,bid\n1,tA1,1,x\n", {"1 of 1 are bad_figure", "or empty"}},
        {"time,symbol,last_price\n1,tA1,1", {"1 of 1 are unfinished", "line end"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_text(fixture, cases[i].content);
        struct played played = play(fixture, "ALL");
        assert_int_equal(played.end, SOURCE_ERROR);
        assert_int_equal(played.error.kind, ERROR_FATAL);
        for (int k = 0; k < 2; k++) {
            if (strstr(played.error.text, cases[i].want[k]) == NULL) {
                fail_msg("\"%s\" is not in: %s", cases[i].want[k], played.error.text);
            }
        }
        source_batch_free(&played.all);
    }
}

static void a_last_line_without_a_line_end_may_be_cut_and_is_no_row(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *last;
        size_t ticks;
    } cases[] = {
        {"2,tA1,62961.5\n", 2}, {"2,tA1,62961.5\r\n", 2}, {"2,tA1,62961.5", 1},
        {"2,tA1,629", 1},       {"2,tA1,\"62961.5\"", 2}, {"2,tA1,", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "time,symbol,last_price\n1,tA1,1\n%s", cases[i].last);
        write_text(fixture, text);
        struct played played = play(fixture, "ALL");
        assert_int_equal(played.end, SOURCE_END);
        assert_int_equal(played.all.count, cases[i].ticks);
        assert_int_equal(played.counts.rejected[ROW_UNFINISHED], 2 - cases[i].ticks);
        source_batch_free(&played.all);
    }
    assert_int_equal(logged(fixture, "line=3 reason=unfinished"), 3);
}

static void a_replay_that_is_stopped_sums_up_too(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, "time,symbol,last_price\n1,tBTCUSD,1\nx,tBTCUSD,1\n");
    struct source *source = open_source(fixture, "ALL");
    struct source_batch batch = {0};
    struct row_counts counts = {0};
    struct error error;
    assert_int_equal(source->next(source->state, &batch, &counts, &error), SOURCE_BATCH);
    source_destroy(source);
    source_batch_free(&batch);
    assert_int_equal(logged(fixture, "event=replay_stopped"), 1);
    assert_int_equal(logged(fixture, "bad_time=1"), 1);
}

static void a_file_that_grows_while_it_is_read_fails_after_its_ticks(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, "time,symbol,last_price\n1,tBTCUSD,1\n");
    struct source *source = open_source(fixture, "ALL");
    FILE *file = fopen(fixture->path, "ab");
    assert_non_null(file);
    assert_true(fputs("2,tBTCUSD,2\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    struct source_batch batch = {0};
    struct row_counts counts = {0};
    struct error error = {0};
    assert_int_equal(source->next(source->state, &batch, &counts, &error), SOURCE_BATCH);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(source->next(source->state, &batch, &counts, &error), SOURCE_ERROR);
        assert_int_equal(batch.count, 0);
        assert_int_equal(error.kind, ERROR_FATAL);
        assert_non_null(strstr(error.text, "prices.csv"));
    }
    source_destroy(source);
    source_batch_free(&batch);
}

static void what_cannot_be_replayed_is_refused_at_once(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *content; /* NULL: no file */
        const char *coins;
        enum error_kind kind;
        const char *want;
    } cases[] = {
        {NULL, "ALL", ERROR_USAGE, "No such file"},
        {"", "ALL", ERROR_USAGE, "has no header"},
        {"\n\r\n  \n", "ALL", ERROR_USAGE, "has no header"},
        {"time,symbol\n", "ALL", ERROR_USAGE, "\"last_price\" is missing"},
        {"time,symbol,last_price\r1,tA1,1\r", "ALL", ERROR_USAGE, "end in CR alone"},
        {"\xff\xfet\x01i\x01m\x01\n", "ALL", ERROR_USAGE, "UTF-16"},
        {"PK\x03\x04garbage", "ALL", ERROR_USAGE, "as a zip archive"},
        {"BZh91AY&SY", "ALL", ERROR_USAGE, "bzip2 -d"},
        {"\x28\xb5\x2f\xfdgarbage", "ALL", ERROR_USAGE, "zstd -d"},
        {"[{\"time\":1}]", "ALL", ERROR_USAGE, "JSON"},
        {"<html>", "ALL", ERROR_USAGE, "HTML"},
        {"version https://git-lfs.github.com/spec/v1\noid sha256:15\n", "ALL", ERROR_USAGE,
         "git lfs pull"},
        {"time,symbol,last_price\n", "t!", ERROR_USAGE, "\"t!\""},
        {"time,symbol,last_price\n", "", ERROR_USAGE, "no coins"},
        {"\x1f\x8b\x08", "ALL", ERROR_FATAL, "cut off"},
        {"\x1f\x8b\x08\x01\x01\x01\x01\x01\x01\x01garbage", "ALL", ERROR_FATAL, "broken gzip"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (cases[i].content != NULL) {
            write_text(fixture, cases[i].content);
        }
        struct replay_config config = {.path = fixture->path, .coins = cases[i].coins};
        struct error error = {0};
        assert_null(replay_source_create(&config, &error));
        assert_int_equal(error.kind, cases[i].kind);
        if (strstr(error.text, cases[i].want) == NULL) {
            fail_msg("\"%s\" is not in: %s", cases[i].want, error.text);
        }
        assert_true(cases[i].content == NULL || strchr(cases[i].content, ';') == NULL ||
                    strstr(error.text, "prices.csv") != NULL);
    }
}

/* The last nanosecond of a second may be the last of a candle. */
static void no_row_is_moved_into_the_next_second(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, "time,symbol,last_price\n"
                        "2026-01-01T00:59:59.999999998Z,tBTCUSD,1\n"
                        "2026-01-01T00:59:59.999999998Z,tBTCUSD,2\n"
                        "2026-01-01T00:59:59.999999998Z,tBTCUSD,3\n"
                        "2026-01-01T00:59:59.999999999Z,tBTCUSD,4\n"
                        "2026-01-01T00:59:59.999999999Z,tETHUSD,4\n"
                        "2026-01-01T01:00:00Z,tBTCUSD,5\n"
                        "1969-12-31T23:59:59.999999999Z,tXRPUSD,1\n"
                        "1969-12-31T23:59:59.999999999Z,tXRPUSD,2\n"
                        "1970-01-01T00:00:00Z,tXRPUSD,3\n");
    struct played played = play(fixture, "ALL");
    assert_int_equal(played.all.count, 6);
    assert_int_equal(played.counts.rejected[ROW_SECOND_FULL], 3);
    assert_int_equal(logged(fixture, "line=4 reason=second_full"), 1);
    assert_int_equal(batch_ticks(&played.all)[1].event_time_ns, INT64_C(1767229199999999999));
    assert_int_equal(batch_ticks(&played.all)[3].event_time_ns, INT64_C(1767229200000000000));
    assert_int_equal(batch_ticks(&played.all)[5].event_time_ns, 0);
    source_batch_free(&played.all);
}

static void times_without_a_candle_are_refused(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, "time,symbol,last_price\n"
                        "1677-12-31T23:59:59.999999999Z,tBTCUSD,1\n"
                        "1678-01-01T00:00:00Z,tBTCUSD,1\n"
                        "2261-12-31T23:59:59.999999999Z,tBTCUSD,1\n"
                        "2262-01-01T00:00:00Z,tBTCUSD,1\n"
                        "9223372036854775807,tBTCUSD,1\n");
    struct played played = play(fixture, "ALL");
    assert_int_equal(played.all.count, 2);
    assert_int_equal(played.counts.rejected[ROW_BAD_TIME], 3);
    source_batch_free(&played.all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(broken_lines_are_counted_by_reason_and_named),
        TEST(a_file_of_other_coins_only_is_a_failure_that_names_one),
        TEST(only_the_first_twenty_are_named_and_unasked_coins_never),
        TEST(a_replay_of_nothing_is_a_failure_that_says_why),
        TEST(a_last_line_without_a_line_end_may_be_cut_and_is_no_row),
        TEST(a_replay_that_is_stopped_sums_up_too),
        TEST(a_file_that_grows_while_it_is_read_fails_after_its_ticks),
        TEST(what_cannot_be_replayed_is_refused_at_once),
        TEST(no_row_is_moved_into_the_next_second),
        TEST(times_without_a_candle_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
