/* The fake exchange's book of trades, and what is read from it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "fake_exchange/fake_candle.h"
#include "fake_exchange/fake_rest.h"
#include "market/candle.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define BEGIN_MS INT64_C(1795251600000) /* 2026-11-21T09:00:00Z */
enum { HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS };

static struct fake_market seeded(const char *coins, uint64_t seed, int64_t length_ms, int64_t rate)
{
    struct fake_market market;
    struct error error = {0};
    const struct fake_seed config = {coins, seed, BEGIN_MS, BEGIN_MS + length_ms, rate};
    if (!fake_market_seed(&market, &config, &error)) {
        fail_msg("%s", error.text);
    }
    return market;
}

static void same_seed_makes_the_same_book_and_another_seed_another(void **state)
{
    (void)state;
    struct fake_market first = seeded("tBTCUSD,tETHUSD", 7, HOUR_MS, 60);
    struct fake_market same = seeded("tBTCUSD,tETHUSD", 7, HOUR_MS, 60);
    struct fake_market other = seeded("tBTCUSD,tETHUSD", 8, HOUR_MS, 60);
    assert_int_equal(first.count, same.count);
    assert_memory_equal(first.trades, same.trades, first.count * sizeof *first.trades);
    assert_true(first.count != other.count ||
                memcmp(first.trades, other.trades, first.count * sizeof *first.trades) != 0);
    /* the very same on every machine */
    struct strbuf row = strbuf_new(100);
    fake_rest_trade_row(&first.trades[0], &row);
    assert_string_equal(strbuf_text(&row), "[2892374488,1795251600867,-0.05,65876.6]");
    strbuf_free(&row);
    fake_market_free(&first);
    fake_market_free(&same);
    fake_market_free(&other);
}

