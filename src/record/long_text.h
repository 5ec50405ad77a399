/*
 * Long texts. They are too large for the structs of records. So the texts of a batch's records are
 * in one array of bytes, the arena, and a record contains only the place of its text in it. The
 * place is an offset and not a pointer, because the arena moves when it grows.
 */
#ifndef CANDLEWICK_RECORD_LONG_TEXT_H
#define CANDLEWICK_RECORD_LONG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"

/* Limit in bytes. A message has at most 64 KiB, so it can contain three such texts. */
enum { LONG_TEXT_MAX = 16 * 1024 };

/* The place of a text; a member of a record's struct. All zero is "". */
struct long_text {
    size_t offset, length; /* in the arena that is passed with the record */
};

/* The long texts of a batch's records, one after another. All zero is empty. It has no limit: the
 * code that fills a batch limits its texts. */
struct text_arena {
    char *bytes; /* owned */
    size_t length, capacity;
};
void text_arena_free(struct text_arena *texts); /* leaves it empty */

/* Returns whether a record may contain the text: at most LONG_TEXT_MAX bytes of UTF-8, without a
 * NUL. */
bool long_text_valid(struct str text);

/* Makes room for the next texts, `bytes` in all, so that adding them cannot fail. Returns false
 * when out of memory. */
NODISCARD bool text_arena_reserve(struct text_arena *texts, size_t bytes);

/* Adds a copy of the text and sets `place`. Returns false when out of memory; nothing has changed
 * then. */
NODISCARD bool text_arena_add(struct text_arena *texts, struct str text, struct long_text *place);

/* Returns the text at `place`, borrowed until the next text_arena_add(). `texts` may be NULL for
 * "". */
struct str text_arena_at(const struct text_arena *texts, struct long_text place);

#endif
