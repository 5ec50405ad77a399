#include "source/bitfinex_trades/channels.h"

#include <stdlib.h>

#include "base/array.h"

/* Returns the channel's place; `count` if it is not known. */
static size_t place_of(const struct channel_map *map, int64_t channel)
{
    size_t place = 0;
    while (place < map->count && map->items[place].channel != channel) {
        place++;
    }
    return place;
}

bool channel_map_put(struct channel_map *map, int64_t channel, size_t coin)
{
    size_t place = place_of(map, channel);
    if (place == CONNECTION_CHANNELS) {
        return false;
    }
    map->count += place == map->count;
    map->items[place].channel = channel;
    map->items[place].coin = coin;
    return true;
}

bool channel_map_find(const struct channel_map *map, int64_t channel, size_t *coin)
{
    size_t place = place_of(map, channel);
    if (place == map->count) {
        return false;
    }
    *coin = map->items[place].coin;
    return true;
}

bool channel_map_take(struct channel_map *map, int64_t channel, size_t *coin)
{
    size_t place = place_of(map, channel);
    if (place == map->count) {
        return false;
    }
    *coin = map->items[place].coin;
    map->items[place] = map->items[--map->count];
    return true;
}

static bool add_connection(struct coin_places *places)
{
    size_t *rooms = array_room(places->rooms, places->count, &places->capacity, sizeof *rooms);
    if (rooms == NULL) {
        return false;
    }
    places->rooms = rooms;
    rooms[places->count++] = CONNECTION_CHANNELS;
    return true;
}

bool coin_places_init(struct coin_places *places, size_t coins)
{
    *places = (struct coin_places){.coins = coins};
    places->connections = calloc(coins > 0 ? coins : 1, sizeof *places->connections);
    bool ok = places->connections != NULL;
    for (size_t coin = 0; ok && coin < coins; coin++) {
        places->connections[coin] = coin / CONNECTION_CHANNELS;
        ok = coin % CONNECTION_CHANNELS > 0 || add_connection(places);
    }
    return ok;
}

void coin_places_free(struct coin_places *places)
{
    free(places->connections);
    free(places->rooms);
    *places = (struct coin_places){0};
}

static size_t coins_on(const struct coin_places *places, size_t connection)
{
    size_t coins = 0;
    for (size_t i = 0; i < places->coins; i++) {
        coins += places->connections[i] == connection;
    }
    return coins;
}

bool coin_places_move(struct coin_places *places, size_t coin, size_t used)
{
    size_t from = places->connections[coin];
    places->rooms[from] = used < places->rooms[from] ? used : places->rooms[from];
    size_t to = 0;
    while (to < places->count && (to == from || coins_on(places, to) >= places->rooms[to])) {
        to++;
    }
    if (to == places->count && (places->count >= places->coins || !add_connection(places))) {
        return false;
    }
    places->connections[coin] = to;
    return true;
}
