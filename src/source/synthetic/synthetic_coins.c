#include "source/synthetic/synthetic_coins.h"

#include "record/ticker.h"
#include "source/synthetic/synthetic_walk.h"

bool synthetic_coins(const char *text, struct coin_table *coins, struct error *error)
{
    bool all = false;
    if (!coins_parse(text, &ticker_kind, coins, &all, error)) {
        return false;
    }
    for (size_t i = 0; all && walk_common_symbol(i) != NULL; i++) {
        if (coin_table_add(coins, str_from(walk_common_symbol(i))) == NULL) {
            return error_set(error, ERROR_FATAL, "no memory for synthetic coins");
        }
    }
    return true;
}
