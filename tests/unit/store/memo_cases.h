/* Memos with every hard text that a record may hold, for tests of what keeps them. A file that
 * includes this decides by texts/memo_kinds.h that the program knows memos. */
#ifndef CANDLEWICK_TESTS_MEMO_CASES_H
#define CANDLEWICK_TESTS_MEMO_CASES_H

#include <string.h>

#include "cmocka_all.h"
#include "store/store.h"
#include "texts/hard_texts.h"
#include "texts/memo_kind.h"

enum { MEMOS_MAX = 64 };

struct memos {
    struct memo items[MEMOS_MAX];
    size_t count;
    struct text_arena texts;
};

/* Each text once as body, and in every second memo as the other one, too. */
static inline struct memos memos_make(void)
{
    struct memos memos = {.count = 0};
    for (size_t i = 0; i < hard_texts(); i++) {
        struct hard_text hard = hard_text(i);
        if (!hard.valid) {
            continue;
        }
        assert_true(memos.count < MEMOS_MAX);
        struct memo *memo = &memos.items[memos.count];
        *memo = (struct memo){
            .name = "a", .time_ns = (int64_t)memos.count + 1, .source = "test", .count = 7};
        assert_true(column_set_long_text(MEMO_BODY, memo, &memos.texts, hard.text));
        assert_true(memos.count++ % 2 == 0 ||
                    column_set_long_text(MEMO_MORE, memo, &memos.texts, hard.text));
    }
    return memos;
}

static inline struct record_set memos_set(const struct memos *memos)
{
    return (struct record_set){&memo_kind, memos->items, memos->count, &memos->texts};
}

static inline void memos_write(struct store *store, const struct memos *memos)
{
    struct error error = {0};
    struct rejected_list rejected = {0};
    struct record_set set = memos_set(memos);
    bool written = store_write(store, &set, &rejected, &error);
    assert_string_equal(error.text, "");
    assert_true(written);
    if (rejected.count > 0) {
        fail_msg("%zu are refused, the first is memo %zu: %s", rejected.count,
                 rejected.items[0].index, rejected.items[0].reason);
    }
}

#endif
