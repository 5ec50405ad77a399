/* What bodies of Bitfinex's tickers mean, without a socket. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "exchange/bitfinex_parse.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* One parsed answer. */
struct parsed {
    enum bitfinex_answer answer;
    struct coin_table seen;
    struct tick_batch batch;
    struct row_counts counts;
    struct error error;
};

static void parse(struct parsed *parsed, long status, struct str body,
                  const struct coin_table *wanted)
{
    memset(parsed, 0, sizeof *parsed);
    parsed->answer = bitfinex_parse(status, body, wanted, &parsed->seen, &parsed->batch,
                                    &parsed->counts, &parsed->error);
    int64_t rejected = 0;
    for (size_t i = 0; i < ROW_FAULTS; ++i) {
        rejected += parsed->counts.rejected[i];
    }
    /* Every row is a tick or has one reason; and nothing is left of an answer that failed. */
    assert_int_equal(parsed->counts.rows, parsed->counts.ticks + rejected);
    assert_int_equal(parsed->counts.ticks, parsed->batch.count);
    if (parsed->answer != BITFINEX_ROWS) {
        assert_int_equal(parsed->counts.rows, 0);
        assert_int_not_equal(parsed->error.kind, ERROR_NONE);
    }
}

static void parse_file(struct parsed *parsed, long status, const char *path)
{
    size_t length;
    char *text = support_read_file(path, &length);
    assert_non_null(text);
    parse(parsed, status, (struct str){text, length}, NULL);
    free(text);
}

static void release(struct parsed *parsed)
{
    coin_table_free(&parsed->seen);
    tick_batch_free(&parsed->batch);
}

