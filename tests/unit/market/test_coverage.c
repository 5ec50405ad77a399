#include "market/coverage.h"

#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LIST (7 * NS_PER_MS) /* the time of the first list of coins */

/* Times of spans are in seconds; NONE: null. */
enum { NONE = -1 };

struct told {
    const char *what, *subject;
    int begin, end;
    int64_t number;
    const char *detail;
};

static struct event event_of(const struct told *told, const char *source, int64_t time_ns)
{
    struct event event = {.time_ns = time_ns,
                          .begin_ns = told->begin == NONE ? 0 : told->begin * NS_PER_SECOND,
                          .end_ns = told->end == NONE ? 0 : told->end * NS_PER_SECOND,
                          .number = told->number,
                          .has_begin_ns = told->begin != NONE,
                          .has_end_ns = told->end != NONE,
                          .has_number = true};
    (void)str_copy(str_from(told->what), event.what, sizeof event.what);
    (void)str_copy(str_from(told->subject), event.subject, sizeof event.subject);
    (void)str_copy(str_from(source), event.source, sizeof event.source);
    return event;
}

static const struct told list_of_three = {"coins", "x", NONE, NONE, 0, "tBTCUSD,tETHUSD,tXRPUSD"};
#define COVERED(begin, end)                                                                        \
    {                                                                                              \
        "covered", "x/0", begin, end, 0, "7000000:0-2"                                             \
    }
#define HOLE(begin, end)                                                                           \
    {                                                                                              \
        "hole", "tETHUSD", begin, end, 55, "connection lost"                                       \
    }
#define CLOSED(begin, end, how)                                                                    \
    {                                                                                              \
        "hole_closed", "tETHUSD", begin, end, 9, how                                               \
    }

static struct coverage coverage_of_events(const struct told *told, size_t count, bool backwards)
{
    struct coverage coverage = coverage_begin("x", "tETHUSD");
    struct event list = event_of(&list_of_three, "x", LIST);
    assert_true(coverage_add(&coverage, &list, str_from(list_of_three.detail)));
    for (size_t i = 0; i < count && told[i].what != NULL; i++) {
        size_t at = i;
        if (backwards) {
            size_t given = 0;
            while (given < count && told[given].what != NULL) {
                given++;
            }
            at = given - 1 - i;
        }
        struct event event = event_of(&told[at], "x", 100 * NS_PER_SECOND + (int64_t)at);
        struct str detail = str_from(told[at].detail);
        assert_true(coverage_add(&coverage, &event, detail));
        assert_true(coverage_add(&coverage, &event, detail)); /* twice is once */
    }
    assert_true(coverage_conclude(&coverage));
    return coverage;
}

