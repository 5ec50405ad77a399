#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "record/ticker.h"
#include "source/stamper.h"

#define NOW_NS INT64_C(1767225600000000000)

static struct ticker tick_of(const char *symbol)
{
    struct ticker tick = {.last_price = 1};
    (void)str_copy(str_from(symbol), tick.symbol, sizeof tick.symbol);
    return tick;
}

/* One call after the other. */
struct case_of_stamp {
    const char *symbol;
    int64_t now_ns; /* after NOW_NS */
    enum stamp_answer want;
    int64_t want_ns; /* the stamp after NOW_NS; or how long to wait */
};

static void check(struct stamper *stamper, const struct case_of_stamp *cases, size_t count)
{
    int64_t seq = stamper->seq;
    for (size_t i = 0; i < count; i++) {
        struct ticker tick = tick_of(cases[i].symbol);
        int64_t wait_ns = 0;
        enum stamp_answer answer =
            stamper_stamp(stamper, &ticker_kind, &tick, NOW_NS + cases[i].now_ns, &wait_ns);
        int64_t got_ns = answer == STAMP_GIVEN ? tick.event_time_ns - NOW_NS : wait_ns;
        if (answer != cases[i].want || got_ns != cases[i].want_ns) {
            fail_msg("case %zu: %d, %lld", i, (int)answer, (long long)got_ns);
        }
        if (answer == STAMP_GIVEN) {
            assert_int_equal(tick.seq, ++seq);
            assert_int_equal(tick.run_id, 77);
        }
    }
}
#define CHECK(stamper, cases) check(stamper, cases, sizeof(cases) / sizeof(cases)[0])

static void stamps_are_whole_ms_and_rise_per_coin(void **state)
{
    (void)state;
    static const struct case_of_stamp cases[] = {
        {"tA1", 0, STAMP_GIVEN, 0},
        {"tA1", 999999, STAMP_GIVEN, 1},
        {"tB1", 999999, STAMP_GIVEN, 0},
        {"tA1", 1000000, STAMP_GIVEN, 1000000},
        {"tA1", 1000000, STAMP_GIVEN, 1000001},
        {"tA1", 1000000, STAMP_GIVEN, 1000002},
        {"tA1", 500000, STAMP_GIVEN, 1000003}, /* a small step back */
        {"tC1", -900000000, STAMP_GIVEN, -900000000},
        {"tA1", 2500000, STAMP_GIVEN, 2000000},
    };
    struct stamper stamper = stamper_new(77);
    CHECK(&stamper, cases);
    stamper_free(&stamper);
}

/* A second is in one candle of any interval, and the next one may be in another. */
static void a_stamp_never_lies_in_a_later_second_than_the_clock(void **state)
{
    (void)state;
    static const struct case_of_stamp cases[] = {
        {"tA1", 0, STAMP_GIVEN, 0},
        {"tA1", -1, STAMP_NEXT_SECOND, 1}, /* the +1 is already in the second that begins */
        {"tA1", -900000000, STAMP_NEXT_SECOND, 900000000},
        {"tA1", 0, STAMP_GIVEN, 1},
        {"tB1", 999000000, STAMP_GIVEN, 999000000},
        {"tB1", 500000000, STAMP_GIVEN, 999000001},
        {"tC1", 999999999, STAMP_NEXT_SECOND, 1}, /* told below: the second's last ns is taken */
        {"tC1", 1000000000, STAMP_GIVEN, 1000000000},
    };
    struct stamper stamper = stamper_new(77);
    assert_int_equal(stamper_tell(&stamper, str_from("tC1"), NOW_NS + 999999999, NOW_NS),
                     STAMP_BINDS);
    CHECK(&stamper, cases);
    stamper_free(&stamper);
}

