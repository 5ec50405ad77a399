/* What Binance says, by REST and by WebSocket: klines, errors, the weight of requests. */
#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/text/strbuf.h"
#include "cmocka_all.h"
#include "source/binance/binance_answer.h"
#include "source/binance/binance_frame.h"
#include "source/binance/binance_weight.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW_NS INT64_C(1764504000000000000)
#define MINUTE_NS (60 * NS_PER_SECOND)
/* A row of the minute 11:58, with what may stand at its places. */
#define ROW(o, h, l, c, v, n)                                                                      \
    "[1764503880000,\"" o "\",\"" h "\",\"" l "\",\"" c "\",\"" v                                  \
    "\",1764503939999,\"281893.08800082\"," n ",\"6.35\",\"57447.2\",\"0\"]"
#define GOOD ROW("9033.34000000", "9039.99", "9032.75", "9033.15", "31.19296800", "282")
#define FRAME(x, more)                                                                             \
    "{\"stream\":\"btcusdt@kline_1m\",\"data\":{\"e\":\"kline\",\"E\":1764503940204,\"s\":"        \
    "\"BTCUSDT\",\"k\":{\"t\":1764503880000,\"T\":1764503939999,\"s\":\"BTCUSDT\",\"i\":\"1m\","   \
    "\"f\":1,\"L\":282,\"o\":\"9033.34\",\"c\":\"9033.15000000\",\"h\":\"9039.99000000\","         \
    "\"l\":\"9032.75000000\",\"v\":\"31.192968\",\"n\":282,\"x\":" x                               \
    ",\"q\":\"281893.08800082\",\"V\":\"6.3\",\"Q\":\"57447\",\"B\":\"0\"" more "}}}"

static const struct binance_bars minutes = {.interval = "1m", .length_ns = MINUTE_NS};

static enum binance_answer answer_of(long status, const char *body, int retry_after_ms,
                                     struct source_batch *batch, struct row_counts *counts,
                                     struct error *error)
{
    const struct binance_reply reply = {.status = status,
                                        .body = str_from(body),
                                        .retry_after_ms = retry_after_ms,
                                        .now_ns = NOW_NS};
    return binance_answer_read(&reply, &minutes, "BTCUSDT", batch, counts, error);
}

static void row_and_frame_of_a_minute_have_the_same_bytes(void **state)
{
    (void)state;
    struct source_batch batch = {.count = 0};
    struct row_counts counts = {0};
    struct error error = {0};
    struct binance_frame frame;
    assert_int_equal(answer_of(200, "[" GOOD "]", 0, &batch, &counts, &error), BINANCE_ROWS);
    assert_int_equal(batch.count, 1);
    binance_frame_read(str_from(FRAME("true", "")), &minutes, &frame);
    assert_int_equal(frame.kind, BINANCE_FRAME_FINAL);
    assert_int_equal(frame.fault, ROW_FAULTS);
    assert_memory_equal(&frame.bar, source_batch_at(&batch, 0), sizeof frame.bar);
    const struct bar *bar = &frame.bar;
    assert_string_equal(bar->symbol, "BTCUSDT");
    assert_string_equal(bar->source, "binance");
    assert_string_equal(bar->timeframe, "1m");
    assert_true(bar->open == 9033.34 && bar->high == 9039.99 && bar->low == 9032.75);
    assert_true(bar->close == 9033.15 && bar->volume == 31.192968);
    assert_true(bar->quote_volume == 281893.08800082 && bar->trades == 282);
    source_batch_free(&batch);
}

