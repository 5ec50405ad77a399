#include "market/providers.h"

#include <string.h>

#include "record/ticker.h"

const struct provider providers[] = {
    {"bitfinex", "Bitfinex", "https://www.bitfinex.com/", "Data provided by Bitfinex"},
    {"binance", "Binance", "https://www.binance.com/", "Data provided by Binance"},
    {"coingecko", "CoinGecko", "https://www.coingecko.com/", "Data provided by CoinGecko"},
    {"coinmarketcap", "CoinMarketCap", "https://coinmarketcap.com/",
     "Data provided by CoinMarketCap"},
    {"cryptopanic.com", "CryptoPanic", "https://cryptopanic.com/", "Data provided by CryptoPanic"},
};
const size_t provider_count = sizeof providers / sizeof providers[0];

const struct provider *provider_of(struct str service)
{
    for (size_t i = 0; i < provider_count; i++) {
        if (str_equal_text(service, providers[i].service)) {
            return &providers[i];
        }
    }
    return NULL;
}

const char *provider_service_of_coin(struct str coin)
{
    char symbol[SYMBOL_MAX + 1], name[SYMBOL_MAX + 2];
    if (str_starts_with(coin, "cg:")) {
        return "coingecko";
    }
    if (str_starts_with(coin, "cmc:")) {
        return "coinmarketcap";
    }
    if (!str_copy(coin, symbol, sizeof symbol)) {
        return NULL;
    }
    symbol_display(symbol, name);
    return strcmp(symbol, name) != 0 ? "bitfinex" : NULL;
}
