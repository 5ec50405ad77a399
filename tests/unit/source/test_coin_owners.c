#include <stdio.h>

#include "cmocka_all.h"
#include "source/coin_owners.h"

#define HOUR_NS (3600 * NS_PER_SECOND)

static void coin_is_owned_by_the_newest_source_of_the_last_hour(void **state)
{
    (void)state;
    struct coin_owners owners = {.capacity = 0};
    bool first = false;
    struct str btc = str_from("tBTCUSD"), eth = str_from("tETHUSD"), xrp = str_from("tXRPUSD");
    assert_null(coin_owners_find(&owners, btc, 0, &first));
    assert_true(coin_owners_tell(&owners, btc, str_from("old"), 8 * HOUR_NS));
    assert_true(coin_owners_tell(&owners, btc, str_from("kraken"), 9 * HOUR_NS));
    assert_true(coin_owners_tell(&owners, btc, str_from("older"), 7 * HOUR_NS));
    assert_true(coin_owners_tell(&owners, eth, str_from("kraken"), 9 * HOUR_NS - 1));
    assert_true(coin_owners_tell(&owners, xrp, str_from("unknown"), 0));
    assert_string_equal(coin_owners_find(&owners, btc, 10 * HOUR_NS, &first), "kraken");
    assert_true(first);
    assert_null(coin_owners_find(&owners, eth, 10 * HOUR_NS, &first)); /* it has ended */
    assert_null(coin_owners_find(&owners, xrp, 10 * HOUR_NS, &first));
    /* What was decided holds. */
    assert_string_equal(coin_owners_find(&owners, btc, 20 * HOUR_NS, &first), "kraken");
    assert_false(first);
    assert_null(coin_owners_find(&owners, eth, 9 * HOUR_NS, &first));
    coin_owners_free(&owners);
}

static void many_coins_have_owners(void **state)
{
    (void)state;
    struct coin_owners owners = {.capacity = 0};
    char name[20], source[20];
    bool first = false;
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(name, sizeof name, "coin%d", i);
        (void)snprintf(source, sizeof source, "s%d", i);
        assert_true(coin_owners_tell(&owners, str_from(name), str_from(source), 1));
    }
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(name, sizeof name, "coin%d", i);
        (void)snprintf(source, sizeof source, "s%d", i);
        assert_string_equal(coin_owners_find(&owners, str_from(name), 2, &first), source);
    }
    coin_owners_free(&owners);
}

static void source_with_a_suffix_is_of_its_service(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        bool want;
    } cases[] = {
        {"coingecko", true}, {"coingecko-chart", true}, {"coingeckos", false}, {"coingeck", false},
        {"", false},         {"bitfinex", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(coin_owners_same(str_from(cases[i].source), "coingecko"), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coin_is_owned_by_the_newest_source_of_the_last_hour),
        cmocka_unit_test(many_coins_have_owners),
        cmocka_unit_test(source_with_a_suffix_is_of_its_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
