#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/strbuf.h"
#include "cmocka_all.h"
#include "market/assets.h"
#include "record/names.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { NAMES_SIZE = 400 };
#define HEADER "ticker,name,words,bitfinex,binance,coingecko,coinmarketcap\n"

static struct assets *create(const char *file)
{
    struct error error = {0};
    struct str text = file != NULL ? str_from(file) : (struct str){0};
    struct assets *assets = assets_create(text, "assets.csv", &error);
    assert_non_null(assets);
    return assets;
}

static const char *ticker_of(const struct assets *assets, const char *coin)
{
    const struct asset *asset = assets_of_coin(assets, str_from(coin));
    return asset != NULL ? asset->ticker : "";
}

static void coins_of_one_asset_are_joined_by_the_table_alone(void **state)
{
    (void)state;
    static const struct {
        const char *coin, *want;
    } cases[] = {
        {"tBTCUSD", "BTC"},
        {"BTCUSDT", "BTC"},
        {"cg:bitcoin", "BTC"},
        {"cmc:bitcoin", "BTC"},
        {"tIOTUSD", "IOTA"},
        {"tDOGE:USD", "DOGE"},
        {"cg:ripple", "XRP"},
        {"cmc:xrp", "XRP"},
        {"cg:bitcoin-cash", "BCH"},
        {"BTC", ""},
        {"BTCUSD", ""},
        {"tBTCUST", ""},
        {"cg:gold", ""},
        {"cg:wrapped-usdt", ""},
        {"", ""},
    };
    struct assets *assets = create(NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(ticker_of(assets, cases[i].coin), cases[i].want);
    }
    assets_destroy(assets);
}

static void built_in_assets_keep_the_rules_and_their_currencies(void **state)
{
    (void)state;
    size_t count = 0;
    struct assets *assets = create(NULL);
    const struct asset *all = assets_all(assets, &count);
    assert_int_equal(count, 100);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(assets_of_ticker(assets, str_from(all[i].ticker)), &all[i]);
        for (size_t service = 0; service < ASSET_SERVICES; service++) {
            const char *coin = all[i].coins[service];
            if (coin == NULL) {
                continue;
            }
            assert_true(record_symbol_valid(str_from(coin)));
            assert_ptr_equal(assets_of_coin(assets, str_from(coin)), &all[i]);
            const char *currency = asset_services[service].currency;
            size_t length = strlen(coin), end = strlen(currency);
            bool named = service == ASSET_BITFINEX || service == ASSET_BINANCE;
            assert_true(!named || strcmp(coin + length - end, currency) == 0);
            assert_int_equal(strncmp(coin, "cg:", 3) == 0, service == ASSET_COINGECKO);
            assert_int_equal(strncmp(coin, "cmc:", 4) == 0, service == ASSET_COINMARKETCAP);
        }
    }
    assets_destroy(assets);
}

/* Joins the tickers that a text names. */
static void names_in(const struct assets *assets, const char *text, size_t most,
                     char names[NAMES_SIZE])
{
    const struct asset *found[20];
    size_t count = assets_named_in(assets, str_from(text), found, most);
    struct strbuf list = strbuf_new(NAMES_SIZE - 1);
    for (size_t i = 0; i < count; i++) {
        strbuf_append_format(&list, "%s%s", i > 0 ? " " : "", found[i]->ticker);
    }
    (void)str_copy(strbuf_str(&list), names, NAMES_SIZE);
    strbuf_free(&list);
}

