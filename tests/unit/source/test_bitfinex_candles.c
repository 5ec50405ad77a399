/* What rows of Bitfinex's candles mean, without a socket. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "source/bitfinex/bitfinex_candles.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define NOON "1764504000000" /* 2025-11-30T12:00:00Z */
#define NOON_NS INT64_C(1764504000000000000)
#define MINUTE_NS (60 * NS_PER_SECOND)

struct parsed {
    enum bitfinex_answer answer;
    struct source_batch bars;
    struct row_counts counts;
    struct error error;
};

/* Every row is a bar or has one reason; and nothing is left of an answer that failed. */
static void parse_as(struct parsed *parsed, const char *timeframe, long status, const char *body)
{
    memset(parsed, 0, sizeof *parsed);
    parsed->answer = bitfinex_candles_parse(
        status, str_from(body), bitfinex_timeframe_named(str_from(timeframe)), "tBTCUSD",
        &parsed->bars, &parsed->counts, &parsed->error);
    int64_t rows = (int64_t)parsed->bars.count;
    for (size_t i = 0; i < ROW_FAULTS; i++) {
        rows += parsed->counts.rejected[i];
    }
    assert_int_equal(parsed->counts.rows, rows);
    assert_int_equal(parsed->counts.records, 0);
    if (parsed->answer != BITFINEX_ROWS) {
        assert_int_equal(parsed->counts.rows, 0);
        assert_int_not_equal(parsed->error.kind, ERROR_NONE);
    }
}

static void parse(struct parsed *parsed, long status, const char *body)
{
    parse_as(parsed, "1m", status, body);
}

static const struct bar *bar_at(const struct parsed *parsed, size_t index)
{
    return source_batch_at(&parsed->bars, index);
}

static void row_is_open_close_high_low_volume(void **state)
{
    (void)state;
    struct parsed parsed;
    parse(&parsed, 200, "[[" NOON ",6373,6374.5,6375.9,6369.2,38.58293517]]");
    assert_int_equal(parsed.answer, BITFINEX_ROWS);
    assert_int_equal(parsed.bars.count, 1);
    const struct bar *bar = bar_at(&parsed, 0);
    assert_string_equal(bar->symbol, "tBTCUSD");
    assert_string_equal(bar->source, "bitfinex");
    assert_string_equal(bar->timeframe, "1m");
    assert_int_equal(bar->open_time_ns, NOON_NS);
    assert_int_equal(bar->revision, 0);
    assert_true(bar->open == 6373 && bar->close == 6374.5);
    assert_true(bar->high == 6375.9 && bar->low == 6369.2);
    assert_true(bar->has_volume && bar->volume == 38.58293517);
    assert_false(bar->has_quote_volume || bar->has_trades);
    assert_int_equal(bar_check(bar), BAR_OK);
    source_batch_free(&parsed.bars);
}

