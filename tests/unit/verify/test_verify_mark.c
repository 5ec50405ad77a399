/* Whatever a point holds changes its mark; what it does not hold does not. */
#include "verify/verify_mark.h"

#include <math.h>
#include <string.h>

#include "cmocka_all.h"
#include "note_kind.h"
#include "record/bar.h"
#include "store_cases.h"
#include "texts/hard_texts.h"
#include "texts/memo_kind.h"

static struct verify_marker *marker_of(const struct record_kind *kind)
{
    struct error error = {0};
    struct verify_marker *made = verify_marker_create(kind, &error);
    assert_string_equal(error.text, "");
    assert_non_null(made);
    return made;
}

static struct verify_marker *marker(void)
{
    return marker_of(&ticker_kind);
}

static bool same(struct verify_marker *with, const void *left, const void *right)
{
    struct error error = {0};
    struct verify_mark first, second;
    assert_true(verify_marker_mark(with, left, NULL, &first, &error));
    assert_true(verify_marker_mark(with, right, NULL, &second, &error));
    return verify_mark_equal(&first, &second);
}

static void number_that_may_be_null_counts_as_0_or_absent(void **state)
{
    (void)state;
    struct verify_marker *with = marker_of(&bar_kind);
    const struct bar bar = {.symbol = "AAPL", .open = 2};
    struct bar other = bar;
    assert_true(same(with, &bar, &other));
    other.has_trades = true;
    assert_false(same(with, &bar, &other));
    struct bar third = other;
    assert_true(same(with, &other, &third));
    third.trades = 1;
    assert_false(same(with, &other, &third));
    other = bar;
    other.has_volume = true;
    assert_false(same(with, &bar, &other));
    other = bar;
    other.revision = 1;
    assert_false(same(with, &bar, &other));
    verify_marker_destroy(with);
}

static void truth_and_text_count_and_so_does_their_absence(void **state)
{
    (void)state;
    struct verify_marker *with = marker_of(&note_kind);
    const struct note note = {.name = "a", .text = "ab"};
    struct note others[6] = {note, note, note, note, note, note};
    others[0].final = true;
    others[1].has_read = true;
    others[2].has_read = others[2].read = true;
    others[3].has_more = true;
    (void)str_copy(str_from("a"), others[4].text, sizeof others[4].text);
    others[5].has_count = true;
    for (size_t i = 0; i < 6; i++) {
        assert_false(same(with, &note, &others[i]));
        for (size_t k = 0; k < i; k++) {
            assert_false(same(with, &others[k], &others[i]));
        }
    }
    verify_marker_destroy(with);
}

static struct verify_mark mark_of(struct verify_marker *with, const struct memo *memo,
                                  const struct text_arena *texts)
{
    struct error error = {0};
    struct verify_mark mark;
    assert_true(verify_marker_mark(with, memo, texts, &mark, &error));
    return mark;
}

/* Where a text lies does not matter, and no byte may pass from one text to the next. */
static void long_text_counts_with_every_byte(void **state)
{
    (void)state;
    struct verify_marker *with = marker_of(&memo_kind);
    struct verify_mark marks[64], here, there;
    struct text_arena texts = {0};
    size_t count = 0;
    for (size_t i = 0; i < hard_texts(); i++) {
        struct memo memo = {.name = "a"}, moved = {.name = "a"};
        if (!hard_text(i).valid) {
            continue;
        }
        assert_true(column_set_long_text(MEMO_BODY, &memo, &texts, hard_text(i).text));
        assert_true(column_set_long_text(MEMO_BODY, &moved, &texts, hard_text(i).text));
        marks[count] = mark_of(with, &memo, &texts);
        there = mark_of(with, &moved, &texts);
        assert_true(verify_mark_equal(&marks[count], &there));
        for (size_t k = 0; k < count; k++) {
            assert_false(verify_mark_equal(&marks[k], &marks[count]));
        }
        count++;
    }
    static const struct {
        const char *body[2], *more[2]; /* NULL: absent */
    } pairs[] = {
        {{"ab", "a"}, {"c", "bc"}}, {{"ab", ""}, {"", "ab"}},       {{"a", "a"}, {"", NULL}},
        {{"", "a"}, {NULL, NULL}},  {{"ab", "ab"}, {"cd", "cd\n"}}, {{"A", "a"}, {"b", "b"}},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct memo memos[2] = {{.name = "a"}, {.name = "a"}};
        for (int side = 0; side < 2; side++) {
            const char *more = pairs[i].more[side];
            assert_true(column_set_long_text(MEMO_BODY, &memos[side], &texts,
                                             str_from(pairs[i].body[side])));
            assert_true(more == NULL ||
                        column_set_long_text(MEMO_MORE, &memos[side], &texts, str_from(more)));
        }
        here = mark_of(with, &memos[0], &texts);
        there = mark_of(with, &memos[1], &texts);
        assert_false(verify_mark_equal(&here, &there));
    }
    text_arena_free(&texts);
    verify_marker_destroy(with);
}

