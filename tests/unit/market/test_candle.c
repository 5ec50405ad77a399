#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "cmocka_all.h"
#include "market/candle.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MINUTE (60 * NS_PER_SECOND)

static void bucket_start_rounds_towards_minus_infinity(void **state)
{
    (void)state;
    static const struct {
        int64_t time_ns, interval_ns, want;
    } cases[] = {
        {0, MINUTE, 0},
        {1, MINUTE, 0},
        {MINUTE - 1, MINUTE, 0},
        {MINUTE, MINUTE, MINUTE},
        {-1, MINUTE, -MINUTE},
        {-MINUTE, MINUTE, -MINUTE},
        {-MINUTE - 1, MINUTE, -2 * MINUTE},
        {7, 1, 7},
        {-7, 1, -7},
        {-7, 3, -9},
        {INT64_MAX, 1, INT64_MAX},
        {INT64_MAX, INT64_MAX, INT64_MAX},
        {INT64_MAX - 1, INT64_MAX, 0},
        {-1, INT64_MAX, -INT64_MAX},
        {INT64_MIN, 2, INT64_MIN},
        {INT64_MIN, MINUTE, INT64_MIN}, /* its bucket begins before there are times */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(candle_bucket_start(cases[i].time_ns, cases[i].interval_ns) == cases[i].want);
    }
}

static int64_t at(const char *text)
{
    int64_t time_ns = 0;
    assert_true(clock_parse_time(str_from(text), &time_ns));
    return time_ns;
}

/* Each with its bucket. */
static void weeks_begin_on_monday_and_months_are_the_calendars(void **state)
{
    (void)state;
    static const struct {
        const char *interval, *time, *start, *end;
    } cases[] = {
        {"1w", "2026-11-29T23:59:59.999999999Z", "2026-11-23", "2026-11-30"}, /* a Sunday */
        {"1w", "2026-11-30T00:00:00Z", "2026-11-30", "2026-12-07"},           /* a Monday */
        {"7d", "2026-11-30T00:00:00Z", "2026-11-30", "2026-12-07"},
        {"1w", "1970-01-01T00:00:00Z", "1969-12-29", "1970-01-05"},
        {"1w", "1969-12-28T12:00:00Z", "1969-12-22", "1969-12-29"},
        {"2w", "1970-01-05T00:00:00Z", "1970-01-05", "1970-01-19"},
        {"2w", "1970-01-04T23:59:59.999999999Z", "1969-12-22", "1970-01-05"},
        {"1d", "2026-11-29T23:59:59Z", "2026-11-29", "2026-11-30"},
        {"3d", "1970-01-05T00:00:00Z", "1970-01-04", "1970-01-07"}, /* no week */
        {"1M", "2026-02-28T23:59:59.999999999Z", "2026-02-01", "2026-03-01"},
        {"1M", "2024-02-29T00:00:00Z", "2024-02-01", "2024-03-01"},
        {"1M", "2026-12-31T23:59:59Z", "2026-12-01", "2027-01-01"},
        {"1M", "2026-01-01T00:00:00Z", "2026-01-01", "2026-02-01"},
        {"1M", "1969-12-31T23:59:59.999999999Z", "1969-12-01", "1970-01-01"},
        {"1M", "1900-02-28T12:00:00Z", "1900-02-01", "1900-03-01"},
        {"1M", "1678-01-01T00:00:00Z", "1678-01-01", "1678-02-01"},
        {"1M", "2261-12-31T23:59:59Z", "2261-12-01", "2262-01-01"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t interval_ns = 0;
        assert_true(candle_interval_parse(str_from(cases[i].interval), &interval_ns));
        assert_int_equal(candle_bucket_start(at(cases[i].time), interval_ns), at(cases[i].start));
        assert_int_equal(candle_bucket_end(at(cases[i].time), interval_ns), at(cases[i].end));
    }
    assert_int_equal(candle_bucket_start(INT64_MIN, CANDLE_MONTH_NS), INT64_MIN);
    assert_int_equal(candle_bucket_end(INT64_MAX, CANDLE_MONTH_NS), INT64_MAX);
}

static void interval_is_read_with_its_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text, *again; /* NULL: none */
    } cases[] = {
        {"1m", "1m"},  {"90s", "90s"}, {"1.5h", "90m"}, {"250ms", "250ms"},  {"1d", "1d"},
        {"7d", "1w"},  {"1w", "1w"},   {"14d", "2w"},   {"3w", "3w"},        {"1M", "1M"},
        {"5", NULL},   {"300", NULL},  {"1.5", NULL},   {"2M", NULL},        {"M", NULL},
        {"w", NULL},   {"0w", NULL},   {"-1w", NULL},   {"1.5w", NULL},      {"1W", NULL},
        {"1 w", NULL}, {"", NULL},     {"1y", NULL},    {"99999999w", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t interval_ns = 0;
        bool read = candle_interval_parse(str_from(cases[i].text), &interval_ns);
        if (read != (cases[i].again != NULL)) {
            fail_msg("%s", cases[i].text);
        }
        if (read) {
            char text[CLOCK_TEXT_SIZE];
            candle_interval_format(interval_ns, text);
            assert_string_equal(text, cases[i].again);
        }
    }
}

