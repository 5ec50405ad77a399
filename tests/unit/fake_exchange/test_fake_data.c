/* What files the stand-in for Bitfinex takes, and how it gives a recorded body. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_fixture.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void recorded_body_is_served_byte_for_byte_or_by_its_rows(void **state)
{
    (void)state;
    struct fixture fixture;
    size_t length;
    char *text = support_read_file(FIXTURES "/bitfinex/tickers_all.json", &length);
    assert_non_null(text);
    start(&fixture, NULL, 0,
          (struct fake_exchange_config){.data = FIXTURES "/bitfinex/tickers_all.json"});
    for (int i = 0; i < 2; ++i) {
        assert_string_equal(tickers(&fixture, i == 0 ? "ALL" : "all"), text);
    }
    assert_string_equal(tickers(&fixture, "fBTC,tNOPE,tPEPE:USD"),
                        "[[\"tPEPE:USD\",8e-8,1e12,8.1e-8,9.5e11,0,0,8.05e-8,3.5e13,8.4e-8,7.7e-8],"
                        "[\"fBTC\",0.0000012,1e-06,2,12.5,1.1e-06,2,3.25,0,0,1.1e-06,220.5,1.4e-06,"
                        "9e-7,null,null,180.25]]");
    assert_string_equal(get(&fixture, "/candlewick/progress", 200),
                        "{\"requests\":3,\"rows\":14,\"served\":14,\"repeated\":16,\"rejected\":0,"
                        "\"used_up\":true}\n");
    finish(&fixture);
    free(text);
}

static void recorded_rows_with_odd_strings_are_cut_where_they_end(void **state)
{
    (void)state;
    static const char body[] =
        " [ [\"tA\",1,\"]\\\"],[\\\\\",{\"x\":[1,2]}] ,\n 17, [\"tB\"],\"s\" ]\n";
    struct fixture fixture;
    start(&fixture, body, strlen(body), (struct fake_exchange_config){0});
    assert_string_equal(tickers(&fixture, "ALL"), body);
    assert_string_equal(tickers(&fixture, "tA"), "[[\"tA\",1,\"]\\\"],[\\\\\",{\"x\":[1,2]}]]");
    assert_string_equal(tickers(&fixture, "tB"), "[[\"tB\"]]");
    assert_string_equal(tickers(&fixture, "tC"), "[]");
    finish(&fixture);
}

static void recorded_body_without_rows_is_served_whole_to_any_request(void **state)
{
    (void)state;
    static const char *const bodies[] = {"{\"last_price\":\"1.5\"}", "[64250,3.25,64251]", "[1]"};
    for (size_t i = 0; i < COUNT(bodies); ++i) {
        struct fixture fixture;
        start(&fixture, bodies[i], strlen(bodies[i]),
              (struct fake_exchange_config){.refuse_unknown = true});
        assert_string_equal(tickers(&fixture, "tBTCUSD"), bodies[i]);
        assert_string_equal(tickers(&fixture, "ALL"), bodies[i]);
        finish(&fixture);
    }
}

static void data_or_faults_or_address_that_cannot_be_used_are_refused(void **state)
{
    (void)state;
    char folder[200];
    support_make_folder(folder, sizeof folder);
    static const struct {
        const char *content; /* NULL: no file */
        const char *faults;
        const char *listen;
        const char *want;
    } cases[] = {
        {NULL, NULL, "127.0.0.1:0", "data"},
        {"", NULL, "127.0.0.1:0", "data"},
        {"[[\"tA\",1,", NULL, "127.0.0.1:0", "not JSON"},
        {"{\"a\":}", NULL, "127.0.0.1:0", "not JSON"},
        {"no,such,columns\n1,2,3\n", NULL, "127.0.0.1:0", "data"},
        {"[]", "429", "127.0.0.1:0", "429"},
        {"[]", NULL, "nowhere", "nowhere"},
        {"[]", NULL, "127.0.0.1:70000", "70000"},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        char file[220];
        (void)snprintf(file, sizeof file, "%s/data%zu", folder, i);
        if (cases[i].content != NULL) {
            support_write_file(file, cases[i].content, strlen(cases[i].content));
        }
        struct error error = {0};
        struct fake_exchange *exchange = fake_exchange_create(
            &(struct fake_exchange_config){
                .data = file, .faults = cases[i].faults, .listen = cases[i].listen},
            &error);
        if (exchange != NULL || error.kind != ERROR_USAGE ||
            strstr(error.text, cases[i].want) == NULL) {
            fail_msg("%zu: \"%s\"", i, error.text);
        }
    }
    struct error error = {0};
    assert_null(
        fake_exchange_create(&(struct fake_exchange_config){.listen = "127.0.0.1:0"}, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    support_remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_body_is_served_byte_for_byte_or_by_its_rows),
        cmocka_unit_test(recorded_rows_with_odd_strings_are_cut_where_they_end),
        cmocka_unit_test(recorded_body_without_rows_is_served_whole_to_any_request),
        cmocka_unit_test(data_or_faults_or_address_that_cannot_be_used_are_refused),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
