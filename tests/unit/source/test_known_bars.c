/* Which bars of an answer are new, known or changed. */
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "source/bars/known_bars.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define BEGIN_NS INT64_C(1764504000000000000)

static struct bar bar_of(int64_t minute, double close, int64_t revision)
{
    struct bar bar = {.symbol = "tBTCUSD",
                      .source = "bitfinex",
                      .timeframe = "1m",
                      .open_time_ns = BEGIN_NS + minute * MINUTE_NS,
                      .revision = revision,
                      .open = close,
                      .high = close,
                      .low = close,
                      .close = close,
                      .volume = 1,
                      .has_volume = true};
    record_complete(&bar_kind, &bar);
    return bar;
}

static enum known_finding look(const struct known_bars *known, int64_t minute, double close)
{
    struct bar bar = bar_of(minute, close, 0);
    struct known_bar before;
    return known_bars_look(known, &bar, &before);
}

static void keep(struct known_bars *known, int64_t minute, double close)
{
    struct bar bar = bar_of(minute, close, 0);
    assert_true(known_bars_keep(known, &bar));
}

static void tell(struct known_bars *known, int64_t minute, double close, int64_t revision)
{
    struct bar bar = bar_of(minute, close, revision);
    assert_true(known_bars_tell(known, &bar));
}

static void bar_is_new_then_equal_and_each_change_gets_the_next_revision(void **state)
{
    (void)state;
    struct known_bars known = {0};
    assert_int_equal(known_bars_back_ns(&known, 10), INT64_MIN);
    assert_int_equal(look(&known, 0, 5), KNOWN_NEW);
    keep(&known, 0, 5);
    assert_int_equal(look(&known, 0, 5), KNOWN_EQUAL);
    for (int64_t revision = 1; revision <= 3; revision++) {
        struct bar bar = bar_of(0, 5 + (double)(revision % 2), 0);
        struct known_bar before;
        assert_int_equal(known_bars_look(&known, &bar, &before), KNOWN_CHANGED);
        assert_int_equal(bar.revision, revision);
        assert_int_equal(bar_check(&bar), BAR_OK); /* its stored time is the revision's */
        assert_true(before.close == 5 + (double)((revision + 1) % 2));
        assert_true(known_bars_keep(&known, &bar));
    }
    known_bars_free(&known);
}

static void each_figure_counts(void **state)
{
    (void)state;
    struct known_bars known = {0};
    struct bar bar = {.open = 2, .high = 3, .low = 1, .close = 2, .volume = 7};
    bar.open_time_ns = BEGIN_NS;
    assert_true(known_bars_keep(&known, &bar));
    double *const figures[] = {&bar.open, &bar.high, &bar.low, &bar.close, &bar.volume};
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        struct known_bar before;
        double value = *figures[i];
        *figures[i] += 1e-9;
        bar.revision = 0;
        assert_int_equal(known_bars_look(&known, &bar, &before), KNOWN_CHANGED);
        *figures[i] = value;
        bar.revision = 0;
        assert_int_equal(known_bars_look(&known, &bar, &before), KNOWN_EQUAL);
    }
    known_bars_free(&known);
}

static void bar_that_comes_late_is_new_between_known_ones(void **state)
{
    (void)state;
    struct known_bars known = {0};
    keep(&known, 0, 1);
    keep(&known, 5, 2);
    assert_int_equal(look(&known, 3, 4), KNOWN_NEW);
    keep(&known, 3, 4);
    assert_int_equal(look(&known, 0, 1), KNOWN_EQUAL);
    assert_int_equal(look(&known, 3, 4), KNOWN_EQUAL);
    assert_int_equal(look(&known, 5, 2), KNOWN_EQUAL);
    assert_int_equal(look(&known, -9, 2), KNOWN_NEW); /* the first history is still coming */
    assert_int_equal(known_bars_back_ns(&known, 0), BEGIN_NS + 5 * MINUTE_NS);
    assert_int_equal(known_bars_back_ns(&known, 1), BEGIN_NS + 3 * MINUTE_NS);
    assert_int_equal(known_bars_back_ns(&known, 99), BEGIN_NS);
    known_bars_free(&known);
}

static void what_the_log_has_is_known_and_what_is_older_is_left_alone(void **state)
{
    (void)state;
    struct known_bars known = {0};
    tell(&known, 10, 1, 0);
    tell(&known, 11, 2, 0);
    tell(&known, 10, 3, 1); /* its first revision */
    tell(&known, 12, 4, 0);
    tell(&known, 4, 9, 2);  /* a revision of a bar that the tail does not reach back to */
    tell(&known, 10, 1, 0); /* the reading failed, and began anew */
    assert_int_equal(look(&known, 10, 3), KNOWN_EQUAL);
    assert_int_equal(look(&known, 10, 1), KNOWN_CHANGED);
    assert_int_equal(look(&known, 12, 4), KNOWN_EQUAL);
    assert_int_equal(look(&known, 13, 4), KNOWN_NEW);
    assert_int_equal(look(&known, 9, 4), KNOWN_TOO_OLD);
    assert_int_equal(look(&known, 4, 9), KNOWN_TOO_OLD);
    assert_int_equal(known_bars_back_ns(&known, 99), BEGIN_NS + 10 * MINUTE_NS);
    known_bars_free(&known);
}

static void revision_alone_says_nothing_of_the_bars_behind_it(void **state)
{
    (void)state;
    struct known_bars known = {0};
    tell(&known, 4, 9, 2); /* where the reading begins: what was sent before it is not told */
    tell(&known, 10, 1, 0);
    tell(&known, 11, 2, 0);
    assert_int_equal(look(&known, 4, 9), KNOWN_EQUAL);
    assert_int_equal(look(&known, 5, 7), KNOWN_TOO_OLD);
    assert_int_equal(look(&known, 9, 7), KNOWN_TOO_OLD);
    assert_int_equal(look(&known, 10, 1), KNOWN_EQUAL);
    assert_int_equal(look(&known, 12, 1), KNOWN_NEW);
    known_bars_free(&known);
}

static void only_the_newest_are_kept_and_older_ones_count_as_sent(void **state)
{
    (void)state;
    struct known_bars known = {0};
    for (int64_t i = 0; i < KNOWN_BARS_MAX + 100; i++) {
        keep(&known, i, 1);
    }
    assert_int_equal(known.count, KNOWN_BARS_MAX);
    assert_int_equal(look(&known, 99, 1), KNOWN_TOO_OLD);
    assert_int_equal(look(&known, 100, 1), KNOWN_EQUAL);
    assert_int_equal(look(&known, KNOWN_BARS_MAX + 99, 1), KNOWN_EQUAL);
    assert_int_equal(look(&known, KNOWN_BARS_MAX + 100, 1), KNOWN_NEW);
    known_bars_free(&known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bar_is_new_then_equal_and_each_change_gets_the_next_revision),
        cmocka_unit_test(each_figure_counts),
        cmocka_unit_test(bar_that_comes_late_is_new_between_known_ones),
        cmocka_unit_test(what_the_log_has_is_known_and_what_is_older_is_left_alone),
        cmocka_unit_test(revision_alone_says_nothing_of_the_bars_behind_it),
        cmocka_unit_test(only_the_newest_are_kept_and_older_ones_count_as_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
