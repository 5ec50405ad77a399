#include "source/bitfinex_trades/known_ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* The array has room for twice as many, so that those that stay are moved to its front only once in
 * KNOWN_IDS_MAX additions. */
enum { ROOM = 2 * KNOWN_IDS_MAX };

/* Returns how many of the known ids are below `id`. */
static size_t rank_of(const struct known_ids *known, int64_t id)
{
    size_t low = 0, high = known->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (known->rows[known->first + middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct trade_row *known_ids_find(const struct known_ids *known, int64_t id)
{
    size_t rank = rank_of(known, id);
    if (rank == known->count || known->rows[known->first + rank].id != id) {
        return NULL;
    }
    return &known->rows[known->first + rank];
}

/* Makes room for one more at the end. */
static bool make_room(struct known_ids *known)
{
    size_t used = known->first + known->count;
    if (used < known->capacity) {
        return true;
    }
    if (known->capacity >= ROOM) {
        memmove(known->rows, known->rows + known->first, known->count * sizeof *known->rows);
        known->first = 0;
        return true;
    }
    struct trade_row *rows = array_room(known->rows, used, &known->capacity, sizeof *rows);
    known->rows = rows != NULL ? rows : known->rows;
    return rows != NULL;
}

bool known_ids_add(struct known_ids *known, const struct trade_row *row)
{
    size_t rank = rank_of(known, row->id);
    if (known->count == KNOWN_IDS_MAX) {
        if (rank == 0) {
            return true;
        }
        known->first++;
        known->count--;
        rank--;
    }
    if (!make_room(known)) {
        return false;
    }
    struct trade_row *at = known->rows + known->first + rank;
    memmove(at + 1, at, (known->count - rank) * sizeof *at);
    *at = *row;
    known->count++;
    return true;
}

void known_ids_clear(struct known_ids *known)
{
    known->first = known->count = 0;
}

void known_ids_free(struct known_ids *known)
{
    free(known->rows);
    *known = (struct known_ids){0};
}