static double bits(uint64_t value)
{
    double number;
    memcpy(&number, &value, sizeof number);
    return number;
}

static void every_cell_and_its_absence_counts(void **state)
{
    (void)state;
    struct verify_marker *with = marker();
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    struct ticker other = tick;
    assert_true(same(with, &tick, &other));
    (void)str_copy(str_from("replay"), other.source, sizeof other.source);
    assert_true(same(with, &tick, &other)); /* a point has none */
    other = tick;
    other.seq++;
    assert_false(same(with, &tick, &other));
    other = tick;
    other.run_id++;
    assert_false(same(with, &tick, &other));
    other = tick;
    other.last_price = nextafter(tick.last_price, INFINITY);
    assert_false(same(with, &tick, &other));
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        other = tick;
        other.has[i] = !other.has[i];
        other.figures[i] = 0;
        assert_false(same(with, &tick, &other));
    }
    verify_marker_destroy(with);
    verify_marker_destroy(NULL);
}

/* Numbers that compare as equal, or never do. */
static void every_bit_counts(void **state)
{
    (void)state;
    static const uint64_t values[] = {
        0,                            /* 0.0 */
        UINT64_C(0x8000000000000000), /* -0.0 */
        UINT64_C(0x7ff8000000000000), /* NaN, */
        UINT64_C(0x7ff8000000000001), /* with a payload, */
        UINT64_C(0xfff8000000000000), /* with a sign */
        1,                            /* the least above 0 */
    };
    enum { VALUES = sizeof values / sizeof values[0] };
    struct verify_marker *with = marker();
    for (size_t i = 0; i < VALUES; i++) {
        for (size_t k = 0; k < VALUES; k++) {
            struct ticker left = cases_plain_tick("tBTCUSD", 1, 1);
            struct ticker right = left;
            left.has[TICKER_HIGH] = right.has[TICKER_HIGH] = true;
            left.figures[TICKER_HIGH] = bits(values[i]);
            right.figures[TICKER_HIGH] = bits(values[k]);
            assert_int_equal(same(with, &left, &right), i == k);
        }
    }
    verify_marker_destroy(with);
}

static void value_moved_to_the_next_cell_is_another_point(void **state)
{
    (void)state;
    struct verify_marker *with = marker();
    struct ticker left = cases_plain_tick("tBTCUSD", 1, 1);
    struct ticker right = left;
    left.has[TICKER_HIGH] = right.has[TICKER_LOW] = true;
    left.figures[TICKER_HIGH] = right.figures[TICKER_LOW] = 7;
    assert_false(same(with, &left, &right));
    right.run_id = right.seq + 1;
    left = right;
    left.seq = right.run_id;
    left.run_id = right.seq;
    assert_false(same(with, &left, &right));
    verify_marker_destroy(with);
}

/* Nobody can look for a collision beforehand. */
static void every_run_has_its_own_key(void **state)
{
    (void)state;
    struct error error = {0};
    struct verify_marker *first = marker();
    struct verify_marker *second = marker();
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    struct verify_mark left, right;
    assert_true(verify_marker_mark(first, &tick, NULL, &left, &error));
    assert_true(verify_marker_mark(second, &tick, NULL, &right, &error));
    assert_false(verify_mark_equal(&left, &right));
    verify_marker_destroy(first);
    verify_marker_destroy(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_and_its_absence_counts),
        cmocka_unit_test(number_that_may_be_null_counts_as_0_or_absent),
        cmocka_unit_test(truth_and_text_count_and_so_does_their_absence),
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(value_moved_to_the_next_cell_is_another_point),
        cmocka_unit_test(every_run_has_its_own_key),
        cmocka_unit_test(long_text_counts_with_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
