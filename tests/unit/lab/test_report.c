/* Reports of made-up results: spreads, verdicts, tables, timelines. */
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "lab/report.h"

static const struct lab_scenario *scenario_named(const char *name)
{
    struct error error = {0};
    int numbers[LAB_SCENARIOS_MAX];
    int count = 0;
    assert_true(lab_scenarios_parse(name, numbers, &count, &error));
    assert_int_equal(count, 1);
    return &lab_scenarios[numbers[0]];
}

/* A join in which so many partitions moved. */
static struct lab_result *add_join(struct lab_report *report, const char *strategy, int moved,
                                   double unowned_s)
{
    const struct lab_scenario *join = scenario_named("join");
    struct lab_result *result = lab_report_add(report);
    assert_non_null(result);
    result->scenario = join;
    result->strategy = strategy;
    result->repeat = 1;
    lab_scenario_group(join, &result->group);
    result->group.members[2].present = true;
    result->step_count = 2;
    for (int i = 0; i < 2; i++) {
        result->measures[i] = (struct lab_measure){.agrees = true,
                                                   .predicted_known = true,
                                                   .consistent = true,
                                                   .after = lab_placement_empty()};
        for (int slot = 0; slot < 6; slot++) {
            result->measures[i].after.owner[slot] = slot % (2 + i);
        }
    }
    result->marks[0] = (struct lab_mark){{LAB_START, 0}, 0, 5 * NS_PER_SECOND};
    result->marks[1] = (struct lab_mark){join->changes[0], 5 * NS_PER_SECOND, 10 * NS_PER_SECOND};
    result->measures[1].cost = (struct lab_cost){
        .moved = moved, .needless = moved, .needed = 2, .revoked = moved, .least = 2, .most = 2};
    result->measures[1].unowned_s = unowned_s;
    return result;
}

static void assert_says(const struct strbuf *text, const char *words)
{
    if (strstr(strbuf_text(text), words) == NULL) {
        fail_msg("\"%s\" is not in: %s", words, strbuf_text(text));
    }
}

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
    lab_report_verdicts(&report, join, LAB_FORMAT_TABLE, &text);
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
    lab_report_verdicts(&report, join, LAB_FORMAT_MARKDOWN, &text);
    assert_says(&text, "- fewest moves (partitions, all changes together): sticky 2 is better than "
                       "range 4.5 (4 to 5)\n");
    assert_says(&text, "sticky 1.0 is better than range 10.5 (10.0 to 11.0)\n");
    strbuf_free(&text);
    report.embedded = true;
    text = strbuf_new(4000);
    lab_report_verdicts(&report, join, LAB_FORMAT_MARKDOWN, &text);
    assert_null(strstr(strbuf_text(&text), "pause"));
    strbuf_free(&text);
    lab_report_free(&report);
}

/* Sticky meets range, and range meets roundrobin: nobody is below all others. */
static void a_chain_of_spreads_that_meet_has_no_best(void **state)
{
    (void)state;
    struct lab_report report = {0};
    const struct lab_scenario *join = scenario_named("join");
    static const int moved[3][2] = {{4, 7}, {6, 9}, {2, 5}};
    static const char *const names[] = {"range", "roundrobin", "sticky"};
    for (int i = 0; i < 3; i++) {
        (void)add_join(&report, names[i], moved[i][0], 1);
        (void)add_join(&report, names[i], moved[i][1], 1);
    }
    struct strbuf text = strbuf_new(4000);
    lab_report_verdicts(&report, join, LAB_FORMAT_TABLE, &text);
    assert_says(&text, "all changes together): none is better: range 5.5 (4 to 7), roundrobin 7.5 "
                       "(6 to 9), sticky 3.5 (2 to 5)\n");
    strbuf_free(&text);
    lab_report_free(&report);
}

