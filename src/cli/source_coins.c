#include "cli/source_coins.h"

#include "source/binance/binance_kline.h"
#include "source/bitfinex/bitfinex_pairs.h"

/* Returns the service that the source asks; ASSET_SERVICES: none. */
static enum asset_service service_of(enum source_id source)
{
    switch (source) {
    case SOURCE_ID_BITFINEX:
    case SOURCE_ID_BITFINEX_BARS:
    case SOURCE_ID_BITFINEX_TRADES:
        return ASSET_BITFINEX;
    case SOURCE_ID_BINANCE:
        return ASSET_BINANCE;
    case SOURCE_ID_COINGECKO:
        return ASSET_COINGECKO;
    case SOURCE_ID_COINMARKETCAP:
        return ASSET_COINMARKETCAP;
    default:
        return ASSET_SERVICES;
    }
}

/* Returns the service whose names have the coin's form; ASSET_SERVICES: none. */
static enum asset_service form_of(struct str coin)
{
    if (str_starts_with(coin, "cg:")) {
        return ASSET_COINGECKO;
    }
    if (str_starts_with(coin, "cmc:")) {
        return ASSET_COINMARKETCAP;
    }
    return bitfinex_symbol_valid(coin)  ? ASSET_BITFINEX
           : binance_symbol_valid(coin) ? ASSET_BINANCE
                                        : ASSET_SERVICES;
}

/* Returns whether a source of that service is among those of --source. */
static bool is_asked(const struct named_sources *named, enum asset_service service)
{
    for (size_t i = 0; i < named->count; i++) {
        if (service_of(named->items[i].id) == service) {
            return true;
        }
    }
    return false;
}

static void append_coin(struct strbuf *coins, struct str coin)
{
    strbuf_append_text(coins, coins->length > 0 ? "," : "");
    strbuf_append_str(coins, coin);
}

static bool has_own(struct str list, enum asset_service service)
{
    struct str coin;
    while (str_split(&list, ',', &coin)) {
        if (form_of(str_trim(coin)) == service) {
            return true;
        }
    }
    return false;
}

/* Appends the service's names for the coins of the list, by the table of assets. */
static void translate(struct str list, enum asset_service service, const struct assets *assets,
                      struct strbuf *coins)
{
    struct str coin;
    while (str_split(&list, ',', &coin)) {
        const struct asset *asset = assets_of_coin(assets, str_trim(coin));
        if (asset != NULL && asset->coins[service] != NULL) {
            append_coin(coins, str_from(asset->coins[service]));
        }
    }
}

/* Appends the coins of the list, except those of another service that is asked as well. */
static void append_own(const struct options *options, enum asset_service service,
                       struct strbuf *coins)
{
    struct str list = str_from(options->coins), coin;
    struct named_sources named;
    if (source_names_parse(str_from(options->source), &named, NULL) != SOURCES_NAMED) {
        named.count = 0;
    }
    while (str_split(&list, ',', &coin)) {
        enum asset_service form = form_of(str_trim(coin));
        bool of_others = form != service && form != ASSET_SERVICES && is_asked(&named, form);
        if (!of_others) {
            append_coin(coins, coin);
        }
    }
}

void source_coins(const struct options *options, enum source_id source, const struct assets *assets,
                  struct strbuf *coins)
{
    enum asset_service service = service_of(source);
    struct str list = str_from(options->coins);
    strbuf_clear(coins);
    if (service == ASSET_SERVICES || coins_is_all(str_trim(list))) {
        strbuf_append_str(coins, list);
        return;
    }
    if (!has_own(list, service)) {
        translate(list, service, assets, coins);
    }
    if (coins->length == 0) {
        append_own(options, service, coins);
    }
}
