/* Files of bars, which the same reader reads as files of ticks. */
#include <zlib.h>

#include "csv_header.h"
#include "record/bar.h"
#include "replay_fixture.h"
#include "source/replay/replay_csv.h"

#define HEADER "open_time,symbol,timeframe,open,high,low,close\n"
#define DAY_NS (86400 * NS_PER_SECOND)
#define T0 (INT64_C(1704067200) * NS_PER_SECOND) /* Monday 2024-01-01 */

static const struct bar *bars_of(const struct played *played)
{
    assert_ptr_equal(played->all.kind, &bar_kind);
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
        {"time,symbol,last_price", NULL, &ticker_kind, ""},
        {"open_time,symbol,timeframe,open,high,low,close", NULL, &bar_kind, ""},
        {"Time,Symbol,Interval,Open,High,Low,Close,Volume", NULL, &bar_kind, ""},
        {"\"open\",\"high\",\"low\",\"close\",symbol,timeframe,time", NULL, &bar_kind, ""},
        {"Date,Ticker,tf,o,h,l,c",
         "open=o,high=h,low=l,close=c,open_time=Date,symbol=Ticker,timeframe=tf", &bar_kind, ""},
        /* Ours for ticks wins, and is what a file of candles was read with so far. */
        {"time,symbol,open,high,low,close", "last_price=close", &ticker_kind, ""},
        {"time,symbol,open,high,low,close,last_price", NULL, &ticker_kind, ""},
        {"time,symbol,open,high,close", NULL, NULL, "--columns last_price=close"},
        {"time,symbol,open,high,low,close", NULL, NULL, "--columns timeframe='1d'"},
        {"time,symbol,open,high,low,close", "timeframe='1h'", &bar_kind, ""},
        {"open_time,symbol,timeframe,open,high,low,closing", NULL, NULL, "\"close\" is missing"},
        {"Date,symbol,interval,open,hihg,low,close", NULL, NULL, "is it \"hihg\"?"},
        {"Date,Open,High,Low,Close,Adj Close,Volume", NULL, NULL, "--columns symbol='AAPL'"},
        {"Date,Open,High,Low,Close,Adj Close,Volume", "symbol='AAPL',timeframe='1d'", &bar_kind,
         ""},
        {"Date,Open,High,Low,Close", "symbol='AAPL',symbol='MSFT'", NULL,
         "gives a column a second time"},
        {"time,symbol,period,open,high,low,close", NULL, &bar_kind, ""},
        {"time,symbol,timefrane,open,high,low,close", NULL, NULL, "--columns timeframe=timefrane"},
        {"date,symbol,timeframe,open,high,low,close", NULL, &bar_kind, ""},
        {"Close,Low,High,Open,<PER>,Index,Unix Timestamp,Date", NULL, &bar_kind, ""},
        {"symbol,timeframe,open,high,low,close", NULL, NULL, "\"open_time\" is missing"},
        {"time,open_time,symbol,timeframe,open,high,low,close", NULL, NULL, "there twice"},
        {"time,symbol,timeframe,interval,open,high,low,close", NULL, NULL, "there twice"},
        {"time,symbol,timeframe,open,high,low,close", "last=close", NULL, "quote_volume, trades"},
        {"time;symbol;timeframe;open;high;low;close", NULL, &bar_kind, ""},
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

static void what_is_passed_over_is_told_with_what_it_may_be(void **state)
{
    (void)state;
    struct csv_layout layout;
    struct error error = {0};
    assert_true(csv_header_read(
        str_from("time,symbol,interval,open,high,low,close,Adj Close,volune,close_time"), NULL,
        &layout, &error));
    assert_string_equal(layout.ignored,
                        "Adj Close, volune (for volume? --columns volume=volune), close_time");
}

/* Columns open_time,symbol,timeframe,open,high,low,close,volume,trades,source,revision. */
static void lines_become_bars_or_faults(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum row_fault want; /* ROW_FAULTS: a bar */
    } cases[] = {
        {"2024-01-01,AAPL,1d,10,12,9,11,100,5,,", ROW_FAULTS},
        {"2024-01-01T00:00:00Z,AAPL,1d,10,12,9,11,,,,", ROW_FAULTS},
        {"1704067200,AAPL,1d,10,12,9,11,NaN,NULL,replay,0", ROW_FAULTS},
        {"1704067200000,AAPL,1d,10,12,9,11,1e2,5,nasdaq,7", ROW_FAULTS},
        {"\"1704067200\",\"AAPL\",\"1d\",\"10\",\"12\",\"9\",\"11\",\"\",\"\",\"\",\"\"",
         ROW_FAULTS},
        {"2024-01-01,AAPL,1w,10,12,9,11,,,,", ROW_FAULTS},
        {"2024-01-01,AAPL,1M,10,12,9,11,,,,", ROW_FAULTS},
        {"2024-01-01 00:15,AAPL,15m,10,12,9,11,,,,", ROW_FAULTS},
        {"2024-01-01,EURUSD=X,1d,10,10,10,10,0,0,,", ROW_FAULTS},
        {"2024-01-01,^GSPC,1d,10,12,9,11,,,,", ROW_FAULTS},
        {"2024-01-01,AAPL,1d,10,12,9,11,100,5,", ROW_BAD_SHAPE},
        {"2024-01-01,,1d,10,12,9,11,,,,", ROW_BAD_SYMBOL},
        {"2024-01-01,BRK B,1d,10,12,9,11,,,,", ROW_BAD_SYMBOL},
        {"2024-01-01,AAPL,,10,12,9,11,,,,", ROW_BAD_TIMEFRAME},
        {"2024-01-01,AAPL,1D,10,12,9,11,,,,", ROW_BAD_TIMEFRAME},
        {"2024-01-01,AAPL,7m,10,12,9,11,,,,", ROW_BAD_TIMEFRAME},
        {"2024-01-01,AAPL,dayly,10,12,9,11,,,,", ROW_BAD_TIMEFRAME},
        {"2024-01-01,AAPL,daily,10,12,9,11,,,,", ROW_FAULTS},
        {"2024-01-01,AAPL,60,10,12,9,11,,,,", ROW_FAULTS},
        {"2024-01-01 00:00:00+09:00,AAPL,1d,10,12,9,11,,,,", ROW_FAULTS},
        {"2024-01-01,BTC/USD,1d,10,12,9,11,,,,", ROW_FAULTS},
        {"2024-01-01,AAPL,1d,null,null,null,.,,,,", ROW_NO_PRICE},
        {"yesterday,AAPL,1d,10,12,9,11,,,,", ROW_BAD_TIME},
        {",AAPL,1d,10,12,9,11,,,,", ROW_BAD_TIME},
        {"2024-01-01T05:00:00Z,AAPL,1d,10,12,9,11,,,,", ROW_BAD_TIME},
        {"2024-01-02,AAPL,1w,10,12,9,11,,,,", ROW_BAD_TIME},
        {"2024-01-02,AAPL,1M,10,12,9,11,,,,", ROW_BAD_TIME},
        {"2024-01-01,AAPL,1d,,12,9,11,,,,", ROW_BAD_PRICE},
        {"2024-01-01,AAPL,1d,10,NULL,9,11,,,,", ROW_BAD_PRICE},
        {"2024-01-01,AAPL,1d,10,12,x,11,,,,", ROW_BAD_PRICE},
        {"2024-01-01,AAPL,1d,10,12,9,13,,,,", ROW_BAD_PRICE},
        {"2024-01-01,AAPL,1d,10,12,11,12,,,,", ROW_BAD_PRICE},
        {"2024-01-01,AAPL,1d,0,0,0,0,,,,", ROW_BAD_PRICE},
        {"2024-01-01,AAPL,1d,10,12,9,11,-1,,,", ROW_BAD_FIGURE},
        {"2024-01-01,AAPL,1d,10,12,9,11,1 000,,,", ROW_BAD_FIGURE},
        {"2024-01-01,AAPL,1d,10,12,9,11,,-1,,", ROW_BAD_FIGURE},
        {"2024-01-01,AAPL,1d,10,12,9,11,,1.5,,", ROW_BAD_FIGURE},
        {"2024-01-01,AAPL,1d,10,12,9,11,,,New York,", ROW_BAD_SOURCE},
        {"2024-01-01,AAPL,1d,10,12,9,11,,,sixteen-letters-,", ROW_BAD_SOURCE},
        {"2024-01-01,AAPL,1d,10,12,9,11,,,,-1", ROW_BAD_REVISION},
        {"2024-01-01,AAPL,1d,10,12,9,11,,,,1.0", ROW_BAD_REVISION},
        {"2024-01-01,AAPL,1d,10,12,9,11,,,,268435456", ROW_BAD_REVISION},
    };
    struct csv_layout layout;
    struct error error = {0};
    assert_true(csv_header_read(
        str_from("open_time,symbol,timeframe,open,high,low,close,volume,trades,source,revision"),
        NULL, &layout, &error));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csv_fields fields;
        struct csv_reading reading = {.source = NULL};
        struct bar bar = {0};
        enum row_fault fault = ROW_BAD_SHAPE;
        if (csv_split(&layout, str_from(cases[i].line), &fields)) {
            fault = csv_read(&layout, &fields, &reading, &bar);
        }
        if (fault != cases[i].want || (fault == ROW_FAULTS && bar_check(&bar) != BAR_OK)) {
            fail_msg("%s: fault %d, not %d", cases[i].line, (int)fault, (int)cases[i].want);
        }
    }
}