static void rows_are_bars_or_counted_with_their_fault(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        enum row_fault want;
    } cases[] = {
        {GOOD, ROW_FAULTS},
        {ROW("2", "2", "2", "2", "0.00000000", "0"), ROW_FAULTS}, /* without trades */
        {"[1764503880000]", ROW_BAD_SHAPE},
        {"7", ROW_BAD_SHAPE},
        {"{}", ROW_BAD_SHAPE},
        {ROW("0", "2", "1", "2", "1", "1"), ROW_BAD_PRICE},
        {ROW("-1", "2", "1", "2", "1", "1"), ROW_BAD_PRICE},
        {ROW("1e999", "2", "1", "2", "1", "1"), ROW_BAD_PRICE},
        {ROW("nan", "2", "1", "2", "1", "1"), ROW_BAD_PRICE},
        {ROW("", "2", "1", "2", "1", "1"), ROW_BAD_PRICE},
        {ROW("3", "2", "1", "2", "1", "1"), ROW_BAD_PRICE}, /* above the high */
        {ROW("2", "2", "1", "2", "-1", "1"), ROW_BAD_FIGURE},
        {ROW("2", "2", "1", "2", "x", "1"), ROW_BAD_FIGURE},
        {ROW("2", "2", "1", "2", "1", "-1"), ROW_BAD_FIGURE},
        {ROW("2", "2", "1", "2", "1", "1.5"), ROW_BAD_FIGURE},
        {ROW("2", "2", "1", "2", "1", "null"), ROW_BAD_FIGURE},
        /* A time off the minute, in microseconds, of an hour, below 0. */
        {"[1764503880001,\"1\",\"1\",\"1\",\"1\",\"1\",1764503940000,\"1\",1]", ROW_BAD_TIME},
        {"[1764503880000000,\"1\",\"1\",\"1\",\"1\",\"1\",1764503939999999,\"1\",1]", ROW_BAD_TIME},
        {"[1764500400000,\"1\",\"1\",\"1\",\"1\",\"1\",1764503999999,\"1\",1]", ROW_BAD_TIME},
        {"[-60000,\"1\",\"1\",\"1\",\"1\",\"1\",-1,\"1\",1]", ROW_BAD_TIME},
        {"[\"1764503880000\",\"1\",\"1\",\"1\",\"1\",\"1\",1764503939999,\"1\",1]", ROW_BAD_TIME},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct source_batch batch = {.count = 0};
        struct row_counts counts = {0};
        struct error error = {0};
        struct strbuf body = strbuf_new(4096);
        strbuf_append_format(&body, "[%s]", cases[i].row);
        assert_int_equal(answer_of(200, strbuf_text(&body), 0, &batch, &counts, &error),
                         BINANCE_ROWS);
        assert_int_equal(counts.rows, 1);
        assert_int_equal(batch.count, cases[i].want == ROW_FAULTS);
        assert_true(cases[i].want == ROW_FAULTS || counts.rejected[cases[i].want] == 1);
        source_batch_free(&batch);
        strbuf_free(&body);
    }
}

static void rows_that_do_not_rise_are_counted(void **state)
{
    (void)state;
    struct source_batch batch = {.count = 0};
    struct row_counts counts = {0};
    struct error error = {0};
    assert_int_equal(answer_of(200,
                               "[" GOOD "," GOOD
                               ",[1764503820000,\"1\",\"1\",\"1\",\"1\",\"1\",1764503879999,\"1\","
                               "1]]",
                               0, &batch, &counts, &error),
                     BINANCE_ROWS);
    assert_int_equal(batch.count, 1);
    assert_int_equal(counts.rejected[ROW_DUPLICATE], 1);
    assert_int_equal(counts.rejected[ROW_OUT_OF_ORDER], 1);
    source_batch_free(&batch);
}

