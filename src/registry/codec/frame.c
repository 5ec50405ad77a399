#include "registry/codec/frame.h"

#include <string.h>

enum { FRAME_MAGIC = 0x00, GUID_MAGIC = 0x01 };

void frame_append_header(struct strbuf *buf, int32_t schema_id)
{
    uint32_t id = (uint32_t)schema_id;
    const unsigned char header[FRAME_HEADER_BYTES] = {
        FRAME_MAGIC,
        (unsigned char)(id >> 24),
        (unsigned char)(id >> 16 & 0xFF),
        (unsigned char)(id >> 8 & 0xFF),
        (unsigned char)(id & 0xFF),
    };
    strbuf_append(buf, header, sizeof header);
}

bool frame_open(struct str message, int32_t *schema_id, struct str *body)
{
    if (message.length < FRAME_HEADER_BYTES || message.data[0] != FRAME_MAGIC) {
        return false;
    }
    const unsigned char *bytes = (const unsigned char *)message.data;
    uint32_t id = (uint32_t)bytes[1] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 8 |
                  (uint32_t)bytes[4];
    *schema_id = (int32_t)id;
    *body = (struct str){.data = message.data + FRAME_HEADER_BYTES,
                         .length = message.length - FRAME_HEADER_BYTES};
    return true;
}

const char *frame_read(struct str header, struct str value, struct schema_name *name,
                       struct str *body)
{
    struct str none;
    *name = (struct schema_name){.id = -1};
    if (header.data == NULL) {
        return frame_open(value, &name->id, body)
                   ? NULL
                   : "not in Confluent's framing: no 0x00 and schema id at its start";
    }
    *body = value;
    if (header.length == FRAME_HEADER_BYTES && frame_open(header, &name->id, &none)) {
        return NULL;
    }
    if (header.length != 1 + sizeof name->guid.bytes || header.data[0] != GUID_MAGIC) {
        return "its header __value_schema_id is neither 0x00 and 4 bytes nor 0x01 and 16 bytes";
    }
    name->by_guid = true;
    memcpy(name->guid.bytes, header.data + 1, sizeof name->guid.bytes);
    return NULL;
}
