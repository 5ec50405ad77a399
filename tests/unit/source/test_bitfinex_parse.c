/* What rows of Bitfinex's tickers mean, without a socket. */
#include <stdio.h>

#include "bitfinex_parsed.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct ticker *find(const struct parsed *parsed, const char *symbol)
{
    for (size_t i = 0; i < parsed->batch.count; ++i) {
        if (strcmp(batch_ticks(&parsed->batch)[i].symbol, symbol) == 0) {
            return &batch_ticks(&parsed->batch)[i];
        }
    }
    fail_msg("no tick of %s", symbol);
    return NULL;
}

static void rows_of_every_kind_of_number_become_ticks(void **state)
{
    (void)state;
    struct parsed parsed;
    parse_file(&parsed, 200, FIXTURES "/bitfinex/tickers_all.json");
    assert_int_equal(parsed.answer, BITFINEX_ROWS);
    assert_int_equal(parsed.counts.rows, 14);
    assert_int_equal(parsed.counts.records, 11);
    assert_int_equal(parsed.counts.rejected[ROW_FUNDING], 3);
    assert_int_equal(parsed.seen.count, 11);

    const struct ticker *bitcoin = find(&parsed, "tBTCUSD");
    static const double want[] = {
        [TICKER_BID] = 64250,           [TICKER_BID_SIZE] = 3.25,
        [TICKER_ASK] = 64251,           [TICKER_ASK_SIZE] = 1.125,
        [TICKER_DAILY_CHANGE] = -310.5, [TICKER_DAILY_CHANGE_RELATIVE] = -0.00481,
        [TICKER_VOLUME] = 1822.0625,    [TICKER_HIGH] = 65010,
        [TICKER_LOW] = 63888,
    };
    assert_true(bitcoin->last_price == 64250.5);
    for (size_t i = 0; i < sizeof want / sizeof want[0]; ++i) {
        assert_true(bitcoin->has[i]);
        assert_true(bitcoin->figures[i] == want[i]);
    }
    assert_false(bitcoin->has[TICKER_MARKET_CAP]); /* it knows none */
    assert_string_equal(bitcoin->source, "bitfinex");
    assert_int_equal(bitcoin->event_time_ns, 0);

    assert_true(find(&parsed, "tTESTBTC:TESTUSD")->last_price == 64050);
    assert_true(find(&parsed, "tSHIB:USD")->last_price == 2.257e-5);
    assert_true(find(&parsed, "tPEPE:USD")->last_price == 8.05e-8);
    assert_true(find(&parsed, "tPEPE:USD")->figures[TICKER_VOLUME] == 3.5e13);
    assert_true(find(&parsed, "tLTCBTC")->figures[TICKER_DAILY_CHANGE] == 1.5e-6);
    assert_true(find(&parsed, "tEURUSD")->figures[TICKER_LOW] == 1.0688);
    const struct ticker *gold = find(&parsed, "tXAUT:USD");
    assert_false(gold->has[TICKER_BID]);
    assert_false(gold->has[TICKER_BID_SIZE]);
    assert_true(gold->figures[TICKER_BID] == 0);
    assert_true(gold->has[TICKER_ASK]);
    release(&parsed);
}

