#include "registry/frame.h"

enum { FRAME_MAGIC = 0x00 };

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
