#include "record/long_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/utf8.h"

enum { FIRST_CAPACITY = 1024 };

void text_arena_free(struct text_arena *texts)
{
    free(texts->bytes);
    *texts = (struct text_arena){.bytes = NULL};
}

bool long_text_valid(struct str text)
{
    return text.length <= LONG_TEXT_MAX &&
           (text.length == 0 || memchr(text.data, '\0', text.length) == NULL) && utf8_valid(text);
}

bool text_arena_reserve(struct text_arena *texts, size_t bytes)
{
    size_t capacity = texts->capacity > 0 ? texts->capacity : FIRST_CAPACITY;
    while (capacity - texts->length < bytes) {
        if (capacity > SIZE_MAX / 2) {
            return false;
        }
        capacity *= 2;
    }
    if (capacity > texts->capacity) {
        char *moved = realloc(texts->bytes, capacity);
        if (moved == NULL) {
            return false;
        }
        texts->bytes = moved;
        texts->capacity = capacity;
    }
    return true;
}

bool text_arena_add(struct text_arena *texts, struct str text, struct long_text *place)
{
    if (!text_arena_reserve(texts, text.length)) {
        return false;
    }
    *place = (struct long_text){.offset = texts->length, .length = text.length};
    if (text.length > 0) {
        memcpy(texts->bytes + texts->length, text.data, text.length);
    }
    texts->length += text.length;
    return true;
}

struct str text_arena_at(const struct text_arena *texts, struct long_text place)
{
    return place.length == 0
               ? str_from("")
               : (struct str){.data = texts->bytes + place.offset, .length = place.length};
}
