#include "registry/server/compatibility.h"

#include <string.h>
#include <strings.h>

#include "registry/codec/resolve.h"

static const struct compatibility levels[] = {
    {"BACKWARD", true, false, false}, {"BACKWARD_TRANSITIVE", true, false, true},
    {"FORWARD", false, true, false},  {"FORWARD_TRANSITIVE", false, true, true},
    {"FULL", true, true, false},      {"FULL_TRANSITIVE", true, true, true},
    {"NONE", false, false, false},
};

const struct compatibility *compatibility_from_name(struct str name)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (strlen(levels[i].name) == name.length &&
            strncasecmp(levels[i].name, name.data, name.length) == 0) {
            return &levels[i];
        }
    }
    return NULL;
}

const struct compatibility *compatibility_default(void)
{
    return &levels[0];
}

bool compatibility_check(const struct compatibility *level, const struct schema *older,
                         const struct schema *newer, struct error *error)
{
    if (level->backward && !schema_can_read(older, newer, error)) {
        return error_prefix(error, "the new schema cannot read the old");
    }
    if (level->forward && !schema_can_read(newer, older, error)) {
        return error_prefix(error, "the old schema cannot read the new");
    }
    return true;
}
