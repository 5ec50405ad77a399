/*
 * Converts Avro binary to and from C structs, with a plan that is compiled once per pair of schemas
 * (Avro 1.12 specification, "Binary Encoding" and "Schema Resolution"). Decoding allocates nothing
 * (except for long texts, and for deeply nested values that are skipped: skip.h), reads no byte
 * outside the message and takes time in proportion to its length.
 */
#ifndef CANDLEWICK_REGISTRY_CODEC_CODEC_H
#define CANDLEWICK_REGISTRY_CODEC_CODEC_H

#include "base/text/strbuf.h"
#include "record/column.h"
#include "registry/codec/schema.h"

struct decode_plan;
struct encode_plan;

/* Compiles a plan that decodes what was written with `writer` as the record of `reader`, into the
 * struct described by `columns` (ended by a NULL name), which are named as the reader's fields.
 * Fields match by name, then by alias; missing ones get the default; extra ones of any type, and
 * reader's fields without a column, are skipped; numbers are promoted as Avro allows. The records'
 * names are compared without their namespaces, or with the reader's aliases; the writer's schema
 * may be a union with such a record. Returns NULL with ERROR_REJECT, naming the field that cannot
 * be read, or ERROR_FATAL: out of memory. Schemas and columns are borrowed for the call. */
NODISCARD struct decode_plan *decode_plan_compile(const struct schema *writer,
                                                  const struct schema *reader,
                                                  const struct column *columns,
                                                  struct error *error);
void decode_plan_destroy(struct decode_plan *plan); /* NULL is allowed */

/* Fills all bound members of `record` (a null clears the value), and adds its long texts to `texts`
 * (NULL if its kind has none). Returns false with ERROR_REJECT, naming the field and the reason
 * (trailing bytes are an error too), or ERROR_RETRY: out of memory; `record` may then be partly
 * filled. Several threads may use a plan at once. */
NODISCARD bool decode_plan_run(const struct decode_plan *plan, struct str body, void *record,
                               struct text_arena *texts, struct error *error);

/* Compiles a plan that encodes the struct described by `columns`. Each field of the schema needs a
 * column of exactly its type: long, double, boolean, string or bytes (for a long text: string).
 * Returns NULL with ERROR_REJECT, naming the field, or ERROR_FATAL: out of memory. Borrows as
 * decode_plan_compile() does. */
NODISCARD struct encode_plan *
encode_plan_compile(const struct schema *schema, const struct column *columns, struct error *error);
void encode_plan_destroy(struct encode_plan *plan); /* NULL is allowed */

/* Appends the Avro body of `record`, whose long texts are in `texts` (NULL if its kind has none).
 * Returns false if the buffer failed, or for a value that decode_plan_run() would refuse: a double
 * that is not finite, a text that is not NUL-terminated, a long text that is not valid; `body` may
 * then be partly appended. */
NODISCARD bool encode_plan_run(const struct encode_plan *plan, const void *record,
                               const struct text_arena *texts, struct strbuf *body);

#endif
