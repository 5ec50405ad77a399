/* Compatibility levels with the names of Confluent's registry, checked with schema_can_read. */
#ifndef CANDLEWICK_REGISTRY_SERVER_COMPATIBILITY_H
#define CANDLEWICK_REGISTRY_SERVER_COMPATIBILITY_H

#include "registry/codec/schema.h"

struct compatibility {
    const char *name; /* "BACKWARD_TRANSITIVE" */
    bool backward;    /* the new schema must read what the old ones wrote */
    bool forward;     /* the old ones must read what the new one writes */
    bool transitive;  /* checks all old versions, not only the latest */
};

/* Ignores case; returns NULL if there is no such level. Static. */
const struct compatibility *compatibility_from_name(struct str name);
/* The level where none is set: BACKWARD. */
const struct compatibility *compatibility_default(void);

/* Returns false with ERROR_REJECT, naming the field. */
NODISCARD bool compatibility_check(const struct compatibility *level, const struct schema *older,
                                   const struct schema *newer, struct error *error);

#endif
