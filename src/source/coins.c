#include "source/coins.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"

static size_t first_slot(const struct coin_table *table, struct str symbol)
{
    uint64_t hash = hash_bytes(HASH_START, symbol.data, symbol.length);
    return (size_t)(hash ^ (hash >> 32)) & (table->slot_count - 1);
}

/* Returns the slot of `symbol`, or the free slot where it would be stored. The table is never
 * full. */
static uint32_t *slot_of(const struct coin_table *table, struct str symbol)
{
    size_t at = first_slot(table, symbol);
    while (table->slots[at] != 0) {
        const char *known = table->coins[table->slots[at] - 1].symbol;
        if (memcmp(known, symbol.data, symbol.length) == 0 && known[symbol.length] == '\0') {
            break;
        }
        at = (at + 1) & (table->slot_count - 1);
    }
    return &table->slots[at];
}

struct coin *coin_table_find(const struct coin_table *table, struct str symbol)
{
    if (table->count == 0 || symbol.length > RECORD_SERIES_MAX) {
        return NULL;
    }
    uint32_t slot = *slot_of(table, symbol);
    return slot == 0 ? NULL : &table->coins[slot - 1];
}

/* Doubles the table, so that at most half of the slots are in use. */
static bool grow(struct coin_table *table)
{
    size_t capacity = table->capacity == 0 ? 16 : table->capacity * 2;
    struct coin *coins = realloc(table->coins, capacity * sizeof *coins);
    if (coins == NULL) {
        return false;
    }
    table->coins = coins;
    uint32_t *slots = calloc(capacity * 2, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    free(table->slots);
    table->slots = slots;
    table->slot_count = capacity * 2;
    table->capacity = capacity;
    for (size_t i = 0; i < table->count; i++) {
        *slot_of(table, str_from(table->coins[i].symbol)) = (uint32_t)i + 1;
    }
    return true;
}

struct coin *coin_table_add(struct coin_table *table, struct str symbol)
{
    struct coin *known = coin_table_find(table, symbol);
    if (known != NULL) {
        return known;
    }
    if (symbol.length > RECORD_SERIES_MAX || table->count >= COINS_MAX ||
        (table->count == table->capacity && !grow(table))) {
        return NULL;
    }
    struct coin *coin = &table->coins[table->count];
    memset(coin, 0, sizeof *coin);
    memcpy(coin->symbol, symbol.data, symbol.length);
    *slot_of(table, symbol) = (uint32_t)++table->count;
    return coin;
}

void coin_table_free(struct coin_table *table)
{
    free(table->coins);
    free(table->slots);
    *table = (struct coin_table){0};
}

bool coins_is_all(struct str text)
{
    return text.length == 3 && strncasecmp(text.data, "ALL", 3) == 0;
}

static bool refuse_coin(struct str coin, const struct record_kind *kind, struct error *error)
{
    int shown = coin.length > 40 ? 40 : (int)coin.length;
    if (kind == NULL) {
        return error_set(error, ERROR_USAGE, "\"%.*s\" cannot be a coin", shown, coin.data);
    }
    const struct record_tag *key = &kind->tags[0];
    return error_set(error, ERROR_USAGE,
                     "\"%.*s\" cannot be a coin: a symbol has %d to %d of %s (tBTCUSD); commas go "
                     "between, or ALL alone",
                     shown, coin.data, key->least, key->most, key->class);
}

bool coins_parse(const char *coins, const struct record_kind *kind, struct coin_table *table,
                 bool *all, struct error *error)
{
    *table = (struct coin_table){0};
    struct str rest = str_trim(str_from(coins == NULL ? "" : coins));
    *all = coins_is_all(rest);
    if (*all) {
        return true;
    }
    if (rest.length == 0) {
        return error_set(error, ERROR_USAGE,
                         "no coins are named: give symbols with commas between, or ALL");
    }
    struct str piece;
    while (str_split(&rest, ',', &piece)) {
        piece = str_trim(piece);
        bool valid = kind != NULL ? kind->tags[0].valid(piece) : kinds_coin_valid(piece);
        if (!valid || coins_is_all(piece)) {
            return refuse_coin(piece, kind, error);
        }
        if (coin_table_add(table, piece) == NULL) {
            return error_set(error, ERROR_FATAL, "no memory for the coins (at most %d)", COINS_MAX);
        }
    }
    return true;
}