static void a_file_becomes_its_bars(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, "\xEF\xBB\xBF"
                        "time,symbol,interval,open,high,low,close,volume,trades,"
                        "quote_volume,source,revision\r\n"
                        "2024-01-01,AAPL,1d,10,12.5,9,11,100,7,1050.5,,\r\n"
                        "\r\n"
                        "2024-01-01T01:00:00+01:00,AAPL,1h,10,12,9,11,,,,nasdaq,3\r\n");
    struct played played = play(fixture, "ALL");
    assert_int_equal(played.end, SOURCE_END);
    assert_int_equal(played.all.count, 2);
    const struct bar *bars = bars_of(&played);
    assert_string_equal(bars[0].symbol, "AAPL");
    assert_memory_equal(bars[0].source, "replay-", 7);
    assert_int_equal(strlen(bars[0].source), 14);
    assert_string_equal(bars[0].timeframe, "1d");
    assert_int_equal(bars[0].open_time_ns, T0);
    assert_int_equal(bars[0].time_ns, T0);
    assert_true(bars[0].open == 10 && bars[0].high == 12.5 && bars[0].low == 9 &&
                bars[0].close == 11);
    assert_true(bars[0].has_volume && bars[0].volume == 100);
    assert_true(bars[0].has_quote_volume && bars[0].quote_volume == 1050.5);
    assert_true(bars[0].has_trades && bars[0].trades == 7);
    assert_int_equal(bars[0].revision, 0);
    assert_string_equal(bars[1].source, "nasdaq");
    assert_int_equal(bars[1].revision, 3);
    assert_int_equal(bars[1].open_time_ns, T0);
    assert_false(bars[1].has_volume || bars[1].has_quote_volume || bars[1].has_trades);
    assert_int_equal(logged(fixture, "event=replay_read"), 1);
    assert_int_equal(logged(fixture, "rows=2 bars=2"), 1);
    source_batch_free(&played.all);
}

