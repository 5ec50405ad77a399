#include "cli/candle_text.h"

#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "market/coverage.h"
#include "record/event.h"

/* 2026-01-01T00:00:00Z */
#define START (INT64_C(1767225600) * NS_PER_SECOND)
#define FIVE_MINUTES (300 * NS_PER_SECOND)

static struct candle items[] = {
    {.time_ns = START, .open = 1.5, .high = 3, .low = 1, .close = 2, .ticks = 7},
    {.time_ns = START + FIVE_MINUTES,
     .open = 2,
     .high = 2.25,
     .low = 0.00000004,
     .close = 1,
     .ticks = 1},
};
static const struct candle_list list = {.items = items, .count = 2, .capacity = 2};

/* No candle is cut or forming. */
static const struct candle_marks whole = {
    .interval_ns = FIVE_MINUTES, .from_ns = INT64_MIN, .to_ns = INT64_MAX};

static void csv_two_candles_has_the_documented_columns(void **state)
{
    (void)state;
    struct strbuf text = strbuf_new(4096);
    candles_csv_header(&(struct candle_marks){0}, &text);
    struct candle_marks marks = whole;
    marks.now_ns = START + FIVE_MINUTES + 1;
    candles_to_csv(&list, "tBTCUSD", &marks, &text);
    marks.synthetic = true;
    marks.now_ns = START + 2 * FIVE_MINUTES;
    marks.from_ns = START + 1;
    marks.to_ns = START + 2 * FIVE_MINUTES;
    candles_to_csv(&list, "tBTCUSD", &marks, &text);
    assert_string_equal(strbuf_text(&text),
                        "time,coin,open,high,low,close,ticks,forming,cut,synthetic\n"
                        "2026-01-01T00:00:00Z,tBTCUSD,1.5,3,1,2,7,false,false,false\n"
                        "2026-01-01T00:05:00Z,tBTCUSD,2,2.25,0.00000004,1,1,true,false,false\n"
                        "2026-01-01T00:00:00Z,tBTCUSD,1.5,3,1,2,7,false,true,true\n"
                        "2026-01-01T00:05:00Z,tBTCUSD,2,2.25,0.00000004,1,1,false,false,true\n");
    strbuf_free(&text);
}

static void volumes_are_rounded_in_the_table_and_whole_in_csv(void **state)
{
    (void)state;
    static const struct {
        double volume;
        const char *table, *csv;
    } cases[] = {
        {0.1 + 0.2, "  0.3  ", ",0.30000000000000004,"},
        {0.00000001, "  0.00000001  ", ",0.00000001,"},
        {123456.78900000002, "  123456.789  ", ",123456.78900000002,"},
        {1e15 + 0.125, "  1000000000000000.1  ", ",1000000000000000.1,"},
        {0, "  0  ", ",0,"},
    };
    struct candle_marks marks = whole;
    marks.volumes = true;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf table = strbuf_new(4096), csv = strbuf_new(4096);
        struct candle candle = items[0];
        const struct candle_list one = {.items = &candle, .count = 1};
        candle.volume = cases[i].volume;
        candle.has_volume = true;
        marks.to_ns = START; /* a mark stands behind the volume */
        candles_to_table(&one, "tBTCUSD", &marks, 0, &table);
        candles_to_csv(&one, "tBTCUSD", &marks, &csv);
        if (strstr(strbuf_text(&table), cases[i].table) == NULL ||
            strstr(strbuf_text(&csv), cases[i].csv) == NULL) {
            fail_msg("case %zu: %s%s", i, strbuf_text(&table), strbuf_text(&csv));
        }
        strbuf_free(&table);
        strbuf_free(&csv);
    }
}

static void table_open_candle_is_marked_forming(void **state)
{
    (void)state;
    struct strbuf text = strbuf_new(4096);
    struct candle_marks marks = whole;
    marks.now_ns = START + FIVE_MINUTES + 1;
    marks.to_ns = START + 2 * FIVE_MINUTES - 1;
    candles_to_table(&list, "tBTCUSD", &marks, 0, &text);
    const char *first = strstr(strbuf_text(&text), "2026-01-01T00:00:00Z");
    const char *second = strstr(strbuf_text(&text), "2026-01-01T00:05:00Z");
    assert_non_null(first);
    assert_non_null(second);
    assert_null(memmem(first, (size_t)(second - first), "forming", 7));
    assert_non_null(strstr(second, "cut, forming"));
    strbuf_free(&text);
}

