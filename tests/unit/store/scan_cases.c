#include "scan_cases.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "record/ticker.h"
#include "store_cases.h"

enum { COINS = 3, TICKS = 7000, DENSE = 6000, BATCH = 5000 };

/* No tick is ever written of the last one. */
static const char *const coins[COINS] = {"tBTCUSD", "tDOGE:USD", "tNONE"};

#define NEW_YEAR_NS (INT64_C(1767225600) * NS_PER_SECOND)

/* Most of them within one minute, a nanosecond apart in places; then hours and days between two. */
static struct ticker *make_ticks(const char *coin, struct random *random)
{
    struct ticker *ticks = calloc(TICKS, sizeof *ticks);
    assert_non_null(ticks);
    int64_t time_ns = NEW_YEAR_NS;
    for (int64_t i = 0; i < TICKS; i++) {
        ticks[i] = cases_tick(random, coin, time_ns, i);
        if (i < DENSE) {
            time_ns += i % 7 == 0 ? 1 : 5 * NS_PER_MS - 1;
        } else {
            time_ns += (int64_t)(random_next(random) % 48) * 1800 * NS_PER_SECOND + 1;
        }
    }
    return ticks;
}

static void write_all(struct store *store, const struct ticker *ticks)
{
    for (size_t i = 0; i < TICKS; i += BATCH) {
        cases_write(store, ticks + i, TICKS - i < BATCH ? TICKS - i : BATCH);
    }
}

/* What a scan gives, held against the ticks that were written. */
struct expected {
    const struct ticker *ticks;
    size_t next, end;
    size_t stop_after; /* 0: never */
    size_t told;
};

static void assert_same_bits(double left, double right)
{
    assert_memory_equal(&left, &right, sizeof left);
}

static bool compare(void *context, const void *record, const struct text_arena *texts,
                    const char *odd)
{
    (void)texts;
    const struct ticker *point = record;
    (void)odd;
    struct expected *expected = context;
    assert_true(expected->next < expected->end);
    const struct ticker *want = &expected->ticks[expected->next++];
    assert_string_equal(point->symbol, want->symbol);
    assert_string_equal(point->source, "");
    assert_int_equal(point->event_time_ns, want->event_time_ns);
    assert_int_equal(point->seq, want->seq);
    assert_int_equal(point->run_id, want->run_id);
    assert_same_bits(point->last_price, want->last_price);
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        assert_int_equal(point->has[i], want->has[i]);
        assert_same_bits(point->figures[i], want->figures[i]);
    }
    return ++expected->told != expected->stop_after;
}

static void check_span(struct store *store, const struct ticker *ticks, int64_t from_ns,
                       int64_t to_ns)
{
    struct expected expected = {.ticks = ticks};
    while (expected.next < TICKS && ticks[expected.next].event_time_ns < from_ns) {
        expected.next++;
    }
    expected.end = expected.next;
    while (expected.end < TICKS && ticks[expected.end].event_time_ns < to_ns) {
        expected.end++;
    }
    int64_t want = (int64_t)(expected.end - expected.next);
    struct error error = {0};
    int64_t points = -1;
    bool scanned =
        store_scan(store, &ticker_kind, ticks[0].symbol, from_ns, to_ns, compare, &expected,
                   &error) &&
        store_count_between(store, &ticker_kind, ticks[0].symbol, from_ns, to_ns, &points, &error);
    assert_string_equal(error.text, "");
    assert_true(scanned);
    assert_int_equal(expected.told, want);
    assert_int_equal(points, want);
}

static void check_spans(struct store *store, const struct ticker *ticks)
{
    int64_t dense_ns = ticks[DENSE / 2].event_time_ns;
    int64_t sparse_ns = ticks[TICKS - 300].event_time_ns;
    int64_t last_ns = ticks[TICKS - 1].event_time_ns;
    const struct {
        int64_t from_ns, to_ns;
    } spans[] = {
        {INT64_MIN, INT64_MAX},       {NEW_YEAR_NS, last_ns}, /* without the last one */
        {NEW_YEAR_NS, last_ns + 1},   {NEW_YEAR_NS + 1, INT64_MAX},
        {dense_ns, dense_ns + 1},     {dense_ns + 1, dense_ns + 2},
        {dense_ns, sparse_ns},        {sparse_ns, sparse_ns + 20 * 86400 * NS_PER_SECOND},
        {last_ns + 1, INT64_MAX},     {INT64_MIN, NEW_YEAR_NS},
        {INT64_MIN, NEW_YEAR_NS + 1},
    };
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        check_span(store, ticks, spans[i].from_ns, spans[i].to_ns);
    }
}

static bool never(void *context, const void *record, const struct text_arena *texts,
                  const char *odd)
{
    (void)texts;
    const struct ticker *point = record;
    (void)odd;
    (void)context;
    fail_msg("a point of %s, where there is none", point->symbol);
    return false;
}

static void check_nothing(struct store *store)
{
    struct error error = {0};
    int64_t points = -1;
    assert_true(
        store_scan(store, &ticker_kind, coins[2], INT64_MIN, INT64_MAX, never, NULL, &error));
    assert_true(
        store_count_between(store, &ticker_kind, coins[2], INT64_MIN, INT64_MAX, &points, &error));
    assert_int_equal(points, 0);
    assert_true(
        store_scan(store, &ticker_kind, coins[0], NEW_YEAR_NS, NEW_YEAR_NS, never, NULL, &error));
    assert_true(
        store_scan(store, &ticker_kind, coins[0], INT64_MAX, INT64_MIN, never, NULL, &error));
    points = -1;
    assert_true(store_count_between(store, &ticker_kind, coins[0], 5, 4, &points, &error));
    assert_int_equal(points, 0);
    assert_false(store_scan(store, &ticker_kind, "t' OR 1=1", 0, 1, never, NULL, &error));
    assert_int_equal(error.kind, ERROR_REJECT);
    assert_false(store_count_between(store, &ticker_kind, "", 0, 1, &points, &error));
    assert_int_equal(error.kind, ERROR_REJECT);
}

/* And the store answers again afterwards. */
static void check_ended_by_the_callback(struct store *store, const struct ticker *ticks)
{
    static const size_t ends[] = {1, 4999, 5000, 5001, TICKS};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct expected expected = {.ticks = ticks, .end = TICKS, .stop_after = ends[i]};
        struct error error = {0};
        assert_true(store_scan(store, &ticker_kind, coins[0], INT64_MIN, INT64_MAX, compare,
                               &expected, &error));
        assert_int_equal(expected.told, ends[i]);
    }
    assert_int_equal(cases_count(store), 2 * TICKS);
}

void scan_cases_run(struct store *store)
{
    struct random random = random_seeded(20261122);
    struct ticker *ticks[COINS - 1];
    check_nothing(store);
    for (size_t i = 0; i < COINS - 1; i++) {
        ticks[i] = make_ticks(coins[i], &random);
        write_all(store, ticks[i]);
    }
    check_nothing(store);
    check_spans(store, ticks[0]);
    check_span(store, ticks[1], INT64_MIN, INT64_MAX);
    check_ended_by_the_callback(store, ticks[0]);
    for (size_t i = 0; i < COINS - 1; i++) {
        free(ticks[i]);
    }
}
