/*
 * Avro binary to and from C structs, by a plan compiled once per pair of schemas (Avro 1.12
 * specification, "Binary Encoding" and "Schema Resolution"). Decoding allocates nothing (but for
 * deeply nested values that are skipped: skip.h), reads no byte outside the message and takes time
 * in proportion to its length.
 */
#ifndef CANDLEWICK_REGISTRY_CODEC_CODEC_H
#define CANDLEWICK_REGISTRY_CODEC_CODEC_H

#include "base/text/strbuf.h"
#include "record/column.h"
#include "registry/codec/schema.h"

struct decode_plan;
struct encode_plan;

/* How to read what `writer` wrote as `reader`'s record, into the struct whose columns (ended by a
 * NULL name) are named as the reader's fields: fields by name, then by alias; missing ones
 * get the default; extra ones of any type, and fields of the reader without a column, are skipped;
 * numbers are promoted as Avro allows. The records' names are compared without their namespaces, or
 * with the reader's aliases; the writer's may be a union with such a record. NULL: ERROR_REJECT,
 * names the field that cannot be; ERROR_FATAL: out of memory. Both schemas and the columns are
 * borrowed for the call only. */
NODISCARD struct decode_plan *decode_plan_compile(const struct schema *writer,
                                                  const struct schema *reader,
                                                  const struct column *columns,
                                                  struct error *error);
void decode_plan_destroy(struct decode_plan *plan); /* NULL is allowed */

/* Fills `record` (all bound members; a null clears its value). False: ERROR_REJECT, says at which
 * field and why (trailing bytes are an error too), or ERROR_RETRY: out of memory. `record` may be
 * half filled then. Any number of threads at once. */
NODISCARD bool decode_plan_run(const struct decode_plan *plan, struct str body, void *record,
                               struct error *error);

/* Every field needs a column of exactly its type: long, double, string or bytes. NULL:
 * ERROR_REJECT, names the field; ERROR_FATAL: out of memory. Borrows as decode_plan_compile. */
NODISCARD struct encode_plan *
encode_plan_compile(const struct schema *schema, const struct column *columns, struct error *error);
void encode_plan_destroy(struct encode_plan *plan); /* NULL is allowed */

/* Appends the Avro body of `record`. False when the buffer failed, a double is not finite or a text
 * is not NUL-terminated: decode_plan_run would refuse it. `body` may be half appended then. */
NODISCARD bool encode_plan_run(const struct encode_plan *plan, const void *record,
                               struct strbuf *body);

#endif