static void bucket_start_of_any_time_is_an_edge_at_or_before_it(void **state)
{
    (void)state;
    struct random random = random_seeded(5);
    for (int i = 0; i < 200000; i++) {
        int64_t time_ns = (int64_t)random_next(&random) / 2;
        int64_t interval_ns =
            (int64_t)(random_next(&random) >> (2 + random_next(&random) % 60)) + 1;
        int64_t start = candle_bucket_start(time_ns, interval_ns);
        bool weeks = interval_ns % CANDLE_WEEK_NS == 0;
        assert_true((start - (weeks ? CANDLE_WEEK_ORIGIN_NS : 0)) % interval_ns == 0);
        assert_true(start <= time_ns && time_ns - start < interval_ns);
    }
}

static void fold_of_the_first_tick_opens_the_candle(void **state)
{
    (void)state;
    struct candle candle = {.open = 9, .high = 9, .low = 9, .close = 9}; /* ticks 0: new */
    assert_false(candle_fold(&candle, MINUTE, MINUTE + 5, 2.5));
    assert_true(candle.time_ns == MINUTE);
    assert_true(candle.open == 2.5 && candle.high == 2.5 && candle.low == 2.5);
    assert_true(candle.close == 2.5);
    assert_int_equal(candle.ticks, 1);
}

static void fold_at_the_edge_belongs_to_the_next_bucket(void **state)
{
    (void)state;
    struct candle candle = {0};
    assert_false(candle_fold(&candle, MINUTE, 0, 3));
    assert_false(candle_fold(&candle, MINUTE, 1, 5));
    assert_false(candle_fold(&candle, MINUTE, 2, 1));
    assert_false(candle_fold(&candle, MINUTE, MINUTE - 1, 4));
    struct candle before = candle;
    assert_true(candle_fold(&candle, MINUTE, MINUTE, 9));
    assert_memory_equal(&candle, &before, sizeof candle); /* nothing was folded */
    assert_true(candle.open == 3 && candle.high == 5 && candle.low == 1 && candle.close == 4);
    assert_int_equal(candle.ticks, 4);
    candle.ticks = 0;
    assert_false(candle_fold(&candle, MINUTE, MINUTE, 9));
    assert_true(candle.time_ns == MINUTE && candle.open == 9 && candle.low == 9);
}

static void fold_before_1970_uses_the_same_edges(void **state)
{
    (void)state;
    struct candle candle = {0};
    assert_false(candle_fold(&candle, MINUTE, -MINUTE, 1));
    assert_false(candle_fold(&candle, MINUTE, -1, 2));
    assert_true(candle_fold(&candle, MINUTE, 0, 3));
    assert_true(candle.time_ns == -MINUTE && candle.close == 2);
}

static void fold_at_the_ends_of_time_does_not_overflow(void **state)
{
    (void)state;
    struct candle candle = {0};
    assert_false(candle_fold(&candle, MINUTE, INT64_MIN, 1));
    assert_false(candle_fold(&candle, MINUTE, INT64_MIN + 1, 2));
    assert_true(candle_fold(&candle, MINUTE, INT64_MAX, 3));
    candle.ticks = 0;
    assert_false(candle_fold(&candle, MINUTE, INT64_MAX, 3));
    assert_int_equal(candle.ticks, 1);
}

struct tick {
    int64_t time_ns;
    double price;
};

/* Each bucket on its own, by looking at every tick: slow, and nothing like the fold. */
static bool naive_candle(const struct tick *ticks, size_t count, int64_t start, int64_t interval_ns,
                         struct candle *candle)
{
    *candle = (struct candle){.time_ns = start, .high = -INFINITY, .low = INFINITY};
    for (size_t i = 0; i < count; i++) {
        if (ticks[i].time_ns >= start && ticks[i].time_ns < start + interval_ns) {
            candle->high = fmax(candle->high, ticks[i].price);
            candle->low = fmin(candle->low, ticks[i].price);
            candle->close = ticks[i].price;
            candle->ticks++;
        }
    }
    for (size_t i = count; i-- > 0;) {
        if (ticks[i].time_ns >= start && ticks[i].time_ns < start + interval_ns) {
            candle->open = ticks[i].price;
        }
    }
    return candle->ticks > 0;
}

