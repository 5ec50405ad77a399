#include "terminal/candle_chart.h"

#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "market/coverage.h"
#include "terminal/candle_slots.h"

/* 2026-01-01T00:00:00Z */
#define START (INT64_C(1767225600) * NS_PER_SECOND)
#define FIVE_MINUTES (300 * NS_PER_SECOND)

static struct candle items[] = {
    {.time_ns = START, .open = 1.5, .high = 3, .low = 1, .close = 2, .ticks = 7},
    {.time_ns = START + FIVE_MINUTES, .open = 2, .high = 2.25, .low = 0, .close = 1, .ticks = 1},
};
static const struct candle_list list = {.items = items, .count = 2};
static const struct candle_marks whole = {
    .interval_ns = FIVE_MINUTES, .from_ns = INT64_MIN, .to_ns = INT64_MAX};

/* Removes the control sequences that begin and end tones. */
static void make_plain(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from == '\033') {
            from += strcspn(from, "m");
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

/* Draws the chart, with tones or without; the text is the caller's to free. */
static char *drawn(const struct candle_list *candles, const struct candle_marks *marks, int columns,
                   int rows, bool tones)
{
    struct canvas canvas;
    struct strbuf text = strbuf_new(1 << 20);
    const struct candle_chart chart = {.candles = candles, .marks = marks, .title = "X 5m"};
    assert_true(canvas_create(&canvas, columns, rows));
    const struct canvas_area all = canvas_all(&canvas);
    canvas_append(&canvas, candle_chart_draw(&chart, &all), true, &text);
    canvas_free(&canvas);
    char *taken = strdup(strbuf_text(&text));
    assert_non_null(taken);
    if (!tones) {
        make_plain(taken);
    }
    strbuf_free(&text);
    return taken;
}

static void chart_has_title_scale_last_price_and_times(void **state)
{
    (void)state;
    char *text = drawn(&list, &whole, 40, 5, false);
    /* Half rows 0 to 5 for prices 3 to 0. First: wick 0 to 3, body 2 to 3; second: wick 1 to 5,
     * body 2 to 3. The last price, 1, is in the middle row. */
    assert_string_equal(text, "X 5m  1.00  -33.33 % since 2026-01-01 00\n"
                              "│╷  3.00\n"
                              "┃┃ ◂1.00\n"
                              " │  0.00\n"
                              "╵01-01 00:00\n");
    free(text);
    text = drawn(&list, &whole, 40, 5, true);
    assert_non_null(strstr(text, "\033[32m┃\033[0m\033[31m┃"));
    free(text);
}

static void a_chart_that_does_not_fit_is_left_out(void **state)
{
    (void)state;
    static const struct candle_list none = {.count = 0};
    static const struct {
        const struct candle_list *candles;
        int columns, rows;
    } cases[] = {{&none, 80, 24}, {&list, 10, 24}, {&list, 80, 4}, {&list, 1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = drawn(cases[i].candles, &whole, cases[i].columns, cases[i].rows, false);
        assert_string_equal(text, "");
        free(text);
    }
}

static void labels_have_all_digits_of_the_prices(void **state)
{
    (void)state;
    static const struct {
        double low, high, last;
        const char *want[3];
    } cases[] = {
        {64906.7, 64999.9, 64950.3, {"  64999.9\n", " ◂64950.3\n", "  64906.7\n"}},
        {1234567.25,
         1234568.25,
         1234567.75,
         {"  1234568.25\n", " ◂1234567.75\n", "  1234567.25\n"}},
        {0.00000123,
         0.00000125,
         0.00000124,
         {"  0.00000125\n", " ◂0.00000124\n", "  0.00000123\n"}},
        {100, 300, 200, {"  300\n", " ◂200\n", "  100\n"}},
        {0.1 + 0.2, 1, 1, {" ◂1.0000000000\n", "  0.6500000000\n", "  0.3000000000\n"}},
        {1, 2, 2, {" ◂2.0\n", "  1.5\n", "  1.0\n"}}, /* rows are told apart */
        {5, 5, 5, {"  5\n", "◂5\n", "  5\n"}},        /* all prices are one */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct candle one = {.time_ns = START,
                             .open = cases[i].low,
                             .high = cases[i].high,
                             .low = cases[i].low,
                             .close = cases[i].last};
        const struct candle_list single = {.items = &one, .count = 1};
        char *text = drawn(&single, &whole, 40, 5, false);
        for (size_t k = 0; k < 3; k++) {
            if (strstr(text, cases[i].want[k]) == NULL) {
                fail_msg("case %zu: no \"%s\" in\n%s", i, cases[i].want[k], text);
            }
        }
        free(text);
    }
}

static void a_forming_candle_is_hollow(void **state)
{
    (void)state;
    struct candle_marks marks = whole;
    marks.now_ns = items[1].time_ns + 1;
    char *text = drawn(&list, &marks, 40, 5, false);
    assert_non_null(strstr(text, "┃║"));
    free(text);
}

static void a_gap_is_left_open_and_a_long_one_is_told(void **state)
{
    (void)state;
    struct candle two[2] = {items[0], items[1]};
    const struct candle_list apart = {.items = two, .count = 2};
    two[1].time_ns = START + 3 * FIVE_MINUTES;
    char *text = drawn(&apart, &whole, 60, 6, false);
    assert_non_null(strstr(text, "┃  ┃"));
    assert_null(strstr(text, "none for"));
    free(text);
    two[1].time_ns = START + FIVE_MINUTES + (5 * 3600 + 35 * 60) * NS_PER_SECOND;
    text = drawn(&apart, &whole, 60, 6, false);
    assert_non_null(strstr(text, "┃ ┊ ┃"));
    assert_non_null(strstr(text, "┊ none for 5h 35m from 2026-01-01 00:05"));
    free(text);
}

/* Two hundred candles on each width: no row is wider, and the newest is there. */
static void no_row_is_wider_than_the_area(void **state)
{
    (void)state;
    enum { MANY = 200 };
    struct candle many[MANY];
    for (int i = 0; i < MANY; i++) {
        many[i] = (struct candle){.time_ns = START + i * FIVE_MINUTES * (i > 150 ? 3 : 1),
                                  .open = 64000.5 + i,
                                  .high = 64002 + i,
                                  .low = 64000 + i,
                                  .close = 64001 + i};
    }
    const struct candle_list all = {.items = many, .count = MANY};
    for (int columns = 20; columns <= 240; columns += 11) {
        struct canvas canvas;
        assert_true(canvas_create(&canvas, columns + 1, 16));
        const struct canvas_area whole_area = canvas_all(&canvas);
        const struct canvas_area area = canvas_part(&whole_area, 0, 0, columns, 16);
        const struct candle_chart chart = {.candles = &all, .marks = &whole, .title = "X 5m"};
        assert_int_equal(candle_chart_draw(&chart, &area), 16);
        for (int row = 0; row < 16; row++) {
            assert_string_equal(canvas.cells[row * (columns + 1) + columns].text, "");
        }
        struct strbuf text = strbuf_new(1 << 20);
        canvas_append(&canvas, 16, false, &text);
        assert_non_null(strstr(strbuf_text(&text), "◂64200.0"));
        strbuf_free(&text);
        canvas_free(&canvas);
    }
}

static void times_are_round_and_do_not_touch(void **state)
{
    (void)state;
    enum { MANY = 60 };
    static const struct {
        int64_t interval_ns;
        const char *want;
    } cases[] = {
        {60 * NS_PER_SECOND, "╵01-01 00:00   ╵00:15         ╵00:30         ╵00:45"},
        {FIVE_MINUTES, "╵01-01 00:00            ╵02:00      ╵03:00      ╵04:00"},
        {NS_PER_SECOND, "╵01-01 00:00:00               ╵00:00:30"},
        {3600 * NS_PER_SECOND, "╵01-01 00:00            ╵01-02 00:00            ╵01-03 00:00"},
        {NS_PER_DAY, "╵2026-01-01  ╵2026-01-14"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct candle many[MANY];
        struct candle_marks marks = whole;
        marks.interval_ns = cases[i].interval_ns;
        for (int k = 0; k < MANY; k++) {
            many[k] = (struct candle){.time_ns = START + k * cases[i].interval_ns,
                                      .open = 1,
                                      .high = 2,
                                      .low = 1,
                                      .close = 2};
        }
        const struct candle_list all = {.items = many, .count = MANY};
        char *text = drawn(&all, &marks, 80, 8, false);
        if (strstr(text, cases[i].want) == NULL) {
            fail_msg("case %zu: %s", i, strstr(text, "╵01") != NULL ? strstr(text, "╵01") : text);
        }
        free(text);
    }
}

/* Of the first candle nothing is known, and of the second a fifth is a hole. */
static void holes_and_unknown_time_are_marked_below(void **state)
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
    char *text = drawn(&list, &marks, 40, 8, false);
    assert_non_null(strstr(text, "\n?!\n"));
    assert_non_null(strstr(text, "! hole, ? unknown"));
    free(text);
    coverage_free(&coverage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chart_has_title_scale_last_price_and_times),
        cmocka_unit_test(a_chart_that_does_not_fit_is_left_out),
        cmocka_unit_test(labels_have_all_digits_of_the_prices),
        cmocka_unit_test(a_forming_candle_is_hollow),
        cmocka_unit_test(a_gap_is_left_open_and_a_long_one_is_told),
        cmocka_unit_test(no_row_is_wider_than_the_area),
        cmocka_unit_test(times_are_round_and_do_not_touch),
        cmocka_unit_test(holes_and_unknown_time_are_marked_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
