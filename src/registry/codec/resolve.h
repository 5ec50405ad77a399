/*
 * Which field of the writer's record supplies which field of the reader's (Avro 1.12 specification,
 * "Schema Resolution" and "Aliases"), regardless of C structs.
 *
 * Records, enums and fixed types match by their names without namespaces, as the specification
 * says, or by an alias of the reader's, compared in the same way. Fields match by name first; a
 * reader's field without a match then tries its aliases in order, among the writer's fields that
 * are still unmatched. A union is read branch by branch: each branch of the writer's as the
 * reader's type, or as the first branch of the reader's that it matches.
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

/* Whether a value of the writer's type may be read as the reader's (both are indices of types).
 * Does not look inside records; one matching branch of a writer's union is enough. */
bool schema_types_match(const struct schema *writer, size_t writer_type,
                        const struct schema *reader, size_t reader_type);

/* Fills `resolution` for two records, which are passed as indices of types, whatever the types of
 * their fields are. */
void schema_match_fields(const struct schema *writer, size_t writer_record,
                         const struct schema *reader, size_t reader_record,
                         struct resolution *resolution);

/* Whether `reader` can read everything that `writer` may write, as a registry checks it: every
 * branch of every union, every symbol and every nested record counts. Returns false with
 * ERROR_REJECT, naming the field. */
NODISCARD bool schema_can_read(const struct schema *writer, const struct schema *reader,
                               struct error *error);

#endif
