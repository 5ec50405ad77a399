#include "terminal/candle_slots.h"

#include <string.h>

#include "cmocka_all.h"

#define MINUTE (60 * NS_PER_SECOND)
/* 2026-01-01T00:00:00Z */
#define START (INT64_C(1767225600) * NS_PER_SECOND)

/* Candles stand in their columns: digits are their numbers, "." an empty column, "~" a cut one. */
static void slots_cases(void **state)
{
    (void)state;
    static const struct {
        int64_t interval_ns;
        size_t room;
        const char *minutes; /* of which there are candles: one letter each, from 'a' on */
        const char *want;
    } cases[] = {
        {MINUTE, 9, "abc", "012"},
        {MINUTE, 2, "abc", "12"},
        {MINUTE, 0, "abc", ""},
        {MINUTE, 9, "", ""},
        {MINUTE, 9, "abd", "01.2"},
        {MINUTE, 9, "abf", "01...2"}, /* three missing have a column each */
        {MINUTE, 9, "abg", "01.~.2"}, /* four have three in all */
        {MINUTE, 9, "abz", "01.~.2"}, /* as have many */
        {MINUTE, 4, "abz", "2"},      /* there is no room beyond the gap */
        {MINUTE, 2, "abd", "2"},
        {MINUTE, 99, "adz", "0..1.~.2"},
        {0, 9, "abz", "012"}, /* no interval: no gap */
        {2 * MINUTE, 9, "ace", "012"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct candle items[8] = {{.time_ns = 0}};
        struct candle_slot slots[99];
        char got[100] = "";
        const struct candle_list list = {.items = items, .count = strlen(cases[i].minutes)};
        for (size_t k = 0; k < list.count; k++) {
            items[k].time_ns = START + (cases[i].minutes[k] - 'a') * MINUTE;
        }
        size_t count = candle_slots(&list, cases[i].interval_ns, slots, cases[i].room);
        for (size_t k = 0; k < count; k++) {
            got[k] = slots[k].kind == SLOT_CUT     ? '~'
                     : slots[k].kind == SLOT_EMPTY ? '.'
                                                   : (char)('0' + (slots[k].candle - items));
        }
        if (strcmp(got, cases[i].want) != 0) {
            fail_msg("case %zu: %s", i, got);
        }
    }
}

static void a_cut_slot_has_the_time_that_it_stands_for(void **state)
{
    (void)state;
    struct candle items[] = {{.time_ns = START}, {.time_ns = START + 10 * MINUTE}};
    const struct candle_list list = {.items = items, .count = 2};
    struct candle_slot slots[5];
    assert_int_equal(candle_slots(&list, MINUTE, slots, 5), 5);
    assert_int_equal(slots[2].kind, SLOT_CUT);
    assert_int_equal(slots[2].begin_ns, START + MINUTE);
    assert_int_equal(slots[2].end_ns, START + 10 * MINUTE);
    assert_int_equal(candle_gap_ns(&list, 1, MINUTE), 9 * MINUTE);
    assert_int_equal(candle_gap_ns(&list, 0, MINUTE), 0);
}

static void months_have_no_gap_between_them(void **state)
{
    (void)state;
    struct candle items[] = {{.time_ns = START}, {.time_ns = START + 31 * NS_PER_DAY}};
    const struct candle_list list = {.items = items, .count = 2};
    assert_int_equal(candle_gap_ns(&list, 1, CANDLE_MONTH_NS), 0);
    items[1].time_ns = START + 59 * NS_PER_DAY; /* 1 March */
    assert_int_equal(candle_gap_ns(&list, 1, CANDLE_MONTH_NS), 28 * NS_PER_DAY);
}

static void gap_format_cases(void **state)
{
    (void)state;
    static const struct {
        int64_t gap_ns;
        const char *want;
    } cases[] = {
        {5 * MINUTE, "5m"},
        {334 * MINUTE, "5h 34m"},
        {3 * NS_PER_DAY, "3d"},
        {3 * NS_PER_DAY + 59 * MINUTE, "3d"},
        {3 * NS_PER_DAY + 60 * MINUTE, "3d 1h"},
        {45 * NS_PER_SECOND, "45s"},
        {90 * NS_PER_SECOND, "1m 30s"},
        {250 * NS_PER_MS, "250ms"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[CLOCK_TEXT_SIZE];
        candle_gap_format(cases[i].gap_ns, text);
        assert_string_equal(text, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_cases),
        cmocka_unit_test(a_cut_slot_has_the_time_that_it_stands_for),
        cmocka_unit_test(months_have_no_gap_between_them),
        cmocka_unit_test(gap_format_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
