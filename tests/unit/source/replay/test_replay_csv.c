#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "cmocka_all.h"
#include "csv_header.h"
#include "record/ticker.h"
#include "source/replay/replay_csv.h"

/* Where a layout of ticks has its columns: in the order of the schema. */
enum {
    CSV_SYMBOL,
    CSV_TIME,
    CSV_LAST_PRICE,
    CSV_FIGURES, /* + enum ticker_figure */
    CSV_COLUMNS = CSV_FIGURES + TICKER_FIGURES,
};

static struct csv_layout layout_of(const char *header)
{
    struct csv_layout layout;
    struct error error = {0};
    if (!csv_header_read(str_from(header), NULL, &layout, &error)) {
        fail_msg("%s: %s", header, error.text);
    }
    return layout;
}

static void layout_of_any_order_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        int count;
        unsigned char want[4];
    } cases[] = {
        {"time,symbol,last_price", 3, {CSV_TIME, CSV_SYMBOL, CSV_LAST_PRICE}},
        {"last_price,time,symbol", 3, {CSV_LAST_PRICE, CSV_TIME, CSV_SYMBOL}},
        {"symbol,low,time,last_price",
         4,
         {CSV_SYMBOL, CSV_FIGURES + TICKER_LOW, CSV_TIME, CSV_LAST_PRICE}},
        {" time , \"symbol\",last_price\t,bid_size",
         4,
         {CSV_TIME, CSV_SYMBOL, CSV_LAST_PRICE, CSV_FIGURES + TICKER_BID_SIZE}},
        {"time;symbol;last_price", 3, {CSV_TIME, CSV_SYMBOL, CSV_LAST_PRICE}},
        {"time\tsymbol\tlast_price", 3, {CSV_TIME, CSV_SYMBOL, CSV_LAST_PRICE}},
        {"time|symbol|last_price", 3, {CSV_TIME, CSV_SYMBOL, CSV_LAST_PRICE}},
        {"Time,SYMBOL,Last_Price", 3, {CSV_TIME, CSV_SYMBOL, CSV_LAST_PRICE}},
        {"time,symbol,note,last_price", 4, {CSV_TIME, CSV_SYMBOL, CSV_IGNORED, CSV_LAST_PRICE}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csv_layout layout = layout_of(cases[i].header);
        assert_int_equal(layout.count, cases[i].count);
        assert_memory_equal(layout.column, cases[i].want, (size_t)layout.count);
    }
}

static void layout_of_all_columns_is_read(void **state)
{
    (void)state;
    struct csv_layout layout =
        layout_of("symbol,time,last_price,bid,bid_size,ask,ask_size,daily_change,"
                  "daily_change_relative,volume,high,low,market_cap");
    assert_int_equal(layout.count, CSV_COLUMNS);
    for (int i = 0; i < CSV_COLUMNS; i++) {
        assert_int_equal(layout.column[i], i);
    }
}

