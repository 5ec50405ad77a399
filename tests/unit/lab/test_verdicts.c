/* Spreads over repeats, and who is better where they allow it. */
#include "report_fixture.h"

static void spreads_are_medians_with_least_and_most(void **state)
{
    (void)state;
    struct lab_report report = {0};
    (void)add_join(&report, "range", 4, 1);
    (void)add_join(&report, "range", 0, 9);
    (void)add_join(&report, "range", 6, 2);
    (void)add_join(&report, "sticky", 2, 2);
    const struct lab_scenario *join = scenario_named("join");
    struct lab_spread spread = lab_report_spread(&report, join, "range", 1, LAB_FIGURE_MOVED);
    assert_int_equal(spread.count, 3);
    assert_float_equal(spread.median, 4, 1e-9);
    assert_float_equal(spread.least, 0, 1e-9);
    assert_float_equal(spread.most, 6, 1e-9);
    (void)add_join(&report, "range", 5, 2);
    spread = lab_report_spread(&report, join, "range", -1, LAB_FIGURE_MOVED);
    assert_float_equal(spread.median, 4.5, 1e-9);
    assert_int_equal(lab_report_spread(&report, join, "roundrobin", 1, LAB_FIGURE_MOVED).count, 0);
    lab_report_free(&report);
}

static void nobody_is_better_where_the_spreads_meet(void **state)
{
    (void)state;
    struct lab_report report = {0};
    const struct lab_scenario *join = scenario_named("join");
    (void)add_join(&report, "range", 4, 1);
    (void)add_join(&report, "range", 2, 9);
    (void)add_join(&report, "sticky", 2, 2);
    (void)add_join(&report, "sticky", 2, 2.5);
    struct strbuf text = strbuf_new(4000);
    lab_report_verdicts(&report, join, FORMAT_TABLE, &text);
    assert_says(&text, "verdict, fewest moves (partitions, all changes together): none is better: "
                       "range 3 (2 to 4), sticky 2\n");
    assert_says(&text, "shortest pause (partition-seconds without an owner): none is better");
    strbuf_free(&text);
    lab_report_free(&report);
}

static void the_best_is_named_where_the_spreads_allow_it(void **state)
{
    (void)state;
    struct lab_report report = {0};
    const struct lab_scenario *join = scenario_named("join");
    for (int i = 0; i < 2; i++) {
        (void)add_join(&report, "range", 4 + i, 10 + i);
        (void)add_join(&report, "sticky", 2, 1);
    }
    struct strbuf text = strbuf_new(4000);
    lab_report_verdicts(&report, join, FORMAT_MARKDOWN, &text);
    assert_says(&text, "- fewest moves (partitions, all changes together): sticky 2 is better than "
                       "range 4.5 (4 to 5)\n");
    assert_says(&text, "sticky 1.0 is better than range 10.5 (10.0 to 11.0)\n");
    strbuf_free(&text);
    report.embedded = true;
    text = strbuf_new(4000);
    lab_report_verdicts(&report, join, FORMAT_MARKDOWN, &text);
    assert_null(strstr(strbuf_text(&text), "pause"));
    strbuf_free(&text);
    lab_report_free(&report);
}

static void the_best_are_below_all_others_or_nobody_is(void **state)
{
    (void)state;
    static const char *const names[] = {"range", "roundrobin", "sticky"};
    static const struct {
        int moved[3][2];
        const char *want;
    } cases[] = {
        /* Sticky meets range, and range meets roundrobin. */
        {{{4, 7}, {6, 9}, {2, 5}},
         "all changes together): none is better: range 5.5 (4 to 7), roundrobin 7.5 (6 to 9), "
         "sticky 3.5 (2 to 5)\n"},
        /* Sticky and range meet, and are both below roundrobin. */
        {{{3, 5}, {6, 9}, {2, 4}},
         "all changes together): range 4 (3 to 5), sticky 3 (2 to 4) are better than roundrobin "
         "7.5 (6 to 9)\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lab_report report = {0};
        for (int k = 0; k < 3; k++) {
            (void)add_join(&report, names[k], cases[i].moved[k][0], 1);
            (void)add_join(&report, names[k], cases[i].moved[k][1], 1);
        }
        struct strbuf text = strbuf_new(4000);
        lab_report_verdicts(&report, scenario_named("join"), FORMAT_TABLE, &text);
        assert_says(&text, cases[i].want);
        strbuf_free(&text);
        lab_report_free(&report);
    }
}

static void what_is_printed_alike_is_not_better(void **state)
{
    (void)state;
    struct lab_report report = {0};
    const struct lab_scenario *join = scenario_named("join");
    (void)add_join(&report, "range", 2, 0.96);
    (void)add_join(&report, "roundrobin", 2, 1.04);
    (void)add_join(&report, "sticky", 2, 1.06);
    struct strbuf text = strbuf_new(4000);
    lab_report_verdicts(&report, join, FORMAT_TABLE, &text);
    assert_says(&text, "without an owner): range 1.0, roundrobin 1.0 are better than sticky 1.1; "
                       "one run each, so no spread\n");
    strbuf_free(&text);
    lab_report_free(&report);
}

/* Its session and its heartbeats are the brokers'. */
static void pauses_of_consumer_are_not_ranked(void **state)
{
    (void)state;
    struct lab_report report = {0};
    const struct lab_scenario *join = scenario_named("join");
    (void)add_join(&report, "range", 4, 3);
    (void)add_join(&report, "sticky", 2, 1);
    (void)add_join(&report, "consumer", 2, 0.5);
    struct strbuf text = strbuf_new(4000);
    lab_report_verdicts(&report, join, FORMAT_TABLE, &text);
    assert_says(&text, "without an owner): sticky 1.0 is better than range 3.0; one run each, so "
                       "no spread; consumer is left out: its session and heartbeats are the "
                       "brokers'\n");
    assert_says(&text, "sticky 2, consumer 2 are better than range 4");
    strbuf_free(&text);
    lab_report_free(&report);
}

static void spreads_are_printed_as_they_are(void **state)
{
    (void)state;
    static const struct {
        struct lab_spread spread;
        int digits;
        const char *want;
    } cases[] = {
        {{2.5, 2, 3, 2}, 0, "2.5 (2 to 3)"},
        {{3.5, 3, 4, 2}, 0, "3.5 (3 to 4)"},
        {{2, 2, 2, 2}, 0, "2"},
        {{1.01, 0.96, 1.04, 3}, 1, "1.0"},
        {{1.04, 1.03, 1.06, 3}, 1, "1.0 (1.0 to 1.1)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct strbuf text = strbuf_new(100);
        lab_spread_append(cases[i].spread, cases[i].digits, &text);
        assert_string_equal(strbuf_text(&text), cases[i].want);
        strbuf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spreads_are_medians_with_least_and_most),
        cmocka_unit_test(nobody_is_better_where_the_spreads_meet),
        cmocka_unit_test(the_best_is_named_where_the_spreads_allow_it),
        cmocka_unit_test(the_best_are_below_all_others_or_nobody_is),
        cmocka_unit_test(what_is_printed_alike_is_not_better),
        cmocka_unit_test(pauses_of_consumer_are_not_ranked),
        cmocka_unit_test(spreads_are_printed_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
