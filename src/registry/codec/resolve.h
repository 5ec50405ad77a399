/*
 * Finds which field of the writer's record is read as which field of the reader's record (Avro 1.12
 * specification, "Schema Resolution" and "Aliases"). Knows nothing of C structs.
 *
 * Records, enums and fixed types match if their names without namespaces are equal, as the
 * specification says, or if one of the reader's aliases equals the writer's name. Fields match by
 * name first; a field of the reader without a match then tries its aliases in order, among the
 * writer's fields that are still unmatched. Each branch of a writer's union is resolved separately:
 * with the reader's type, or with the first branch of the reader's union that it matches.
 */
#ifndef CANDLEWICK_REGISTRY_CODEC_RESOLVE_H
#define CANDLEWICK_REGISTRY_CODEC_RESOLVE_H

#include "registry/codec/schema.h"

enum { RESOLVE_DEFAULT = -1, RESOLVE_SKIP = -1 };

struct resolution {
    int writer_of[SCHEMA_FIELD_LIMIT]; /* by reader's field; RESOLVE_DEFAULT: use its default */
    int reader_of[SCHEMA_FIELD_LIMIT]; /* by writer's field; RESOLVE_SKIP: not read */
};

/* `record` is the index of a writer's type; the outermost type of `reader` is a record. Returns
 * false with ERROR_REJECT, naming the field that can never be read. Branches of a writer's union
 * that the reader lacks are no error here: they are checked per message, since most records may use
 * another branch. */
NODISCARD bool schema_resolve(const struct schema *writer, size_t record,
                              const struct schema *reader, struct resolution *resolution,
                              struct error *error);

/* Returns whether a value of the writer's type may be read as the reader's (both are indices of
 * types). Does not look inside records; one matching branch of a writer's union is enough. */
bool schema_types_match(const struct schema *writer, size_t writer_type,
                        const struct schema *reader, size_t reader_type);

/* Fills `resolution` for two records, given as indices of types. Does not compare the types of
 * their fields. */
void schema_match_fields(const struct schema *writer, size_t writer_record,
                         const struct schema *reader, size_t reader_record,
                         struct resolution *resolution);

/* Returns whether `reader` can read everything that `writer` may write, as a registry checks it:
 * every branch of every union, every symbol and every nested record is checked. Returns false with
 * ERROR_REJECT, naming the field. */
NODISCARD bool schema_can_read(const struct schema *writer, const struct schema *reader,
                               struct error *error);

#endif
