/* Who is there, as seen again and again: says who has gone away and who is back. A plain value. */
#ifndef CANDLEWICK_PIPELINE_PRESENCE_H
#define CANDLEWICK_PIPELINE_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    PRESENCE_MAX = 64, /* names that are kept; further ones are not noticed */
    PRESENCE_NAME_SIZE = 128,
    PRESENCE_LOOKS = 2, /* who was missing so often in a row is away */
};

struct present {
    char name[PRESENCE_NAME_SIZE];
    int missed; /* looks in a row */
};

/* All zero: nobody was seen yet. */
struct presence {
    struct present items[PRESENCE_MAX];
    size_t count;
};

/* Takes the names that are there now. Calls `changed` for each that is away since this look, and
 * for each that was away and is there again; one that was never seen before is only kept. */
void presence_seen(struct presence *presence, const char *const *names, size_t count,
                   void (*changed)(void *context, const char *name, bool back), void *context);

#endif