static void text_names_assets_by_whole_words(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"Bitcoin rises as ether falls", "BTC ETH"},
        {"BITCOIN and bitcoin's price", "BTC"},
        {"Bitcoin Cash is not bitcoin", "BCH BTC"},
        {"Wrapped Bitcoin only", "WBTC"},
        {"Ethereum Classic, then Ethereum", "ETC ETH"},
        {"Bitcoins and Ethereums are no words of ours", ""},
        {"MicroBitcoin and Bitcoiner", ""},
        {"b\xC3\xA4"
         "Bitcoin and Bitcoin\xC3\xA9",
         ""},
        {"\xE2\x80\x9C"
         "Bitcoin\xE2\x80\x9D\xE2\x80\x94"
         "Solana\xC2\xBB",
         "BTC SOL"},
        {"BTC/USD and $sol, (XRP)", "BTC SOL XRP"},
        {"Sol and ada are words, DOT is a ticker", "DOT"},
        {"ALL CAPS: ONE COIN UP, NEAR THE TOP, DOT", ""},
        {"ALL CAPS: BITCOIN UP, PYTH NETWORK AND SUSHI", "BTC PYTH SUSHI"},
        {"matic became Polygon", "POL"},
        {"Dash to the compound, flow of gala guests", ""},
        {"yearn.finance, Fetch.ai", "YFI FET"},
        {"1INCH and 11INCH", "1INCH"},
        {"", ""},
        {"Bitcoin", "BTC"},
    };
    struct assets *assets = create(NULL);
    char names[NAMES_SIZE];
    for (size_t i = 0; i < COUNT(cases); i++) {
        names_in(assets, cases[i].text, 20, names);
        assert_string_equal(names, cases[i].want);
    }
    names_in(assets, "Bitcoin, Ethereum, Solana", 2, names);
    assert_string_equal(names, "BTC ETH");
    assets_destroy(assets);
}

static void file_adds_and_replaces_assets(void **state)
{
    (void)state;
    struct assets *assets =
        create("# ours\n\n" HEADER " OURS , Our Coin ,Our Coin|OurCoin,tOURUSD,,cg:our-coin,\r\n"
               "BTC,Bitcoin,,,BTCUSDT,cg:bitcoin,cmc:bitcoin\n"
               "OURS,Our Coin,\xC3\x96r Coin,tOURUSD,,cg:our-coin-2,");
    size_t count = 0;
    (void)assets_all(assets, &count);
    assert_int_equal(count, 101);
    assert_string_equal(ticker_of(assets, "tOURUSD"), "OURS");
    assert_string_equal(ticker_of(assets, "cg:our-coin-2"), "OURS");
    assert_string_equal(ticker_of(assets, "cg:our-coin"), "");
    assert_string_equal(ticker_of(assets, "tBTCUSD"), "");
    char names[NAMES_SIZE];
    names_in(assets, "bitcoin, BTC and \xC3\x96r coin", 20, names);
    assert_string_equal(names, "BTC OURS");
    assets_destroy(assets);
}

static void file_that_breaks_a_rule_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *file, *want;
    } cases[] = {
        {"", "assets.csv: it has no header \"ticker,"},
        {"ticker,name\n", "assets.csv, line 1: the header has to be \"ticker,"},
        {HEADER "\nA,B,C\n", "assets.csv, line 3: it has not the seven cells"},
        {HEADER "A,B,C,,,,,\n", "line 2: it has not the seven cells"},
        {HEADER "btc,B,,,,,\n", "line 2: its ticker must have 1 to 15 of A-Z0-9"},
        {HEADER ",B,,,,,\n", "its ticker"},
        {HEADER "ABCDEFGHIJKLMNOP,B,,,,,\n", "its ticker"},
        {HEADER "A,,,,,,\n", "its name is missing"},
        {HEADER "A,\xFF,,,,,\n", "no text in UTF-8"},
        {HEADER "A,B,\x1B[0m,,,,\n", "control characters"},
        {HEADER "A,B,,t X,,,\n", "a coin must have 1 to 64 of A-Za-z0-9:._^=-"},
        {HEADER "A,B,,tBTCUSD,,,\n", "the coin tBTCUSD is one of both"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error error = {0};
        assert_null(assets_create(str_from(cases[i].file), "assets.csv", &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_non_null(strstr(error.text, cases[i].want));
    }
    struct error error = {0};
    assert_null(assets_create((struct str){"a\0b", 3}, "assets.csv", &error));
    assert_int_equal(error.kind, ERROR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coins_of_one_asset_are_joined_by_the_table_alone),
        cmocka_unit_test(built_in_assets_keep_the_rules_and_their_currencies),
        cmocka_unit_test(text_names_assets_by_whole_words),
        cmocka_unit_test(file_adds_and_replaces_assets),
        cmocka_unit_test(file_that_breaks_a_rule_is_refused_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
