#include "source/coin_owners.h"

#include <stdlib.h>
#include <string.h>

void coin_owners_free(struct coin_owners *owners)
{
    coin_table_free(&owners->coins);
    free(owners->items);
    *owners = (struct coin_owners){.capacity = 0};
}

bool coin_owners_same(struct str source, const char *service)
{
    size_t length = strlen(service);
    return str_starts_with(source, service) &&
           (source.length == length || source.data[length] == '-');
}

/* Returns NULL when memory runs out. */
static struct coin_owner *owner_of(struct coin_owners *owners, struct str name)
{
    const struct coin *coin = coin_table_add(&owners->coins, name);
    if (coin == NULL) {
        return NULL;
    }
    if (owners->coins.count > owners->capacity) {
        size_t capacity = owners->coins.capacity;
        struct coin_owner *items = reallocarray(owners->items, capacity, sizeof *items);
        if (items == NULL) {
            return NULL;
        }
        memset(&items[owners->capacity], 0, (capacity - owners->capacity) * sizeof *items);
        owners->items = items;
        owners->capacity = capacity;
    }
    return &owners->items[coin - owners->coins.coins];
}

bool coin_owners_tell(struct coin_owners *owners, struct str coin, struct str source,
                      int64_t written_ns)
{
    if (written_ns <= 0) {
        return true;
    }
    struct coin_owner *owner = owner_of(owners, coin);
    if (owner != NULL && written_ns > owner->written_ns) {
        owner->written_ns = written_ns;
        (void)str_copy(source, owner->source, sizeof owner->source);
    }
    return owner != NULL;
}

const char *coin_owners_find(struct coin_owners *owners, struct str coin, int64_t now_ns,
                             bool *first)
{
    const struct coin *found = coin_table_find(&owners->coins, coin);
    *first = false;
    if (found == NULL) {
        return NULL;
    }
    struct coin_owner *owner = &owners->items[found - owners->coins.coins];
    if (!owner->asked) {
        owner->asked = *first = true;
        owner->owns = now_ns - owner->written_ns <= COIN_OWNER_NS;
    }
    return owner->owns ? owner->source : NULL;
}
