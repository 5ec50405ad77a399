/* A kind for tests, with what no kind of ours has yet: texts and bools among the fields of a point,
 * required and nullable. */
#ifndef CANDLEWICK_TESTS_NOTE_KIND_H
#define CANDLEWICK_TESTS_NOTE_KIND_H

#include "record/kind.h"

struct note {
    char name[9];
    int64_t time_ns;
    char text[17], more[17];
    bool final, read;
    int64_t count;
    bool has_more, has_read, has_count;
};

#define NOTE_REQUIRED(member)                                                                      \
    .offset = offsetof(struct note, member), .size = sizeof(((struct note *)0)->member),           \
    .present_offset = COLUMN_REQUIRED, .since = 1
#define NOTE_NULLABLE(member)                                                                      \
    .offset = offsetof(struct note, member), .size = sizeof(((struct note *)0)->member),           \
    .present_offset = offsetof(struct note, has_##member), .since = 1

static const struct column note_columns[] = {
    {"name", COLUMN_TEXT, COLUMN_KEY, NOTE_REQUIRED(name)},
    {"time", COLUMN_INT64, COLUMN_TIME, NOTE_REQUIRED(time_ns)},
    {"text", COLUMN_TEXT, COLUMN_FIELD, NOTE_REQUIRED(text)},
    {"more", COLUMN_TEXT, COLUMN_FIELD, NOTE_NULLABLE(more)},
    {"final", COLUMN_BOOL, COLUMN_FIELD, NOTE_REQUIRED(final)},
    {"read", COLUMN_BOOL, COLUMN_FIELD, NOTE_NULLABLE(read)},
    {"count", COLUMN_INT64, COLUMN_FIELD, NOTE_NULLABLE(count)},
    {.name = NULL},
};

static inline bool note_name_valid(struct str name)
{
    return name.length > 0 && name.length <= 8;
}

static const struct record_kind note_kind = {
    .name = "note",
    .columns = note_columns,
    .key = &note_columns[0],
    .time = &note_columns[1],
    .moment = &note_columns[1],
    .size = sizeof(struct note),
    .tags = {{&note_columns[0], note_name_valid, "a-z", 1, 8}},
    .tag_count = 1,
};

#endif