static void fold_all(const struct tick *ticks, size_t count, int64_t interval_ns,
                     struct candle_list *list)
{
    struct candle candle = {0};
    for (size_t i = 0; i < count; i++) {
        if (candle_fold(&candle, interval_ns, ticks[i].time_ns, ticks[i].price)) {
            assert_true(candle_list_add(list, &candle));
            candle.ticks = 0;
            assert_false(candle_fold(&candle, interval_ns, ticks[i].time_ns, ticks[i].price));
        }
    }
    if (candle.ticks > 0) {
        assert_true(candle_list_add(list, &candle));
    }
}

static void assert_same_candle(const struct candle *left, const struct candle *right)
{
    assert_true(left->time_ns == right->time_ns);
    assert_true(left->open == right->open && left->high == right->high);
    assert_true(left->low == right->low && left->close == right->close);
    assert_true(left->ticks == right->ticks);
}

static void fold_of_random_ticks_equals_a_naive_computation(void **state)
{
    (void)state;
    enum { ROUNDS = 200, TICKS = 300 };
    static const int64_t intervals[] = {1, 7, NS_PER_SECOND, MINUTE, 5 * MINUTE, 60 * MINUTE};
    struct random random = random_seeded(11);
    for (int round = 0; round < ROUNDS; round++) {
        int64_t interval_ns = intervals[(size_t)round % COUNT(intervals)];
        struct tick ticks[TICKS];
        /* Starts before 1970, so that it is crossed; steps of nothing, to the edge and over. */
        int64_t time_ns = -20 * interval_ns;
        for (size_t i = 0; i < TICKS; i++) {
            uint64_t step = random_next(&random) % 4;
            int64_t to_edge = interval_ns - (time_ns % interval_ns + interval_ns) % interval_ns;
            time_ns += step == 0   ? 0
                       : step == 1 ? to_edge
                       : step == 2 ? to_edge - 1
                                   : (int64_t)(random_unit(&random) * (double)interval_ns / 2);
            ticks[i] = (struct tick){time_ns, 100 + (double)(random_next(&random) % 50) / 8};
        }
        struct candle_list list = {0};
        fold_all(ticks, TICKS, interval_ns, &list);
        size_t found = 0;
        for (int64_t start = -20 * interval_ns; start <= time_ns; start += interval_ns) {
            struct candle want;
            if (naive_candle(ticks, TICKS, start, interval_ns, &want)) {
                assert_true(found < list.count);
                assert_same_candle(&list.items[found], &want);
                found++;
            }
        }
        assert_int_equal(found, list.count); /* empty buckets stay empty */
        candle_list_free(&list);
    }
}

static void list_grows_and_frees(void **state)
{
    (void)state;
    struct candle_list list = {0};
    for (int64_t i = 0; i < 1000; i++) {
        struct candle candle = {.time_ns = i, .ticks = 1};
        assert_true(candle_list_add(&list, &candle));
    }
    assert_int_equal(list.count, 1000);
    for (size_t i = 0; i < 1000; i++) {
        assert_true(list.items[i].time_ns == (int64_t)i);
    }
    candle_list_free(&list);
    assert_null(list.items);
    assert_int_equal(list.count, 0);
    candle_list_free(&list);
}

static void a_trade_adds_its_amount_to_the_volume_in_order(void **state)
{
    (void)state;
    struct candle candle = {.ticks = 0};
    double sum = 0;
    for (int i = 0; i < 100; i++) {
        double amount = (i % 3 == 0 ? -0.1 : 1e-8) * (i + 1);
        sum += amount < 0 ? -amount : amount;
        assert_false(candle_fold_trade(&candle, MINUTE, i, 2 + i % 5, amount));
    }
    assert_true(candle.has_volume && candle.volume == sum);
    assert_int_equal(candle.ticks, 100);
    assert_true(candle_fold_trade(&candle, MINUTE, MINUTE, 3, 5));
    assert_true(candle.volume == sum); /* of a later candle: not folded */
    candle.ticks = 0;
    assert_false(candle_fold_trade(&candle, MINUTE, MINUTE, 3, -5));
    assert_true(candle.volume == 5 && candle.open == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trade_adds_its_amount_to_the_volume_in_order),
        cmocka_unit_test(bucket_start_rounds_towards_minus_infinity),
        cmocka_unit_test(weeks_begin_on_monday_and_months_are_the_calendars),
        cmocka_unit_test(interval_is_read_with_its_unit),
        cmocka_unit_test(bucket_start_of_any_time_is_an_edge_at_or_before_it),
        cmocka_unit_test(fold_of_the_first_tick_opens_the_candle),
        cmocka_unit_test(fold_at_the_edge_belongs_to_the_next_bucket),
        cmocka_unit_test(fold_before_1970_uses_the_same_edges),
        cmocka_unit_test(fold_at_the_ends_of_time_does_not_overflow),
        cmocka_unit_test(fold_of_random_ticks_equals_a_naive_computation),
        cmocka_unit_test(list_grows_and_frees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
