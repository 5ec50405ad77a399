/*
 * A growing byte buffer with a ceiling. Appends after a failure do nothing, so a writer may append
 * freely and check once at the end (a sticky error, like stdio's ferror).
 */
#ifndef CANDLEWICK_BASE_TEXT_STRBUF_H
#define CANDLEWICK_BASE_TEXT_STRBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"

struct strbuf {
    char *data;      /* NUL-terminated once anything is appended; before that NULL */
    size_t length;   /* without the NUL */
    size_t capacity; /* bytes allocated */
    size_t limit;    /* `length` never exceeds this */
    bool failed;     /* an append did not fit, or memory ran out */
    bool no_memory;  /* the reason was lack of memory */
};

/* Returns an empty buffer that holds at most `limit` bytes. Allocates nothing. */
struct strbuf strbuf_new(size_t limit);
void strbuf_free(struct strbuf *buf);

/* Removes the content and the failure but keeps the memory. */
void strbuf_clear(struct strbuf *buf);

/* Makes room for `extra` more bytes. Returns false, and sets `failed`, when the limit or the memory
 * does not allow it. */
bool strbuf_reserve(struct strbuf *buf, size_t extra);

void strbuf_append(struct strbuf *buf, const void *bytes, size_t length);
void strbuf_append_text(struct strbuf *buf, const char *text);
void strbuf_append_str(struct strbuf *buf, struct str text);
void strbuf_append_char(struct strbuf *buf, char c);
void strbuf_append_int64(struct strbuf *buf, int64_t value);
PRINTF_LIKE(2, 3) void strbuf_append_format(struct strbuf *buf, const char *format, ...);

/* Appends a string as JSON (RFC 8259), quotes included; bytes that are not UTF-8 become U+FFFD. */
void strbuf_append_json_string(struct strbuf *buf, struct str text);
/* Appends ,"name":"text"; null in place of a text that is NULL or empty. The name must need no
 * escapes. */
void strbuf_append_json_member(struct strbuf *buf, const char *name, const char *text);
/* Appends a number that parses as the same bits; null for NaN and the infinities, which JSON cannot
 * express. */
void strbuf_append_json_double(struct strbuf *buf, double value);

/* Returns the content as a borrowed span, valid until the next append; "" when nothing was
 * appended. */
struct str strbuf_str(const struct strbuf *buf);
/* Returns the content as C text, never NULL. */
const char *strbuf_text(const struct strbuf *buf);

/* Returns the NUL-terminated memory (free() it) and leaves the buffer empty. Returns NULL, and
 * frees the memory, when the buffer failed. */
NODISCARD char *strbuf_take(struct strbuf *buf);

#endif
