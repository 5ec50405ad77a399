#include "record/trade.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "record/record_json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define T0 (INT64_C(1767225600) * NS_PER_SECOND) /* 2026-01-01 */

static struct trade good_trade(void)
{
    struct trade trade = {.symbol = "tBTCUSD",
                          .source = "bitfinex",
                          .trade_id = 1234567890,
                          .exchange_time_ns = T0 + 7 * NS_PER_MS,
                          .price = 30000.5,
                          .amount = -0.25};
    record_complete(&trade_kind, &trade);
    return trade;
}

static void stored_time_is_the_millisecond_and_the_order_of_the_id(void **state)
{
    (void)state;
    static const struct {
        int64_t exchange_time_ns, id, want_ns;
    } cases[] = {
        {T0, 0, T0},
        {T0, 999999, T0 + 999999},
        {T0, 1000000, T0},
        {T0 + 7 * NS_PER_MS, 1234567890, T0 + 7 * NS_PER_MS + 567890},
        {T0, INT64_MAX, T0 + 775807},
        {-NS_PER_MS, 5, 5 - NS_PER_MS},
        {RECORD_TIME_BEGIN_NS, 1, RECORD_TIME_BEGIN_NS + 1},
        {RECORD_TIME_END_NS - NS_PER_MS, 999999, RECORD_TIME_END_NS - 1},
        /* No such time. */
        {T0, -1, 0},
        {T0 + 1, 1, 0},
        {-1, 1, 0},
        {INT64_MIN, 1, 0},
        {RECORD_TIME_END_NS, 1, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct trade trade = good_trade();
        trade.exchange_time_ns = cases[i].exchange_time_ns;
        trade.trade_id = cases[i].id;
        assert_int_equal(trade_stored_time_ns(&trade), cases[i].want_ns);
        record_complete(&trade_kind, &trade);
        assert_int_equal(trade.time_ns, cases[i].want_ns);
        assert_true((trade_check(&trade) == TRADE_OK) == (i < COUNT(cases) - 5));
    }
}

static void check_names_the_first_fault(void **state)
{
    (void)state;
    static const struct {
        const char *symbol, *source;
        int64_t id, exchange_time_ns;
        double price, amount;
        enum trade_fault want;
        const char *name;
    } cases[] = {
        {"tBTCUSD", "bitfinex", 0, T0, 1, 1, TRADE_OK, "ok"},
        {"tBTCUSD", "bitfinex", INT64_MAX, T0, 0x1p-1074, -0x1p-1074, TRADE_OK, "ok"},
        {"", "bitfinex", 0, T0, 1, 1, TRADE_BAD_SYMBOL, "bad_symbol"},
        {"t BTC", "bitfinex", -1, T0, 1, 1, TRADE_BAD_SYMBOL, "bad_symbol"},
        {"tBTCUSD", "", 0, T0, 1, 1, TRADE_BAD_SOURCE, "bad_source"},
        {"tBTCUSD", "bit finex", 0, T0, 1, 1, TRADE_BAD_SOURCE, "bad_source"},
        {"tBTCUSD", "bitfinex", -1, T0 + 1, 1, 1, TRADE_BAD_ID, "bad_trade_id"},
        {"tBTCUSD", "bitfinex", 0, T0 + NS_PER_US, 0, 1, TRADE_BAD_TIME, "bad_time"},
        {"tBTCUSD", "bitfinex", 0, INT64_MAX, 1, 1, TRADE_BAD_TIME, "bad_time"},
        {"tBTCUSD", "bitfinex", 0, T0, 0, 0, TRADE_BAD_PRICE, "bad_price"},
        {"tBTCUSD", "bitfinex", 0, T0, -1, 1, TRADE_BAD_PRICE, "bad_price"},
        {"tBTCUSD", "bitfinex", 0, T0, NAN, 1, TRADE_BAD_PRICE, "bad_price"},
        {"tBTCUSD", "bitfinex", 0, T0, INFINITY, 1, TRADE_BAD_PRICE, "bad_price"},
        {"tBTCUSD", "bitfinex", 0, T0, 1, 0, TRADE_BAD_AMOUNT, "bad_amount"},
        {"tBTCUSD", "bitfinex", 0, T0, 1, -0.0, TRADE_BAD_AMOUNT, "bad_amount"},
        {"tBTCUSD", "bitfinex", 0, T0, 1, NAN, TRADE_BAD_AMOUNT, "bad_amount"},
        {"tBTCUSD", "bitfinex", 0, T0, 1, -INFINITY, TRADE_BAD_AMOUNT, "bad_amount"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct trade trade = {.trade_id = cases[i].id,
                              .exchange_time_ns = cases[i].exchange_time_ns,
                              .price = cases[i].price,
                              .amount = cases[i].amount};
        (void)str_copy(str_from(cases[i].symbol), trade.symbol, sizeof trade.symbol);
        (void)str_copy(str_from(cases[i].source), trade.source, sizeof trade.source);
        record_complete(&trade_kind, &trade);
        const char *reason = trade_kind.check(&trade, NULL);
        if (trade_check(&trade) != cases[i].want ||
            (reason == NULL) != (cases[i].want == TRADE_OK) ||
            strcmp(trade_fault_names[cases[i].want], cases[i].name) != 0 ||
            (reason != NULL && strncmp(reason, cases[i].name, strlen(cases[i].name)) != 0)) {
            fail_msg("case %zu: %s", i, trade_fault_names[trade_check(&trade)]);
        }
    }
    struct trade trade = good_trade();
    trade.time_ns++;
    assert_string_equal(trade_kind.check(&trade, NULL), "incomplete");
}

static void complete_of_any_bytes_gives_no_time(void **state)
{
    (void)state;
    struct trade trade;
    memset(&trade, 0xFF, sizeof trade); /* texts without a NUL */
    record_complete(&trade_kind, &trade);
    assert_int_equal(trade.time_ns, 0);
    assert_int_equal(trade_check(&trade), TRADE_BAD_SYMBOL);
}

static void as_json_it_has_the_exchanges_time_as_the_time_for_people(void **state)
{
    (void)state;
    struct trade trade = good_trade();
    struct strbuf json = strbuf_new(1 << 12);
    record_to_json(&trade_kind, &trade, NULL, &json);
    assert_string_equal(strbuf_text(&json),
                        "{\"symbol\":\"tBTCUSD\",\"source\":\"bitfinex\",\"trade_id\":1234567890,"
                        "\"exchange_time_ns\":\"1767225600007000000\","
                        "\"time\":\"2026-01-01T00:00:00.007Z\",\"price\":30000.5,"
                        "\"amount\":-0.25}");
    strbuf_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_time_is_the_millisecond_and_the_order_of_the_id),
        cmocka_unit_test(check_names_the_first_fault),
        cmocka_unit_test(complete_of_any_bytes_gives_no_time),
        cmocka_unit_test(as_json_it_has_the_exchanges_time_as_the_time_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