static const struct {
    const char *row;
    enum row_fault want; /* ROW_FAULTS: taken */
} one_row[] = {
    {"[\"tAAAUSD\",1,1,1,1,1,1,5,1,1,1]", ROW_FAULTS},
    {"[\"tAAAUSD\",1,1,1,1,1,1,5,1,1,1,null,\"new\",[1],{}]", ROW_FAULTS},
    {"[\"tAAAUSD\",null,null,null,null,null,null,5,null,null,null]", ROW_FAULTS},
    {"[\"tAAAUSD\",-0.0,0,0,0,-1,-2,4.9e-324,0,0,0]", ROW_FAULTS},
    {"[\"tAAAUSD\",1,1,1,1,1,1,123456789012345678901234567890,1,1,1]", ROW_FAULTS},
    {"[\"t:\",1,1,1,1,1,1,5,1,1,1]", ROW_FAULTS},
    {"[\"fUSD\",1,1,1,1,1,1,5,1,1,1]", ROW_FUNDING},
    {"[\"fUSD\"]", ROW_FUNDING},
    {"[\"tBBBUSD\",1,1,1,1,1,1,5,1,1,1]", ROW_UNKNOWN_COIN},
    {"[\"t\",1,1,1,1,1,1,5,1,1,1]", ROW_BAD_SYMBOL},
    {"[\"\",1,1,1,1,1,1,5,1,1,1]", ROW_BAD_SYMBOL},
    {"[\"AAAUSD\",1,1,1,1,1,1,5,1,1,1]", ROW_BAD_SYMBOL},
    {"[\"tA,B\",1,1,1,1,1,1,5,1,1,1]", ROW_BAD_SYMBOL},
    {"[\"tAAA\\nUSD\",1,1,1,1,1,1,5,1,1,1]", ROW_BAD_SYMBOL},
    {"[\"tAAAUSD\\u0000\",1,1,1,1,1,1,5,1,1,1]", ROW_BAD_SYMBOL},
    {"[\"tAAAUS\\u00e9\",1,1,1,1,1,1,5,1,1,1]", ROW_BAD_SYMBOL},
    {"[\"tAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",1,1,1,1,1,1,5,1,1,1]", ROW_BAD_SYMBOL},
    {"[\"tAAAUSD\",1,1,1,1,1,1,0,1,1,1]", ROW_BAD_PRICE},
    {"[\"tAAAUSD\",1,1,1,1,1,1,-0.0,1,1,1]", ROW_BAD_PRICE},
    {"[\"tAAAUSD\",1,1,1,1,1,1,1e-400,1,1,1]", ROW_BAD_PRICE},
    {"[\"tAAAUSD\",1,1,1,1,1,1,-5,1,1,1]", ROW_BAD_PRICE},
    {"[\"tAAAUSD\",1,1,1,1,1,1,null,1,1,1]", ROW_BAD_PRICE},
    {"[\"tAAAUSD\",1,1,1,1,1,1,\"5\",1,1,1]", ROW_BAD_PRICE},
    {"[\"tAAAUSD\",1,1,1,1,1,1,true,1,1,1]", ROW_BAD_PRICE},
    {"[\"tAAAUSD\",1,1,1,1,1,1,1e309,1,1,1]", ROW_BAD_PRICE},
    {"[\"tAAAUSD\",1,1,1,1,1,1,[5],1,1,1]", ROW_BAD_PRICE},
    {"[\"tAAAUSD\",\"1\",1,1,1,1,1,5,1,1,1]", ROW_BAD_FIGURE},
    {"[\"tAAAUSD\",1,1,1,1,1,1,5,1,1,false]", ROW_BAD_FIGURE},
    {"[\"tAAAUSD\",1,1,1,-1E+999,1,1,5,1,1,1]", ROW_BAD_FIGURE},
    {"[\"tAAAUSD\",1,1,1,1,1,1,5,{},1,1]", ROW_BAD_FIGURE},
    {"[\"tAAAUSD\",1,1,1,1,1,1,5,1,1]", ROW_BAD_SHAPE},
    {"[\"tAAAUSD\"]", ROW_BAD_SHAPE},
    {"[]", ROW_BAD_SHAPE},
    {"[null,1,1,1,1,1,1,5,1,1,1]", ROW_BAD_SHAPE},
    {"[[\"tAAAUSD\"],1,1,1,1,1,1,5,1,1,1]", ROW_BAD_SHAPE},
    {"{\"0\":\"tAAAUSD\"},[\"fUSD\"]", ROW_BAD_SHAPE},
    {"\"tAAAUSD\",[\"fUSD\"]", ROW_BAD_SHAPE},
    {"17,[\"fUSD\"]", ROW_BAD_SHAPE},
};

static void row_of_each_kind_is_taken_or_counted_by_its_reason(void **state)
{
    (void)state;
    struct coin_table wanted;
    bool all;
    struct error error = {0};
    assert_true(coins_parse("tAAAUSD,t:", &ticker_kind, &wanted, &all, &error));
    for (size_t i = 0; i < COUNT(one_row); ++i) {
        char body[300];
        int length = snprintf(body, sizeof body, " [%s]\n", one_row[i].row);
        struct parsed parsed;
        parse(&parsed, 200, (struct str){body, (size_t)length}, &wanted);
        bool taken = one_row[i].want == ROW_FAULTS;
        if (parsed.answer != BITFINEX_ROWS || parsed.counts.records != taken ||
            (!taken && parsed.counts.rejected[one_row[i].want] < 1)) {
            fail_msg("%s: %s", one_row[i].row, parsed.error.text);
        }
        release(&parsed);
    }
    coin_table_free(&wanted);
}

