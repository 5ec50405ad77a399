#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "record/names.h"
#include "record/ticker.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void symbol_of_allowed_characters_and_length_is_valid(void **state)
{
    (void)state;
    static const struct {
        const char *symbol;
        bool want;
    } cases[] = {
        {"tBTCUSD", true},
        {"tDOGE:USD", true},
        {"fUSD", true},
        {"a_b-c:9", true},
        {"a", true},
        {"cg:bitcoin", true},
        {"cmc:usd-coin", true},
        {"^GSPC", true},
        {"000001.SS", true},
        {"EURUSD=X", true},
        {"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz01", true},
        {"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz012", false},
        {"", false},
        {"t BTC", false},
        {"tBTC/USD", false},
        {"tBTC\n", false},
        {"tBTC\xC3\xA9", false},
        {"[", false},
        {"a@", false},
        {"a`", false},
        {"a{", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(record_symbol_valid(str_from(cases[i].symbol)), cases[i].want);
    }
    assert_false(record_symbol_valid((struct str){.data = "ab\0c", .length = 4}));
    assert_false(record_symbol_valid((struct str){0}));
    assert_true(record_symbol_valid((struct str){.data = "abc/", .length = 3}));
}

static void symbol_display_shows_trading_pairs_with_a_slash(void **state)
{
    (void)state;
    static const struct {
        const char *symbol, *want;
    } cases[] = {
        {"tBTCUSD", "BTC/USD"},
        {"tDOGE:USD", "DOGE/USD"},
        {"tBTCF0:USTF0", "BTCF0/USTF0"},
        {"t1INCH:USD", "1INCH/USD"},
        {"fUSD", "fUSD"},
        {"tBTCUSDT", "tBTCUSDT"}, /* where would it be split? */
        {"tBTC", "tBTC"},
        {"t:USD", "t:USD"},
        {"tDOGE:", "tDOGE:"},
        {"tA:B:C", "tA:B:C"},
        {"test-coin", "test-coin"},
        {"tether", "tether"},
        {"t", "t"},
        {"", ""},
        {"tABCDEFGHIJKLMNOP:ABCDEFGHIJKLMN", "ABCDEFGHIJKLMNOP/ABCDEFGHIJKLMN"},
        {"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789",
         "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz012"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[SYMBOL_MAX + 2];
        symbol_display(cases[i].symbol, text);
        assert_string_equal(text, cases[i].want);
    }
}

static struct ticker good_ticker(void)
{
    return (struct ticker){.symbol = "tBTCUSD", .source = "replay", .last_price = 1.5};
}

static void check_of_a_good_ticker_is_ok(void **state)
{
    (void)state;
    struct ticker ticker = good_ticker();
    assert_int_equal(ticker_check(&ticker), TICKER_OK);
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        ticker.has[i] = true;
        ticker.figures[i] = i % 2 == 0 ? -1e300 : 0; /* a change or a size may be below zero */
    }
    assert_int_equal(ticker_check(&ticker), TICKER_OK);
}

static void check_of_a_time_without_a_candle_says_so(void **state)
{
    (void)state;
    static const struct {
        int64_t time_ns;
        enum ticker_fault want;
    } cases[] = {
        {INT64_MAX, TICKER_BAD_TIME},        {INT64_MAX - 1, TICKER_BAD_TIME},
        {INT64_MIN, TICKER_BAD_TIME},        {RECORD_TIME_END_NS, TICKER_BAD_TIME},
        {RECORD_TIME_END_NS - 1, TICKER_OK}, {RECORD_TIME_BEGIN_NS - 1, TICKER_BAD_TIME},
        {RECORD_TIME_BEGIN_NS, TICKER_OK},   {-1, TICKER_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ticker ticker = good_ticker();
        ticker.event_time_ns = cases[i].time_ns;
        assert_int_equal(ticker_check(&ticker), cases[i].want);
    }
}

static void check_of_a_bad_symbol_says_so(void **state)
{
    (void)state;
    struct ticker ticker = good_ticker();
    (void)snprintf(ticker.symbol, sizeof ticker.symbol, "t BTC");
    assert_int_equal(ticker_check(&ticker), TICKER_BAD_SYMBOL);
    memset(ticker.symbol, 'A', sizeof ticker.symbol); /* no NUL: not read past */
    assert_int_equal(ticker_check(&ticker), TICKER_BAD_SYMBOL);
}

static void check_of_a_bad_price_says_so(void **state)
{
    (void)state;
    static const double prices[] = {0.0, -0.0, -1, NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < COUNT(prices); i++) {
        struct ticker ticker = good_ticker();
        ticker.last_price = prices[i];
        assert_int_equal(ticker_check(&ticker), TICKER_BAD_PRICE);
        assert_string_equal(ticker_kind.check(&ticker, NULL),
                            "bad_price: last_price is not a finite number above 0");
    }
    struct ticker ticker = good_ticker();
    ticker.last_price = 0x1p-1074;
    assert_int_equal(ticker_check(&ticker), TICKER_OK);
}

static void check_of_a_bad_figure_says_so_only_when_it_is_there(void **state)
{
    (void)state;
    static const double figures[] = {NAN, INFINITY, -INFINITY};
    char want[100];
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        for (size_t j = 0; j < COUNT(figures); j++) {
            struct ticker ticker = good_ticker();
            ticker.figures[i] = figures[j];
            assert_int_equal(ticker_check(&ticker), TICKER_OK);
            ticker.has[i] = true;
            assert_int_equal(ticker_check(&ticker), TICKER_BAD_FIGURE);
            (void)snprintf(want, sizeof want, "bad_figure: %s is not a finite number",
                           ticker_figure_names[i]);
            assert_string_equal(ticker_kind.check(&ticker, NULL), want);
        }
    }
}

static void names_are_there_for_every_number(void **state)
{
    (void)state;
    static const char *const want[TICKER_FIGURES] = {
        "bid",    "bid_size", "ask", "ask_size",  "daily_change", "daily_change_relative",
        "volume", "high",     "low", "market_cap"};
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        assert_string_equal(ticker_figure_names[i], want[i]);
    }
    assert_string_equal(ticker_fault_names[TICKER_OK], "ok");
    assert_string_equal(ticker_fault_names[TICKER_BAD_SYMBOL], "bad_symbol");
    assert_string_equal(ticker_fault_names[TICKER_BAD_PRICE], "bad_price");
    assert_string_equal(ticker_fault_names[TICKER_BAD_FIGURE], "bad_figure");
    assert_string_equal(ticker_fault_names[TICKER_BAD_TIME], "bad_time");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbol_of_allowed_characters_and_length_is_valid),
        cmocka_unit_test(symbol_display_shows_trading_pairs_with_a_slash),
        cmocka_unit_test(check_of_a_good_ticker_is_ok),
        cmocka_unit_test(check_of_a_time_without_a_candle_says_so),
        cmocka_unit_test(check_of_a_bad_symbol_says_so),
        cmocka_unit_test(check_of_a_bad_price_says_so),
        cmocka_unit_test(check_of_a_bad_figure_says_so_only_when_it_is_there),
        cmocka_unit_test(names_are_there_for_every_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
