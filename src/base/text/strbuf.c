#include "base/text/strbuf.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/digits.h"
#include "base/text/number.h"
#include "base/text/utf8.h"

enum { FIRST_CAPACITY = 64 };

struct strbuf strbuf_new(size_t limit)
{
    /* One byte is reserved for the NUL. */
    return (struct strbuf){.limit = limit < SIZE_MAX ? limit : SIZE_MAX - 1};
}

void strbuf_free(struct strbuf *buf)
{
    free(buf->data);
    *buf = strbuf_new(buf->limit);
}

void strbuf_clear(struct strbuf *buf)
{
    buf->length = 0;
    buf->failed = false;
    buf->no_memory = false;
    if (buf->data != NULL) {
        buf->data[0] = '\0';
    }
}

/* Returns at least `wanted` bytes, doubled so that many small appends are cheap, up to the
 * ceiling. */
static size_t grown_capacity(const struct strbuf *buf, size_t wanted)
{
    size_t capacity = buf->capacity > 0 ? buf->capacity : FIRST_CAPACITY;
    while (capacity < wanted) {
        capacity = capacity > SIZE_MAX / 2 ? wanted : capacity * 2;
    }
    return capacity > buf->limit + 1 ? buf->limit + 1 : capacity;
}

bool strbuf_reserve(struct strbuf *buf, size_t extra)
{
    if (buf->failed) {
        return false;
    }
    if (extra > buf->limit - buf->length) {
        buf->failed = true;
        return false;
    }
    size_t wanted = buf->length + extra + 1;
    if (wanted <= buf->capacity) {
        return true;
    }
    size_t capacity = grown_capacity(buf, wanted);
    char *data = realloc(buf->data, capacity);
    if (data == NULL) {
        buf->failed = true;
        buf->no_memory = true;
        return false;
    }
    data[buf->length] = '\0';
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

void strbuf_append(struct strbuf *buf, const void *bytes, size_t length)
{
    if (!strbuf_reserve(buf, length)) {
        return;
    }
    if (length > 0) {
        memcpy(buf->data + buf->length, bytes, length);
    }
    buf->length += length;
    buf->data[buf->length] = '\0';
}

void strbuf_append_text(struct strbuf *buf, const char *text)
{
    strbuf_append(buf, text, strlen(text));
}

void strbuf_append_str(struct strbuf *buf, struct str text)
{
    strbuf_append(buf, text.data, text.length);
}

void strbuf_append_char(struct strbuf *buf, char c)
{
    if (strbuf_reserve(buf, 1)) {
        buf->data[buf->length++] = c;
        buf->data[buf->length] = '\0';
    }
}

void strbuf_append_int64(struct strbuf *buf, int64_t value)
{
    char text[DIGITS_SIGNED_MAX];
    strbuf_append(buf, text, digits_write_signed(value, text));
}

void strbuf_append_format(struct strbuf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0) {
        buf->failed = true;
    } else if (strbuf_reserve(buf, (size_t)length)) {
        (void)vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}

static void append_json_escape(struct strbuf *buf, unsigned char c)
{
    static const char short_names[0x20] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    if (c == '"' || c == '\\') {
        strbuf_append_char(buf, '\\');
        strbuf_append_char(buf, (char)c);
    } else if (c < 0x20 && short_names[c] != '\0') {
        strbuf_append_char(buf, '\\');
        strbuf_append_char(buf, short_names[c]);
    } else {
        strbuf_append_format(buf, "\\u%04x", c);
    }
}

void strbuf_append_json_string(struct strbuf *buf, struct str text)
{
    strbuf_append_char(buf, '"');
    while (text.length > 0) {
        size_t length = utf8_sequence(text);
        unsigned char c = (unsigned char)text.data[0];
        if (length == 0) {
            strbuf_append_text(buf, "\xEF\xBF\xBD");
            length = 1;
        } else if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F) {
            append_json_escape(buf, c);
        } else {
            strbuf_append(buf, text.data, length);
        }
        text.data += length;
        text.length -= length;
    }
    strbuf_append_char(buf, '"');
}

void strbuf_append_json_member(struct strbuf *buf, const char *name, const char *text)
{
    strbuf_append_format(buf, ",\"%s\":", name);
    if (text == NULL || text[0] == '\0') {
        strbuf_append_text(buf, "null");
    } else {
        strbuf_append_json_string(buf, str_from(text));
    }
}

struct str strbuf_str(const struct strbuf *buf)
{
    return (struct str){.data = strbuf_text(buf), .length = buf->length};
}

const char *strbuf_text(const struct strbuf *buf)
{
    return buf->data != NULL ? buf->data : "";
}

char *strbuf_take(struct strbuf *buf)
{
    char *data = NULL;
    if (strbuf_reserve(buf, 0)) {
        data = buf->data;
        buf->data = NULL;
    }
    strbuf_free(buf);
    return data;
}

void strbuf_append_json_double(struct strbuf *buf, double value)
{
    char text[NUMBER_TEXT_SIZE];
    if (isfinite(value)) {
        strbuf_append(buf, text, number_format(value, text));
    } else {
        strbuf_append_text(buf, "null");
    }
}
