/* Compatibility levels, as Confluent's registry names them, over schema_can_read. */
#ifndef CANDLEWICK_REGISTRY_SERVER_COMPATIBILITY_H
#define CANDLEWICK_REGISTRY_SERVER_COMPATIBILITY_H

#include "registry/codec/schema.h"

struct compatibility {
    const char *name; /* "BACKWARD_TRANSITIVE" */
    bool backward;    /* the new schema reads what the old ones wrote */
    bool forward;     /* the old ones read what the new one writes */
    bool transitive;  /* all old ones count, not the latest alone */
};

/* In any case of letters; NULL when there is none of that name. Static. */
const struct compatibility *compatibility_from_name(struct str name);
/* What holds where nothing was set: BACKWARD. */
const struct compatibility *compatibility_default(void);

/* False: ERROR_REJECT, names the field. */
NODISCARD bool compatibility_check(const struct compatibility *level, const struct schema *older,
                                   const struct schema *newer, struct error *error);

#endif
