/*
 * Avro binary to and from C structs, by a plan compiled once per pair of schemas (Avro 1.12
 * specification, "Binary Encoding" and "Schema Resolution"). Decoding allocates nothing (but for
 * deeply nested values that are skipped: skip.h), reads no byte outside the message and takes time
 * in proportion to its length.
 */
#ifndef CANDLEWICK_REGISTRY_CODEC_CODEC_H
#define CANDLEWICK_REGISTRY_CODEC_CODEC_H

#include "base/text/strbuf.h"
#include "registry/codec/schema.h"

struct decode_plan;
struct encode_plan;

/* Where a field of the reader's schema lives in a C struct. */
enum binding_type {
    BIND_TEXT,   /* char[size], NUL-terminated; longer strings are an error */
    BIND_INT64,  /* int64_t */
    BIND_DOUBLE, /* double; a value that is not finite is an error */
};
struct binding {
    const char *field; /* name in the schema */
    enum binding_type type;
    size_t offset;         /* offsetof in the struct */
    size_t size;           /* of the char array, for BIND_TEXT */
    size_t present_offset; /* of a bool: false for null; BINDING_REQUIRED when null is an error */
};
#define BINDING_REQUIRED ((size_t)-1)

/* The bindings of struct ticker to schemas/ticker.avsc; ended by a NULL name. */
extern const struct binding ticker_bindings[];
/* The text of schemas/ticker.avsc, put into the program by the build. */
extern const char ticker_schema_text[];

/* How to read what `writer` wrote as `reader`'s record: fields by name, then by alias; missing ones
 * get the default; extra ones of any type, and fields of the reader without a binding, are skipped;
 * numbers are promoted as Avro allows. The records' names are compared without their namespaces, or
 * with the reader's aliases; the writer's may be a union with such a record. NULL: ERROR_REJECT,
 * names the field that cannot be; ERROR_FATAL: out of memory. Both schemas and the bindings are
 * borrowed for the call only. */
NODISCARD struct decode_plan *decode_plan_compile(const struct schema *writer,
                                                  const struct schema *reader,
                                                  const struct binding *bindings,
                                                  struct error *error);
void decode_plan_destroy(struct decode_plan *plan); /* NULL is allowed */

/* Fills `record` (all bound members; a null clears its value). False: ERROR_REJECT, says at which
 * field and why (trailing bytes are an error too), or ERROR_RETRY: out of memory. `record` may be
 * half filled then. Any number of threads at once. */
NODISCARD bool decode_plan_run(const struct decode_plan *plan, struct str body, void *record,
                               struct error *error);

/* Every field needs a binding of exactly its type: long, double, string or bytes. NULL:
 * ERROR_REJECT, names the field; ERROR_FATAL: out of memory. Borrows as decode_plan_compile. */
NODISCARD struct encode_plan *encode_plan_compile(const struct schema *schema,
                                                  const struct binding *bindings,
                                                  struct error *error);
void encode_plan_destroy(struct encode_plan *plan); /* NULL is allowed */

/* Appends the Avro body of `record`. False when the buffer failed, a double is not finite or a text
 * is not NUL-terminated: decode_plan_run would refuse it. `body` may be half appended then. */
NODISCARD bool encode_plan_run(const struct encode_plan *plan, const void *record,
                               struct strbuf *body);

#endif