static void answers_without_rows_say_what_to_do_and_how_long_to_wait(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *body;
        int retry_after_ms;
        enum binance_answer want;
        int wait_ms;
        const char *text;
    } cases[] = {
        {200, "[]", 0, BINANCE_ROWS, 0, ""},
        {400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", 0, BINANCE_UNKNOWN_SYMBOL, 0,
         "error -1121: Invalid symbol. (HTTP 400)"},
        {400, "{\"code\":-1120,\"msg\":\"Invalid interval.\"}", 0, BINANCE_AWAY, 0, "-1120"},
        {429, "{\"code\":-1003,\"msg\":\"Too much request weight used\"}", 7000, BINANCE_AWAY, 7000,
         "rate limit: this address has used its weight of requests (HTTP 429): waiting 7 s"},
        {429, "<html>", 0, BINANCE_AWAY, 60000, "rate limit"},
        {418, "{\"code\":-1003,\"msg\":\"Way too much; IP banned until 1764504180000. Please\"}", 0,
         BINANCE_AWAY, 180000, "the exchange has banned this address for a while (HTTP 418)"},
        {418, "{\"code\":-1003,\"msg\":\"IP banned until 1620286253180.\"}", 0, BINANCE_AWAY,
         120000, "banned"}, /* an end that is over */
        {418, "", 259200000, BINANCE_AWAY, 259200000, "waiting 259200 s"},
        {418, "", INT_MAX, BINANCE_AWAY, INT_MAX, "waiting 2147484 s"},
        {200, "{\"code\":-1003,\"msg\":\"IP banned until 4465017180000.\"}", 0, BINANCE_AWAY,
         INT_MAX, "waiting 2147484 s"}, /* longer than the wait can be */
        {418, "{\"code\":-1003,\"msg\":\"until 99999999999999999999\"}", 0, BINANCE_AWAY, INT_MAX,
         "waiting 2147484 s"},
        {418, "{\"code\":-1003,\"msg\":\"until -99999999999999999999\"}", 0, BINANCE_AWAY, 120000,
         "waiting 120 s"},
        {451, "{\"code\": 0, \"msg\": \"Service unavailable from a restricted location\"}", 0,
         BINANCE_AWAY, 300000, "HTTP 451): set --binance-url and --binance-ws-url"},
        {451, "<html>", 0, BINANCE_AWAY, 300000, "set --binance-url"},
        {200, "{\"code\":0,\"msg\":\"ok\"}", 0, BINANCE_AWAY, 0, "error 0: ok"},
        {200, "{}", 0, BINANCE_AWAY, 0, "not klines in JSON: is --binance-url right?"},
        {200, "<html>", 0, BINANCE_AWAY, 0, "an HTML page, not JSON"},
        {200, "", 0, BINANCE_AWAY, 0, "empty"},
        {200, "7", 0, BINANCE_AWAY, 0, "not klines"},
        {200, "[[1,", 0, BINANCE_AWAY, 0, "not klines"},
        {403, "<html>", 0, BINANCE_AWAY, 0, "HTTP 403: a firewall"},
        {404, "<html>", 0, BINANCE_AWAY, 0, "check --binance-url"},
        {500, "{\"code\":-1000,\"msg\":\"An unknown error\"}", 0, BINANCE_AWAY, 0, "-1000"},
        {503, "", 5000, BINANCE_AWAY, 5000, "HTTP 503: the exchange is away"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct source_batch batch = {.count = 0};
        struct row_counts counts = {0};
        struct error error = {0};
        assert_int_equal(answer_of(cases[i].status, cases[i].body, cases[i].retry_after_ms, &batch,
                                   &counts, &error),
                         cases[i].want);
        assert_int_equal(counts.rows, 0);
        assert_int_equal(error.retry_after_ms, cases[i].wait_ms);
        assert_true(cases[i].want == BINANCE_ROWS || error.kind == ERROR_RETRY);
        if (strstr(error.text, cases[i].text) == NULL) {
            fail_msg("case %zu: %s", i, error.text);
        }
        source_batch_free(&batch);
    }
}

