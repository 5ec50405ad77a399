#include "commands/top/top_draw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"

/* 2026-01-01T00:00:00Z */
#define START (INT64_C(1767225600) * NS_PER_SECOND)

#define MARKETS                                                                                    \
    "{\"markets\":[{\"coin\":\"tBTCUSD\",\"name\":\"BTC/USD\",\"of\":\"ticker\","                  \
    "\"source\":\"bitfinex\",\"price\":64906.7,\"change_1h\":0.004,\"change_24h\":-2.5,"           \
    "\"change_7d\":null,\"market_cap\":1e12,\"sparkline\":[1,2,null,4],\"synthetic\":true},"       \
    "{\"coin\":\"evil\",\"name\":\"e\\u001b[2Jvil\",\"price\":1e-7,\"change_1h\":12345.6,"         \
    "\"sparkline\":\"no list\"},{\"no\":\"coin\"},7]}"
#define STATUS                                                                                     \
    "{\"brokers\":3,\"lag_total\":%d,\"ticks_per_second\":10.04,\"waiting_for\":null,"             \
    "\"no_news\":null,\"streams\":[{\"topic\":\"tickers\",\"lag\":%d,\"partitions\":["             \
    "{\"partition\":0,\"lag\":%d,\"owner\":\"consumer-1\"},"                                       \
    "{\"partition\":1,\"lag\":null,\"owner\":null}]},{\"topic\":\"bars\",\"lag\":null,"            \
    "\"partitions\":null}]}"
#define CANDLES                                                                                    \
    "[{\"time\":\"2026-01-01T00:00:00Z\",\"open\":1,\"high\":3,\"low\":1,\"close\":2,\"ticks\":5}" \
    ","                                                                                            \
    "{\"time\":\"2026-01-01T00:05:00Z\",\"open\":2,\"high\":2,\"low\":1,\"close\":1,\"ticks\":"    \
    "null}]"

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    return value;
}

static void take_status(struct top_answers *answers, int lag)
{
    char text[1024];
    struct top_status status = {0}, before = answers->status;
    (void)snprintf(text, sizeof text, STATUS, lag, lag, lag);
    json_t *answer = parse(text);
    assert_true(top_status_parse(answer, &before, &status));
    answers->status = status;
    top_status_free(&before);
    json_decref(answer);
}

static struct top_answers all_answers(void)
{
    struct top_answers answers = {
        .candles_of = {.coin = "tBTCUSD", .interval_ns = 300 * NS_PER_SECOND}};
    json_t *markets = parse(MARKETS), *candles = parse(CANDLES);
    assert_true(top_markets_parse(markets, &answers.markets));
    assert_true(top_candles_parse(candles, &answers.candles));
    take_status(&answers, 4);
    json_decref(markets);
    json_decref(candles);
    return answers;
}

static void free_answers(struct top_answers *answers)
{
    top_markets_free(&answers->markets);
    top_status_free(&answers->status);
    candle_list_free(&answers->candles);
}

static struct top_view usual_view(void)
{
    return (struct top_view){.coin = "tBTCUSD", .interval_ns = 300 * NS_PER_SECOND};
}

/* Draws a frame; the text is the caller's to free. */
static char *drawn(const struct top_answers *answers, struct top_view *view, int columns, int rows)
{
    struct canvas canvas;
    struct strbuf text = strbuf_new(1 << 20);
    const struct top_frame frame = {.answers = answers,
                                    .view = view,
                                    .page = "http://127.0.0.1:8080",
                                    .now_ns = START + 301 * NS_PER_SECOND};
    assert_true(canvas_create(&canvas, columns, rows));
    (void)top_draw(&frame, &canvas);
    canvas_append(&canvas, rows, true, &text);
    canvas_free(&canvas);
    char *taken = strbuf_take(&text);
    assert_non_null(taken);
    return taken;
}

static void a_frame_has_all_that_was_answered(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "candlewick top",
        "127.0.0.1:8080",
        "10.0/s",
        "\033[33mlag 4",
        "synthetic",
        "00:05:01 UTC",
        "\033[7m> BTC/USD      64906.7\033[0m", /* chosen */
        "\033[31m-2.50",
        "▁▃ ▇",
        " 0.00",    /* a change that rounds to nothing has no sign and no colour */
        "e?[2Jvil", /* controls are shown, not obeyed */
        "0.0000001",
        "\033[32m+12346",
        "tickers",
        "1/2",
        "consumer-1",
        "\033[31mno owner",
        "BTC/USD 5m  1",
        "◂1",
        "║",
        "╵01-01 00:00",
        "q quit",
    };
    struct top_answers answers = all_answers();
    struct top_view view = usual_view();
    char *text = drawn(&answers, &view, 80, 24);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (strstr(text, wanted[i]) == NULL) {
            fail_msg("no \"%s\" in\n%s", wanted[i], text);
        }
    }
    assert_int_equal(answers.markets.count, 2); /* rows without a coin are no markets */
    free(text);
    free_answers(&answers);
}

