/* Of the past of a coin just that is asked for and sent which the log does not have. */
#include <string.h>

#include "cmocka_all.h"
#include "source/service/backfill.h"

#define NOW (INT64_C(1796040000) * NS_PER_SECOND)
#define MINUTE (60 * NS_PER_SECOND)

static struct ticker tick_at(const char *coin, int64_t time_ns)
{
    struct ticker tick = {.event_time_ns = time_ns, .last_price = 1};
    (void)str_copy(str_from(coin), tick.symbol, sizeof tick.symbol);
    return tick;
}

/* A day of points, five minutes and `more_ns` apart. */
static void fill(struct source_batch *batch, int64_t offset_ns)
{
    source_batch_begin(batch, &ticker_kind, true);
    for (int i = 1; i < 288; i++) {
        struct ticker *tick = source_batch_add(batch);
        assert_non_null(tick);
        *tick = tick_at("cg:a", NOW - NS_PER_DAY + i * 5 * MINUTE + offset_ns);
    }
}

static struct backfill planned(int64_t history_ns, int64_t now_ns, const struct source_batch *log)
{
    struct backfill backfill = backfill_new(history_ns, now_ns);
    struct coin_table wanted = {.count = 0};
    for (size_t i = 0; log != NULL && i < log->count; i++) {
        assert_true(backfill_keep(&backfill, source_batch_at(log, i)));
    }
    assert_non_null(coin_table_add(&wanted, str_from("cg:a")));
    backfill_plan(&backfill, &wanted);
    coin_table_free(&wanted);
    return backfill;
}

static void restart_sends_nothing_twice_whatever_the_times(void **state)
{
    (void)state;
    static const int64_t offsets[] = {0, 1, 123456789, MINUTE, -MINUTE};
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        struct source_batch batch = {.count = 0}, again = {.count = 0};
        struct row_counts counts = {.rows = 0};
        struct backfill first = planned(NS_PER_DAY, NOW, NULL);
        assert_string_equal(backfill_coin(&first), "cg:a");
        fill(&batch, 0);
        assert_true(backfill_choose(&first, &batch, &counts));
        assert_int_equal(batch.count, 287);
        assert_int_equal(counts.records, 287);
        fill(&again, offsets[i]); /* the service gives other times than before */
        struct backfill second = planned(NS_PER_DAY, NOW + MINUTE, &batch);
        counts = (struct row_counts){.rows = 0};
        assert_null(backfill_coin(&second)); /* there is no gap: it is not even asked for */
        backfill_free(&second);
        second = planned(NS_PER_DAY, NOW + MINUTE, NULL);
        for (size_t k = 0; k < batch.count; k++) {
            assert_true(backfill_keep(&second, source_batch_at(&batch, k)));
        }
        assert_true(backfill_choose(&second, &again, &counts));
        assert_int_equal(again.count, 0);
        assert_int_equal(counts.rejected[ROW_KNOWN] + counts.rejected[ROW_TOO_OLD], 287);
        backfill_free(&first);
        backfill_free(&second);
        source_batch_free(&batch);
        source_batch_free(&again);
    }
}

static void hole_is_asked_for_and_filled(void **state)
{
    (void)state;
    struct source_batch log = {.count = 0}, batch = {.count = 0};
    struct row_counts counts = {.rows = 0};
    fill(&log, 0);
    memmove(source_batch_at(&log, 100), source_batch_at(&log, 110),
            (log.count - 110) * log.kind->size); /* ten points are missing */
    log.count -= 10;
    struct backfill backfill = planned(NS_PER_DAY, NOW, &log);
    assert_string_equal(backfill_coin(&backfill), "cg:a");
    fill(&batch, 0);
    assert_true(backfill_choose(&backfill, &batch, &counts));
    assert_int_equal(batch.count, 10);
    assert_int_equal(counts.records, 10);
    backfill_done(&backfill);
    assert_null(backfill_coin(&backfill));
    backfill_free(&backfill);
    source_batch_free(&log);
    source_batch_free(&batch);
}

static void ten_coins_at_most_and_none_without_a_history(void **state)
{
    (void)state;
    struct coin_table wanted = {.count = 0};
    for (char letter = 'a'; letter <= 'z'; letter++) {
        const char name[] = {'c', 'g', ':', letter, '\0'};
        assert_non_null(coin_table_add(&wanted, str_from(name)));
    }
    struct backfill backfill = backfill_new(NS_PER_DAY, NOW);
    backfill_plan(&backfill, &wanted);
    size_t count = 0;
    for (; backfill_coin(&backfill) != NULL; count++) {
        backfill_done(&backfill);
    }
    assert_int_equal(count, BACKFILL_COINS_MAX);
    backfill_free(&backfill);
    backfill = backfill_new(0, NOW);
    backfill_plan(&backfill, &wanted);
    assert_null(backfill_coin(&backfill));
    backfill_free(&backfill);
    backfill = backfill_new(365 * NS_PER_DAY, NOW);
    assert_int_equal(backfill.begin_ns, NOW - BACKFILL_DAYS_MAX * NS_PER_DAY);
    assert_int_equal(backfill.step_ns, 3600 * NS_PER_SECOND);
    backfill_free(&backfill);
    coin_table_free(&wanted);
}

static void points_outside_of_the_past_are_counted(void **state)
{
    (void)state;
    struct source_batch batch = {.count = 0};
    struct row_counts counts = {.rows = 0};
    struct backfill backfill = planned(NS_PER_DAY, NOW, NULL);
    static const int64_t times[] = {NOW - 2 * NS_PER_DAY, NOW - MINUTE, NOW + 3 * NS_PER_DAY};
    source_batch_begin(&batch, &ticker_kind, true);
    for (size_t i = 0; i < 3; i++) {
        struct ticker *tick = source_batch_add(&batch);
        assert_non_null(tick);
        *tick = tick_at("cg:a", times[i]);
    }
    assert_true(backfill_choose(&backfill, &batch, &counts));
    assert_int_equal(batch.count, 1);
    assert_int_equal(counts.rejected[ROW_TOO_OLD], 1);
    assert_int_equal(counts.rejected[ROW_BAD_TIME], 1);
    backfill_free(&backfill);
    source_batch_free(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restart_sends_nothing_twice_whatever_the_times),
        cmocka_unit_test(hole_is_asked_for_and_filled),
        cmocka_unit_test(ten_coins_at_most_and_none_without_a_history),
        cmocka_unit_test(points_outside_of_the_past_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
