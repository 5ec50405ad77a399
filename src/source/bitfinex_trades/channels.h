/*
 * Which channel carries which coin, and which connection asks for which coin. Pure.
 *
 * A number of a channel is valid on its connection only, and the exchange gives it to another coin
 * later: the map ends with its connection.
 */
#ifndef CANDLEWICK_SOURCE_BITFINEX_TRADES_CHANNELS_H
#define CANDLEWICK_SOURCE_BITFINEX_TRADES_CHANNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"

enum { CONNECTION_CHANNELS = 25 }; /* docs.bitfinex.com, requirements-and-limitations */

/* The channels of one connection. A zeroed map is empty. */
struct channel_map {
    struct {
        int64_t channel;
        size_t coin;
    } items[CONNECTION_CHANNELS];
    size_t count;
};

/* Records that a channel carries a coin, and no other from now on. Returns false when the
 * connection has CONNECTION_CHANNELS others. */
NODISCARD bool channel_map_put(struct channel_map *map, int64_t channel, size_t coin);

/* Returns false when the channel is not known. */
NODISCARD bool channel_map_find(const struct channel_map *map, int64_t channel, size_t *coin);

/* Forgets a channel, and says which coin it carried. Returns false when it is not known. */
NODISCARD bool channel_map_take(struct channel_map *map, int64_t channel, size_t *coin);

/* The connection of each coin. */
struct coin_places {
    size_t *connections; /* by coin; owned */
    size_t *rooms;       /* by connection: how many channels it may have; owned */
    size_t coins;
    size_t count, capacity; /* number of connections, and room for as many in `rooms` */
};

/* Places `coins` coins, in their order, on as few connections as they need. Returns false when
 * memory runs out. Free it. */
NODISCARD bool coin_places_init(struct coin_places *places, size_t coins);
void coin_places_free(struct coin_places *places);

/* Called when the exchange refuses the coin's connection more channels than the `used` ones it has:
 * moves the coin to another connection with room, or to a new one. Returns false when there would
 * be more connections than coins, or memory runs out: then the coin stays. */
NODISCARD bool coin_places_move(struct coin_places *places, size_t coin, size_t used);

#endif
