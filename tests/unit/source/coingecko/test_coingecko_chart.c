/* CoinGecko's charts: which of their points are ticks of the past. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "record/ticker.h"
#include "source/coingecko/coingecko_chart.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RECORDED FIXTURES "/../../../shared/data/coingecko/"

struct taken {
    struct source_batch batch;
    struct row_counts counts;
    struct service_refusal refusal;
    struct error error;
};

static bool take(struct taken *taken, long status, struct str body)
{
    const struct service_answer answer = {.status = status, .body = body};
    *taken = (struct taken){.counts = {.rows = 0}};
    bool read = coingecko_chart_read(&answer, "cg:bitcoin", &taken->batch, &taken->counts,
                                     &taken->refusal, &taken->error);
    int64_t rows = (int64_t)taken->batch.count;
    for (size_t i = 0; i < ROW_FAULTS; i++) {
        rows += taken->counts.rejected[i];
    }
    assert_int_equal(rows, taken->counts.rows);
    return read;
}

static void points_become_ticks_with_the_figures_of_their_time(void **state)
{
    (void)state;
    struct taken taken;
    size_t length = 0;
    char *text = support_read_file(FIXTURES "/coingecko/market_chart.json", &length);
    assert_non_null(text);
    assert_true(take(&taken, 200, (struct str){.data = text, .length = length}));
    assert_int_equal(taken.batch.count, 3);
    const struct ticker *tick = source_batch_at(&taken.batch, 0);
    assert_string_equal(tick->symbol, "cg:bitcoin");
    assert_string_equal(tick->source, "coingecko-chart");
    assert_int_equal(tick->event_time_ns, INT64_C(1764504000123) * NS_PER_MS);
    assert_true(tick->seq == 0 && tick->run_id == 0 && tick->last_price == 91000.5);
    assert_true(tick->figures[TICKER_MARKET_CAP] == 1810000000000.5);
    assert_true(tick->figures[TICKER_VOLUME] == 45000000000.0);
    tick = source_batch_at(&taken.batch, 1);
    assert_false(tick->has[TICKER_MARKET_CAP] || tick->has[TICKER_VOLUME]); /* 0, and none */
    tick = source_batch_at(&taken.batch, 2);
    assert_true(tick->last_price == 91020 && !tick->has[TICKER_MARKET_CAP]);
    assert_true(tick->figures[TICKER_VOLUME] == 46000000000.25);
    static const struct {
        enum row_fault fault;
        int64_t count;
    } faults[] = {{ROW_NOW, 1},
                  {ROW_NO_PRICE, 1}, /* a market cap before the first price */
                  {ROW_DUPLICATE, 1},
                  {ROW_OUT_OF_ORDER, 1},
                  {ROW_BAD_PRICE, 1}};
    for (size_t i = 0; i < COUNT(faults); i++) {
        assert_int_equal(taken.counts.rejected[faults[i].fault], faults[i].count);
    }
    source_batch_free(&taken.batch);
    free(text);
}

static void what_is_no_chart_says_what_to_do(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *body, *text;
        int wait_ms;
        bool for_good;
    } cases[] = {
        {404, "{\"error\":\"coin not found\"}", "coin not found", 0, true},
        {401, "{\"error\":{\"status\":{\"error_code\":10012,\"error_message\":\"range\"}}}",
         "no data older than 365 days", 0, true},
        {401, "{\"status\":{\"error_code\":10002,\"error_message\":\"no\"}}", "a key is needed", 0,
         false},
        {429, "{\"status\":{\"error_code\":429,\"error_message\":\"You've exceeded\"}}",
         "rate limit", 60000, false},
        {429, "<!DOCTYPE html>", "rate limit", 60000, false},
        {200, "{\"market_caps\":[]}", "error 0 (HTTP 200)", 0, false},
        {200, "[]", "none of CoinGecko", 0, false},
        {502, "<html>", "HTTP 502", 0, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct taken taken;
        assert_false(take(&taken, cases[i].status, str_from(cases[i].body)));
        assert_int_equal(taken.error.kind, ERROR_RETRY);
        assert_int_equal(taken.error.retry_after_ms, cases[i].wait_ms);
        assert_int_equal(taken.refusal.for_good, cases[i].for_good);
        if (strstr(taken.error.text, cases[i].text) == NULL) {
            fail_msg("%s", taken.error.text);
        }
        source_batch_free(&taken.batch);
    }
}

static void odd_points_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum row_fault want;
    } cases[] = {
        {"{\"prices\":[7,[1764504000000,1]]}", ROW_BAD_SHAPE},
        {"{\"prices\":[[1764504000000],[1764504000000,1]]}", ROW_BAD_SHAPE},
        {"{\"prices\":[[\"1764504000000\",1],[1764504000000,1]]}", ROW_BAD_SHAPE},
        {"{\"prices\":[[1764504000000.5,1],[1764504000000,1]]}", ROW_BAD_TIME},
        {"{\"prices\":[[-5,1],[1764504000000,1]]}", ROW_BAD_TIME},
        {"{\"prices\":[[1e300,1],[1764504000000,1]]}", ROW_BAD_TIME},
        {"{\"prices\":[[1764504000000,0],[1764504000001,1]]}", ROW_BAD_PRICE},
        {"{\"prices\":[[1764504000000,1],[1764504000001,1]],"
         "\"market_caps\":[[1764504000000,\"5\"]]}",
         ROW_BAD_FIGURE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct taken taken;
        assert_true(take(&taken, 200, str_from(cases[i].body)));
        assert_int_equal(taken.counts.rows, 2);
        assert_int_equal(taken.counts.rejected[cases[i].want], 1);
        assert_int_equal(taken.counts.rejected[ROW_NOW], 1);
        source_batch_free(&taken.batch);
    }
}

static void recorded_chart_balances(void **state)
{
    (void)state;
    struct taken taken;
    size_t length = 0;
    char *text = support_read_file(RECORDED "official_example_market_chart_2026.json", &length);
    if (text == NULL) {
        skip();
    }
    assert_true(take(&taken, 200, (struct str){.data = text, .length = length}));
    assert_int_equal(taken.counts.rows, 2);
    assert_int_equal(taken.batch.count, 1);
    source_batch_free(&taken.batch);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_become_ticks_with_the_figures_of_their_time),
        cmocka_unit_test(what_is_no_chart_says_what_to_do),
        cmocka_unit_test(odd_points_are_counted),
        cmocka_unit_test(recorded_chart_balances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
