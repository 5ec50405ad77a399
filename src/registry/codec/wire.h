/*
 * Reads Avro's primitives from a message, with a cursor that never leaves it. Each function returns
 * NULL, or a static text that says why it failed; the cursor is then anywhere in the message.
 */
#ifndef CANDLEWICK_REGISTRY_CODEC_WIRE_H
#define CANDLEWICK_REGISTRY_CODEC_WIRE_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text/str.h"

struct cursor {
    const unsigned char *at;
    const unsigned char *end;
};

static inline size_t wire_left(const struct cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

static inline int64_t wire_from_zig_zag(uint64_t bits)
{
    return (int64_t)(bits >> 1 ^ (0 - (bits & 1)));
}

/* Reads a zig-zag varint of at most 10 bytes, of whose last byte only the lowest bit may be set. */
static inline const char *wire_long(struct cursor *cursor, int64_t *value)
{
    const unsigned char *at = cursor->at;
    /* Fast path: most union branches and lengths have one byte. */
    if (at < cursor->end && *at < 0x80) {
        *value = wire_from_zig_zag(*at);
        cursor->at = at + 1;
        return NULL;
    }
    uint64_t bits = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (at == cursor->end) {
            return "the message ends inside a number";
        }
        unsigned char byte = *at++;
        if (shift == 63 && byte > 1) {
            return "a number is longer than 64 bits";
        }
        bits |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *value = wire_from_zig_zag(bits);
            cursor->at = at;
            return NULL;
        }
    }
    return "a number is longer than 64 bits";
}

static inline const char *wire_int(struct cursor *cursor, int64_t *value)
{
    const char *why = wire_long(cursor, value);
    if (why == NULL && (*value < INT32_MIN || *value > INT32_MAX)) {
        return "an int is out of range";
    }
    return why;
}

static inline const char *wire_boolean(struct cursor *cursor)
{
    if (cursor->at == cursor->end) {
        return "the message ends before a boolean";
    }
    return *cursor->at++ > 1 ? "a boolean is neither 0 nor 1" : NULL;
}

static inline const char *wire_skip(struct cursor *cursor, size_t length)
{
    if (wire_left(cursor) < length) {
        return "the message ends inside a value";
    }
    cursor->at += length;
    return NULL;
}

static inline const char *wire_float(struct cursor *cursor, double *value)
{
    const unsigned char *from = cursor->at;
    const char *why = wire_skip(cursor, sizeof(float));
    if (why == NULL) {
        uint32_t bits;
        float number;
        memcpy(&bits, from, sizeof bits);
        bits = le32toh(bits);
        memcpy(&number, &bits, sizeof number);
        *value = (double)number;
    }
    return why;
}

static inline const char *wire_double(struct cursor *cursor, double *value)
{
    const unsigned char *from = cursor->at;
    const char *why = wire_skip(cursor, sizeof(double));
    if (why == NULL) {
        uint64_t bits;
        memcpy(&bits, from, sizeof bits);
        bits = le64toh(bits);
        memcpy(value, &bits, sizeof *value);
    }
    return why;
}

/* Reads a string or bytes: a length, then that many bytes, which are borrowed from the message. The
 * length is first compared with what is left of the message. */
static inline const char *wire_bytes(struct cursor *cursor, struct str *bytes)
{
    int64_t length;
    const char *why = wire_long(cursor, &length);
    if (why != NULL) {
        return why;
    }
    if (length < 0) {
        return "a length is negative";
    }
    if ((uint64_t)length > wire_left(cursor)) {
        return "a length is larger than what is left of the message";
    }
    *bytes = (struct str){.data = (const char *)cursor->at, .length = (size_t)length};
    cursor->at += length;
    return NULL;
}

#endif