static void layout_that_is_wrong_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        const char *want[2];
        const char *columns;
    } cases[] = {
        {"time,symbol,price", {"is it \"price\"?", "--columns last_price=price"}, NULL},
        {"time,symbol,last_prize",
         {"is it \"last_prize\"?", "--columns last_price=last_prize"},
         NULL},
        {"Date,symbol,last_price", {"\"time\" is missing", "--columns time=Date"}, NULL},
        {"time,Pair,last_price", {"\"symbol\" is missing", "--columns symbol=Pair"}, NULL},
        {"time,symbol,last_price,time", {"\"time\" is there twice", "--columns time="}, NULL},
        {"time,symbol,last_price,Time", {"\"Time\" is there twice", "--columns time="}, NULL},
        {"symbol,last_price", {"\"time\" is missing", "symbol,last_price"}, NULL},
        {"time,last_price", {"\"symbol\" is missing", "--columns symbol=NAME"}, NULL},
        {"time,symbol,bid", {"\"last_price\" is missing", "time"}, NULL},
        {"time,\"symbol,last_price", {"quote", "not closed"}, NULL},
        {"\x1b[31m,\xff", {"\"symbol\" is missing", "?[31m,?"}, NULL},
        {"time,symbol,last_price", {"--columns", "\"last_price\""}, "last_price"},
        {"time,symbol,last_price", {"--columns", "\"prize\""}, "prize=price"},
        {"time,symbol,last_price", {"--columns bid=Bid", "no such column"}, "bid=Bid"},
        {"time,symbol,last_price,price", {"--columns", "\"last_price=\""}, "last_price="},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csv_layout layout;
        struct error error = {0};
        assert_false(csv_header_read(str_from(cases[i].header), cases[i].columns, &layout, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        for (int k = 0; k < 2; k++) {
            if (strstr(error.text, cases[i].want[k]) == NULL) {
                fail_msg("\"%s\" is not in: %s", cases[i].want[k], error.text);
            }
        }
    }
}

static void columns_are_called_as_the_file_calls_them(void **state)
{
    (void)state;
    struct csv_layout layout;
    struct error error = {0};
    assert_true(csv_header_read(str_from("Date,Coin,Close,last_price,BID,x"),
                                "last_price=Close, time = Date,symbol=Coin", &layout, &error));
    static const unsigned char want[] = {
        CSV_TIME, CSV_SYMBOL, CSV_LAST_PRICE, CSV_IGNORED, CSV_FIGURES + TICKER_BID, CSV_IGNORED};
    assert_int_equal(layout.count, 6);
    assert_memory_equal(layout.column, want, sizeof want);
    assert_string_equal(layout.ignored, "last_price, x");
}

static void columns_that_are_passed_over_are_told_with_what_they_may_be(void **state)
{
    (void)state;
    static const struct {
        const char *header, *want;
    } cases[] = {
        {"time,symbol,last_price", ""},
        {"time,symbol,last_price,", "(no name)"},
        {"time,symbol,last_price,exchange,id", "exchange, id"},
        {"time,symbol,last_price,bid_szie", "bid_szie (for bid_size? --columns bid_size=bid_szie)"},
        {"time,symbol,last_price,bid_size,bid_szie", "bid_szie"},
        {"time,timestamp,symbol,last_price", "timestamp"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(layout_of(cases[i].header).ignored, cases[i].want);
    }
}

/* Columns time,symbol,last_price,bid,ask. */
static void lines_become_ticks_or_faults(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum row_fault want; /* ROW_FAULTS: a tick */
    } cases[] = {
        {"2026-01-01T00:00:00Z,tBTCUSD,1.5,1.25,", ROW_FAULTS},
        {"1767225600,tBTCUSD,1.5,1.25,", ROW_FAULTS},
        {"1767225600000,tBTCUSD,1.5,1.25,", ROW_FAULTS},
        {"1767225600000000,tBTCUSD,1.5,1.25,", ROW_FAULTS},
        {"1767225600000000000,tBTCUSD,1.5,1.25,", ROW_FAULTS},
        {"\"2026-01-01T00:00:00Z\",\"tBTCUSD\",\"1.5\",\"1.25\",\"\"", ROW_FAULTS},
        {" 1767225600 ,\ttBTCUSD , 1.5,1.25 , ", ROW_FAULTS},
        {" \"1767225600\" ,tBTCUSD,\"15e-1\" ,125E-2,", ROW_FAULTS},
        {"1767225600,tBTCUSD,1.5,1.25", ROW_BAD_SHAPE},
        {"1767225600,tBTCUSD,1.5,1.25,,", ROW_BAD_SHAPE},
        {"1767225600,tBTCUSD,1.5,1.25,1,1", ROW_BAD_SHAPE},
        {"hello", ROW_BAD_SHAPE},
        {"\"1767225600,tBTCUSD,1.5,1.25,", ROW_BAD_SHAPE},
        {"\"1767225600\"0,tBTCUSD,1.5,1.25,", ROW_BAD_SHAPE},
        {"\"1767225600\"\",tBTCUSD,1.5,1.25,", ROW_BAD_SHAPE},
        {"1767225600,\"tBTC,USD\",1.5,1.25,", ROW_BAD_SYMBOL},
        {"1767225600,\"tBTC\"\"USD\",1.5,1.25,", ROW_BAD_SYMBOL},
        {"1767225600,tBTC\"USD,1.5,1.25,", ROW_BAD_SYMBOL},
        {"1767225600,tBTC USD,1.5,1.25,", ROW_BAD_SYMBOL},
        {"1767225600,,1.5,1.25,", ROW_BAD_SYMBOL},
        {",,,,", ROW_BAD_SYMBOL},
        {"1767225600,t1234567890123456789012345678901234567890123456789012345678901234,1.5,1.25,",
         ROW_BAD_SYMBOL},
        {",tBTCUSD,1.5,1.25,", ROW_BAD_TIME},
        {"yesterday,tBTCUSD,1.5,1.25,", ROW_BAD_TIME},
        {"20240102,tBTCUSD,1.5,1.25,", ROW_BAD_TIME},
        {" \"20991231\",tBTCUSD,1.5,1.25,", ROW_BAD_TIME},
        {"2026-13-01T00:00:00Z,tBTCUSD,1.5,1.25,", ROW_BAD_TIME},
        {"17672256000000000000,tBTCUSD,1.5,1.25,", ROW_BAD_TIME},
        {"1767225600,tBTCUSD,,1.25,", ROW_BAD_PRICE},
        {"1767225600,tBTCUSD,0,1.25,", ROW_BAD_PRICE},
        {"1767225600,tBTCUSD,-0.0,1.25,", ROW_BAD_PRICE},
        {"1767225600,tBTCUSD,-1.5,1.25,", ROW_BAD_PRICE},
        {"1767225600,tBTCUSD,nan,1.25,", ROW_BAD_PRICE},
        {"1767225600,tBTCUSD,inf,1.25,", ROW_BAD_PRICE},
        {"1767225600,tBTCUSD,1e999,1.25,", ROW_BAD_PRICE},
        {"1767225600,tBTCUSD,0x10,1.25,", ROW_BAD_PRICE},
        {"1767225600,tBTCUSD,\"1,5\",1.25,", ROW_BAD_PRICE},
        {"1767225600,tBTCUSD,1.5 USD,1.25,", ROW_BAD_PRICE},
        {"2026-01-01 00:00:00,tBTCUSD,1.5,1.25,NULL", ROW_FAULTS},
        {"2026-01-01 00:00,tBTCUSD,1.5,1.25,NaN", ROW_FAULTS},
        {"2026-01-01T01:00:00+01,tBTCUSD,1.5,1.25,n/a", ROW_FAULTS},
        {"2026-01-01 01:00:00 +0100,tBTCUSD,1.5,1.25,\\N", ROW_FAULTS},
        {"2026-01-01 00:00:00 UTC,tBTCUSD,1.5,1.25,None", ROW_FAULTS},
        {"1.7672256E+12,tBTCUSD,1.5,1.25,NA", ROW_FAULTS},
        {"1767225600,tBTCUSD,1.5,1.25,#N/A", ROW_FAULTS},
        {"1767225600,tBTCUSD,NULL,1.25,", ROW_BAD_PRICE},
        {"1767225600,tBTCUSD,1.5,1.25,-", ROW_BAD_FIGURE},
        {"1767225600,tBTCUSD,1.5,1.25,nil", ROW_BAD_FIGURE},
        {"1767225600,tBTCUSD,1.5,1.25,nan1", ROW_BAD_FIGURE},
    };
    struct csv_layout layout = layout_of("time,symbol,last_price,bid,ask");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csv_fields fields;
        struct ticker tick = {0};
        enum row_fault fault = ROW_BAD_SHAPE;
        if (csv_split(&layout, str_from(cases[i].line), &fields)) {
            struct csv_reading reading = {.source = NULL};
            fault = csv_read(&layout, &fields, &reading, &tick);
        }
        if (fault != cases[i].want) {
            fail_msg("%s: fault %d, not %d", cases[i].line, (int)fault, (int)cases[i].want);
        }
        if (fault != ROW_FAULTS) {
            continue;
        }
        assert_string_equal(tick.symbol, "tBTCUSD");
        assert_int_equal(tick.event_time_ns, INT64_C(1767225600000000000));
        assert_true(tick.last_price == 1.5);
        assert_true(tick.has[TICKER_BID] && tick.figures[TICKER_BID] == 1.25);
        assert_false(tick.has[TICKER_ASK]);
        assert_false(tick.has[TICKER_HIGH]);
        assert_int_equal(ticker_check(&tick), TICKER_OK);
    }
}

