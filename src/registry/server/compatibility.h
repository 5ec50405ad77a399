/* Compatibility levels with the names of Confluent's registry, checked with schema_can_read. */
#ifndef CANDLEWICK_REGISTRY_SERVER_COMPATIBILITY_H
#define CANDLEWICK_REGISTRY_SERVER_COMPATIBILITY_H

#include "registry/codec/schema.h"

struct compatibility {
    const char *name; /* "BACKWARD_TRANSITIVE" */
    bool backward;    /* the new schema must be able to read what was written with the old ones */
    bool forward;     /* the old schemas must be able to read what is written with the new one */
    bool transitive;  /* checks all old versions, not only the latest */
};

/* Returns the level with that name, whatever its case; NULL if there is none. Static. */
const struct compatibility *compatibility_from_name(struct str name);
/* Returns the level that holds where none is set: BACKWARD. */
const struct compatibility *compatibility_default(void);

/* Checks a new schema against an old one. Returns false with ERROR_REJECT, naming the field. */
NODISCARD bool compatibility_check(const struct compatibility *level, const struct schema *older,
                                   const struct schema *newer, struct error *error);

#endif