static const struct {
    const char *row;
    enum row_fault want; /* ROW_FAULTS: taken */
} one_row[] = {
    {"[" NOON ",2,2,3,1,0]", ROW_FAULTS},
    {"[" NOON ".0,2,2,3,1,1e-8,null,\"new\",[1]]", ROW_FAULTS},
    {"[" NOON ",2,2,2,2,123456789012345678901234567890]", ROW_FAULTS},
    {"[" NOON ",2,2,3,1]", ROW_BAD_SHAPE},
    {"[]", ROW_BAD_SHAPE},
    {"{}", ROW_BAD_SHAPE},
    {"null", ROW_BAD_SHAPE},
    {"1", ROW_BAD_SHAPE},
    {"[1764504000001,2,2,3,1,0]", ROW_BAD_TIME},
    {"[1764504030000,2,2,3,1,0]", ROW_BAD_TIME},
    {"[" NOON ".5,2,2,3,1,0]", ROW_BAD_TIME},
    {"[-60000,2,2,3,1,0]", ROW_BAD_TIME},
    {"[\"" NOON "\",2,2,3,1,0]", ROW_BAD_TIME},
    {"[null,2,2,3,1,0]", ROW_BAD_TIME},
    {"[1e300,2,2,3,1,0]", ROW_BAD_TIME},
    {"[1e999,2,2,3,1,0]", ROW_BAD_TIME},
    {"[9214646400000,2,2,3,1,0]", ROW_BAD_TIME},
    {"[" NOON ",null,2,3,1,0]", ROW_BAD_FIGURE},
    {"[" NOON ",2,2,3,1,null]", ROW_BAD_FIGURE},
    {"[" NOON ",2,2,3,1,\"1\"]", ROW_BAD_FIGURE},
    {"[" NOON ",2,2,3,1,-1]", ROW_BAD_FIGURE},
    {"[" NOON ",2,2,3,1,1e999]", ROW_BAD_FIGURE},
    {"[" NOON ",2,2,3,1,false]", ROW_BAD_FIGURE},
    {"[" NOON ",2,2,1,3,0]", ROW_BAD_PRICE}, /* high and low the other way round */
    {"[" NOON ",0,2,3,0,0]", ROW_BAD_PRICE},
    {"[" NOON ",-1,2,3,-1,0]", ROW_BAD_PRICE},
    {"[" NOON ",4,2,3,1,0]", ROW_BAD_PRICE},
};

static void row_is_a_bar_or_has_one_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(one_row); i++) {
        char body[300];
        (void)snprintf(body, sizeof body, "[[1764503940000,2,2,3,1,7],%s]", one_row[i].row);
        struct parsed parsed;
        parse(&parsed, 200, body);
        bool taken = one_row[i].want == ROW_FAULTS;
        if (parsed.answer != BITFINEX_ROWS || parsed.bars.count != (taken ? 2 : 1) ||
            (!taken && parsed.counts.rejected[one_row[i].want] != 1)) {
            fail_msg("%s: answer %d, %zu bars", one_row[i].row, (int)parsed.answer,
                     parsed.bars.count);
        }
        source_batch_free(&parsed.bars);
    }
}

static void bars_come_in_the_order_of_time_each_once(void **state)
{
    (void)state;
    struct parsed parsed;
    /* Newest first, as Bitfinex answers; a gap; one time twice; one out of its order. */
    parse(&parsed, 200,
          "[[1764504240000,9,9,9,9,9],[1764504120000,5,5,5,5,5],[1764504120000,6,6,6,6,6],"
          "[1764504000000,1,1,1,1,1],[1764504060000,2,2,2,2,2]]");
    static const double want[] = {1, 2, 5, 9};
    static const int minutes[] = {0, 1, 2, 4};
    assert_int_equal(parsed.bars.count, COUNT(want));
    assert_int_equal(parsed.counts.rejected[ROW_DUPLICATE], 1);
    for (size_t i = 0; i < COUNT(want); i++) {
        assert_true(bar_at(&parsed, i)->open == want[i]);
        assert_int_equal(bar_at(&parsed, i)->open_time_ns, NOON_NS + minutes[i] * MINUTE_NS);
        assert_int_equal(bar_at(&parsed, i)->revision, 0);
    }
    source_batch_free(&parsed.bars);
    parse(&parsed, 200, "[]");
    assert_int_equal(parsed.answer, BITFINEX_ROWS);
    assert_int_equal(parsed.bars.count, 0);
    source_batch_free(&parsed.bars);
}

