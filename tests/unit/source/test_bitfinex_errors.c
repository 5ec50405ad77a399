/* Answers of Bitfinex that are no rows, or not whole ones. */
#include <stdio.h>

#include "bitfinex_parsed.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    long status;
    const char *body;
    enum bitfinex_answer want;
    int want_wait_ms;
    const char *want_text;
} answers[] = {
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
    {500, "[\"error\",10020,\"time_interval: invalid\"]", BITFINEX_AWAY, 0,
     "time_interval: invalid"},
    {500, "{\"channel\":\"ticker\",\"event\":\"error\",\"msg\":\"symbol: invalid\",\"code\":10300}",
     BITFINEX_AWAY, 0, "HTTP 500"},
    {500, "[1]", BITFINEX_AWAY, 0, "HTTP 500"},
    {500, "[\"error\",10020,\"symbol: invalid\"]", BITFINEX_UNKNOWN_SYMBOL, 0, "symbol"},
    {500, "[\"error\",10020,\"symbols: invalid\"]", BITFINEX_UNKNOWN_SYMBOL, 0, "symbol"},
    {200, "[\"error\",10020,\"symbol: invalid\"]", BITFINEX_UNKNOWN_SYMBOL, 0, "symbol"},
    {500, "[\"error\"]", BITFINEX_AWAY, 0, "error 0"},
    {500, "[\"error\",\"x\",7]", BITFINEX_AWAY, 0, "HTTP 500"},
    {500, "{\"error\":\"boom\"}", BITFINEX_AWAY, 0, "boom"},
    {500, "", BITFINEX_AWAY, 0, "HTTP 500"},
    {500, "[[\"tBTCUSD\",1,1,1,1,1,1,5,1,1,1]]", BITFINEX_AWAY, 0, "HTTP 500"},
    {520, "<!DOCTYPE html><html></html>", BITFINEX_AWAY, 0, "HTTP 520"},
    {520,
     "<!DOCTYPE html>\n<!--[if lt IE 7]> <html class=\"no-js ie6\"> "
     "<![endif]-->\n<head>\n\n<title>",
     BITFINEX_AWAY, 0, "HTTP 520"},
    {403, "<html>captcha</html>", BITFINEX_AWAY, 0, "refuses"},
    {404, "Cannot GET /api/v2/nope", BITFINEX_AWAY, 0, "--exchange-url"},
    {302, "", BITFINEX_AWAY, 0, "HTTP 302"},
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

static void answer_without_rows_has_its_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); ++i) {
        struct parsed parsed;
        parse(&parsed, answers[i].status, str_from(answers[i].body), NULL);
        if (parsed.answer != answers[i].want || parsed.error.kind != ERROR_RETRY ||
            parsed.error.retry_after_ms != answers[i].want_wait_ms ||
            strstr(parsed.error.text, answers[i].want_text) == NULL) {
            fail_msg("%ld %s: %d \"%s\" %d", answers[i].status, answers[i].body, parsed.answer,
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_without_rows_has_its_kind),
        cmocka_unit_test(empty_array_is_an_answer_of_no_rows),
        cmocka_unit_test(wrong_shapes_in_files_are_errors_that_say_so),
        cmocka_unit_test(deeply_nested_body_is_refused),
        cmocka_unit_test(body_cut_anywhere_gives_no_tick_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
