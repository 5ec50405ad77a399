/* The kinds of a program that knows memos: in place of src/record/kinds.c, for one file of a test.
 */
#ifndef CANDLEWICK_TESTS_MEMO_KINDS_H
#define CANDLEWICK_TESTS_MEMO_KINDS_H

#include "record/bar.h"
#include "record/event.h"
#include "record/news.h"
#include "record/ticker.h"
#include "texts/memo_kind.h"

_Static_assert(RECORD_KINDS == 5, "the list is as long as that of kinds.c");
const struct record_kind *const record_kinds[RECORD_KINDS] = {&ticker_kind, &bar_kind, &event_kind,
                                                              &news_kind, &memo_kind};

#endif