/* Of 0 s to 60 s. */
static void each_moment_has_its_worst_state(void **state)
{
    (void)state;
    static const struct {
        struct told told[5];
        int live, refilled, hole, unknown;
    } cases[] = {
        {{{NULL}}, 0, 0, 0, 60},
        {{COVERED(0, 60)}, 60, 0, 0, 0},
        {{COVERED(-60, 600)}, 60, 0, 0, 0},
        {{COVERED(0, 20), COVERED(20, 40)}, 40, 0, 0, 20},
        {{COVERED(10, 30), COVERED(20, 40)}, 30, 0, 0, 30},
        {{COVERED(60, 90), COVERED(-9, 0)}, 0, 0, 0, 60},
        {{COVERED(0, 60), HOLE(10, 20)}, 50, 0, 10, 0},
        {{COVERED(0, 60), HOLE(50, NONE)}, 50, 0, 10, 0},
        {{HOLE(10, NONE)}, 0, 0, 50, 10},
        {{COVERED(0, 10), HOLE(10, NONE), CLOSED(10, 30, "whole"), COVERED(30, 60)}, 40, 20, 0, 0},
        {{COVERED(0, 10), HOLE(10, 30), CLOSED(10, 30, "exchange_has_no_more"), COVERED(30, 60)},
         40,
         0,
         20,
         0},
        {{HOLE(10, 30), CLOSED(10, 30, "too_old")}, 0, 0, 20, 40},
        {{HOLE(10, 30), CLOSED(10, 30, "given_up")}, 0, 0, 20, 40},
        /* Opened again, as no trade came in between. */
        {{HOLE(10, 20), CLOSED(10, 20, "whole"), HOLE(10, NONE)}, 0, 0, 50, 10},
        {{HOLE(10, NONE), CLOSED(10, 20, "whole"), HOLE(10, 30), CLOSED(10, 30, "too_old")},
         0,
         0,
         20,
         40},
        {{HOLE(10, NONE), CLOSED(10, 20, "given_up"), HOLE(10, 30), CLOSED(10, 30, "whole")},
         0,
         20,
         0,
         40},
        /* Whole, but for the part of another hole. */
        {{HOLE(10, 30), CLOSED(10, 30, "whole"), HOLE(20, 40)}, 0, 10, 20, 30},
        /* The lists, coins and spans of others. */
        {{{"covered", "x/0", 0, 60, 0, "7000000:2-2"}}, 0, 0, 0, 60},
        {{{"covered", "x/1", 0, 60, 0, "7000000:1-1"}}, 60, 0, 0, 0},
        {{{"covered", "x/0", 0, 60, 0, "8000000:0-2"}}, 0, 0, 0, 60},
        {{{"covered", "x/0", 0, 60, 0, "7000000"}}, 0, 0, 0, 60},
        {{{"covered", "x/0", 0, NONE, 0, "7000000:0-2"}}, 0, 0, 0, 60},
        {{COVERED(0, 60), {"hole", "tBTCUSD", 10, 20, 0, "x"}}, 60, 0, 0, 0},
        {{COVERED(0, 60), {"hole", "tETHUSD", NONE, 20, 0, "x"}}, 60, 0, 0, 0},
        {{{"ended", "tETHUSD", 0, 60, 0, "x"}}, 0, 0, 0, 60},
    };
    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        size_t at = i / 2;
        struct coverage coverage =
            coverage_of_events(cases[at].told, COUNT(cases[at].told), i % 2 == 1);
        struct coverage_share share = coverage_of(&coverage, 0, 60 * NS_PER_SECOND);
        if (share.ns[COVERAGE_LIVE] != cases[at].live * NS_PER_SECOND ||
            share.ns[COVERAGE_REFILLED] != cases[at].refilled * NS_PER_SECOND ||
            share.ns[COVERAGE_HOLE] != cases[at].hole * NS_PER_SECOND ||
            share.unknown_ns != cases[at].unknown * NS_PER_SECOND) {
            fail_msg("case %zu: live %lld, refilled %lld, hole %lld, unknown %lld ns", at,
                     (long long)share.ns[COVERAGE_LIVE], (long long)share.ns[COVERAGE_REFILLED],
                     (long long)share.ns[COVERAGE_HOLE], (long long)share.unknown_ns);
        }
        assert_int_equal(coverage_is_whole(&share), cases[at].hole + cases[at].unknown == 0);
        assert_true(coverage_covered(&share) == (cases[at].live + cases[at].refilled) / 60.0);
        assert_int_equal(share.length_ns, 60 * NS_PER_SECOND);
        coverage_free(&coverage);
    }
}

static void parts_of_a_range_are_those_of_the_whole(void **state)
{
    (void)state;
    static const struct told told[] = {COVERED(0, 10), HOLE(10, NONE), CLOSED(10, 30, "whole"),
                                       COVERED(30, 37), HOLE(45, 52)};
    struct coverage coverage = coverage_of_events(told, COUNT(told), false);
    struct coverage_share sum = {0};
    struct coverage_share whole = coverage_of(&coverage, 0, 60 * NS_PER_SECOND);
    int64_t step_ns = 700 * NS_PER_MS;
    for (int64_t at_ns = 0; at_ns < 60 * NS_PER_SECOND; at_ns += step_ns) {
        int64_t end_ns =
            at_ns + step_ns < 60 * NS_PER_SECOND ? at_ns + step_ns : 60 * NS_PER_SECOND;
        struct coverage_share part = coverage_of(&coverage, at_ns, end_ns);
        for (int i = 0; i < COVERAGE_STATES; i++) {
            sum.ns[i] += part.ns[i];
        }
        sum.unknown_ns += part.unknown_ns;
    }
    assert_memory_equal(sum.ns, whole.ns, sizeof sum.ns);
    assert_int_equal(sum.unknown_ns, whole.unknown_ns);
    struct coverage_share none = coverage_of(&coverage, 5, 5);
    assert_int_equal(none.length_ns, 0);
    assert_false(coverage_is_whole(&none));
    assert_true(coverage_covered(&none) == 0);
    none = coverage_of(&coverage, INT64_MIN, INT64_MAX); /* longer than can be said */
    assert_int_equal(none.length_ns, 0);
    coverage_free(&coverage);
}

