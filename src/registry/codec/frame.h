/*
 * Confluent's wire formats. In the older one the value contains 0x00, the schema id as 4 bytes
 * big-endian, and the Avro body. In the newer one (Confluent Platform 8.0, SchemaId of its clients)
 * the record's header __value_schema_id contains 0x00 and the 4 bytes of the id, or 0x01 and the 16
 * bytes of the schema's GUID; the value is then the Avro body alone.
 */
#ifndef CANDLEWICK_REGISTRY_CODEC_FRAME_H
#define CANDLEWICK_REGISTRY_CODEC_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/text/strbuf.h"
#include "registry/codec/guid.h"

enum { FRAME_HEADER_BYTES = 5 };

void frame_append_header(struct strbuf *buf, int32_t schema_id);

/* Returns false if the message is too short or does not begin with 0x00. `body` borrows from
 * `message`. */
NODISCARD bool frame_open(struct str message, int32_t *schema_id, struct str *body);

struct schema_name {
    bool by_guid;
    int32_t id; /* valid if not by_guid */
    struct guid guid;
};

/* Finds which schema a message names: in its header, which has priority (data NULL: it has none),
 * or else in its value. `body` borrows from `value`. Returns NULL, or a static text that says why
 * it names none. */
NODISCARD const char *frame_read(struct str header, struct str value, struct schema_name *name,
                                 struct str *body);

#endif
