/*
 * A growing byte buffer with a ceiling. Appends after a failure do nothing, so a writer may append
 * freely and ask once at the end (the idea of a sticky error, as stdio's ferror).
 */
#ifndef CANDLEWICK_BASE_TEXT_STRBUF_H
#define CANDLEWICK_BASE_TEXT_STRBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"

struct strbuf {
    char *data;      /* NUL-terminated once anything was appended; else NULL */
    size_t length;   /* without the NUL */
    size_t capacity; /* bytes allocated */
    size_t limit;    /* the length never passes this */
    bool failed;     /* an append did not fit, or memory ran out */
    bool no_memory;  /* it was the latter */
};

/* An empty buffer that will hold at most `limit` bytes. Allocates nothing. */
struct strbuf strbuf_new(size_t limit);
void strbuf_free(struct strbuf *buf);

/* Forgets the content and the failure, keeps the memory. */
void strbuf_clear(struct strbuf *buf);

/* Makes room for `extra` more bytes; false (and failed) when that passes the limit or memory. */
bool strbuf_reserve(struct strbuf *buf, size_t extra);

void strbuf_append(struct strbuf *buf, const void *bytes, size_t length);
void strbuf_append_text(struct strbuf *buf, const char *text);
void strbuf_append_str(struct strbuf *buf, struct str text);
void strbuf_append_char(struct strbuf *buf, char c);
void strbuf_append_int64(struct strbuf *buf, int64_t value);
PRINTF_LIKE(2, 3) void strbuf_append_format(struct strbuf *buf, const char *format, ...);

/* JSON text (RFC 8259) of a string, quotes included; bytes that are not UTF-8 become U+FFFD. */
void strbuf_append_json_string(struct strbuf *buf, struct str text);

/* The content as a borrowed span, valid until the next append; "" when nothing was appended. */
struct str strbuf_str(const struct strbuf *buf);
/* The content as C text: never NULL. */
const char *strbuf_text(const struct strbuf *buf);

/* Hands over the NUL-terminated memory (free() it) and leaves the buffer empty.
 * NULL when the buffer failed; its memory is freed then. */
NODISCARD char *strbuf_take(struct strbuf *buf);

#endif