/* Sticky and range meet, and are both below roundrobin. */
static void all_the_best_are_below_all_others(void **state)
{
    (void)state;
    struct lab_report report = {0};
    const struct lab_scenario *join = scenario_named("join");
    static const int moved[3][2] = {{3, 5}, {6, 9}, {2, 4}};
    static const char *const names[] = {"range", "roundrobin", "sticky"};
    for (int i = 0; i < 3; i++) {
        (void)add_join(&report, names[i], moved[i][0], 1);
        (void)add_join(&report, names[i], moved[i][1], 1);
    }
    struct strbuf text = strbuf_new(4000);
    lab_report_verdicts(&report, join, LAB_FORMAT_TABLE, &text);
    assert_says(&text, "all changes together): range 4 (3 to 5), sticky 3 (2 to 4) are better than "
                       "roundrobin 7.5 (6 to 9)\n");
    strbuf_free(&text);
    lab_report_free(&report);
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
    lab_report_verdicts(&report, join, LAB_FORMAT_TABLE, &text);
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
    lab_report_verdicts(&report, join, LAB_FORMAT_TABLE, &text);
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

static void troubles_are_told_and_make_a_report_bad(void **state)
{
    (void)state;
    struct lab_report report = {.embedded = true};
    const struct lab_scenario *join = scenario_named("join");
    assert_false(lab_report_good(&report)); /* nothing was run */
    struct lab_result *result = add_join(&report, "range", 4, 1);
    assert_true(lab_report_good(&report));
    result->ticks.missing = 3;
    assert_false(lab_report_good(&report));
    result->measures[1].agrees = false;
    result->measures[1].predicted = result->measures[0].after;
    result->measures[1].differs =
        (struct lab_difference){4, result->measures[0].after, result->measures[1].after};
    /* Where a round in between differs, the end may be as predicted. */
    result->measures[0].agrees = false;
    result->measures[0].consistent = false;
    result->measures[0].predicted = result->measures[0].after;
    result->measures[0].differs =
        (struct lab_difference){-1, result->measures[1].after, result->measures[0].after};
    lab_report_skip(&report, join, "consumer", "because");
    lab_report_skip(&report, join, "consumer", "because");
    struct strbuf text = strbuf_new(4000);
    lab_report_troubles(&report, join, &text);
    assert_says(&text, "range, run 1, step 0 differs from the prediction: predicted C0(C0)=a:0 b:1 "
                       "C1(C1)=a:1 c:0 C2(C2)=b:0 c:1; observed C0(C0)=a:0 b:0 c:0 "
                       "C1(C1)=a:1 b:1 c:1\n");
    assert_says(&text, "range, run 1, step 0: not every partition has one owner\n");
    assert_says(&text, "range, run 1, step 1, generation 4 differs from the prediction: predicted "
                       "C0(C0)=a:0 b:0 c:0 C1(C1)=a:1 b:1 c:1; observed C0(C0)=a:0 b:1 "
                       "C1(C1)=a:1 c:0 C2(C2)=b:0 c:1\n");
    assert_says(&text, "range, run 1: 3 ticks were never read\nconsumer was skipped: because\n");
    assert_int_equal(report.skip_count, 1);
    strbuf_clear(&text);
    lab_report_table(&report, join, LAB_FORMAT_TABLE, &text);
    assert_says(&text, "C2 joins  2/2/2       3/3/0, DIFFERS");
    strbuf_free(&text);
    lab_report_free(&report);
}

/* C0 has a-0 from 1 s to 5 s, C2 from 6 s on. */
static void record(struct lab_result *result)
{
    static const struct {
        int member;
        const char *line;
    } lines[] = {
        {0, "{\"event\":\"assigned\",\"clock\":1000000000,\"generation\":1,\"id\":\"x\","
            "\"partitions\":[{\"topic\":\"a\",\"partition\":0}]}"},
        {0, "{\"event\":\"revoked\",\"clock\":5000000000,\"generation\":2,\"id\":\"x\","
            "\"partitions\":[{\"topic\":\"a\",\"partition\":0}]}"},
        {2, "{\"event\":\"assigned\",\"clock\":6000000000,\"generation\":2,\"id\":\"y\","
            "\"partitions\":[{\"topic\":\"a\",\"partition\":0}]}"},
    };
    struct error error = {0};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_true(lab_log_add_line(&result->log, &result->group, "", lines[i].member,
                                     str_from(lines[i].line), &error));
    }
}