static const struct ticker *find(const struct parsed *parsed, const char *symbol)
{
    for (size_t i = 0; i < parsed->batch.count; ++i) {
        if (strcmp(parsed->batch.ticks[i].symbol, symbol) == 0) {
            return &parsed->batch.ticks[i];
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
    assert_int_equal(parsed.counts.ticks, 11);
    assert_int_equal(parsed.counts.rejected[ROW_FUNDING], 3);
    assert_int_equal(parsed.seen.count, 11);

    const struct ticker *bitcoin = find(&parsed, "tBTCUSD");
    static const double want[TICKER_FIGURES] = {
        [TICKER_BID] = 64250,           [TICKER_BID_SIZE] = 3.25,
        [TICKER_ASK] = 64251,           [TICKER_ASK_SIZE] = 1.125,
        [TICKER_DAILY_CHANGE] = -310.5, [TICKER_DAILY_CHANGE_RELATIVE] = -0.00481,
        [TICKER_VOLUME] = 1822.0625,    [TICKER_HIGH] = 65010,
        [TICKER_LOW] = 63888,
    };
    assert_true(bitcoin->last_price == 64250.5);
    for (size_t i = 0; i < TICKER_FIGURES; ++i) {
        assert_true(bitcoin->has[i]);
        assert_true(bitcoin->figures[i] == want[i]);
    }
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

static void row_of_each_kind_is_taken_or_counted_by_its_reason(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        enum row_fault want; /* ROW_FAULTS: taken */
    } cases[] = {
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
    struct coin_table wanted;
    bool all;
    struct error error = {0};
    assert_true(coins_parse("tAAAUSD,t:", &wanted, &all, &error));
    for (size_t i = 0; i < COUNT(cases); ++i) {
        char body[300];
        int length = snprintf(body, sizeof body, " [%s]\n", cases[i].row);
        struct parsed parsed;
        parse(&parsed, 200, (struct str){body, (size_t)length}, &wanted);
        bool taken = cases[i].want == ROW_FAULTS;
        if (parsed.answer != BITFINEX_ROWS || parsed.counts.ticks != taken ||
            (!taken && parsed.counts.rejected[cases[i].want] < 1)) {
            fail_msg("%s: %s", cases[i].row, parsed.error.text);
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
    struct parsed parsed = {0};
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
    assert_int_equal(parsed.counts.ticks, 2);
    assert_int_equal(parsed.counts.rejected[ROW_BAD_PRICE], 1);
    assert_true(find(&parsed, "tAAAUSD")->last_price == 5);
    assert_true(find(&parsed, "tCCCUSD")->figures[TICKER_LOW] == 1e5);
    release(&parsed);
}

static void answer_without_rows_has_its_kind(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *body;
        enum bitfinex_answer want;
        int want_wait_ms;
        const char *want_text;
    } cases[] = {
        {429, "{\"error\":\"ERR_RATE_LIMIT\"}", BITFINEX_AWAY, 60000, "rate limit"},
        {429, "[\"error\",11010,\"ratelimit: error\"]", BITFINEX_AWAY, 60000, "rate limit"},
        {429, "[\"error\", 11010, \"ratelimit: error\"]", BITFINEX_AWAY, 60000, "rate limit"},
        {429, "", BITFINEX_AWAY, 60000, "rate limit"},
        {429, "<html>slow down</html>", BITFINEX_AWAY, 60000, "rate limit"},
        {429, "[\"error\",10001,\"generic\"]", BITFINEX_AWAY, 60000, "rate limit"},
        {429, "[]", BITFINEX_AWAY, 60000, "rate limit"},
        {200, "[\"error\",11010,\"ratelimit: error\"]", BITFINEX_AWAY, 60000, "rate limit"},
        {200, "{\"error\":\"ERR_RATE_LIMIT\"}", BITFINEX_AWAY, 60000, "rate limit"},
        {500, "{\"error\":\"ERR_RATE_LIMIT\"}", BITFINEX_AWAY, 60000, "rate limit"},
        {503, "[\"error\",20060,\"maintenance\"]", BITFINEX_AWAY, 0, "maintenance"},
        {200, "[\"error\", 20060, \"maintenance\"]", BITFINEX_AWAY, 0, "maintenance"},
        {500, "[\"error\",11000,\"ready: invalid\"]", BITFINEX_AWAY, 0, "ready: invalid"},
        {500, "[\"error\",10020,\"limit: invalid\"]", BITFINEX_AWAY, 0, "limit: invalid"},
        {500, "[\"error\",10020,\"symbol: invalid\"]", BITFINEX_UNKNOWN_SYMBOL, 0, "symbol"},
        {500, "[\"error\",10020,\"symbols: invalid\"]", BITFINEX_UNKNOWN_SYMBOL, 0, "symbol"},
        {200, "[\"error\",10020,\"symbol: invalid\"]", BITFINEX_UNKNOWN_SYMBOL, 0, "symbol"},
        {500, "[\"error\"]", BITFINEX_AWAY, 0, "error 0"},
        {500, "[\"error\",\"x\",7]", BITFINEX_AWAY, 0, "HTTP 500"},
        {500, "{\"error\":\"boom\"}", BITFINEX_AWAY, 0, "boom"},
        {500, "", BITFINEX_AWAY, 0, "HTTP 500"},
        {500, "[[\"tBTCUSD\",1,1,1,1,1,1,5,1,1,1]]", BITFINEX_AWAY, 0, "HTTP 500"},
        {520, "<!DOCTYPE html><html></html>", BITFINEX_AWAY, 0, "HTTP 520"},
        {403, "<html>captcha</html>", BITFINEX_AWAY, 0, "refuses"},
        {404, "Cannot GET /api/v2/nope", BITFINEX_AWAY, 0, "--exchange-url"},
        {302, "", BITFINEX_AWAY, 0, "redirect"},
        {200, "", BITFINEX_AWAY, 0, "empty"},
        {200, " \r\n", BITFINEX_AWAY, 0, "empty"},
        {200, "\n<!DOCTYPE html><html>", BITFINEX_AWAY, 0, "HTML"},
        {200, "[[\"tBTCUSD\",1,1,1,1,1,1,5,1,1", BITFINEX_AWAY, 0, "not JSON"},
        {200, "[[\"tBTCUSD\",1,1,1,1,1,1,NaN,1,1,1]]", BITFINEX_AWAY, 0, "not JSON"},
        {200, "[[\"tBTCUSD\",1,1,1,1,1,1,1e999,1,1,1]", BITFINEX_AWAY, 0, "not JSON"},
        {200, "[[\"tBTCUSD\",1,1,1,1,1,1,5,1,1,1]] more", BITFINEX_AWAY, 0, "not JSON"},
        {200, "[[\"tBTC\xff\",1,1,1,1,1,1,5,1,1,1]]", BITFINEX_AWAY, 0, "not JSON"},
        {200, "[1]", BITFINEX_AWAY, 0, "flat"},
        {200, "[0]", BITFINEX_AWAY, 0, "flat"},
        {200, "[null]", BITFINEX_AWAY, 0, "flat"},
        {200, "[\"tBTCUSD\",1,1,1,1,1,1,5,1,1,1]", BITFINEX_AWAY, 0, "flat"},
        {200, "{}", BITFINEX_AWAY, 0, "object"},
        {200, "null", BITFINEX_AWAY, 0, "single value"},
        {200, "\"error\"", BITFINEX_AWAY, 0, "single value"},
        {200, "17", BITFINEX_AWAY, 0, "single value"},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct parsed parsed;
        parse(&parsed, cases[i].status, str_from(cases[i].body), NULL);
        if (parsed.answer != cases[i].want || parsed.error.kind != ERROR_RETRY ||
            parsed.error.retry_after_ms != cases[i].want_wait_ms ||
            strstr(parsed.error.text, cases[i].want_text) == NULL) {
            fail_msg("%ld %s: %d \"%s\" %d", cases[i].status, cases[i].body, parsed.answer,
                     parsed.error.text, parsed.error.retry_after_ms);
        }
        release(&parsed);
    }
}

static void empty_array_is_an_answer_of_no_rows(void **state)
{
    (void)state;
    struct parsed parsed;
    parse(&parsed, 200, str_from("[]"), NULL);
    assert_int_equal(parsed.answer, BITFINEX_ROWS);
    assert_int_equal(parsed.counts.rows, 0);
    release(&parsed);
}

static void wrong_shapes_in_files_are_errors_that_say_so(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *want;
    } cases[] = {
        {FIXTURES "/bitfinex/v1_pubticker.json", "--exchange-url"},
        {FIXTURES "/bitfinex/v2_single_ticker.json", "--exchange-url"},
        {FIXTURES "/bitfinex/challenge.html", "HTML"},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct parsed parsed;
        parse_file(&parsed, 200, cases[i].path);
        assert_int_equal(parsed.answer, BITFINEX_AWAY);
        assert_non_null(strstr(parsed.error.text, cases[i].want));
        release(&parsed);
    }
}

static void deeply_nested_body_is_refused(void **state)
{
    (void)state;
    enum { DEPTH = 1 << 20 };
    char *body = malloc(DEPTH);
    assert_non_null(body);
    memset(body, '[', DEPTH);
    struct parsed parsed;
    parse(&parsed, 200, (struct str){body, DEPTH}, NULL);
    assert_int_equal(parsed.answer, BITFINEX_AWAY);
    release(&parsed);
    free(body);
}

static void body_cut_anywhere_gives_no_tick_at_all(void **state)
{
    (void)state;
    size_t length;
    char *text = support_read_file(FIXTURES "/bitfinex/tickers_all.json", &length);
    assert_non_null(text);
    while (length > 0 && text[length - 1] != ']') {
        length--;
    }
    for (size_t cut = 0; cut < length; ++cut) {
        /* In memory of its own size, so that a sanitizer sees a read beyond it. */
        char *part = malloc(cut > 0 ? cut : 1);
        assert_non_null(part);
        memcpy(part, text, cut);
        struct parsed parsed;
        parse(&parsed, 200, (struct str){part, cut}, NULL);
        assert_int_equal(parsed.answer, BITFINEX_AWAY);
        assert_int_equal(parsed.batch.count, 0);
        release(&parsed);
        free(part);
    }
    free(text);
}

static void recorded_bodies_are_read_where_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int64_t ticks;
        int64_t funding;
    } cases[] = {
        {SHARED_DATA "/bitfinex_rest/tickers_ALL_2020-06_coinranking.json", 293, 31},
        {SHARED_DATA "/bitfinex_rest/tickers_BTC_ETH_XRP_fUSD_2020-06_subset.json", 3, 1},
        {SHARED_DATA "/bitfinex_rest/xchange_tickers_BTC_ETH_2023.json", 2, 0},
        {SHARED_DATA "/bitfinex_rest/xchange_tickers_fLEO_tBTCUSD_2020-01.json", 1, 1},
    };
    char *there = support_read_file(cases[0].path, NULL);
    if (there == NULL) {
        skip();
    }
    free(there);
    struct parsed parsed;
    for (size_t i = 0; i < COUNT(cases); ++i) {
        parse_file(&parsed, 200, cases[i].path);
        assert_int_equal(parsed.answer, BITFINEX_ROWS);
        assert_int_equal(parsed.counts.ticks, cases[i].ticks);
        assert_int_equal(parsed.counts.rejected[ROW_FUNDING], cases[i].funding);
        assert_int_equal(parsed.counts.rows, cases[i].ticks + cases[i].funding);
        release(&parsed);
    }
    parse_file(&parsed, 200, cases[2].path);
    assert_true(find(&parsed, "tBTCUSD")->last_price == 26310);
    release(&parsed);
    static const char *const wrong[] = {
        SHARED_DATA "/bitfinex_rest/xchange_v1_pubticker_strings_2014.json",
        SHARED_DATA "/bitfinex_rest/ccxt_v2_ticker_tBTCUST_2024-03-13.json",
    };
    for (size_t i = 0; i < COUNT(wrong); ++i) {
        parse_file(&parsed, 200, wrong[i]);
        assert_int_equal(parsed.answer, BITFINEX_AWAY);
        release(&parsed);
    }
}

static void recorded_error_bodies_have_their_kind(void **state)
{
    (void)state;
    DIR *folder = opendir(SHARED_DATA "/bitfinex_errors");
    if (folder == NULL) {
        skip();
    }
    int files = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        const char *name = entry->d_name;
        if (strstr(name, ".json") == NULL && strstr(name, ".html") == NULL) {
            continue;
        }
        char path[1000];
        (void)snprintf(path, sizeof path, "%s/bitfinex_errors/%s", SHARED_DATA, name);
        long status = strtol(name, NULL, 10); /* "5xx" and others give 5 or 0 */
        struct parsed parsed;
        parse_file(&parsed, status >= 100 ? status : 500, path);
        enum bitfinex_answer want = BITFINEX_AWAY;
        if (strstr(name, "symbol_invalid") != NULL) {
            want = BITFINEX_UNKNOWN_SYMBOL;
        } else if (strstr(name, "200_empty") != NULL) {
            want = BITFINEX_ROWS;
        }
        if (parsed.answer != want ||
            (strstr(name, "429") != NULL && parsed.error.retry_after_ms != 60000)) {
            fail_msg("%s: %d %s", name, parsed.answer, parsed.error.text);
        }
        release(&parsed);
        files++;
    }
    (void)closedir(folder);
    assert_true(files >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_every_kind_of_number_become_ticks),
        cmocka_unit_test(row_of_each_kind_is_taken_or_counted_by_its_reason),
        cmocka_unit_test(bad_rows_among_good_ones_are_counted_and_the_good_taken),
        cmocka_unit_test(several_answers_add_up_in_counts_and_batch),
        cmocka_unit_test(numbers_beyond_double_in_any_place_spoil_only_their_own),
        cmocka_unit_test(answer_without_rows_has_its_kind),
        cmocka_unit_test(empty_array_is_an_answer_of_no_rows),
        cmocka_unit_test(wrong_shapes_in_files_are_errors_that_say_so),
        cmocka_unit_test(deeply_nested_body_is_refused),
        cmocka_unit_test(body_cut_anywhere_gives_no_tick_at_all),
        cmocka_unit_test(recorded_bodies_are_read_where_they_are),
        cmocka_unit_test(recorded_error_bodies_have_their_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
