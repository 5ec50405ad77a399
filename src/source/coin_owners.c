#include "source/coin_owners.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

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
    size_t known = owners->coins.count;
    const struct coin *coin = coin_table_add(&owners->coins, name);
    if (coin == NULL) {
        return NULL;
    }
    size_t index = (size_t)(coin - owners->coins.coins);
    struct coin_owner *items =
        array_room(owners->items, index, &owners->capacity, sizeof *owners->items);
    if (items == NULL) {
        return NULL;
    }
    owners->items = items;
    if (index == known) {
        items[index] = (struct coin_owner){.written_ns = 0};
    }
    return &items[index];
}

bool coin_owners_tell(struct coin_owners *owners, struct str coin, struct str source,
                      int64_t written_ns, int64_t now_ns)
{
    if (written_ns <= 0 || written_ns > now_ns + COIN_OWNER_NS) {
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
        owner->owns = owner->source[0] != '\0' && now_ns - owner->written_ns <= COIN_OWNER_NS;
    }
    return owner->owns ? owner->source : NULL;
}