static void figures_may_be_negative_and_stand_anywhere(void **state)
{
    (void)state;
    struct csv_layout layout = layout_of("low,daily_change,symbol,last_price,time,volume");
    struct csv_fields fields;
    struct ticker tick = {0};
    assert_true(csv_split(&layout, str_from("0.5,-12.25,tXY,4e-8,1767225600.5,"), &fields));
    struct csv_reading reading = {.source = NULL};
    assert_int_equal(csv_read(&layout, &fields, &reading, &tick), ROW_FAULTS);
    assert_false(reading.zone_needed);
    assert_true(tick.figures[TICKER_LOW] == 0.5);
    assert_true(tick.figures[TICKER_DAILY_CHANGE] == -12.25);
    assert_true(tick.last_price == 4e-8);
    assert_false(tick.has[TICKER_VOLUME]);
    assert_int_equal(tick.event_time_ns, INT64_C(1767225600500000000));
}

static void assert_same_number(const char *text)
{
    double quick = 7;
    double slow = 7;
    bool quick_ok = csv_number(str_from(text), &quick);
    bool slow_ok = str_to_double(str_from(text), &slow);
    if (quick_ok != slow_ok || memcmp(&quick, &slow, sizeof quick) != 0) {
        fail_msg("%s: %.17g, not %.17g", text, quick, slow);
    }
}

