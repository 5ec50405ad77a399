#include "cli/source_coins.h"

#include "cmocka_all.h"

static void source_follows_the_coins_of_its_service(void **state)
{
    (void)state;
    static const struct {
        const char *sources, *coins;
        enum source_id of;
        const char *want;
    } cases[] = {
        /* all as they are */
        {"bitfinex", "tBTCUSD, tETHUSD", SOURCE_ID_BITFINEX, "tBTCUSD, tETHUSD"},
        {"binance", "BTCUSDT,ETHBTC", SOURCE_ID_BINANCE, "BTCUSDT,ETHBTC"},
        {"bitfinex", "ALL", SOURCE_ID_BITFINEX, "ALL"},
        {"binance", " all ", SOURCE_ID_BINANCE, " all "},
        {"replay:x.csv", "cg:bitcoin,AAPL", SOURCE_ID_REPLAY, "cg:bitcoin,AAPL"},
        {"synthetic", "BTCUSDT,tBTCUSD", SOURCE_ID_SYNTHETIC, "BTCUSDT,tBTCUSD"},
        /* to each its own */
        {"bitfinex,binance", "tBTCUSD,BTCUSDT", SOURCE_ID_BITFINEX, "tBTCUSD"},
        {"bitfinex-bars,binance", "tBTCUSD, BTCUSDT", SOURCE_ID_BITFINEX_BARS, "tBTCUSD"},
        {"bitfinex-trades,binance", "tBTCUSD,BTCUSDT,tETHUSD", SOURCE_ID_BINANCE, "BTCUSDT"},
        /* what nobody else follows stays, and is refused by the source */
        {"binance", "BTCUSDT,tBTCUSD", SOURCE_ID_BINANCE, "BTCUSDT,tBTCUSD"},
        {"bitfinex,binance", "tBTCUSD,BTCUSDT,cg:bitcoin", SOURCE_ID_BITFINEX,
         "tBTCUSD,cg:bitcoin"},
        /* by the table of assets */
        {"binance", "tBTCUSD,tETHUSD,tXRPUSD", SOURCE_ID_BINANCE, "BTCUSDT,ETHUSDT,XRPUSDT"},
        {"bitfinex,binance", "tBTCUSD,tXMRUSD", SOURCE_ID_BINANCE, "BTCUSDT"}, /* it has no XMR */
        {"bitfinex", "cg:iota,cmc:dogecoin", SOURCE_ID_BITFINEX, "tIOTUSD,tDOGE:USD"},
        {"bitfinex", "BTCUSDT", SOURCE_ID_BITFINEX, "tBTCUSD"},
        {"binance", "tXYZUSD", SOURCE_ID_BINANCE, "tXYZUSD"},
    };
    struct error error = {0};
    struct assets *assets = assets_create((struct str){.data = NULL}, "", &error);
    assert_non_null(assets);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct options options = {.source = cases[i].sources, .coins = cases[i].coins};
        struct strbuf coins = strbuf_new(200);
        source_coins(&options, cases[i].of, assets, &coins);
        assert_string_equal(strbuf_text(&coins), cases[i].want);
        strbuf_free(&coins);
    }
    assets_destroy(assets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(source_follows_the_coins_of_its_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
