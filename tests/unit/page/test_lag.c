#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "page/lag/lag_clock.h"
#include "page/lag/lag_history.h"

struct sample {
    int64_t next, end;
    int at_s;
    int want_s; /* -1: unknown */
};

static void check(const char *what, const struct sample *samples, size_t count)
{
    struct lag_clock clock = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        int64_t got = lag_clock_sample(&clock, samples[i].next, samples[i].end,
                                       samples[i].at_s * NS_PER_SECOND);
        int64_t want = samples[i].want_s < 0 ? LAG_AGE_UNKNOWN : samples[i].want_s * NS_PER_SECOND;
        if (got != want) {
            fail_msg("%s, sample %zu: got %lld, want %lld", what, i, (long long)got,
                     (long long)want);
        }
    }
}

#define CHECK(what, ...)                                                                           \
    check(what, (struct sample[]){__VA_ARGS__},                                                    \
          sizeof((struct sample[]){__VA_ARGS__}) / sizeof(struct sample))

static void lag_clock_age_is_since_the_end_passed_the_message(void **state)
{
    (void)state;
    CHECK("nothing is unread", {5, 5, 1, 0}, {9, 9, 2, 0});
    CHECK("there before the first look", {3, 5, 1, -1}, {3, 5, 60, -1});
    CHECK("known once the group has passed that", {3, 5, 1, -1}, {5, 9, 2, 0}, {6, 9, 5, 3});
    CHECK("the end stands still", {5, 5, 1, 0}, {5, 8, 2, 0}, {5, 8, 30, 28}, {7, 8, 31, 29});
    CHECK("the group follows", {0, 0, 0, 0}, {0, 10, 1, 0}, {0, 20, 2, 1}, {10, 30, 3, 1},
          {25, 30, 9, 6}, {30, 30, 10, 0});
    CHECK("an end that fell is another log's", {9, 9, 1, 0}, {0, 2, 2, -1}, {2, 4, 3, 0});
    CHECK("committed beyond the end", {7, 5, 1, 0}, {7, 9, 2, 0}, {7, 9, 5, 3});
}

/* An hour behind, with a new end each second: far more ends than there are marks. */
static void lag_clock_long_lag_is_known_to_a_32nd(void **state)
{
    enum { SECONDS = 3600 };
    (void)state;
    struct lag_clock clock = {.count = 0};
    assert_int_equal(lag_clock_sample(&clock, 0, 0, 0), 0);
    for (int at = 1; at <= SECONDS; at++) {
        int64_t age_ns = lag_clock_sample(&clock, 0, at * 100, at * NS_PER_SECOND);
        assert_int_equal(age_ns, (at - 1) * NS_PER_SECOND); /* the first mark is kept */
    }
    for (int next = 0; next < SECONDS * 100; next += 777) {
        int64_t age_ns = lag_clock_sample(&clock, next, SECONDS * 100, SECONDS * NS_PER_SECOND);
        int64_t true_ns = (SECONDS - next / 100 - 1) * NS_PER_SECOND;
        assert_true(age_ns <= true_ns && age_ns >= true_ns - SECONDS * NS_PER_SECOND / 32);
    }
}

static char *json_of(const struct lag_history *history)
{
    struct strbuf json = strbuf_new(1 << 16);
    lag_history_to_json(history, &json);
    return strbuf_take(&json);
}

static void lag_history_step_has_the_highest_and_a_gap_is_null(void **state)
{
    (void)state;
    struct lag_history history = {.count = 0};
    char *json = json_of(&history);
    assert_string_equal(json, "\"from\":null,\"lag\":[],\"lag_s\":[]");
    free(json);
    lag_history_add(&history, 1000 * NS_PER_SECOND, 7, 1500);
    lag_history_add(&history, 1004 * NS_PER_SECOND, 3, -1);
    lag_history_add(&history, 1012 * NS_PER_SECOND, 0, 0);
    lag_history_add(&history, 1015 * NS_PER_SECOND, -1, -1);
    lag_history_add(&history, 1002 * NS_PER_SECOND, 9, 70); /* the clock went back */
    json = json_of(&history);
    assert_string_equal(json, "\"from\":1000000,\"lag\":[7,null,0,9],\"lag_s\":[1.5,null,0.0,0.1]");
    free(json);
}

static void lag_history_is_bounded(void **state)
{
    (void)state;
    struct lag_history history = {.count = 0};
    for (int i = 0; i < 3 * LAG_STEPS; i++) {
        lag_history_add(&history, (int64_t)i * LAG_STEP_S * NS_PER_SECOND, i, i);
    }
    assert_int_equal(history.count, LAG_STEPS);
    char *json = json_of(&history);
    assert_non_null(strstr(json, "\"from\":3600000,\"lag\":[720,721,"));
    free(json);
    /* A jump over more than all of it leaves nothing of before. */
    lag_history_add(&history, INT64_C(1000000) * NS_PER_SECOND, 1, 1);
    assert_int_equal(history.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lag_clock_age_is_since_the_end_passed_the_message),
        cmocka_unit_test(lag_clock_long_lag_is_known_to_a_32nd),
        cmocka_unit_test(lag_history_step_has_the_highest_and_a_gap_is_null),
        cmocka_unit_test(lag_history_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