static void other_answer_is_classified(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *body;
        enum bitfinex_answer want;
        const char *text;
        int wait_ms;
    } cases[] = {
        {500, "[\"error\",10020,\"symbol: invalid\"]", BITFINEX_UNKNOWN_SYMBOL, "symbol", 0},
        {500, "[\"error\",10020,\"limit: invalid\"]", BITFINEX_AWAY, "limit: invalid", 0},
        {200, "[\"error\",11010,\"ratelimit: error\"]", BITFINEX_AWAY, "rate limit", 60000},
        {429, "{\"error\":\"ERR_RATE_LIMIT\"}", BITFINEX_AWAY, "rate limit", 60000},
        {503, "[\"error\",20060,\"maintenance\"]", BITFINEX_AWAY, "maintenance", 0},
        {502, "<html>bad gateway</html>", BITFINEX_AWAY, "HTTP 502", 0},
        {200, "<html>come in</html>", BITFINEX_AWAY, "HTML", 0},
        {200, "[1764504000000,1,1,1,1,1]", BITFINEX_AWAY, "not rows of candles", 0},
        {200, "{\"candles\":[]}", BITFINEX_AWAY, "not rows of candles", 0},
        {200, "[[1764504000000,1,1", BITFINEX_AWAY, "not JSON", 0},
        {200, "", BITFINEX_AWAY, "empty", 0},
        {404, "Cannot GET", BITFINEX_AWAY, "--exchange-url", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct parsed parsed;
        parse(&parsed, cases[i].status, cases[i].body);
        if (parsed.answer != cases[i].want || parsed.error.kind != ERROR_RETRY ||
            parsed.error.retry_after_ms != cases[i].wait_ms ||
            strstr(parsed.error.text, cases[i].text) == NULL) {
            fail_msg("%s: %d, \"%s\"", cases[i].body, (int)parsed.answer, parsed.error.text);
        }
        source_batch_free(&parsed.bars);
    }
}

static void request_names_their_timeframe_and_where_to_begin(void **state)
{
    (void)state;
    static const struct {
        const char *timeframe;
        int64_t length_ns;
        const char *want;
    } cases[] = {
        {"1m", MINUTE_NS, "/candles/trade:1m:tDOGE:USD/hist?limit=10000&sort=1&start=" NOON},
        {"6h", 360 * MINUTE_NS, "/candles/trade:6h:tDOGE:USD/hist?limit=10000&sort=1&start=" NOON},
        {"1d", NS_PER_DAY, "/candles/trade:1D:tDOGE:USD/hist?limit=10000&sort=1&start=" NOON},
    };
    struct strbuf path = strbuf_new(300);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct bitfinex_timeframe *timeframe =
            bitfinex_timeframe_named(str_from(cases[i].timeframe));
        assert_non_null(timeframe);
        assert_int_equal(timeframe->length_ns, cases[i].length_ns);
        assert_non_null(strstr(bitfinex_timeframes, cases[i].timeframe));
        strbuf_clear(&path);
        bitfinex_candles_path(&path, timeframe, "tDOGE:USD", NOON_NS);
        assert_string_equal(strbuf_text(&path), cases[i].want);
    }
    strbuf_free(&path);
    static const char *const others[] = {"", "1", "2m", "3h", "1D", "1w", "1M", "14D", "1mm"};
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_null(bitfinex_timeframe_named(str_from(others[i])));
    }
}

static void day_begins_at_midnight(void **state)
{
    (void)state;
    struct parsed parsed;
    parse_as(&parsed, "1d", 200, "[[" NOON ",1,1,1,1,1],[1764460800000,1,1,1,1,1]]");
    assert_int_equal(parsed.bars.count, 1);
    assert_string_equal(bar_at(&parsed, 0)->timeframe, "1d");
    assert_int_equal(parsed.counts.rejected[ROW_BAD_TIME], 1);
    source_batch_free(&parsed.bars);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_is_open_close_high_low_volume),
        cmocka_unit_test(row_is_a_bar_or_has_one_fault),
        cmocka_unit_test(bars_come_in_the_order_of_time_each_once),
        cmocka_unit_test(other_answer_is_classified),
        cmocka_unit_test(request_names_their_timeframe_and_where_to_begin),
        cmocka_unit_test(day_begins_at_midnight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