static void timelines_show_owners_over_time(void **state)
{
    (void)state;
    struct lab_report report = {0};
    struct lab_result *result = add_join(&report, "sticky", 2, 1);
    record(result);
    struct strbuf text = strbuf_new(100000);
    lab_timeline_text(result, 35, false, &text);
    assert_says(&text, "a-0          |  00000000  22222222|\n");
    assert_says(&text, "                        ^ C2 joins, 5.0 s\n");
    strbuf_clear(&text);
    lab_timeline_text(result, 35, true, &text);
    assert_says(&text, "\033[30;48;5;114m2\033[0m|\n");
    strbuf_clear(&text);
    lab_timeline_svg(result, &text);
    assert_says(&text, "<rect x=\"187.0\" y=\"56\" width=\"308.0\" height=\"14\" "
                       "fill=\"#4e9bd6\"><title>C0</title></rect>");
    assert_says(&text, "<rect x=\"572.0\" y=\"56\" width=\"308.0\" height=\"14\" "
                       "fill=\"#6bbf6b\"><title>C2</title></rect>");
    assert_says(&text, "</svg>\n");
    strbuf_free(&text);
    lab_report_free(&report);
}

static void programs_get_all_runs(void **state)
{
    (void)state;
    struct lab_report report = {.embedded = true};
    (void)add_join(&report, "sticky", 2, 1);
    struct strbuf text = strbuf_new(100000);
    lab_report_json(&report, &text);
    assert_says(&text, "{\"cluster\":\"in-process\",\"note\":\"On librdkafka's in-process cluster: "
                       "moves and balance only.");
    assert_says(&text, "\"good\":true,\"runs\":[{\"scenario\":\"join\",\"strategy\":\"sticky\","
                       "\"assignor\":\"cooperative-sticky\",\"run\":1,\"ids\":{\"C0\":\"C0\",");
    assert_says(&text, "{\"change\":\"C2 joins\",\"before\":{");
    assert_null(strstr(strbuf_text(&text), "seconds"));
    strbuf_clear(&text);
    report.embedded = false;
    lab_report_csv(&report, &text);
    assert_says(&text, "scenario,strategy,assignor,run,step,change,after,predicted,agrees,moved,");
    assert_says(&text, "join,sticky,cooperative-sticky,1,1,C2 joins,C0 a:0 b:1; C1 a:1 c:0; "
                       "C2 b:0 c:1,");
    assert_says(&text, ",true,2,2,2,0,1.000,0.000,0.000,0,0\n");
    strbuf_free(&text);
    lab_report_free(&report);
}

static void scenarios_are_whole(void **state)
{
    (void)state;
    struct error error = {0};
    int numbers[LAB_SCENARIOS_MAX];
    int count = 0;
    assert_true(lab_scenarios_parse("all", numbers, &count, &error));
    assert_int_equal(count, lab_scenario_count);
    assert_true(lab_scenarios_parse("seed,join,join", numbers, &count, &error));
    assert_int_equal(count, 2);
    assert_string_equal(lab_scenarios[numbers[0]].name, "join");
    assert_false(lab_scenarios_parse("jion", numbers, &count, &error));
    for (int i = 0; i < lab_scenario_count; i++) {
        struct lab_group group;
        lab_scenario_group(&lab_scenarios[i], &group);
        assert_true(group.topic_count > 0 && group.member_count >= lab_scenarios[i].start);
        assert_non_null(strstr(error.text, lab_scenarios[i].name));
        for (int k = 0; k < lab_scenarios[i].change_count; k++) {
            const struct lab_change *change = &lab_scenarios[i].changes[k];
            bool adds = lab_change_adds(change->kind) && change->kind != LAB_RESTART;
            assert_int_equal(group.members[change->member].present, !adds);
            group.members[change->member].present = lab_change_adds(change->kind);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spreads_are_medians_with_least_and_most),
        cmocka_unit_test(nobody_is_better_where_the_spreads_meet),
        cmocka_unit_test(the_best_is_named_where_the_spreads_allow_it),
        cmocka_unit_test(a_chain_of_spreads_that_meet_has_no_best),
        cmocka_unit_test(all_the_best_are_below_all_others),
        cmocka_unit_test(what_is_printed_alike_is_not_better),
        cmocka_unit_test(pauses_of_consumer_are_not_ranked),
        cmocka_unit_test(spreads_are_printed_as_they_are),
        cmocka_unit_test(troubles_are_told_and_make_a_report_bad),
        cmocka_unit_test(timelines_show_owners_over_time),
        cmocka_unit_test(programs_get_all_runs),
        cmocka_unit_test(scenarios_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