static void what_is_not_there_is_said(void **state)
{
    (void)state;
    const struct top_answers nothing = {.markets = {.known = false}};
    struct top_answers away = all_answers(), refused = all_answers(), other = all_answers();
    struct top_answers waiting = all_answers();
    away.away_since_ns = START + NS_PER_SECOND;
    (void)str_copy(str_from("refused"), away.away_why, sizeof away.away_why);
    (void)str_copy(str_from("no bars"), refused.candles_refused, sizeof refused.candles_refused);
    (void)str_copy(str_from("ETH"), other.candles_of.coin, sizeof other.candles_of.coin);
    (void)str_copy(str_from("Kafka"), waiting.status.waiting_for,
                   sizeof waiting.status.waiting_for);
    const struct {
        const struct top_answers *answers;
        const char *filter, *want;
    } cases[] = {
        {&nothing, "", "asking for the markets"},
        {&nothing, "", "partitions: not known"},
        {&away, "", "\033[31mpage away since 00:00:01: refused"},
        {&refused, "", "\033[31mno bars"},
        {&other, "", "asking for candles"},
        {&other, "zzz", "no market has that"},
        {&waiting, "", "waiting for Kafka"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct top_view view = usual_view();
        (void)str_copy(str_from(cases[i].filter), view.filter, sizeof view.filter);
        char *text = drawn(cases[i].answers, &view, 80, 24);
        if (strstr(text, cases[i].want) == NULL) {
            fail_msg("case %zu: no \"%s\" in\n%s", i, cases[i].want, text);
        }
        free(text);
    }
    free_answers(&away);
    free_answers(&refused);
    free_answers(&other);
    free_answers(&waiting);
}

static void a_small_window_says_so_in_one_line(void **state)
{
    (void)state;
    static const int sizes[][2] = {{79, 24}, {80, 23}, {60, 5}};
    struct top_answers answers = all_answers();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char want[64];
        struct top_view view = usual_view();
        char *text = drawn(&answers, &view, sizes[i][0], sizes[i][1]);
        (void)snprintf(want, sizeof want, "%dx%d is too small: 80x24 is needed", sizes[i][0],
                       sizes[i][1]);
        assert_non_null(strstr(text, want));
        assert_null(strstr(text, "BTC"));
        free(text);
    }
    struct top_view view = usual_view();
    for (int columns = 1; columns < 300; columns += 13) { /* no size is too small or too large */
        for (int rows = 1; rows < 100; rows += 9) {
            free(drawn(&answers, &view, columns, rows));
        }
    }
    free_answers(&answers);
}

static void a_lag_is_red_once_it_grows(void **state)
{
    (void)state;
    static const struct {
        int lags[5];
        const char *want;
    } cases[] = {
        {{1, 2, 3, 4, 5}, "\033[31mlag 5"},
        {{5, 6, 7, 8, 8}, "\033[31mlag 8"}, /* it has not been caught up */
        {{5, 6, 7, 8, 2}, "\033[33mlag 2"},
        {{9, 9, 9, 9, 9}, "\033[33mlag 9"},
        {{1, 0, 1, 0, 1}, "\033[33mlag 1"},
        {{5, 4, 3, 2, 0}, "lag 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct top_answers answers = {.markets = {.known = true}};
        struct top_view view = usual_view();
        for (size_t k = 0; k < 5; k++) {
            take_status(&answers, cases[i].lags[k]);
        }
        char *text = drawn(&answers, &view, 80, 24);
        if (strstr(text, cases[i].want) == NULL) {
            fail_msg("case %zu: no \"%s\" in\n%s", i, cases[i].want, text);
        }
        free(text);
        free_answers(&answers);
    }
}

static void answers_of_another_kind_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "[]",
        "7",
        "null",
        "{\"markets\":7,\"streams\":7}",
        "[{\"time\":\"2026-01-01T00:00:00Z\",\"open\":null}]",
        "[{\"time\":\"no time\",\"open\":1,\"high\":1,\"low\":1,\"close\":1}]",
        "[{\"time\":\"2026-01-01T00:00:00Z\",\"open\":1,\"high\":1,\"low\":1,\"close\":1},"
        "{\"time\":\"2026-01-01T00:00:00Z\",\"open\":1,\"high\":1,\"low\":1,\"close\":1}]",
    };
    const struct top_status before = {0};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_t *answer = parse(texts[i]);
        struct top_markets markets = {0};
        struct top_status status = {0};
        struct candle_list candles = {0};
        assert_false(top_markets_parse(answer, &markets));
        assert_false(top_status_parse(answer, &before, &status));
        assert_int_equal(top_candles_parse(answer, &candles), strcmp(texts[i], "[]") == 0);
        top_markets_free(&markets);
        top_status_free(&status);
        candle_list_free(&candles);
        json_decref(answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_has_all_that_was_answered),
        cmocka_unit_test(what_is_not_there_is_said),
        cmocka_unit_test(a_small_window_says_so_in_one_line),
        cmocka_unit_test(a_lag_is_red_once_it_grows),
        cmocka_unit_test(answers_of_another_kind_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