static void frames_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum binance_frame_kind want;
        enum row_fault fault;
    } cases[] = {
        {FRAME("true", ""), BINANCE_FRAME_FINAL, ROW_FAULTS},
        {FRAME("false", ""), BINANCE_FRAME_OPEN, ROW_BAD_SHAPE},
        {FRAME("null", ""), BINANCE_FRAME_FINAL, ROW_BAD_SHAPE},
        {FRAME("true", ",\"i\":\"5m\""), BINANCE_FRAME_FINAL, ROW_BAD_TIMEFRAME},
        {FRAME("true", ",\"s\":\"btcusdt\""), BINANCE_FRAME_FINAL, ROW_BAD_SYMBOL},
        {FRAME("true", ",\"s\":7"), BINANCE_FRAME_FINAL, ROW_BAD_SHAPE},
        {FRAME("true", ",\"v\":31"), BINANCE_FRAME_FINAL, ROW_BAD_FIGURE},
        {"{\"e\":\"kline\"}", BINANCE_FRAME_FINAL, ROW_BAD_SHAPE},
        {"{\"u\":1,\"s\":\"BTCUSDT\",\"b\":\"1\"}", BINANCE_FRAME_OTHER, ROW_BAD_SHAPE},
        {"{\"stream\":\"x\",\"data\":{\"e\":\"aggTrade\"}}", BINANCE_FRAME_OTHER, ROW_BAD_SHAPE},
        {"{\"result\":null,\"id\":1}", BINANCE_FRAME_OTHER, ROW_BAD_SHAPE},
        {"{\"stream\":\"!serverShutdown\",\"data\":{\"e\":\"serverShutdown\",\"E\":1}}",
         BINANCE_FRAME_SHUTDOWN, ROW_BAD_SHAPE},
        {"{\"code\":3,\"msg\":\"Invalid JSON\"}", BINANCE_FRAME_ERROR, ROW_BAD_SHAPE},
        {"{\"error\":{\"code\":2,\"msg\":\"no\"},\"id\":1}", BINANCE_FRAME_ERROR, ROW_BAD_SHAPE},
        {"[]", BINANCE_FRAME_BAD, ROW_BAD_SHAPE},
        {"", BINANCE_FRAME_BAD, ROW_BAD_SHAPE},
        {"{", BINANCE_FRAME_BAD, ROW_BAD_SHAPE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct binance_frame frame;
        binance_frame_read(str_from(cases[i].text), &minutes, &frame);
        assert_int_equal(frame.kind, cases[i].want);
        assert_int_equal(frame.fault, cases[i].fault);
    }
}

static void weight_that_is_spent_waits_for_the_next_minute(void **state)
{
    (void)state;
    struct binance_weight weight = {.used = 0};
    int64_t now_ns = NOW_NS + 20 * NS_PER_SECOND;
    binance_weight_note(&weight, str_from("4799"), now_ns);
    assert_int_equal(binance_weight_wait_ns(&weight, now_ns), 0);
    binance_weight_note(&weight, str_from("4800"), now_ns);
    assert_int_equal(binance_weight_wait_ns(&weight, now_ns), 40 * NS_PER_SECOND);
    binance_weight_note(&weight, str_from(""), now_ns);
    binance_weight_note(&weight, str_from("many"), now_ns);
    assert_int_equal(binance_weight_wait_ns(&weight, now_ns), 40 * NS_PER_SECOND);
    assert_int_equal(binance_weight_wait_ns(&weight, NOW_NS + MINUTE_NS), 0);
}

static void symbols_and_intervals_are_those_of_the_interface(void **state)
{
    (void)state;
    assert_true(binance_symbol_valid(str_from("BTCUSDT")));
    assert_true(binance_symbol_valid(str_from("1000SATSUSDT")));
    assert_false(binance_symbol_valid(str_from("tBTCUSD")));
    assert_false(binance_symbol_valid(str_from("btcusdt")));
    assert_false(binance_symbol_valid(str_from("cg:bitcoin")));
    assert_false(binance_symbol_valid(str_from("ABCDEFGHIJKLMNOPQRSTU")));
    assert_false(binance_symbol_valid(str_from("")));
    assert_int_equal(binance_interval_ns("1m"), MINUTE_NS);
    assert_int_equal(binance_interval_ns("1d"), NS_PER_DAY);
    static const char *const none[] = {"1M", "3d", "1w", "7m", "1D", ""};
    for (size_t i = 0; i < COUNT(none); i++) {
        assert_int_equal(binance_interval_ns(none[i]), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_and_frame_of_a_minute_have_the_same_bytes),
        cmocka_unit_test(rows_are_bars_or_counted_with_their_fault),
        cmocka_unit_test(rows_that_do_not_rise_are_counted),
        cmocka_unit_test(answers_without_rows_say_what_to_do_and_how_long_to_wait),
        cmocka_unit_test(frames_are_told_apart),
        cmocka_unit_test(weight_that_is_spent_waits_for_the_next_minute),
        cmocka_unit_test(symbols_and_intervals_are_those_of_the_interface),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
