#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "record/bar.h"
#include "record/ticker.h"
#include "source/coins.h"

static void add_of_a_known_symbol_gives_the_same_coin(void **state)
{
    (void)state;
    struct coin_table table = {0};
    assert_null(coin_table_find(&table, str_from("tBTCUSD")));
    struct coin *coin = coin_table_add(&table, str_from("tBTCUSD"));
    assert_non_null(coin);
    assert_string_equal(coin->symbol, "tBTCUSD");
    assert_false(coin->seen);
    coin->last_stamp_ns = 7;
    assert_ptr_equal(coin_table_add(&table, str_from("tBTCUSD")), coin);
    assert_ptr_equal(coin_table_find(&table, str_from("tBTCUSD")), coin);
    assert_int_equal(table.count, 1);
    coin_table_free(&table);
    assert_int_equal(table.count, 0);
}

static void find_tells_apart_what_begins_alike(void **state)
{
    (void)state;
    static const char *const symbols[] = {"tBTC", "tBTCUSD", "tBTCUS", "TBTCUSD",
                                          "tBTCUSDabcdefghijklmnopqrstuvwxy"};
    struct coin_table table = {0};
    for (size_t i = 0; i < 5; i++) {
        struct coin *coin = coin_table_add(&table, str_from(symbols[i]));
        assert_non_null(coin);
        coin->last_stamp_ns = (int64_t)i;
    }
    assert_int_equal(table.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(coin_table_find(&table, str_from(symbols[i]))->last_stamp_ns, i);
    }
    /* A span need not end with NUL. */
    assert_int_equal(
        coin_table_find(&table, (struct str){.data = "tBTCUSD", .length = 4})->last_stamp_ns, 0);
    assert_null(coin_table_find(&table, str_from("tBT")));
    assert_null(coin_table_find(&table, str_from("tBTCUSDT")));
    coin_table_free(&table);
}

static void add_of_too_long_a_symbol_is_refused(void **state)
{
    (void)state;
    struct coin_table table = {0};
    char symbol[RECORD_SERIES_MAX + 1];
    memset(symbol, 'X', sizeof symbol);
    const struct str longest = {.data = symbol, .length = RECORD_SERIES_MAX};
    const struct str longer = {.data = symbol, .length = RECORD_SERIES_MAX + 1};
    assert_null(coin_table_add(&table, longer));
    assert_null(coin_table_find(&table, longer));
    assert_non_null(coin_table_add(&table, longest));
    assert_non_null(coin_table_find(&table, longest));
    assert_null(coin_table_find(&table, longer));
    coin_table_free(&table);
}

static void add_of_many_coins_keeps_their_order_and_figures(void **state)
{
    (void)state;
    enum { MANY = 200000 };
    struct coin_table table = {0};
    char symbol[SYMBOL_MAX + 1];
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(symbol, sizeof symbol, "t%dUSD", i);
        struct coin *coin = coin_table_add(&table, str_from(symbol));
        assert_non_null(coin);
        coin->last_input_ns = i;
    }
    assert_int_equal(table.count, MANY);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(symbol, sizeof symbol, "t%dUSD", i);
        assert_string_equal(table.coins[i].symbol, symbol);
        assert_ptr_equal(coin_table_find(&table, str_from(symbol)), &table.coins[i]);
        assert_int_equal(table.coins[i].last_input_ns, i);
    }
    coin_table_free(&table);
}

static void parse_reads_lists_and_all(void **state)
{
    (void)state;
    static const struct {
        const char *coins;
        bool ok, all;
        const char *want; /* names joined by blanks, or a part of the error */
        const struct record_kind *kind;
    } cases[] = {
        {"tBTCUSD", true, false, "tBTCUSD", &ticker_kind},
        {"tETHUSD,tBTCUSD", true, false, "tETHUSD tBTCUSD", &ticker_kind},
        {" tETHUSD , tDOGE:USD ", true, false, "tETHUSD tDOGE:USD", &ticker_kind},
        {"tETHUSD,tBTCUSD,tETHUSD", true, false, "tETHUSD tBTCUSD", &ticker_kind},
        {"ALL", true, true, "", &ticker_kind},
        {" all ", true, true, "", &ticker_kind},
        {"", false, false, "no coins", &ticker_kind},
        {NULL, false, false, "no coins", &ticker_kind},
        {"tBTCUSD,", false, false, "\"\"", &ticker_kind},
        {"tBTCUSD;tETHUSD", false, false, "\"tBTCUSD;tETHUSD\"", &ticker_kind},
        {"tBTCUSD,ALL", false, false, "\"ALL\"", &ticker_kind},
        {"t,cg:bitcoin", true, false, "t cg:bitcoin", &ticker_kind},
        {"t1234567890123456789012345678901234567890123456789012345678901234", false, false,
         "t123456789", &ticker_kind},
        {"BRK.B,^GSPC,EURUSD=X,F", true, false, "BRK.B ^GSPC EURUSD=X F", &bar_kind},
        {"BRK B", false, false, "1 to 64 of A-Za-z0-9:._^=-", &ticker_kind},
        {"BRK.B,tBTCUSD", true, false, "BRK.B tBTCUSD", NULL},
        {"BRK B", false, false, "\"BRK B\" cannot be a coin", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct coin_table table;
        struct error error = {0};
        bool all = false;
        assert_int_equal(coins_parse(cases[i].coins, cases[i].kind, &table, &all, &error),
                         cases[i].ok);
        if (!cases[i].ok) {
            assert_int_equal(error.kind, ERROR_USAGE);
            assert_non_null(strstr(error.text, cases[i].want));
        } else {
            char names[200] = "";
            size_t length = 0;
            for (size_t k = 0; k < table.count; k++) {
                length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
                                           k == 0 ? "" : " ", table.coins[k].symbol);
            }
            assert_string_equal(names, cases[i].want);
            assert_int_equal(all, cases[i].all);
        }
        coin_table_free(&table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add_of_a_known_symbol_gives_the_same_coin),
        cmocka_unit_test(find_tells_apart_what_begins_alike),
        cmocka_unit_test(add_of_too_long_a_symbol_is_refused),
        cmocka_unit_test(add_of_many_coins_keeps_their_order_and_figures),
        cmocka_unit_test(parse_reads_lists_and_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
