/* Files of trades, which the same reader reads as files of ticks and bars. */
#include "csv_header.h"
#include "record/trade.h"
#include "replay_fixture.h"
#include "source/replay/replay_csv.h"

#define HEADER "time,symbol,trade_id,price,amount\n"
#define T0 (INT64_C(1704067200) * NS_PER_SECOND) /* 2024-01-01 */

static const struct trade *trades_of(const struct played *played)
{
    assert_ptr_equal(played->all.kind, &trade_kind);
    return played->all.records;
}

static void the_header_tells_what_a_file_has(void **state)
{
    (void)state;
    static const struct {
        const char *header, *columns;
        const struct record_kind *want; /* NULL: refused */
        const char *text;               /* a part of the reason */
    } cases[] = {
        {"time,symbol,trade_id,price,amount", NULL, &trade_kind, ""},
        {"Trade_ID,Exchange_Time,Price,Amount,Symbol,Source", NULL, &trade_kind, ""},
        {"id,ts,pair,rate,qty", "trade_id=id,time=ts,symbol=pair,price=rate,amount=qty",
         &trade_kind, ""},
        {"time,symbol,last_price,trade_id,price,amount", NULL, &ticker_kind, ""},
        {"time,symbol,trade_id,price,quantity", NULL, NULL, "--columns amount=quantity"},
        {"mts,symbol,trade_id,price,amount", NULL, NULL, "--columns time=mts"},
        {"time,trade_id,price,amount", NULL, NULL, "a file of trades has time,symbol,trade_id"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csv_layout layout;
        struct error error = {0};
        bool read = csv_header_read(str_from(cases[i].header), cases[i].columns, &layout, &error);
        if (read != (cases[i].want != NULL) || (read && layout.form->kind != cases[i].want) ||
            (!read && strstr(error.text, cases[i].text) == NULL)) {
            fail_msg("%s: %s", cases[i].header, read ? layout.form->kind->name : error.text);
        }
    }
}

static void lines_become_trades_or_faults(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum row_fault want; /* ROW_FAULTS: a trade */
        int64_t exchange_time_ns;
    } cases[] = {
        {"2024-01-01,tBTCUSD,7,42000.5,-0.25,", ROW_FAULTS, T0},
        {"1704067200001,tBTCUSD,0,1,1e-8,kraken", ROW_FAULTS, T0 + NS_PER_MS},
        /* A finer time is cut to its millisecond, towards the past. */
        {"2024-01-01T00:00:00.001999999Z,tBTCUSD,7,1,1,", ROW_FAULTS, T0 + NS_PER_MS},
        {"1969-12-31T23:59:59.9995Z,tBTCUSD,7,1,1,", ROW_FAULTS, -NS_PER_MS},
        {"1704067200,tBTCUSD,9223372036854775807,1,1,", ROW_FAULTS, T0},
        {"2024-01-01,tBTCUSD,7,1,1", ROW_BAD_SHAPE, 0},
        {"2024-01-01,t BTC,7,1,1,", ROW_BAD_SYMBOL, 0},
        {"yesterday,tBTCUSD,7,1,1,", ROW_BAD_TIME, 0},
        {"20240101,tBTCUSD,7,1,1,", ROW_BAD_TIME, 0},
        {"2024-01-01,tBTCUSD,-1,1,1,", ROW_BAD_TRADE_ID, 0},
        {"2024-01-01,tBTCUSD,7.5,1,1,", ROW_BAD_TRADE_ID, 0},
        {"2024-01-01,tBTCUSD,,1,1,", ROW_BAD_TRADE_ID, 0},
        {"2024-01-01,tBTCUSD,7,0,1,", ROW_BAD_PRICE, 0},
        {"2024-01-01,tBTCUSD,7,,1,", ROW_BAD_PRICE, 0},
        {"2024-01-01,tBTCUSD,7,1,0,", ROW_BAD_AMOUNT, 0},
        {"2024-01-01,tBTCUSD,7,1,NULL,", ROW_BAD_AMOUNT, 0},
        {"2024-01-01,tBTCUSD,7,1,1,New York", ROW_BAD_SOURCE, 0},
    };
    struct csv_layout layout;
    struct error error = {0};
    assert_true(csv_header_read(str_from("time,symbol,trade_id,price,amount,source"), NULL, &layout,
                                &error));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csv_fields fields;
        struct csv_reading reading = {.source = NULL};
        struct trade trade = {0};
        enum row_fault fault = ROW_BAD_SHAPE;
        if (csv_split(&layout, str_from(cases[i].line), &fields)) {
            fault = csv_read(&layout, &fields, &reading, &trade);
        }
        if (fault != cases[i].want ||
            (fault == ROW_FAULTS && (trade_check(&trade) != TRADE_OK ||
                                     trade.exchange_time_ns != cases[i].exchange_time_ns))) {
            fail_msg("%s: fault %d, not %d", cases[i].line, (int)fault, (int)cases[i].want);
        }
    }
}