static void a_list_may_be_cut_and_change(void **state)
{
    (void)state;
    static const struct told lists[] = {{"coins", "x", NONE, NONE, 0, "tBTCUSD,tXRPUSD"},
                                        {"coins", "x", NONE, NONE, 2, "tLTCUSD,tETHUSD"},
                                        {"coins", "x", NONE, NONE, 0, "tETHUSD"}};
    static const int64_t times_ns[] = {LIST, LIST + 1, 9 * NS_PER_MS};
    static const struct {
        const char *detail;
        bool want;
    } cases[] = {{"7000000:0-2", false}, {"7000000:3-3", true},  {"7000000:0-9", true},
                 {"9000000:0-0", true},  {"9000000:3-3", false}, {"5000000:0-9", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct coverage coverage = coverage_begin("x", "tETHUSD");
        for (size_t k = 0; k < COUNT(lists); k++) {
            struct event list = event_of(&lists[k], "x", times_ns[k]);
            struct str detail = str_from(lists[k].detail);
            assert_true(coverage_add(&coverage, &list, detail));
            list = event_of(&lists[k], "y", times_ns[k]); /* another source's */
            assert_true(coverage_add(&coverage, &list, detail));
        }
        const struct told told = {"covered", "x/0", 0, 60, 0, cases[i].detail};
        struct event event = event_of(&told, "x", 1);
        assert_true(coverage_add(&coverage, &event, str_from(told.detail)));
        assert_true(coverage_conclude(&coverage));
        struct coverage_share share = coverage_of(&coverage, 0, 60 * NS_PER_SECOND);
        assert_int_equal(coverage_is_whole(&share), cases[i].want);
        coverage_free(&coverage);
    }
}

static void polls_are_counted_where_the_source_polls(void **state)
{
    (void)state;
    static const struct told told[] = {{"covered", "x/0", 0, 60, 5000, "7000000:0-2"},
                                       {"covered", "x/0", 60, 120, 10000, "7000000:0-2"},
                                       HOLE(30, 40)};
    struct coverage coverage = coverage_of_events(told, COUNT(told), false);
    assert_int_equal(coverage_of(&coverage, 0, 60 * NS_PER_SECOND).polls, 10);
    assert_int_equal(coverage_of(&coverage, 0, 120 * NS_PER_SECOND).polls, 16);
    assert_int_equal(coverage_of(&coverage, 120 * NS_PER_SECOND, 180 * NS_PER_SECOND).polls, 0);
    coverage_free(&coverage);

    /* Begun at 37: polls at 37, 42, 47, 52, 57 and 62. */
    static const struct told late[] = {{"covered", "x/0", 37, 47, 5000, "7000000:0-2"},
                                       {"covered", "x/0", 47, 66, 5000, "7000000:0-2"}};
    static const struct {
        int64_t from, to, polls;
    } cases[] = {{0, 60, 5}, {60, 120, 1}, {0, 37, 0}, {37, 38, 1}, {38, 42, 0}, {38, 43, 1}};
    coverage = coverage_of_events(late, COUNT(late), false);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(
            coverage_of(&coverage, cases[i].from * NS_PER_SECOND, cases[i].to * NS_PER_SECOND)
                .polls,
            cases[i].polls);
    }
    coverage_free(&coverage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_moment_has_its_worst_state),
        cmocka_unit_test(parts_of_a_range_are_those_of_the_whole),
        cmocka_unit_test(a_list_may_be_cut_and_change),
        cmocka_unit_test(polls_are_counted_where_the_source_polls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
