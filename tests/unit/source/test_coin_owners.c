#include <stdio.h>

#include "cmocka_all.h"
#include "source/coin_owners.h"

#define HOUR_NS (3600 * NS_PER_SECOND)

static bool tell(struct coin_owners *owners, struct str coin, const char *source,
                 int64_t written_ns)
{
    return coin_owners_tell(owners, coin, str_from(source), written_ns, 10 * HOUR_NS);
}

static void coin_is_owned_by_the_newest_source_of_the_last_hour(void **state)
{
    (void)state;
    struct coin_owners owners = {.capacity = 0};
    bool first = false;
    struct str btc = str_from("tBTCUSD"), eth = str_from("tETHUSD"), xrp = str_from("tXRPUSD"),
               ltc = str_from("tLTCUSD"), sol = str_from("tSOLUSD"), ada = str_from("tADAUSD");
    assert_null(coin_owners_find(&owners, btc, 0, &first));
    assert_true(tell(&owners, btc, "old", 8 * HOUR_NS));
    assert_true(tell(&owners, btc, "kraken", 9 * HOUR_NS));
    assert_true(tell(&owners, btc, "older", 7 * HOUR_NS));
    assert_true(tell(&owners, eth, "kraken", 9 * HOUR_NS - 1));
    assert_true(tell(&owners, xrp, "unknown", 0));
    assert_true(tell(&owners, ltc, "", 9 * HOUR_NS));
    assert_true(tell(&owners, ltc, "stray", 9 * HOUR_NS - 1));
    assert_true(tell(&owners, ada, "", 9 * HOUR_NS));
    assert_true(tell(&owners, ada, "quick", 10 * HOUR_NS + 1)); /* its clock is ahead of ours */
    assert_true(tell(&owners, sol, "", 9 * HOUR_NS));
    assert_true(tell(&owners, sol, "ahead", 11 * HOUR_NS + 1));
    assert_string_equal(coin_owners_find(&owners, btc, 10 * HOUR_NS, &first), "kraken");
    assert_true(first);
    assert_null(coin_owners_find(&owners, eth, 10 * HOUR_NS, &first)); /* it has ended */
    assert_null(coin_owners_find(&owners, xrp, 10 * HOUR_NS, &first));
    assert_null(coin_owners_find(&owners, ltc, 10 * HOUR_NS, &first)); /* the poller's own */
    assert_null(coin_owners_find(&owners, sol, 10 * HOUR_NS, &first)); /* no clock says that */
    assert_string_equal(coin_owners_find(&owners, ada, 10 * HOUR_NS, &first), "quick");
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
        assert_true(tell(&owners, str_from(name), source, 1));
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
