/* The report in short: the figures where they belong, series with faults first, and no more series
 * than the page shows. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "verify/verify_text.h"

static const struct verify_source source = {.kind = &ticker_kind,
                                            .topic = "tickers",
                                            .group = "coins",
                                            .store = "SQLite file x",
                                            .interval_ns = INT64_C(300) * 1000000000,
                                            .from_ns = INT64_MIN,
                                            .to_ns = INT64_MAX,
                                            .tables = "bar, \"x\""};

static json_t *summary_of(const struct verify_report *report)
{
    struct strbuf text = strbuf_new(1 << 20);
    verify_to_summary(report, &source, &text);
    json_t *json = json_loads(strbuf_text(&text), 0, NULL);
    if (json == NULL) {
        fail_msg("%s", strbuf_text(&text));
    }
    strbuf_free(&text);
    return json;
}

static int64_t number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    assert_non_null(value);
    return value;
}

static void summary_has_the_figures_and_verifys_own_words(void **state)
{
    (void)state;
    struct verify_series series[] = {
        {.name = "tBTCUSD", .in_log = true, .records = 7, .points = 7},
        {.name = "tXRPUSD", .in_log = true, .records = 30, .points = 20, .later = 2},
    };
    series[1].faults[VERIFY_MISSING] = 10;
    struct verify_report report = {.records = 37,
                                   .points = 27,
                                   .forgotten = 5,
                                   .later = 2,
                                   .log_forgot = 6,
                                   .series = series,
                                   .series_count = 2};
    report.faults[VERIFY_MISSING] = 10;
    report.faults[VERIFY_DIFFERING] = 1;
    struct verify_fault fault = {.place = {.partition = -1}};
    report.named[VERIFY_MISSING] = (struct verify_fault_list){.items = &fault, .count = 1};
    report.named[VERIFY_DIFFERING] = (struct verify_fault_list){.items = &fault, .count = 1};
    json_t *json = summary_of(&report);
    assert_string_equal(text(json, "stream"), "ticker");
    assert_string_equal(text(json, "topic"), "tickers");
    assert_true(json_is_false(json_object_get(json, "balanced")));
    assert_non_null(strstr(text(json, "verdict"), "10 missing, 1 differing"));
    assert_non_null(strstr(text(json, "verdict"), "5 points of the store are not provable"));
    assert_null(strstr(text(json, "verdict"), "Not looked at"));
    assert_string_equal(text(json, "not_looked_at"),
                        "Not looked at: tables whose stream --streams does not name: bar, \"x\".");
    assert_int_equal(number(json, "log"), 37);
    assert_int_equal(number(json, "stored"), 34);
    assert_int_equal(number(json, "missing"), 10);
    assert_int_equal(number(json, "differing"), 1);
    assert_int_equal(number(json, "unexpected"), 0);
    const json_t *first = json_array_get(json_object_get(json, "series"), 0);
    assert_string_equal(text(first, "coin"), "tXRPUSD"); /* it has faults */
    assert_int_equal(number(first, "log"), 30);
    assert_int_equal(number(first, "stored"), 22);
    assert_int_equal(number(first, "missing"), 10);
    assert_int_equal(json_array_size(json_object_get(json, "series")), 2);
    assert_int_equal(number(json, "more_series"), 0);
    json_decref(json);
}

static void summary_of_many_series_is_bounded_and_keeps_the_faults(void **state)
{
    (void)state;
    enum { COUNT = VERIFY_SUMMARY_SERIES + 20 };
    struct verify_series *series = calloc(COUNT, sizeof *series);
    assert_non_null(series);
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(series[i].name, sizeof series[i].name, "c%d", i);
    }
    series[COUNT - 1].faults[VERIFY_UNEXPECTED] = 1;
    const struct verify_report report = {.series = series, .series_count = COUNT, .balanced = true};
    json_t *json = summary_of(&report);
    const json_t *list = json_object_get(json, "series");
    assert_int_equal(json_array_size(list), VERIFY_SUMMARY_SERIES);
    assert_int_equal(number(json_array_get(list, 0), "unexpected"), 1);
    assert_int_equal(number(json, "more_series"), 20);
    assert_int_equal(number(json, "more_faulty"), 0);
    json_decref(json);
    for (int i = 0; i < COUNT - 5; i++) {
        series[i].faults[VERIFY_MISSING] = 1;
    }
    json = summary_of(&report);
    assert_int_equal(number(json, "more_series"), 20);
    assert_int_equal(number(json, "more_faulty"), 16);
    json_decref(json);
    free(series);
}

static void points_of_a_former_log_alone_are_told_apart(void **state)
{
    (void)state;
    struct verify_report report = {.balanced = true};
    assert_false(verify_former_only(&report));
    report.faults[VERIFY_FORMER] = 7;
    assert_true(verify_former_only(&report));
    report.not_yet_written = 1;
    assert_false(verify_former_only(&report));
    report.not_yet_written = 0;
    for (int kind = 0; kind < VERIFY_KINDS; kind++) {
        report.faults[kind]++;
        assert_int_equal(verify_former_only(&report), kind == VERIFY_FORMER);
        report.faults[kind]--;
    }
    report.closed_count = 1;
    assert_false(verify_former_only(&report));
}

static void summary_without_a_series_is_json(void **state)
{
    (void)state;
    const struct verify_report report = {.balanced = true};
    json_t *json = summary_of(&report);
    assert_int_equal(json_array_size(json_object_get(json, "series")), 0);
    assert_non_null(strstr(text(json, "verdict"), "nothing to prove"));
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summary_has_the_figures_and_verifys_own_words),
        cmocka_unit_test(summary_of_many_series_is_bounded_and_keeps_the_faults),
        cmocka_unit_test(points_of_a_former_log_alone_are_told_apart),
        cmocka_unit_test(summary_without_a_series_is_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
