#include <float.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "cmocka_all.h"
#include "market/json.h"
#include "record/record_json.h"
#include "record/ticker.h"

static void candles_of_an_empty_list_give_an_empty_array(void **state)
{
    (void)state;
    struct strbuf json = strbuf_new(100);
    candles_to_json(&(struct candle_list){0}, "tBTCUSD", NULL, &json);
    assert_string_equal(strbuf_text(&json), "[]");
    strbuf_free(&json);
}

static void candles_give_the_documented_text(void **state)
{
    (void)state;
    struct candle items[] = {
        {.time_ns = 0, .open = 1, .high = 2.5, .low = 0.00000004, .close = 1.1, .ticks = 3},
        {.time_ns = INT64_C(1767225600000000000),
         .open = 1e22,
         .high = DBL_MAX,
         .low = 0.1,
         .close = 0.30000000000000004,
         .ticks = 1},
    };
    struct candle_list list = {.items = items, .count = 2, .capacity = 2};
    struct strbuf json = strbuf_new(1000);
    candles_to_json(&list, "tBTC\"USD", NULL, &json);
    assert_string_equal(
        strbuf_text(&json),
        "[{\"time\":\"1970-01-01T00:00:00Z\",\"coin\":\"tBTC\\\"USD\",\"open\":1,\"high\":2.5,"
        "\"low\":0.00000004,\"close\":1.1,\"ticks\":3},"
        "{\"time\":\"2026-01-01T00:00:00Z\",\"coin\":\"tBTC\\\"USD\",\"open\":1e+22,"
        "\"high\":1.7976931348623157e+308,\"low\":0.1,\"close\":0.30000000000000004,\"ticks\":1}]");
    strbuf_free(&json);
}

static void candles_read_back_as_the_same_bits(void **state)
{
    (void)state;
    enum { CANDLES = 500 };
    struct random random = random_seeded(2);
    struct candle_list list = {0};
    for (int i = 0; i < CANDLES; i++) {
        double price = random_unit(&random) * 1e5;
        struct candle candle = {.time_ns = i,
                                .open = price,
                                .high = price * 1.1,
                                .low = price / 3,
                                .close = price * 1.01,
                                .ticks = i};
        assert_true(candle_list_add(&list, &candle));
    }
    struct strbuf json = strbuf_new(1000000);
    candles_to_json(&list, "ab", NULL, &json);
    json_t *root = json_loadb(strbuf_text(&json), json.length, JSON_DECODE_INT_AS_REAL, NULL);
    assert_int_equal(json_array_size(root), CANDLES);
    for (size_t i = 0; i < CANDLES; i++) {
        json_t *candle = json_array_get(root, i);
        assert_int_equal(json_object_size(candle), 7);
        assert_true(json_real_value(json_object_get(candle, "open")) == list.items[i].open);
        assert_true(json_real_value(json_object_get(candle, "high")) == list.items[i].high);
        assert_true(json_real_value(json_object_get(candle, "low")) == list.items[i].low);
        assert_true(json_real_value(json_object_get(candle, "close")) == list.items[i].close);
    }
    json_decref(root);
    strbuf_free(&json);
    candle_list_free(&list);
}

static void candles_past_the_ceiling_fail_the_buffer(void **state)
{
    (void)state;
    struct candle candle = {.ticks = 1};
    struct candle_list list = {.items = &candle, .count = 1, .capacity = 1};
    struct strbuf json = strbuf_new(50);
    candles_to_json(&list, "ab", NULL, &json);
    assert_true(json.failed);
    strbuf_free(&json);
}

static void ticker_without_figures_has_nulls(void **state)
{
    (void)state;
    struct ticker ticker = {.symbol = "tBTCUSD",
                            .source = "replay",
                            .event_time_ns = INT64_C(1767225600000000001),
                            .seq = 7,
                            .run_id = INT64_MIN,
                            .last_price = 30000.1,
                            .figures = {5}}; /* a figure it does not have */
    struct strbuf json = strbuf_new(1000);
    record_to_json(&ticker_kind, &ticker, NULL, &json);
    assert_string_equal(strbuf_text(&json),
                        "{\"symbol\":\"tBTCUSD\",\"event_time_ns\":\"1767225600000000001\","
                        "\"time\":\"2026-01-01T00:00:00.000000001Z\",\"seq\":7,"
                        "\"run_id\":\"-9223372036854775808\",\"source\":\"replay\","
                        "\"last_price\":30000.1,\"bid\":null,\"bid_size\":null,\"ask\":null,"
                        "\"ask_size\":null,\"daily_change\":null,\"daily_change_relative\":null,"
                        "\"volume\":null,\"high\":null,\"low\":null,\"market_cap\":null}");
    strbuf_free(&json);
}

static void ticker_with_figures_has_each_by_its_name(void **state)
{
    (void)state;
    struct ticker ticker = {.symbol = "tBTCUSD", .source = "bitfinex", .last_price = 1};
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        ticker.has[i] = true;
        ticker.figures[i] = -0.5 - (double)i;
    }
    struct strbuf json = strbuf_new(1000);
    record_to_json(&ticker_kind, &ticker, NULL, &json);
    json_t *root = json_loadb(strbuf_text(&json), json.length, 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_object_size(root), 7 + TICKER_FIGURES);
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        json_t *figure = json_object_get(root, ticker_figure_names[i]);
        assert_true(json_real_value(figure) == ticker.figures[i]);
    }
    json_decref(root);
    strbuf_free(&json);
}

static void ticker_that_is_not_finite_stays_json(void **state)
{
    (void)state;
    struct ticker ticker = {.symbol = "ab", .source = "x", .last_price = INFINITY};
    ticker.has[TICKER_LOW] = true;
    ticker.figures[TICKER_LOW] = NAN;
    struct strbuf json = strbuf_new(1000);
    record_to_json(&ticker_kind, &ticker, NULL, &json);
    json_t *root = json_loadb(strbuf_text(&json), json.length, 0, NULL);
    assert_non_null(root);
    assert_true(json_is_null(json_object_get(root, "last_price")));
    assert_true(json_is_null(json_object_get(root, "low")));
    json_decref(root);
    strbuf_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(candles_of_an_empty_list_give_an_empty_array),
        cmocka_unit_test(candles_give_the_documented_text),
        cmocka_unit_test(candles_read_back_as_the_same_bits),
        cmocka_unit_test(candles_past_the_ceiling_fail_the_buffer),
        cmocka_unit_test(ticker_without_figures_has_nulls),
        cmocka_unit_test(ticker_with_figures_has_each_by_its_name),
        cmocka_unit_test(ticker_that_is_not_finite_stays_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
