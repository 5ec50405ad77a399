#include "source/coinmarketcap/coinmarketcap_coins.h"

const char *coinmarketcap_coins_learn(struct coinmarketcap_coins *coins, const char *name,
                                      int64_t id)
{
    for (size_t i = 0; i < coins->known.count; i++) {
        if (coins->ids[i] == id) {
            return coins->known.coins[i].symbol;
        }
    }
    bool room = coins->all && coins->known.count < COINMARKETCAP_COINS_MAX;
    const struct coin *found = room ? coin_table_add(&coins->known, str_from(name))
                                    : coin_table_find(&coins->known, str_from(name));
    size_t index = found != NULL ? (size_t)(found - coins->known.coins) : 0;
    if (found == NULL || coins->ids[index] != 0) {
        return NULL;
    }
    coins->ids[index] = id;
    return found->symbol;
}

int64_t coinmarketcap_coins_id(const struct coinmarketcap_coins *coins, const char *name)
{
    const struct coin *found = coin_table_find(&coins->known, str_from(name));
    return found != NULL ? coins->ids[found - coins->known.coins] : 0;
}