static void a_large_step_back_holds_that_coin_until_its_stamp_has_passed(void **state)
{
    (void)state;
    const int64_t ms = NS_PER_MS;
    const struct case_of_stamp cases[] = {
        {"tA1", 0, STAMP_GIVEN, 0},
        {"tA1", -1000 * ms, STAMP_NEXT_SECOND, 1000 * ms},
        {"tA1", -1001 * ms, STAMP_BEHIND, 1001 * ms},
        {"tA1", -1000 * ms, STAMP_BEHIND, 1000 * ms}, /* once held, until it has passed */
        {"tB1", -1000 * ms, STAMP_GIVEN, -1000 * ms}, /* not its matter */
        {"tA1", -3600000 * ms, STAMP_BEHIND, 3600000 * ms},
        {"tB1", -3600000 * ms, STAMP_BEHIND, 3599000 * ms},
        {"tC1", -3600000 * ms, STAMP_GIVEN, -3600000 * ms},
        {"tA1", 0, STAMP_BEHIND, 0},
        {"tA1", 1 * ms, STAMP_GIVEN, 1 * ms},
    };
    struct stamper stamper = stamper_new(77);
    CHECK(&stamper, cases);
    stamper_free(&stamper);
}

static void stamps_of_the_log_are_never_given_again(void **state)
{
    (void)state;
    static const struct case_of_stamp cases[] = {
        {"tA1", -2 * NS_PER_SECOND, STAMP_BEHIND, 2 * NS_PER_SECOND + 5},
        {"tA1", 5, STAMP_BEHIND, 0},
        {"tA1", 6, STAMP_GIVEN, 6},
        {"tB1", 6, STAMP_GIVEN, 0},
    };
    struct stamper stamper = stamper_new(77);
    assert_int_equal(stamper_tell(&stamper, str_from("tA1"), NOW_NS + 5, NOW_NS), STAMP_BINDS);
    assert_int_equal(stamper_tell(&stamper, str_from("tA1"), NOW_NS + 3, NOW_NS), STAMP_BINDS);
    assert_int_equal(stamper_tell(&stamper, str_from("tB1"), NOW_NS - 700000000, NOW_NS),
                     STAMP_BINDS);
    CHECK(&stamper, cases);
    stamper_free(&stamper);
}

/* One message of a wrong clock must not stop its coin until that time, be it in 222 years. */
static void a_stamp_far_ahead_binds_nobody_and_is_skipped(void **state)
{
    (void)state;
    const int64_t second = NS_PER_SECOND;
    const struct case_of_stamp cases[] = {
        {"tA1", 0, STAMP_GIVEN, 0},
        {"tA1", 5 * second, STAMP_GIVEN, 5 * second},
        {"tA1", 6 * second, STAMP_GIVEN, 6 * second + 2}, /* two identities are taken */
        {"tB1", 6 * second, STAMP_GIVEN, 6 * second},     /* of the other coin only */
        {"tA1", 7 * second, STAMP_GIVEN, 7 * second},
    };
    struct stamper stamper = stamper_new(77);
    const int64_t told[] = {6 * second + 1, 6 * second, INT64_MAX - NOW_NS};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        assert_int_equal(stamper_tell(&stamper, str_from("tA1"), NOW_NS + told[i], NOW_NS),
                         STAMP_AHEAD);
    }
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) { /* the log's tail is read again */
        assert_int_equal(stamper_tell(&stamper, str_from("tA1"), NOW_NS + told[i], NOW_NS),
                         STAMP_AHEAD_AGAIN);
    }
    assert_int_equal(stamper.skip_count, sizeof told / sizeof told[0]);
    assert_int_equal(stamper_tell(&stamper, str_from("tC1"), NOW_NS + 5 * second, NOW_NS),
                     STAMP_BINDS);
    CHECK(&stamper, cases);
    stamper_free(&stamper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamps_are_whole_ms_and_rise_per_coin),
        cmocka_unit_test(a_stamp_never_lies_in_a_later_second_than_the_clock),
        cmocka_unit_test(a_large_step_back_holds_that_coin_until_its_stamp_has_passed),
        cmocka_unit_test(stamps_of_the_log_are_never_given_again),
        cmocka_unit_test(a_stamp_far_ahead_binds_nobody_and_is_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
