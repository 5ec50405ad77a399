#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "exchange/stamper.h"

#define NOW_NS INT64_C(1767225600000000000)

static struct ticker tick_of(const char *symbol)
{
    struct ticker tick = {.last_price = 1};
    (void)str_copy(str_from(symbol), tick.symbol, sizeof tick.symbol);
    return tick;
}

static void stamps_are_whole_ms_and_rise_per_coin(void **state)
{
    (void)state;
    static const struct {
        const char *symbol;
        int64_t now_ns; /* after NOW_NS, as the next */
        int64_t want_ns;
    } cases[] = {
        {"tA1", 0, 0},
        {"tA1", 999999, 1},
        {"tB1", 999999, 0},
        {"tA1", 1000000, 1000000},
        {"tA1", 1000000, 1000001},
        {"tA1", 1000000, 1000002},
        {"tA1", 500000, 1000003}, /* a small step back */
        {"tB1", -900000000, 1},   /* still within a second */
        {"tC1", -900000000, -900000000},
        {"tA1", 2500000, 2000000},
    };
    struct stamper stamper = stamper_new(77);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ticker tick = tick_of(cases[i].symbol);
        assert_true(stamper_admits(&stamper, NOW_NS + cases[i].now_ns));
        assert_true(stamper_stamp(&stamper, &tick, NOW_NS + cases[i].now_ns));
        assert_int_equal(tick.event_time_ns - NOW_NS, cases[i].want_ns);
        assert_int_equal(tick.seq, i + 1);
        assert_int_equal(tick.run_id, 77);
    }
    stamper_free(&stamper);
}

static void a_large_step_back_holds_until_the_newest_stamp_has_passed(void **state)
{
    (void)state;
    static const struct {
        int64_t now_ms; /* after NOW_NS */
        bool want;
    } cases[] = {
        {0, true},  {-1000, true}, {-1001, false}, {-1000, false}, {-3600000, false}, {-1, false},
        {0, false}, {1, true},     {-999, true},   {-1001, false}, {5000, true},
    };
    struct stamper stamper = stamper_new(1);
    struct ticker tick = tick_of("tA1");
    assert_true(stamper_admits(&stamper, NOW_NS)); /* nothing was stamped: any time will do */
    assert_true(stamper_stamp(&stamper, &tick, NOW_NS));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t now_ns = NOW_NS + cases[i].now_ms * NS_PER_MS;
        if (stamper_admits(&stamper, now_ns) != cases[i].want) {
            fail_msg("at %lld ms", (long long)cases[i].now_ms);
        }
        assert_int_equal(stamper.holding, !cases[i].want);
    }
    stamper_free(&stamper);
}

static void stamps_of_the_log_are_never_given_again(void **state)
{
    (void)state;
    struct stamper stamper = stamper_new(1);
    assert_true(stamper_tell(&stamper, str_from("tA1"), NOW_NS + 5));
    assert_true(stamper_tell(&stamper, str_from("tA1"), NOW_NS + 3)); /* the newest counts */
    assert_true(stamper_tell(&stamper, str_from("tB1"), NOW_NS - 700000000));
    assert_true(stamper.newest_told);
    assert_int_equal(stamper.newest_ns, NOW_NS + 5);
    assert_false(stamper_admits(&stamper, NOW_NS - 2 * NS_PER_SECOND));
    assert_false(stamper_admits(&stamper, NOW_NS + 5));
    assert_true(stamper_admits(&stamper, NOW_NS + 6));
    struct ticker tick = tick_of("tA1");
    assert_true(stamper_stamp(&stamper, &tick, NOW_NS + 6));
    assert_int_equal(tick.event_time_ns, NOW_NS + 6);
    assert_false(stamper.newest_told);
    tick = tick_of("tB1");
    assert_true(stamper_stamp(&stamper, &tick, NOW_NS + 6));
    assert_int_equal(tick.event_time_ns, NOW_NS);
    stamper_free(&stamper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamps_are_whole_ms_and_rise_per_coin),
        cmocka_unit_test(a_large_step_back_holds_until_the_newest_stamp_has_passed),
        cmocka_unit_test(stamps_of_the_log_are_never_given_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