static void a_bar_is_the_same_bytes_in_every_run_packed_or_filtered(void **state)
{
    struct fixture *fixture = *state;
    static const char text[] = HEADER "2024-01-01,AAPL,1d,10,12,9,11\n"
                                      "2024-01-01,BRK.B,1d,1,1,1,1\n"
                                      "2024-01-02,AAPL,1d,11,12,9,11\n";
    write_text(fixture, text);
    struct played first = play(fixture, "ALL");
    gzFile file = gzopen(fixture->path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, text, sizeof text - 1), (int)sizeof text - 1);
    assert_int_equal(gzclose(file), Z_OK);
    struct played packed = play(fixture, "ALL");
    assert_int_equal(first.all.count, 3);
    assert_int_equal(packed.all.count, 3);
    assert_memory_equal(bars_of(&first), bars_of(&packed), 3 * sizeof(struct bar));
    struct played filtered = play(fixture, "BRK.B");
    assert_int_equal(filtered.all.count, 1);
    assert_memory_equal(bars_of(&filtered), bars_of(&first) + 1, sizeof(struct bar));
    assert_int_equal(filtered.counts.rejected[ROW_UNKNOWN_COIN], 2);
    source_batch_free(&first.all);
    source_batch_free(&packed.all);
    source_batch_free(&filtered.all);
}