static void table_tells_where_time_is_missing(void **state)
{
    (void)state;
    static const struct {
        int64_t later_ns; /* how much later the second candle begins */
        const char *want; /* NULL: no mark */
    } cases[] = {
        {FIVE_MINUTES, NULL},
        {2 * FIVE_MINUTES, "none for 5m before\n"},
        {FIVE_MINUTES + (5 * 3600 + 34 * 60) * NS_PER_SECOND, "none for 5h 34m before\n"},
        {FIVE_MINUTES + 3 * NS_PER_DAY, "none for 3d before\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf text = strbuf_new(4096);
        struct candle two[2] = {items[0], items[1]};
        const struct candle_list apart = {.items = two, .count = 2};
        two[1].time_ns = START + cases[i].later_ns;
        candles_to_table(&apart, "tBTCUSD", &whole, 0, &text);
        bool marked = cases[i].want != NULL && strstr(strbuf_text(&text), cases[i].want) != NULL;
        if (marked != (cases[i].want != NULL) ||
            (!marked && strstr(strbuf_text(&text), "none for") != NULL)) {
            fail_msg("case %zu: %s", i, strbuf_text(&text));
        }
        strbuf_free(&text);
    }
}

/* Of the first candle nothing is known, and of the second a fifth is a hole. */
static void coverage_has_its_columns(void **state)
{
    (void)state;
    struct coverage coverage = coverage_begin("x", "tBTCUSD");
    struct event event = {.what = "coins", .source = "x", .time_ns = 5};
    assert_true(coverage_add(&coverage, &event, str_from("tBTCUSD")));
    event = (struct event){.what = "covered",
                           .source = "x",
                           .begin_ns = START + FIVE_MINUTES,
                           .end_ns = START + 2 * FIVE_MINUTES,
                           .number = 30000,
                           .has_begin_ns = true,
                           .has_end_ns = true,
                           .has_number = true};
    assert_true(coverage_add(&coverage, &event, str_from("5:0-0")));
    event = (struct event){.what = "hole",
                           .source = "x",
                           .subject = "tBTCUSD",
                           .begin_ns = START + FIVE_MINUTES,
                           .end_ns = START + FIVE_MINUTES + FIVE_MINUTES / 5,
                           .has_begin_ns = true,
                           .has_end_ns = true};
    assert_true(coverage_add(&coverage, &event, str_from("connection lost")));
    assert_true(coverage_conclude(&coverage));
    struct candle_marks marks = whole;
    marks.now_ns = START + 2 * FIVE_MINUTES;
    marks.coverage = &coverage;
    struct strbuf text = strbuf_new(4096);
    candles_csv_header(&marks, &text);
    candles_to_csv(&list, "tBTCUSD", &marks, &text);
    assert_string_equal(
        strbuf_text(&text),
        "time,coin,open,high,low,close,ticks,live,refilled,hole,unknown,forming,cut,synthetic\n"
        "2026-01-01T00:00:00Z,tBTCUSD,1.5,3,1,2,7,0,0,0,1,false,false,false\n"
        "2026-01-01T00:05:00Z,tBTCUSD,2,2.25,0.00000004,1,1,0.8,0,0.2,0,false,false,false\n");
    strbuf_clear(&text);
    candles_to_table(&list, "tBTCUSD", &marks, 0, &text);
    assert_non_null(strstr(strbuf_text(&text), "covered"));
    assert_non_null(strstr(strbuf_text(&text), "0 %, unknown"));
    assert_non_null(strstr(strbuf_text(&text), "1 of 8"));
    assert_non_null(strstr(strbuf_text(&text), "80 %, hole"));
    strbuf_free(&text);
    coverage_free(&coverage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coverage_has_its_columns),
        cmocka_unit_test(csv_two_candles_has_the_documented_columns),
        cmocka_unit_test(volumes_are_rounded_in_the_table_and_whole_in_csv),
        cmocka_unit_test(table_open_candle_is_marked_forming),
        cmocka_unit_test(table_tells_where_time_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
