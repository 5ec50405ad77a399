/*
 * An asset is what several services list as coins under different names, such as Bitcoin. A table
 * has each asset's ticker, its names, and its coin in each service: 100 are built in, a file can
 * add more. A coin that is in no row is an asset by itself; equal symbols alone never join two
 * coins (of 11,580 coins of CoinGecko, 1,632 share their symbol with another). Only views join
 * coins: their prices may be in different currencies (asset_services), so no series mixes them.
 */
#ifndef CANDLEWICK_MARKET_ASSETS_H
#define CANDLEWICK_MARKET_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

enum asset_service {
    ASSET_BITFINEX,
    ASSET_BINANCE,
    ASSET_COINGECKO,
    ASSET_COINMARKETCAP,
    ASSET_SERVICES /* number of services */
};

struct asset_service_row {
    const char *name;     /* as in --source, and as its column in a file is called */
    const char *currency; /* currency of the coins' prices: "USD", "USDT" */
};
extern const struct asset_service_row asset_services[ASSET_SERVICES];

struct asset {
    const char *ticker; /* "BTC" */
    const char *name;   /* for people: "Bitcoin" */
    const char *words;  /* words by which texts call it, separated by '|' ("Ethereum|Ether"); "":
                           only its ticker, because its name is also an everyday word */
    const char *coins[ASSET_SERVICES]; /* "tBTCUSD", "BTCUSDT", "cg:bitcoin", "cmc:bitcoin"; NULL:
                                          the service has none */
};

enum { ASSETS_BUILT_IN = 100 };
extern const struct asset assets_built_in[ASSETS_BUILT_IN]; /* assets_table.c */

struct assets;

/*
 * Makes the table of the built-in assets and those of `file`, which is copied; NULL data: none. The
 * file is CSV without quotes, of at most 1 MiB; its first line is
 * "ticker,name,words,bitfinex,binance,coingecko,coinmarketcap". Empty lines and lines that begin
 * with '#' are ignored. A row replaces the asset with the same ticker. Fails with ERROR_USAGE for a
 * row that breaks a rule (a ticker has 1 to 15 of A-Z0-9, and a name is required; error->text has
 * the line's number), and if two assets have the same coin. `path` names the file in errors.
 */
NODISCARD struct assets *assets_create(struct str file, const char *path, struct error *error);
void assets_destroy(struct assets *assets); /* NULL is allowed */

/* Sets *count to the number of assets; the returned array is borrowed. */
const struct asset *assets_all(const struct assets *assets, size_t *count);

/* Returns the asset that the coin is of, whatever the service; NULL: it is in no row. */
const struct asset *assets_of_coin(const struct assets *assets, struct str coin);

/* Returns the asset with that ticker; NULL: none. */
const struct asset *assets_of_ticker(const struct assets *assets, struct str ticker);

/*
 * Finds the assets that a text (UTF-8, such as a headline) names, each once, in the order in which
 * they occur. Only whole words count: a letter, a digit or a character beyond ASCII before or
 * behind belongs to the word, unless that is a dash, a quotation mark or the like. Of words that
 * begin at one place the longest counts ("Bitcoin Cash" is not Bitcoin). Case does not matter,
 * except for tickers of up to 4 characters, which count in capitals only, and not in a text that
 * has no small letter; with a '$' before it any ticker counts
 * ("$sol"). Writes at most `most` of them to `found` and returns their number.
 */
size_t assets_named_in(const struct assets *assets, struct str text, const struct asset *found[],
                       size_t most);

#endif
