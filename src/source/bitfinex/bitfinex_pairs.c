#include "source/bitfinex/bitfinex_pairs.h"

#include "record/names.h"

bool bitfinex_symbol_valid(struct str symbol)
{
    return symbol.length >= 2 && (symbol.data[0] == 't' || symbol.data[0] == 'f') &&
           record_name_valid(symbol, ":_-", BITFINEX_SYMBOL_MAX);
}

bool bitfinex_pairs_check(const struct coin_table *wanted, struct error *error)
{
    if (wanted->count > BITFINEX_PAIRS_MAX) {
        return error_set(error, ERROR_USAGE, "%zu coins are too many: at most %d, or ALL",
                         wanted->count, BITFINEX_PAIRS_MAX);
    }
    for (size_t i = 0; i < wanted->count; ++i) {
        const char *symbol = wanted->coins[i].symbol;
        if (symbol[0] == 'f') {
            return error_set(error, ERROR_USAGE,
                             "%s is a funding currency, which has no candles: trading pairs begin "
                             "with t, such as tBTCUSD",
                             symbol);
        }
        if (symbol[0] != 't') {
            return error_set(error, ERROR_USAGE,
                             "%s is no coin of Bitfinex: its trading pairs begin with t, such as "
                             "t%s",
                             symbol, symbol);
        }
        if (!bitfinex_symbol_valid(str_from(symbol))) {
            return error_set(error, ERROR_USAGE,
                             "%s is no coin of Bitfinex: its names have at most %d of A-Za-z0-9:_-",
                             symbol, BITFINEX_SYMBOL_MAX);
        }
    }
    return true;
}