/* What was missed comes later: no row is out of order. Within a millisecond ids may fall. */
static void rows_in_any_order_are_trades_and_neighbours_are_compared(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, HEADER "2024-01-01T00:00:05Z,tBTCUSD,12,5,1\n" /* line 2 */
                               "2024-01-01T00:00:05Z,tBTCUSD,11,6,1\n"
                               "2024-01-01T00:00:01Z,tBTCUSD,3,7,1\n"
                               "2024-01-01T00:00:01Z,tBTCUSD,3,7.0,1\n" /* a repeat */
                               "2024-01-01T00:00:01Z,tBTCUSD,3,8,1\n"   /* line 6, against 4 */
                               "2024-01-01T00:00:05Z,tBTCUSD,12,5,1\n"  /* the same point */
                               "2024-01-01T00:00:09Z,tBTCUSD,1000012,5,1\n" /* another time */);
    struct played played = play(fixture, "ALL");
    assert_int_equal(played.end, SOURCE_END);
    assert_int_equal(played.all.count, 5);
    assert_int_equal(played.counts.rejected[ROW_REPEAT], 1);
    assert_int_equal(played.counts.rejected[ROW_CONFLICT], 1);
    assert_int_equal(logged(fixture, "line=6 reason=conflict other_line=4"), 1);
    assert_int_equal(logged(fixture, "rows=7 trades=5"), 1);
    const struct trade *trades = trades_of(&played);
    assert_memory_equal(trades[0].source, "replay-", 7);
    assert_int_equal(strlen(trades[0].source), 14);
    assert_int_equal(trades[0].time_ns, T0 + 5 * NS_PER_SECOND + 12);
    assert_int_equal(trades[1].time_ns, T0 + 5 * NS_PER_SECOND + 11);
    assert_memory_equal(&trades[3], &trades[0], sizeof trades[0]);
    source_batch_free(&played.all);
}

static void a_file_whose_ids_fall_within_its_milliseconds_goes_forward(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, HEADER "2024-01-01,tBTCUSD,12,5,1\n2024-01-01,tBTCUSD,11,6,1\n");
    struct played played = play(fixture, "ALL");
    assert_int_equal(played.all.count, 2);
    source_batch_free(&played.all);
}

static void newest_trades_first_are_put_in_order(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, HEADER "2024-01-02,tBTCUSD,12,5,1\n2024-01-01,tBTCUSD,11,6,1\n");
    struct played played = play(fixture, "ALL");
    assert_int_equal(played.all.count, 2);
    assert_int_equal(trades_of(&played)[0].trade_id, 11);
    source_batch_free(&played.all);
}

static void a_file_without_a_trade_fails_with_the_remedy(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {HEADER "2024-01-01,tBTCUSD,x,5,1\n", "a trade_id is a whole number"},
        {HEADER "2024-01-01,tBTCUSD,1,5,0\n", "above 0 for a buy"},
        {HEADER "2024-01-01,tBTCUSD,1,-5,1\n", "price is a number above 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_text(fixture, cases[i].text);
        struct played played = play(fixture, "ALL");
        assert_int_equal(played.end, SOURCE_ERROR);
        if (strstr(played.error.text, cases[i].want) == NULL) {
            fail_msg("\"%s\" is not in: %s", cases[i].want, played.error.text);
        }
        source_batch_free(&played.all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_header_tells_what_a_file_has),
        TEST(lines_become_trades_or_faults),
        TEST(rows_in_any_order_are_trades_and_neighbours_are_compared),
        TEST(a_file_whose_ids_fall_within_its_milliseconds_goes_forward),
        TEST(newest_trades_first_are_put_in_order),
        TEST(a_file_without_a_trade_fails_with_the_remedy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
