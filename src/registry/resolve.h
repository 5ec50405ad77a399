/*
 * Which field of the writer's record feeds which of the reader's (Avro 1.11 specification, "Schema
 * resolution" and "Aliases"), without regard to C structs.
 *
 * Records match by their names without namespaces, as the specification says, or by an alias of
 * the reader's record, compared the same way. Fields match by name first; a reader's field that
 * found none takes, by its aliases in their order, a writer's field that no other has taken.
 */
#ifndef CANDLEWICK_REGISTRY_RESOLVE_H
#define CANDLEWICK_REGISTRY_RESOLVE_H

#include "registry/schema.h"

enum { RESOLVE_DEFAULT = -1, RESOLVE_SKIP = -1 };

struct resolution {
    int writer_of[SCHEMA_FIELD_LIMIT]; /* by reader's field; RESOLVE_DEFAULT: use its default */
    int reader_of[SCHEMA_FIELD_LIMIT]; /* by writer's field; RESOLVE_SKIP: nobody wants it */
};

/* False: ERROR_REJECT, names the field that cannot be read. A null that meets a field without
 * null is left for the run: most of such a writer's records may have a value. */
NODISCARD bool schema_resolve(const struct schema *writer, const struct schema *reader,
                              struct resolution *resolution, struct error *error);

/* Can `reader` read everything that `writer` may write? What a registry asks: as schema_resolve,
 * and no null may meet a field without null. */
NODISCARD bool schema_can_read(const struct schema *writer, const struct schema *reader,
                               struct error *error);

#endif
