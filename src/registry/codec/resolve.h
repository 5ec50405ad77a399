/*
 * Which field of the writer's record feeds which of the reader's (Avro 1.12 specification, "Schema
 * Resolution" and "Aliases"), without regard to C structs.
 *
 * Records, enums and fixed types match by their names without namespaces, as the specification
 * says, or by an alias of the reader's, compared the same way. Fields match by name first; a
 * reader's field that found none takes, by its aliases in their order, a writer's field that no
 * other has taken. A union is read branch by branch: each of the writer's as the reader's type, or
 * as the first branch of the reader's that it matches.
 */
#ifndef CANDLEWICK_REGISTRY_CODEC_RESOLVE_H
#define CANDLEWICK_REGISTRY_CODEC_RESOLVE_H

#include "registry/codec/schema.h"

enum { RESOLVE_DEFAULT = -1, RESOLVE_SKIP = -1 };

struct resolution {
    int writer_of[SCHEMA_FIELD_LIMIT]; /* by reader's field; RESOLVE_DEFAULT: use its default */
    int reader_of[SCHEMA_FIELD_LIMIT]; /* by writer's field; RESOLVE_SKIP: nobody wants it */
};

/* `record` is a type of the writer's, `reader` one whose outermost type is a record. False:
 * ERROR_REJECT, names the field that can never be read. A branch of a writer's union that the
 * reader does not have is left for the run: most of such a writer's records may have another. */
NODISCARD bool schema_resolve(const struct schema *writer, size_t record,
                              const struct schema *reader, struct resolution *resolution,
                              struct error *error);

/* May a value of the writer's type be read as the reader's? (For both, the index of a type.) Only
 * what can be seen without looking into records is judged; of unions, one branch is enough. */
bool schema_types_match(const struct schema *writer, size_t writer_type,
                        const struct schema *reader, size_t reader_type);

/* Fills `resolution` for two records, given by the index of their types, whatever their fields'
 * types are. */
void schema_match_fields(const struct schema *writer, size_t writer_record,
                         const struct schema *reader, size_t reader_record,
                         struct resolution *resolution);

/* Can `reader` read everything that `writer` may write? What a registry asks: every branch of
 * every union, every symbol and every record inside counts. False: ERROR_REJECT, names the field.
 */
NODISCARD bool schema_can_read(const struct schema *writer, const struct schema *reader,
                               struct error *error);

#endif
