/* InfluxDB's end on real rows: line protocol in, SQL through DataFusion, the engine of InfluxDB 3.
 * Needs tests/support/influx_server.py and a Python that has what it needs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bar_cases.h"
#include "close_cases.h"
#include "cmocka_all.h"
#include "influx_running.h"
#include "live_cases.h"
#include "record/ticker.h"
#include "scan_cases.h"
#include "store_cases.h"

static void nothing_stored_yet_is_an_error(void **state)
{
    const struct running *server = running_need(state);
    struct store *store = running_open(server, "unborn", false);
    int64_t points = -1;
    struct error error = {0};
    assert_false(store_count(store, &ticker_kind, &points, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "nothing is stored there yet"));
    store_close(store);
}

static void every_case_holds(void **state)
{
    const struct running *server = running_need(state);
    struct store *store = running_open(server, "market", false);
    struct error error = {0};
    assert_true(store_prepare(store, &error));
    assert_true(store_prepare(store, &error)); /* harmless again */
    cases_run(store);
    assert_int_equal(running_stat(server, "conflicting_rewrites"), 0);
    store_close(store);
}

static void every_case_of_bars_holds(void **state)
{
    const struct running *server = running_need(state);
    struct store *store = running_open(server, "bars", false);
    struct error error = {0};
    assert_true(store_prepare(store, &error));
    bar_cases_run(store);
    assert_int_equal(cases_count(store), 0); /* of ticks */
    assert_int_equal(running_stat(server, "conflicting_rewrites"), 0);
    store_close(store);
}

static void every_case_of_trades_and_events_holds(void **state)
{
    const struct running *server = running_need(state);
    struct store *store = running_open(server, "live", false);
    struct error error = {0};
    assert_true(store_prepare(store, &error));
    live_cases_run(store);
    assert_int_equal(running_stat(server, "conflicting_rewrites"), 0);
    store_close(store);
}

static void every_case_of_closes_holds(void **state)
{
    const struct running *server = running_need(state);
    struct store *store = running_open(server, "closes", false);
    struct error error = {0};
    assert_true(store_prepare(store, &error));
    close_cases_run(store);
    store_close(store);
}

/* As an older member leaves it: the database and the ticker's table are there. */
static void table_that_was_never_made_holds_no_bars(void **state)
{
    const struct running *server = running_need(state);
    free(running_request(server, "/api/v3/write_lp?db=former&precision=nanosecond",
                         "ticker,coin=tBTCUSD last_price=1,seq=1i,run_id=1i 1", 204));
    struct store *store = running_open(server, "former", false);
    cases_no_bars(store);
    assert_int_equal(cases_count(store), 1);
    const struct bar bar = cases_bar("AAPL", "replay", "1d", 0, 1);
    cases_write_bars(store, &bar, 1); /* which makes it */
    int64_t points = 0;
    struct error error = {0};
    assert_true(store_count(store, &bar_kind, &points, &error));
    assert_int_equal(points, 1);
    store_close(store);
}

/* Written with gzip, which the cases above are not: the bits of 14,000 ticks come back. */
static void points_stream_with_the_same_bits(void **state)
{
    const struct running *server = running_need(state);
    struct store *store = running_open(server, "streamed", true);
    struct error error = {0};
    assert_true(store_prepare(store, &error));
    scan_cases_run(store);
    store_close(store);
}

static void faults_lose_nothing_and_store_nothing_twice(void **state)
{
    const struct running *server = running_need(state);
    struct store *store = running_open(server, "faulty", false);
    struct error error = {0};
    assert_true(store_prepare(store, &error));
    running_script(server, "{\"faults\":[{\"status\":503,\"retry_after\":\"7\"},{\"reset\":true},"
                           "{\"status\":413,\"limit\":1000,\"times\":3},{\"match\":\",seq=9i\","
                           "\"times\":0}]}");
    enum { TICKS = 40 };
    struct ticker ticks[TICKS];
    for (size_t i = 0; i < TICKS; i++) {
        ticks[i] = cases_plain_tick("tBTCUSD", (int64_t)i, (int64_t)i);
    }
    struct rejected_list rejected = {0};
    assert_false(store_write(store, &(struct record_set){&ticker_kind, ticks, TICKS, NULL},
                             &rejected, &error));
    assert_int_equal(error.retry_after_ms, 7000);
    /* libcurl itself may send again what a kept connection lost. */
    int attempts = 1;
    while (!store_write(store, &(struct record_set){&ticker_kind, ticks, TICKS, NULL}, &rejected,
                        &error)) {
        assert_int_equal(error.kind, ERROR_RETRY);
        assert_true(++attempts < 4);
    }
    assert_int_equal(rejected.count, 1);
    assert_int_equal(rejected.items[0].index, 9);
    int64_t points = 0;
    assert_true(store_count(store, &ticker_kind, &points, &error));
    assert_int_equal(points, TICKS); /* the reset stored the ninth before it was refused */
    assert_int_equal(running_stat(server, "conflicting_rewrites"), 0);
    running_script(server, "{\"faults\":[]}");
    rejected_list_free(&rejected);
    store_close(store);
}

/* A coin and price like those that other writers of the same table may have spoilt. */
static void column_of_another_type_names_its_lines(void **state)
{
    const struct running *server = running_need(state);
    free(running_request(server, "/api/v3/write_lp?db=spoilt&precision=nanosecond",
                         "ticker,coin=tBTCUSD bid=\"text\" 1", 204));
    struct store *store = running_open(server, "spoilt", false);
    struct ticker ticks[3];
    for (size_t i = 0; i < 3; i++) {
        ticks[i] = cases_plain_tick("tBTCUSD", (int64_t)i + 10, (int64_t)i);
    }
    ticks[1].has[TICKER_BID] = false;
    struct rejected_list rejected = {0};
    struct error error = {0};
    assert_true(
        store_write(store, &(struct record_set){&ticker_kind, ticks, 3, NULL}, &rejected, &error));
    assert_int_equal(rejected.count, 2);
    assert_int_equal(rejected.items[0].index, 0);
    assert_int_equal(rejected.items[1].index, 2);
    assert_non_null(strstr(rejected.items[0].reason, "invalid column type for column 'bid'"));
    rejected_list_free(&rejected);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_stored_yet_is_an_error),
        cmocka_unit_test(every_case_holds),
        cmocka_unit_test(every_case_of_bars_holds),
        cmocka_unit_test(every_case_of_trades_and_events_holds),
        cmocka_unit_test(every_case_of_closes_holds),
        cmocka_unit_test(table_that_was_never_made_holds_no_bars),
        cmocka_unit_test(points_stream_with_the_same_bits),
        cmocka_unit_test(faults_lose_nothing_and_store_nothing_twice),
        cmocka_unit_test(column_of_another_type_names_its_lines),
    };
    return cmocka_run_group_tests(tests, running_start, running_stop);
}
