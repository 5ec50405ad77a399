/* Notices which names disappear from a list that is read again and again, and which come back. A
 * plain value. */
#ifndef CANDLEWICK_PIPELINE_PRESENCE_H
#define CANDLEWICK_PIPELINE_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    PRESENCE_MAX = 64, /* number of names that are remembered; further ones are ignored */
    PRESENCE_NAME_SIZE = 128,
    PRESENCE_LOOKS = 2, /* a name that is missing from this many lists in a row is away */
};

struct present {
    char name[PRESENCE_NAME_SIZE];
    int missed; /* number of lists in a row without this name */
};

/* All zero: no list was read yet. */
struct presence {
    struct present items[PRESENCE_MAX];
    size_t count;
};

/* Compares a new list of names with the earlier ones. Calls `changed` for each name that counts as
 * away from now on, and for each one that was away and is listed again. A new name is only
 * remembered. */
void presence_seen(struct presence *presence, const char *const *names, size_t count,
                   void (*changed)(void *context, const char *name, bool back), void *context);

#endif
