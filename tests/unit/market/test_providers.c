#include "market/providers.h"

#include <string.h>

#include "cmocka_all.h"

static void providers_are_named_with_a_link_and_words(void **state)
{
    (void)state;
    static const char *const must[] = {"bitfinex", "binance", "coingecko", "coinmarketcap",
                                       "cryptopanic.com"};
    for (size_t i = 0; i < sizeof must / sizeof must[0]; i++) {
        const struct provider *provider = provider_of(str_from(must[i]));
        assert_non_null(provider);
        assert_string_equal(provider->service, must[i]);
    }
    for (size_t i = 0; i < provider_count; i++) {
        assert_int_equal(strncmp(providers[i].link, "https://", 8), 0);
        assert_non_null(strstr(providers[i].words, providers[i].name));
    }
    assert_string_equal(provider_of(str_from("coingecko"))->words, "Data provided by CoinGecko");
    assert_null(provider_of(str_from("synthetic")));
    assert_null(provider_of(str_from("")));
}

static void provider_service_of_coin_is_told_by_the_form_of_the_name(void **state)
{
    (void)state;
    static const struct {
        const char *coin, *want; /* NULL: none */
    } cases[] = {
        {"tBTCUSD", "bitfinex"},
        {"tDOGE:USD", "bitfinex"},
        {"cg:bitcoin", "coingecko"},
        {"cmc:xrp", "coinmarketcap"},
        {"BTCUSDT", NULL},
        {"AAPL", NULL},
        {"^GSPC", NULL},
        {"tbtcusd", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *service = provider_service_of_coin(str_from(cases[i].coin));
        assert_int_equal(service != NULL, cases[i].want != NULL);
        assert_string_equal(service != NULL ? service : "",
                            cases[i].want != NULL ? cases[i].want : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(providers_are_named_with_a_link_and_words),
        cmocka_unit_test(provider_service_of_coin_is_told_by_the_form_of_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
