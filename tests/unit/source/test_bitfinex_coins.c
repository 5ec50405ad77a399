/* Coins that the Bitfinex source is asked for and the exchange does not have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/strbuf.h"
#include "bitfinex_asker.h"
#include "capture.h"
#include "raw_server.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define ROW(symbol) "[\"" symbol "\",1,1,1,1,1,1,5,1,1,1]"

static void coins_that_are_missing_are_named_once_and_once_when_they_are_back(void **state)
{
    (void)state;
#define ANSWER(length, rows)                                                                       \
    {                                                                                              \
        .bytes = "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\n\r\n" rows                      \
    }
    /* A row of 11 columns here has 31 bytes. */
    const struct raw_answer answers[] = {
        ANSWER("33", "[" ROW("tAAAUSD") "]"),
        ANSWER("33", "[" ROW("tAAAUSD") "]"),
        ANSWER("65", "[" ROW("tAAAUSD") "," ROW("tBBBUSD") "]"),
        ANSWER("33", "[" ROW("tAAAUSD") "]"),
    };
    struct raw_server *server = raw_server_create(answers, COUNT(answers));
    struct asker asker = ask_at(raw_server_url(server), "tAAAUSD,tBBBUSD,tCCCUSD");
    struct capture capture;
    capture_start(&capture);
    for (size_t i = 0; i < COUNT(answers); ++i) {
        enum source_next result = next(&asker);
        if (result != SOURCE_BATCH || asker.batch.count != (i == 2 ? 2 : 1)) {
            free(capture_end(&capture));
            fail_msg("%zu: %s", i, asker.error.text);
        }
    }
    char *log = capture_end(&capture);
    assert_int_equal(capture_count(log, "event=coins_missing"), 2);
    assert_int_equal(capture_count(log, "count=2 coins=tBBBUSD,tCCCUSD"), 1);
    assert_int_equal(capture_count(log, "count=1 coins=tBBBUSD"), 1);
    assert_int_equal(capture_count(log, "event=coin_back coin=tBBBUSD"), 1);
    free(log);
    release(&asker);
    raw_server_destroy(server);
}

static void coins_that_make_the_request_fail_are_found_named_and_left_out(void **state)
{
    (void)state;
    struct fake_exchange *exchange =
        start_fake((struct fake_exchange_config){.refuse_unknown = true, .faults = "500@3"});
    struct asker asker =
        ask_at(fake_exchange_url(exchange),
               "tBTCUSD,tNOPE:USD,tETHUSD,tXRPUSD,tLTCBTC,tALSONOT,tDOGE:USD,tMATIC:UST");
    struct capture capture;
    capture_start(&capture);
    int errors = 0;
    int64_t ticks = 0;
    int calls = 0;
    while (calls < 20 && asker.batch.count < 6) {
        errors += next(&asker) == SOURCE_ERROR;
        calls++;
    }
    ticks = asker.counts.records;
    char *log = capture_end(&capture);
    assert_int_equal(asker.batch.count, 6); /* all of the good ones at once */
    assert_int_equal(errors, 1);            /* the fault in the middle of the search */
    assert_true(calls <= 14);
    assert_int_equal(ticks, 12); /* the search gave each once, then all came together */
    assert_int_equal(capture_count(log, "event=unknown_coin"), 2);
    assert_int_equal(capture_count(log, "event=unknown_coin coin=tNOPE:USD"), 1);
    assert_int_equal(capture_count(log, "event=unknown_coin coin=tALSONOT"), 1);
    assert_int_equal(capture_count(log, "missing"), 0);
    free(log);
    release(&asker);
    fake_exchange_destroy(exchange);
}

static void no_known_coin_at_all_is_a_retry_that_names_the_option(void **state)
{
    (void)state;
    struct fake_exchange *exchange =
        start_fake((struct fake_exchange_config){.refuse_unknown = true});
    struct asker asker = ask_at(fake_exchange_url(exchange), "tNOPE:USD");
    for (int i = 0; i < 3; ++i) {
        assert_int_equal(next(&asker), SOURCE_ERROR);
        assert_int_equal(asker.error.kind, ERROR_RETRY);
        assert_non_null(strstr(asker.error.text, "tNOPE:USD"));
        assert_non_null(strstr(asker.error.text, "--coins"));
    }
    release(&asker);
    fake_exchange_destroy(exchange);
}

static void configuration_that_cannot_work_is_refused(void **state)
{
    (void)state;
    struct strbuf many = strbuf_new(1 << 20);
    for (int i = 0; i < 1001; ++i) {
        strbuf_append_format(&many, "t%dUSD,", i);
    }
    many.data[many.length - 1] = '\0';
    const struct {
        struct bitfinex_config config;
        const char *want;
    } cases[] = {
        {{.base_url = "ftp://host", .coins = "tBTCUSD"}, "ftp://host"},
        {{.base_url = NULL, .coins = "tBTCUSD"}, "URL"},
        {{.base_url = "http://127.0.0.1:1", .coins = "tBTC USD"}, "tBTC USD"},
        {{.base_url = "http://127.0.0.1:1", .coins = ""}, "coins"},
        {{.base_url = "http://127.0.0.1:1", .coins = "fUSD"}, "funding"},
        {{.base_url = "http://127.0.0.1:1", .coins = "tETHUSD,BTCUSD"}, "tBTCUSD"},
        {{.base_url = "http://127.0.0.1:1", .coins = many.data}, "ALL"},
        {{.base_url = "https://127.0.0.1:1", .coins = "ALL", .ca_file = "/nowhere/ca"}, "/nowhere"},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct error error = {0};
        struct source *source = bitfinex_source_create(&cases[i].config, &error);
        if (source != NULL || error.kind != ERROR_USAGE ||
            strstr(error.text, cases[i].want) == NULL) {
            fail_msg("%zu: \"%s\"", i, error.text);
        }
    }
    strbuf_free(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coins_that_are_missing_are_named_once_and_once_when_they_are_back),
        cmocka_unit_test(coins_that_make_the_request_fail_are_found_named_and_left_out),
        cmocka_unit_test(no_known_coin_at_all_is_a_retry_that_names_the_option),
        cmocka_unit_test(configuration_that_cannot_work_is_refused),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