static int compare_ids(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static void seeded_book_has_what_is_hard_about_a_real_one(void **state)
{
    (void)state;
    struct fake_market market = seeded(NULL, 1, 4 * HOUR_MS, 60);
    assert_int_equal(market.coins.count, 10);
    assert_in_range(market.count, 10 * 240 * 60 * 3 / 4, 10 * 240 * 60 * 5 / 4);
    size_t same_ms = 0, back = 0, sells = 0, empty_minutes = 0;
    int64_t *ids = calloc(market.count, sizeof *ids);
    assert_non_null(ids);
    for (size_t i = 0; i < market.count; i++) {
        const struct fake_trade *trade = &market.trades[i];
        const struct fake_trade *before = i > 0 ? trade - 1 : NULL;
        ids[i] = trade->id;
        sells += trade->amount_e8 < 0;
        assert_true(trade->price_e8 > 0 && trade->amount_e8 != 0);
        assert_in_range(trade->time_ms, BEGIN_MS, BEGIN_MS + 4 * HOUR_MS - 1);
        if (before != NULL && before->coin == trade->coin && before->time_ms == trade->time_ms) {
            same_ms++;
            back += trade->id < before->id;
        } else if (before != NULL) {
            assert_true(before->time_ms <= trade->time_ms && before->id < trade->id);
        }
    }
    assert_true(same_ms > market.count / 10 && back > market.count / 50);
    assert_in_range(sells, market.count / 3, market.count * 2 / 3);
    qsort(ids, market.count, sizeof *ids, compare_ids);
    for (size_t i = 1; i < market.count; i++) {
        assert_true(ids[i] != ids[i - 1]);
    }
    for (int64_t minute = 0; minute < 10 * 240; minute++) {
        int64_t from_ms = BEGIN_MS + minute / 10 * 60000;
        const struct fake_query query = {from_ms, from_ms + 59999, 1, true};
        struct fake_cursor cursor = fake_market_select(&market, (size_t)(minute % 10), &query);
        empty_minutes += fake_cursor_next(&cursor) == NULL;
    }
    assert_in_range(empty_minutes, 20, 300);
    free(ids);
    fake_market_free(&market);
}

static void pages_in_either_direction_equal_the_whole(void **state)
{
    (void)state;
    struct fake_market market = seeded("tBTCUSD,tETHUSD,tXRPUSD", 3, 2 * HOUR_MS, 300);
    const size_t pages[] = {1000, 77, 40}; /* more than ever happen in a millisecond */
    const struct fake_coin_trades *coin = &market.by_coin[1];
    for (size_t i = 0; i < 2 * COUNT(pages); i++) {
        struct fake_query query = {BEGIN_MS, BEGIN_MS + 2 * HOUR_MS, pages[i / 2], i % 2 == 0};
        bool *seen = calloc(market.count, sizeof *seen);
        assert_non_null(seen);
        size_t given = 0;
        for (bool more = true; more;) {
            struct fake_cursor cursor = fake_market_select(&market, 1, &query);
            const struct fake_trade *trade, *last = NULL;
            size_t fresh = 0;
            while ((trade = fake_cursor_next(&cursor)) != NULL) {
                assert_int_equal(trade->coin, 1);
                assert_true(last == NULL || (query.oldest_first ? last->time_ms <= trade->time_ms
                                                                : last->time_ms >= trade->time_ms));
                fresh += !seen[trade - market.trades];
                seen[trade - market.trades] = true;
                last = trade;
            }
            given += fresh;
            more = fresh > 0;
            if (more && query.oldest_first) {
                query.from_ms = last->time_ms; /* both ends are inclusive */
            } else if (more) {
                query.to_ms = last->time_ms;
            }
        }
        assert_int_equal(given, coin->count);
        free(seen);
    }
    fake_market_free(&market);
}

/* One more candle of a fold that is written without any of the above. */
static bool plain_candle(const struct fake_market *market, size_t coin, int64_t begin_ms,
                         int64_t end_ms, struct fake_candle *want)
{
    const struct fake_trade *first = NULL, *last = NULL;
    *want = (struct fake_candle){.time_ms = begin_ms};
    for (size_t i = 0; i < market->count; i++) {
        const struct fake_trade *trade = &market->trades[i];
        if (trade->coin != coin || trade->time_ms < begin_ms || trade->time_ms >= end_ms) {
            continue;
        }
        bool earlier = first == NULL || trade->time_ms < first->time_ms ||
                       (trade->time_ms == first->time_ms && trade->id < first->id);
        bool later = last == NULL || trade->time_ms > last->time_ms ||
                     (trade->time_ms == last->time_ms && trade->id > last->id);
        want->high_e8 =
            first == NULL || trade->price_e8 > want->high_e8 ? trade->price_e8 : want->high_e8;
        want->low_e8 =
            first == NULL || trade->price_e8 < want->low_e8 ? trade->price_e8 : want->low_e8;
        first = earlier ? trade : first;
        last = later ? trade : last;
        want->volume_e8 += trade->amount_e8 < 0 ? -trade->amount_e8 : trade->amount_e8;
        want->trades++;
    }
    if (first != NULL) {
        want->open_e8 = first->price_e8;
        want->close_e8 = last->price_e8;
    }
    return first != NULL;
}

static void candles_are_the_fold_of_the_trades(void **state)
{
    (void)state;
    struct fake_market market = seeded("tBTCUSD,tETHUSD", 5, 3 * HOUR_MS, 20);
    static const char *const timeframes[] = {"1m", "5m", "1h", "6h", "1D", "1W", "1M"};
    size_t gaps = 0;
    for (size_t i = 0; i < COUNT(timeframes); i++) {
        int64_t interval_ns = 0;
        assert_true(fake_timeframe_find(str_from(timeframes[i]), &interval_ns));
        for (int oldest_first = 0; oldest_first < 2; oldest_first++) {
            int64_t at_ms = fake_candle_start(oldest_first ? BEGIN_MS : BEGIN_MS + 3 * HOUR_MS - 1,
                                              interval_ns);
            struct fake_query all = {INT64_MIN, INT64_MAX, SIZE_MAX, oldest_first};
            struct fake_query trades = fake_candle_trades(&all, interval_ns, INT64_MAX);
            struct fake_cursor cursor = fake_market_select(&market, 1, &trades);
            struct fake_candle candle, want;
            while (at_ms >= BEGIN_MS - 40 * (int64_t)DAY_MS && at_ms < BEGIN_MS + 3 * HOUR_MS) {
                int64_t end_ms = candle_bucket_end(at_ms * NS_PER_MS, interval_ns) / NS_PER_MS;
                if (plain_candle(&market, 1, at_ms, end_ms, &want)) {
                    assert_true(fake_candle_next(&cursor, interval_ns, -1, &candle));
                    assert_memory_equal(&candle, &want, sizeof want);
                } else {
                    gaps += oldest_first && interval_ns == 60 * NS_PER_SECOND;
                }
                at_ms = oldest_first ? end_ms : fake_candle_start(at_ms - 1, interval_ns);
            }
            assert_false(fake_candle_next(&cursor, interval_ns, -1, &candle));
        }
    }
    assert_true(gaps > 0);
    fake_market_free(&market);
}

static void what_is_asked_is_answered_or_refused_like_bitfinex_does(void **state)
{
    (void)state;
    static const char csv[] = "id,time,symbol,amount,price\n"
                              "10,1795251600000,tA,1,2\n"
                              "12,1795251600001,tA,-0.5,2.5\n"
                              "11,1795251600001,tA,0.00000001,3\n"
                              "13,1795251660000,tA,1e0,4\n";
    (void)csv;
    struct fake_market market = {0};
    struct error error = {0};
    char folder[200], file[220];
    support_make_folder(folder, sizeof folder);
    (void)snprintf(file, sizeof file, "%s/trades.csv", folder);
    support_write_file(file, csv, sizeof csv - 1);
    assert_false(fake_market_load(&market, file, &error));
    assert_non_null(strstr(error.text, "line 5 has no amount"));
    fake_market_free(&market);
    support_write_file(file, csv, sizeof csv - 1 - strlen("13,1795251660000,tA,1e0,4\n"));
    assert_true(fake_market_load(&market, file, &error));
    static const struct {
        const char *symbol;
        struct fake_params params;
        int64_t now_ms;
        unsigned status;
        const char *body;
    } cases[] = {
        {"tA",
         {0},
         BEGIN_MS + 5,
         200,
         "[[11,1795251600001,0.00000001,3],[12,1795251600001,-0.5,2.5],[10,1795251600000,1,2]]"},
        {"tA",
         {.sort = "1", .limit = "2"},
         BEGIN_MS + 5,
         200,
         "[[10,1795251600000,1,2],[12,1795251600001,-0.5,2.5]]"},
        {"tA",
         {.sort = "-1", .limit = "2"},
         BEGIN_MS + 5,
         200,
         "[[11,1795251600001,0.00000001,3],[12,1795251600001,-0.5,2.5]]"},
        {"tA",
         {.start = "1795251600001", .end = "1795251600001", .limit = "10000"},
         BEGIN_MS + 5,
         200,
         "[[11,1795251600001,0.00000001,3],[12,1795251600001,-0.5,2.5]]"},
        {"tA", {.end = "1795251600000"}, BEGIN_MS + 5, 200, "[[10,1795251600000,1,2]]"},
        {"tA", {.start = "1795251600002"}, BEGIN_MS + 5, 200, "[]"},
        {"tA", {0}, BEGIN_MS, 200, "[[10,1795251600000,1,2]]"},
        {"tA", {0}, BEGIN_MS - 1, 200, "[]"},
        {"tNOPE", {0}, BEGIN_MS + 5, 200, "[]"},
        {"fUSD", {0}, BEGIN_MS + 5, 200, "[]"},
        {"BTC", {0}, BEGIN_MS + 5, 500, "[\"error\",10020,\"symbol: invalid\"]"},
        {"tA", {.limit = "10001"}, BEGIN_MS + 5, 500, "[\"error\",10020,\"limit: invalid\"]"},
        {"tA", {.limit = "0"}, BEGIN_MS + 5, 500, "[\"error\",10020,\"limit: invalid\"]"},
        {"tA", {.limit = "x"}, BEGIN_MS + 5, 500, "[\"error\",10020,\"limit: invalid\"]"},
        {"tA", {.start = "x"}, BEGIN_MS + 5, 500, "[\"error\",10020,\"start: invalid\"]"},
        {"tA", {.end = ""}, BEGIN_MS + 5, 500, "[\"error\",10020,\"end: invalid\"]"},
        {"tA", {.sort = "2"}, BEGIN_MS + 5, 500, "[\"error\",10020,\"sort: invalid\"]"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct strbuf body = strbuf_new(10000);
        assert_int_equal(fake_rest_trades(&market, str_from(cases[i].symbol), &cases[i].params,
                                          cases[i].now_ms, &body),
                         cases[i].status);
        assert_string_equal(strbuf_text(&body), cases[i].body);
        strbuf_free(&body);
    }
    fake_market_free(&market);
    support_remove_folder(folder);
}

static void candles_follow_limits_order_and_the_clock(void **state)
{
    (void)state;
    static const char csv[] = "price,Symbol,time_ms,amount,id,note\n"
                              "2,tDOGE:USD,1795251600000,1,10,x\n"
                              "3,tDOGE:USD,1795251600001,-0.5,12,\n"
                              "1,tDOGE:USD,1795251600001,2,11,\n"
                              "5,tDOGE:USD,1795251725000,1,14,\n"
                              "4,tDOGE:USD,1795251720000,0.25,13,\n";
    char folder[200], file[220];
    struct fake_market market;
    struct error error = {0};
    support_make_folder(folder, sizeof folder);
    (void)snprintf(file, sizeof file, "%s/trades.csv", folder);
    support_write_file(file, csv, sizeof csv - 1);
    assert_true(fake_market_is_file(file));
    assert_true(fake_market_load(&market, file, &error));
#define FIRST "[1795251600000,2,3,3,1,3.5]"
    static const struct {
        const char *key;
        struct fake_params params;
        int64_t after_ms;
        bool changed;
        unsigned status;
        const char *body;
    } cases[] = {
        {"trade:1m:tDOGE:USD", {0}, 200000, false, 200, "[[1795251720000,4,5,5,4,1.25]," FIRST "]"},
        {"trade:1m:tDOGE:USD",
         {.sort = "1"},
         200000,
         false,
         200,
         "[" FIRST ",[1795251720000,4,5,5,4,1.25]]"},
        {"trade:1m:tDOGE:USD", {.sort = "1", .limit = "1"}, 200000, false, 200, "[" FIRST "]"},
        {"trade:1m:tDOGE:USD", {0}, 121000, false, 200, "[[1795251720000,4,4,4,4,0.25]," FIRST "]"},
        {"trade:1m:tDOGE:USD",
         {.start = "1795251600001"},
         200000,
         false,
         200,
         "[[1795251720000,4,5,5,4,1.25]]"},
        {"trade:1m:tDOGE:USD", {.end = "1795251719999"}, 200000, false, 200, "[" FIRST "]"},
        {"trade:1m:tDOGE:USD",
         {.start = "1795251600000", .end = "1795251600000"},
         200000,
         false,
         200,
         "[" FIRST "]"},
        {"trade:1D:tDOGE:USD", {0}, 200000, false, 200, "[[1795219200000,2,5,5,1,4.75]]"},
        /* the newest finished one lacks its last trade, and later it does not */
        {"trade:1m:tDOGE:USD", {.limit = "1"}, 200000, true, 200, "[[1795251720000,4,4,4,4,0.25]]"},
        {"trade:1m:tDOGE:USD",
         {.sort = "1"},
         130000,
         true,
         200,
         "[[1795251600000,2,3,3,2,1.5],[1795251720000,4,5,5,4,1.25]]"},
        {"trade:7m:tDOGE:USD", {0}, 0, false, 500, "[\"error\",10020,\"timeframe: invalid\"]"},
        {"book:1m:tDOGE:USD", {0}, 0, false, 500, "[\"error\",10020,\"key: invalid\"]"},
        {"trade:1m", {0}, 0, false, 500, "[\"error\",10020,\"symbol: invalid\"]"},
        {"trade:1m:tDOGE:USD",
         {.limit = "10001"},
         0,
         false,
         500,
         "[\"error\",10020,\"limit: invalid\"]"},
        {"trade:1m:tNOPE", {0}, 200000, false, 200, "[]"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct strbuf body = strbuf_new(10000);
        assert_int_equal(fake_rest_candles(&market, str_from(cases[i].key), &cases[i].params,
                                           BEGIN_MS + cases[i].after_ms, cases[i].changed, &body),
                         cases[i].status);
        assert_string_equal(strbuf_text(&body), cases[i].body);
        strbuf_free(&body);
    }
    struct strbuf body = strbuf_new(10000);
    fake_rest_tickers(&market, str_from("tDOGE:USD,tNOPE"), BEGIN_MS + 200000, &body);
    assert_string_equal(strbuf_text(&body),
                        "[[\"tDOGE:USD\",4.99975,1,5.00025001,1,3,1.5,5,4.75,5,1]]");
    strbuf_free(&body);
    fake_market_free(&market);
    support_remove_folder(folder);
}

static void files_that_are_no_trades_are_refused_with_the_line(void **state)
{
    (void)state;
#define HEAD "id,time,symbol,amount,price\n"
    static const struct {
        const char *content, *want;
    } cases[] = {
        {"time,symbol,last_price\n1,tA,2\n", "no file of trades"},
        {HEAD "x,1795251600000,tA,1,2\n", "line 2 has no id"},
        {HEAD "-1,1795251600000,tA,1,2\n", "line 2 has no id"},
        {HEAD "1,1795251600000,tA,1,2\n1,yesterday,tA,1,2\n", "line 3 has no time"},
        {HEAD "1,1795251600.0001,tA,1,2\n", "line 2 has no time"},
        {HEAD "1,1795251600000,,1,2\n", "line 2 has no symbol"},
        {HEAD "1,1795251600000,tA,0,2\n", "line 2 has no amount"},
        {HEAD "1,1795251600000,tA,1,0.000000001\n", "line 2 has no price"},
        {HEAD "1,1795251600000,tA,1,-2\n", "line 2 has no price"},
        {HEAD "1,1795251600000,tA,1\n", "line 2 has no price"},
        {HEAD "7,1795251600000,tA,1,2\n7,1795251600001,tB,1,2\n", "line 3 has the id 7, as line 2"},
    };
    char folder[200], file[220];
    support_make_folder(folder, sizeof folder);
    (void)snprintf(file, sizeof file, "%s/trades.csv", folder);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fake_market market;
        struct error error = {0};
        support_write_file(file, cases[i].content, strlen(cases[i].content));
        if (fake_market_load(&market, file, &error) || error.kind != ERROR_USAGE ||
            strstr(error.text, cases[i].want) == NULL) {
            fail_msg("%s: %s", cases[i].content, error.text);
        }
        fake_market_free(&market);
    }
    /* of time_ms any number is one of ms, of time a small one of seconds */
    static const char *const heads[] = {"time_ms", "time"};
    for (size_t i = 0; i < COUNT(heads); i++) {
        struct fake_market market;
        struct error error = {0};
        char content[100];
        int length = snprintf(content, sizeof content, "id,%s,symbol,amount,price\n1,7000,tA,1,2\n",
                              heads[i]);
        support_write_file(file, content, (size_t)length);
        assert_true(fake_market_load(&market, file, &error));
        assert_int_equal(market.trades[0].time_ms, i == 0 ? 7000 : 7000000);
        fake_market_free(&market);
    }
    assert_false(fake_market_is_file("/nowhere"));
    support_remove_folder(folder);
}

static void book_written_as_csv_is_read_as_the_same_book(void **state)
{
    (void)state;
    struct fake_market market = seeded("tBTCUSD,tDOGE:USD", 2, HOUR_MS, 120);
    struct fake_market again;
    struct error error = {0};
    struct strbuf text = strbuf_new(10 << 20);
    strbuf_append_text(&text, "id,time_ms,symbol,amount,price\n");
    size_t next = 0;
    while (fake_rest_book(&market, FAKE_UNKNOWN_COIN, &next, market.count, 100, &text)) {
    }
    char folder[200], file[220];
    support_make_folder(folder, sizeof folder);
    (void)snprintf(file, sizeof file, "%s/trades.csv", folder);
    support_write_file(file, text.data, text.length);
    if (!fake_market_load(&again, file, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(again.count, market.count);
    size_t same = fake_market_coin(&again, str_from("tBTCUSD"));
    for (size_t i = 0; i < market.count; i++) {
        struct fake_trade read = again.trades[i];
        read.coin = read.coin == same ? 0 : 1;
        assert_memory_equal(&read, &market.trades[i], sizeof read);
    }
    strbuf_free(&text);
    fake_market_free(&market);
    fake_market_free(&again);
    support_remove_folder(folder);
}

static void decimals_are_written_and_read_exactly(void **state)
{
    (void)state;
    static const struct {
        int64_t e8;
        const char *text;
    } cases[] = {
        {1, "0.00000001"},
        {-1, "-0.00000001"},
        {FAKE_E8, "1"},
        {-FAKE_E8 * 10, "-10"},
        {3000010000000, "30000.1"},
        {123456789, "1.23456789"},
        {10, "0.0000001"},
        {8999999999999999, "89999999.99999999"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct strbuf text = strbuf_new(100);
        int64_t e8 = 0;
        double value = 0;
        fake_decimal_append(&text, cases[i].e8);
        assert_string_equal(strbuf_text(&text), cases[i].text);
        assert_true(fake_decimal_parse(str_from(cases[i].text), &e8));
        assert_int_equal(e8, cases[i].e8);
        assert_true(str_to_double(str_from(cases[i].text), &value));
        assert_true(value == fake_decimal_value(e8));
        strbuf_free(&text);
    }
    static const char *const bad[] = {
        "",   "-",   ".",           "1.",       ".5",  "1e5",   "+1",
        "1 ", "0x1", "1.000000001", "90000000", "--1", "1.2.3", "123456789012345678901234567890"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t e8 = 0;
        if (fake_decimal_parse(str_from(bad[i]), &e8)) {
            fail_msg("%s", bad[i]);
        }
    }
}

static void book_that_is_too_large_or_of_bad_coins_is_refused(void **state)
{
    (void)state;
    const struct fake_seed cases[] = {
        {"tBTCUSD", 1, BEGIN_MS, BEGIN_MS + 100 * (int64_t)DAY_MS, 1000000},
        {"tBTCUSD", 1, BEGIN_MS, BEGIN_MS - 1, 60},
        {"tBTCUSD", 1, 0, INT64_MAX, INT64_MAX},
        {"t BTC", 1, BEGIN_MS, BEGIN_MS + 1000, 60},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fake_market market;
        struct error error = {0};
        assert_false(fake_market_seed(&market, &cases[i], &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        fake_market_free(&market);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_makes_the_same_book_and_another_seed_another),
        cmocka_unit_test(seeded_book_has_what_is_hard_about_a_real_one),
        cmocka_unit_test(pages_in_either_direction_equal_the_whole),
        cmocka_unit_test(candles_are_the_fold_of_the_trades),
        cmocka_unit_test(what_is_asked_is_answered_or_refused_like_bitfinex_does),
        cmocka_unit_test(candles_follow_limits_order_and_the_clock),
        cmocka_unit_test(files_that_are_no_trades_are_refused_with_the_line),
        cmocka_unit_test(book_written_as_csv_is_read_as_the_same_book),
        cmocka_unit_test(decimals_are_written_and_read_exactly),
        cmocka_unit_test(book_that_is_too_large_or_of_bad_coins_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
