/*
 * Long texts: they would make the structs of records too large, so a record holds only where its
 * text lies among the texts of its batch. That is an offset and not a pointer, because the texts
 * move when more are added.
 */
#ifndef CANDLEWICK_RECORD_LONG_TEXT_H
#define CANDLEWICK_RECORD_LONG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"

/* Bytes. A message has at most 64 KiB, so three such texts fit into one. */
enum { LONG_TEXT_MAX = 16 * 1024 };

/* A member of a record's struct; zeroed: "". */
struct long_text {
    size_t offset, length; /* in the arena that is passed beside the record */
};

/* The long texts of a batch's records, one after another; zeroed: empty. It has no ceiling of its
 * own: who fills a batch limits it. */
struct text_arena {
    char *bytes; /* owned */
    size_t length, capacity;
};
void text_arena_free(struct text_arena *texts); /* leaves it empty */

/* Whether a record may hold the text: at most LONG_TEXT_MAX bytes of UTF-8, without a NUL. */
bool long_text_valid(struct str text);

/* Makes room: the next texts, `bytes` in all, are added without a failure. Returns false when out
 * of memory. */
NODISCARD bool text_arena_reserve(struct text_arena *texts, size_t bytes);

/* Copies the text behind the others. Returns false when out of memory; nothing has changed then. */
NODISCARD bool text_arena_add(struct text_arena *texts, struct str text, struct long_text *place);

/* Returns the text at `place`, borrowed until the next text_arena_add(). `texts` may be NULL for
 * "". */
struct str text_arena_at(const struct text_arena *texts, struct long_text place);

#endif