static void numbers_have_the_bits_of_strtod(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "0",
        "-0",
        "0.0",
        "-0.0",
        "1",
        "-1",
        "1.",
        ".5",
        "-.5",
        ".",
        "-",
        "",
        "1.2.3",
        "1-",
        "+1",
        "00012.50",
        "30000.1",
        "0.1",
        "0.3",
        "123456789.12345678",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "900719925474099.3",
        "9.007199254740993",
        "0.9007199254740993",
        /* Halfway between two doubles, and a little beside that. */
        "4503599627370496.5",
        "4503599627370497.5",
        "4503599627370497.499",
        "4503599627370497.500",
        "4503599627370497.501",
        "1125899906842624.125",
        "1125899906842624.375",
        "-1125899906842624.126",
        "1125899906842624.124",
        "9999999999999999999",
        "99999999999999999999",
        "18446744073709551615",
        "18446744073709551616",
        "0.0000000000000000001",
        "0.00000000000000000001",
        "1234567890123456789",
        "12345678901234567890",
        "4e-8",
        "1e22",
        "1e23",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "4.9e-324",
        "1e-400",
        "1e400",
        "1e",
        "e5",
        "1e+5",
        "1E05",
        " 1",
        "1 ",
        "0x1p3",
        "infinity",
        "nan",
        "1_000",
        "1,5",
        "000000000000000000000000000000000000000000000000000000000000001",
        "0000000000000000000000000000000000000000000000000000000000000001",
        "0.30000000000000004440892098500626161694526672363281250000000",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_same_number(cases[i]);
    }
    struct random random = random_seeded(20261121);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        uint64_t bits = random_next(&random);
        int digits = 1 + (int)(bits % 19);
        uint64_t mantissa = random_next(&random) % (uint64_t)pow(10, digits);
        (void)snprintf(text, sizeof text, "%s%d.%0*llu", bits & 0x100 ? "-" : "",
                       (int)((bits >> 16) & 0xFFFF) >> (bits >> 32) % 16, digits,
                       (unsigned long long)mantissa);
        assert_same_number(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout_of_any_order_is_read),
        cmocka_unit_test(layout_of_all_columns_is_read),
        cmocka_unit_test(layout_that_is_wrong_is_refused_by_name),
        cmocka_unit_test(columns_are_called_as_the_file_calls_them),
        cmocka_unit_test(columns_that_are_passed_over_are_told_with_what_they_may_be),
        cmocka_unit_test(lines_become_ticks_or_faults),
        cmocka_unit_test(figures_may_be_negative_and_stand_anywhere),
        cmocka_unit_test(numbers_have_the_bits_of_strtod),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
