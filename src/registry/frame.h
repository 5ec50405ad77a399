/* Confluent wire format: 0x00, schema id as 4 bytes big-endian, Avro body. */
#ifndef CANDLEWICK_REGISTRY_FRAME_H
#define CANDLEWICK_REGISTRY_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/strbuf.h"

enum { FRAME_HEADER_BYTES = 5 };

void frame_append_header(struct strbuf *buf, int32_t schema_id);

/* False when the message is shorter than the header or does not begin with 0x00. `body` borrows
 * from `message`. */
NODISCARD bool frame_open(struct str message, int32_t *schema_id, struct str *body);

#endif
