/* A kind for tests, with a long text that is required and one that may be null. */
#ifndef CANDLEWICK_TESTS_MEMO_KIND_H
#define CANDLEWICK_TESTS_MEMO_KIND_H

#include "record/kind.h"

struct memo {
    char name[9];
    int64_t time_ns;
    char source[SOURCE_MAX + 1];
    struct long_text body, more;
    int64_t count;
    bool has_more;
};

#define MEMO_REQUIRED(member)                                                                      \
    .offset = offsetof(struct memo, member), .size = sizeof(((struct memo *)0)->member),           \
    .present_offset = COLUMN_REQUIRED, .since = 1

static const struct column memo_columns[] = {
    {"name", COLUMN_TEXT, COLUMN_KEY, MEMO_REQUIRED(name)},
    {"time", COLUMN_INT64, COLUMN_TIME, MEMO_REQUIRED(time_ns)},
    {"source", COLUMN_TEXT, COLUMN_UNSTORED, MEMO_REQUIRED(source)},
    {"body", COLUMN_LONG_TEXT, COLUMN_FIELD, MEMO_REQUIRED(body)},
    {"more", COLUMN_LONG_TEXT, COLUMN_FIELD, .offset = offsetof(struct memo, more),
     .size = sizeof(struct long_text), .present_offset = offsetof(struct memo, has_more),
     .since = 1},
    {"count", COLUMN_INT64, COLUMN_FIELD, MEMO_REQUIRED(count)},
    {.name = NULL},
};
#define MEMO_BODY (&memo_columns[3])
#define MEMO_MORE (&memo_columns[4])

static inline bool memo_name_valid(struct str name)
{
    return name.length > 0 && name.length <= 8;
}

static inline const char *memo_check(const void *record, const struct text_arena *texts)
{
    (void)texts;
    const struct memo *memo = record;
    return memo_name_valid(str_from(memo->name)) ? NULL : "bad_name";
}

static const struct record_kind memo_kind = {
    .name = "memo",
    .record = "memo",
    .records = "memos",
    .topic = "memos",
    .schema = "{\"type\":\"record\",\"name\":\"Memo\",\"fields\":["
              "{\"name\":\"name\",\"type\":\"string\"},"
              "{\"name\":\"time\",\"type\":\"long\"},"
              "{\"name\":\"source\",\"type\":\"string\"},"
              "{\"name\":\"body\",\"type\":\"string\"},"
              "{\"name\":\"more\",\"type\":[\"null\",\"string\"],\"default\":null},"
              "{\"name\":\"count\",\"type\":\"long\"}]}",
    .columns = memo_columns,
    .key = &memo_columns[0],
    .time = &memo_columns[1],
    .moment = &memo_columns[1],
    .source = &memo_columns[2],
    .size = sizeof(struct memo),
    .tags = {{&memo_columns[0], memo_name_valid, "a-z", 1, 8}},
    .tag_count = 1,
    .check = memo_check,
};

#endif