static void each_series_has_its_order_repeats_and_conflicts(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture,
               "open_time,symbol,timeframe,open,high,low,close,source,revision\n"
               "2024-01-02,AAPL,1d,10,12,9,11,,\n"          /* line 2 */
               "2024-01-01,AAPL,1h,10,12,9,11,,\n"          /* another series: earlier */
               "2024-01-01,AAPL,1d,10,12,9,11,nasdaq,\n"    /* and one more */
               "2024-01-01,MSFT,1d,10,12,9,11,,\n"          /* and one more */
               "2024-01-02,AAPL,1d,10.0,12,9,11,replay,0\n" /* line 6: the same as line 2 */
               "2024-01-02,AAPL,1d,10,12,9,11.5,,\n"        /* line 7: against line 2 */
               "2024-01-02,AAPL,1d,10,12,9,11.5,,1\n"       /* a later revision */
               "2024-01-02,AAPL,1d,10,12,9,11,,0\n"         /* line 9: older than that */
               "2024-01-01,AAPL,1d,10,12,9,11,,\n"          /* line 10: older */
               "2024-01-03,AAPL,1d,10,12,9,11,,\n");
    const struct replay_config config = {.path = fixture->path, .coins = "ALL", .as = "replay"};
    struct played played = play_config(&config);
    assert_int_equal(played.end, SOURCE_END);
    assert_int_equal(played.all.count, 6);
    assert_int_equal(played.counts.rejected[ROW_REPEAT], 1);
    assert_int_equal(played.counts.rejected[ROW_CONFLICT], 1);
    assert_int_equal(played.counts.rejected[ROW_OUT_OF_ORDER], 2);
    assert_int_equal(logged(fixture, "line=7 reason=conflict other_line=2"), 1);
    assert_int_equal(logged(fixture, "line=9 reason=out_of_order"), 1);
    assert_int_equal(logged(fixture, "line=10 reason=out_of_order"), 1);
    assert_int_equal(logged(fixture, "line=6"), 0);
    const struct bar *bars = bars_of(&played);
    assert_int_equal(bars[4].revision, 1);
    assert_int_equal(bars[4].time_ns, bars[0].time_ns + 1);
    source_batch_free(&played.all);
}

static void a_file_without_a_bar_fails_with_the_remedy(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *text, *coins, *want;
    } cases[] = {
        {HEADER, "ALL", "has a header and no row"},
        {HEADER "2024-01-01,AAPL,1D,10,12,9,11\n", "ALL", "a timeframe is one of 1m 3m 5m"},
        {HEADER "2024-01-01T05:00:00Z,AAPL,1d,10,12,9,11\n", "ALL",
         "a bar of its timeframe begins"},
        {HEADER "2024-01-01,AAPL,1d,10,9,12,11\n", "ALL", "0 < low <= open and close <= high"},
        {HEADER "2024-01-01,AAPL,1d,10,12,9,11\n", "MSFT",
         "the first is of AAPL: name it in --coins, or --coins ALL"},
        {HEADER "2024-01-01,AAPL,1d,10,12,9,11", "ALL", "end the last line with a line end"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_text(fixture, cases[i].text);
        struct played played = play(fixture, cases[i].coins);
        assert_int_equal(played.end, SOURCE_ERROR);
        assert_int_equal(played.error.kind, ERROR_FATAL);
        if (strstr(played.error.text, cases[i].want) == NULL) {
            fail_msg("\"%s\" is not in: %s", cases[i].want, played.error.text);
        }
        source_batch_free(&played.all);
    }
}

static void a_file_that_cannot_be_bars_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *text, *coins, *want;
    } cases[] = {
        {HEADER "2024-01-01,AAPL,1d,10,12,9,11\n", "BRK B", "\"BRK B\" cannot be a coin"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        write_text(fixture, cases[i].text);
        const struct replay_config config = {.path = fixture->path, .coins = cases[i].coins};
        assert_null(replay_source_create(&config, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        if (strstr(error.text, cases[i].want) == NULL) {
            fail_msg("\"%s\" is not in: %s", cases[i].want, error.text);
        }
    }
}

static void dates_without_a_zone_are_of_the_zone_that_is_given(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, HEADER "2024-01-01 01:00:00,AAPL,1d,10,12,9,11\n");
    const struct replay_config config = {.path = fixture->path, .coins = "ALL", .zone_s = 3600};
    struct played played = play_config(&config);
    assert_int_equal(played.all.count, 1);
    assert_int_equal(bars_of(&played)[0].open_time_ns, T0);
    assert_int_equal(logged(fixture, "event=times_without_zone"), 1);
    source_batch_free(&played.all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_header_tells_what_a_file_has),
        TEST(what_is_passed_over_is_told_with_what_it_may_be),
        TEST(lines_become_bars_or_faults),
        TEST(a_file_becomes_its_bars),
        TEST(a_bar_is_the_same_bytes_in_every_run_packed_or_filtered),
        TEST(each_series_has_its_order_repeats_and_conflicts),
        TEST(a_file_without_a_bar_fails_with_the_remedy),
        TEST(a_file_that_cannot_be_bars_is_refused),
        TEST(dates_without_a_zone_are_of_the_zone_that_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
