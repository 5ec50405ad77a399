/* The proof of a kind whose records come in any order of their times: what was missed may come,
 * with an early time, while the store is read. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "record/trade.h"
#include "sqlite_place.h"
#include "verify/verify.h"

#define T0 (INT64_C(1767225600) * NS_PER_SECOND) /* 2026-01-01 */
#define MINUTE_NS (60 * NS_PER_SECOND)

enum { TRADES = 4, LATE = 1 }; /* the trade with the number LATE comes last */

static struct trade trade_of(int number)
{
    struct trade trade = {.symbol = "tBTCUSD",
                          .source = "bitfinex",
                          .trade_id = 100 + number,
                          .exchange_time_ns = T0 + number * 25 * NS_PER_SECOND,
                          .price = 100 + number,
                          .amount = 0.1 * (number + 1)};
    record_complete(&trade_kind, &trade);
    assert_int_equal(trade_check(&trade), TRADE_OK);
    return trade;
}

/* A store with all trades but that one; -1: with all. */
static struct store *store_without(const struct sqlite_place *place, int missing)
{
    struct store *store = place_open_prepared(place);
    struct rejected_list rejected = {0};
    struct error error = {0};
    for (int i = 0; i < TRADES; i++) {
        struct trade trade = trade_of(i);
        struct record_set one = {.kind = &trade_kind, .items = &trade, .count = 1};
        assert_true(i == missing || store_write(store, &one, &rejected, &error));
    }
    rejected_list_free(&rejected);
    return store;
}

/* The log of the snapshot has all trades but the late one. Its points were read without that one,
 * its candles with it. */
static struct verify *prove(const struct sqlite_place *place, bool told)
{
    struct sqlite_place other = *place;
    struct error error = {0};
    const struct verify_partition partition = {.begin = 0, .end = TRADES, .settled = TRADES};
    const struct verify_config config = {.kind = &trade_kind,
                                         .from_ns = INT64_MIN,
                                         .to_ns = INT64_MAX,
                                         .interval_ns = MINUTE_NS,
                                         .memory_bytes = 1 << 16};
    (void)snprintf(other.address, sizeof other.address, "sqlite:%s/other.db", place->folder);
    struct store *points = store_without(place, LATE), *candles = store_without(&other, -1);
    struct verify *verify = verify_create(&config, &partition, 1, &error);
    assert_non_null(verify);
    assert_true(verify_compare_early(verify, points, &error));
    for (int i = 0; i < TRADES; i++) {
        struct trade trade = trade_of(i);
        const struct place at = {.offset = i};
        assert_true(i == LATE || verify_log_record(verify, at, &trade, NULL, &error));
    }
    assert_true(verify_compare(verify, points, candles, NULL, &error));
    struct trade late = trade_of(LATE);
    const struct place at = {.offset = TRADES};
    assert_true(!told || verify_later_record(verify, at, &late, NULL, &error));
    assert_true(verify_conclude(verify, &error));
    store_close(points);
    store_close(candles);
    return verify;
}

static void candle_that_a_late_record_changed_meanwhile_is_no_fault(void **state)
{
    struct verify *verify = prove(*state, true);
    const struct verify_report *report = verify_report(verify);
    assert_true(report->balanced);
    assert_int_equal(report->candles, 1);
    assert_int_equal(report->candles_proved, 1);
    assert_int_equal(report->candles_cut, 1);
    verify_destroy(verify);
}

static void candle_that_nothing_explains_is_a_fault(void **state)
{
    struct verify *verify = prove(*state, false);
    const struct verify_report *report = verify_report(verify);
    assert_false(report->balanced);
    assert_int_equal(report->faults[VERIFY_CANDLE], 1);
    assert_int_equal(report->named[VERIFY_CANDLE].items[0].time_ns, T0);
    verify_destroy(verify);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(candle_that_a_late_record_changed_meanwhile_is_no_fault),
        WITH_PLACE(candle_that_nothing_explains_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
