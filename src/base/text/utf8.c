#include "base/text/utf8.h"

#include <string.h>

size_t utf8_sequence(struct str text)
{
    if (text.length == 0) {
        return 0;
    }
    const unsigned char *bytes = (const unsigned char *)text.data;
    unsigned char first = bytes[0];
    if (first < 0x80) {
        return 1;
    }
    size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    if (length == 0 || length > text.length) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (first == 0xE0 && bytes[1] < 0xA0) || (first == 0xF0 && bytes[1] < 0x90);
    bool surrogate = first == 0xED && bytes[1] >= 0xA0;
    bool too_large = first == 0xF4 && bytes[1] >= 0x90;
    return overlong || surrogate || too_large ? 0 : length;
}

size_t utf8_encode(uint32_t code, char bytes[4])
{
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        code = 0xFFFD;
    }
    if (code < 0x80) {
        bytes[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    bytes[0] = (char)((0xF00 >> length & 0xFF) | code);
    return length;
}

uint32_t utf8_decode(const char *bytes, size_t length)
{
    uint32_t code = (unsigned char)bytes[0] & (length == 1 ? 0x7FU : 0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        code = code << 6 | ((unsigned char)bytes[i] & 0x3FU);
    }
    return code;
}

/* Returns the number of ASCII bytes at the front; it reads eight at a time while it can. */
static size_t ascii_length(struct str text)
{
    size_t length = 0;
    uint64_t eight;
    while (text.length - length >= sizeof eight) {
        memcpy(&eight, text.data + length, sizeof eight);
        if ((eight & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
        length += sizeof eight;
    }
    while (length < text.length && (unsigned char)text.data[length] < 0x80) {
        length++;
    }
    return length;
}

bool utf8_valid(struct str text)
{
    while (text.length > 0) {
        size_t length = ascii_length(text);
        length = length > 0 ? length : utf8_sequence(text);
        if (length == 0) {
            return false;
        }
        text.data += length;
        text.length -= length;
    }
    return true;
}

size_t utf8_control_length(struct str text)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    if (bytes[0] == 0xC2 && text.length > 1 && bytes[1] >= 0x80 && bytes[1] <= 0x9F) {
        return 2;
    }
    return bytes[0] < ' ' || bytes[0] == 0x7F ? 1 : 0;
}
