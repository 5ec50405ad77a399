#include "pipeline/presence.h"

#include <string.h>

#include "base/text/str.h"

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(name, names[i], PRESENCE_NAME_SIZE - 1) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_kept(const struct presence *presence, const char *name)
{
    for (size_t i = 0; i < presence->count; i++) {
        if (strncmp(presence->items[i].name, name, PRESENCE_NAME_SIZE - 1) == 0) {
            return true;
        }
    }
    return false;
}

void presence_seen(struct presence *presence, const char *const *names, size_t count,
                   void (*changed)(void *context, const char *name, bool back), void *context)
{
    for (size_t i = 0; i < presence->count; i++) {
        struct present *present = &presence->items[i];
        bool was_away = present->missed >= PRESENCE_LOOKS;
        bool here = is_among(present->name, names, count);
        present->missed = here ? 0 : was_away ? present->missed : present->missed + 1;
        bool is_away = present->missed >= PRESENCE_LOOKS;
        if (is_away != was_away) {
            changed(context, present->name, was_away);
        }
    }
    for (size_t i = 0; i < count && presence->count < PRESENCE_MAX; i++) {
        if (!is_kept(presence, names[i])) {
            struct present *present = &presence->items[presence->count++];
            present->missed = 0;
            (void)str_copy(str_from(names[i]), present->name, sizeof present->name);
        }
    }
}