static void bad_rows_among_good_ones_are_counted_and_the_good_taken(void **state)
{
    (void)state;
    struct parsed parsed;
    parse_file(&parsed, 200, FIXTURES "/bitfinex/tickers_faults.json");
    assert_int_equal(parsed.answer, BITFINEX_ROWS);
    static const int64_t want[ROW_FAULTS] = {
        [ROW_FUNDING] = 1,    [ROW_DUPLICATE] = 1, [ROW_BAD_PRICE] = 5,
        [ROW_BAD_FIGURE] = 2, [ROW_BAD_SHAPE] = 5, [ROW_BAD_SYMBOL] = 3,
    };
    for (size_t i = 0; i < ROW_FAULTS; ++i) {
        if (parsed.counts.rejected[i] != want[i]) {
            fail_msg("%s: %lld", row_fault_names[i], (long long)parsed.counts.rejected[i]);
        }
    }
    assert_int_equal(parsed.counts.rows, 19);
    assert_int_equal(parsed.batch.count, 2);
    assert_true(find(&parsed, "tBTCUSD")->last_price == 64250.5); /* the first one counts */
    assert_true(find(&parsed, "tETHUSD")->last_price == 3120);
    /* An answer with a bad row of a coin is not one without the coin. */
    assert_non_null(coin_table_find(&parsed.seen, str_from("tZERO:USD")));
    release(&parsed);
}

static void several_answers_add_up_in_counts_and_batch(void **state)
{
    (void)state;
    struct parsed parsed = {.batch.kind = &ticker_kind};
    struct str body = str_from("[[\"tAAAUSD\",1,1,1,1,1,1,5,1,1,1],[\"fUSD\"]]");
    for (int i = 1; i <= 3; ++i) {
        struct coin_table seen = {0};
        assert_int_equal(
            bitfinex_parse(200, body, NULL, &seen, &parsed.batch, &parsed.counts, &parsed.error),
            BITFINEX_ROWS);
        assert_int_equal(parsed.batch.count, i);
        assert_int_equal(parsed.counts.rows, 2 * i);
        assert_int_equal(parsed.counts.rejected[ROW_FUNDING], i);
        coin_table_free(&seen);
    }
    release(&parsed);
}

static void numbers_beyond_double_in_any_place_spoil_only_their_own(void **state)
{
    (void)state;
    /* Quotes and escapes in strings must not hide or make numbers. */
    char digits[400];
    memset(digits, '7', sizeof digits - 1);
    digits[sizeof digits - 1] = '\0';
    char body[2000];
    int length = snprintf(body, sizeof body,
                          "[[\"tAAAUSD\",1,1,1,1,1,1,5,1,1,1,\"1e999\\\"1e999\\\\\",1e999],"
                          "[\"tBBBUSD\",1,1,1,1,1,1,%s,1,1,1],"
                          "[\"tCCCUSD\",1,1,1,1,1,1,0.%s,1,1,1e5]]",
                          digits, digits);
    struct parsed parsed;
    parse(&parsed, 200, (struct str){body, (size_t)length}, NULL);
    assert_int_equal(parsed.answer, BITFINEX_ROWS);
    assert_int_equal(parsed.counts.records, 2);
    assert_int_equal(parsed.counts.rejected[ROW_BAD_PRICE], 1);
    assert_true(find(&parsed, "tAAAUSD")->last_price == 5);
    assert_true(find(&parsed, "tCCCUSD")->figures[TICKER_LOW] == 1e5);
    release(&parsed);
}

/* In the shapes that were recorded: figures of 17 digits, integers only, funding first and one
 * value a line. */
static void bodies_as_recorded_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int64_t ticks;
        int64_t funding;
        double bitcoin;
        double bitcoin_bid_size;
    } cases[] = {
        {FIXTURES "/bitfinex/tickers_subset.json", 3, 1, 64250.5, 11.748290120000003},
        {FIXTURES "/bitfinex/tickers_integers.json", 2, 0, 64248, 14.20931847},
        {FIXTURES "/bitfinex/tickers_funding_first.json", 1, 1, 64251, 21.750338190000004},
    };
    struct parsed parsed;
    for (size_t i = 0; i < COUNT(cases); ++i) {
        parse_file(&parsed, 200, cases[i].path);
        assert_int_equal(parsed.answer, BITFINEX_ROWS);
        assert_int_equal(parsed.counts.records, cases[i].ticks);
        assert_int_equal(parsed.counts.rejected[ROW_FUNDING], cases[i].funding);
        assert_int_equal(parsed.counts.rows, cases[i].ticks + cases[i].funding);
        const struct ticker *bitcoin = find(&parsed, "tBTCUSD");
        assert_true(bitcoin->last_price == cases[i].bitcoin);
        assert_true(bitcoin->figures[TICKER_BID_SIZE] == cases[i].bitcoin_bid_size);
        release(&parsed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_every_kind_of_number_become_ticks),
        cmocka_unit_test(row_of_each_kind_is_taken_or_counted_by_its_reason),
        cmocka_unit_test(bad_rows_among_good_ones_are_counted_and_the_good_taken),
        cmocka_unit_test(several_answers_add_up_in_counts_and_batch),
        cmocka_unit_test(numbers_beyond_double_in_any_place_spoil_only_their_own),
        cmocka_unit_test(bodies_as_recorded_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
