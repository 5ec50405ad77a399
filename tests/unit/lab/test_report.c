/* Reports of made-up results: tables, troubles, timelines, and what programs get. */
#include "report_fixture.h"

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
    lab_report_table(&report, join, FORMAT_TABLE, 0, &text);
    assert_says(&text, "strategy  step      before  after  predicted ");
    assert_says(&text, "range     start             3/3/-  3/3/-, DIFFERS");
    assert_says(&text, "          C2 joins  3/3/-   2/2/2  3/3/0, DIFFERS");
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
    lab_timeline_text(result, 45, false, &text);
    assert_says(&text, "a-0          |   000000000000   222222222222|\n");
    assert_says(&text, "            C2 joins, 5.0 s ^\n              0 C0  1 C1  2 C2\n");
    assert_says(&text, "\n              blank: nobody; 10.0 s in all\n");
    strbuf_clear(&text);
    lab_timeline_text(result, 100, false, &text);
    assert_says(&text, "                                                        ^ C2 joins, 5.0 s\n"
                       "              0 C0  1 C1  2 C2  blank: nobody; 10.0 s in all\n");
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

/* A log is as long as its run, and only the newest run of a scenario and strategy is drawn. */
static void logs_of_older_runs_are_let_go(void **state)
{
    (void)state;
    struct lab_report report = {0};
    struct lab_result *old = add_join(&report, "sticky", 2, 1);
    struct lab_result *other = add_join(&report, "range", 2, 1);
    struct lab_result *newest = add_join(&report, "sticky", 2, 1);
    record(old);
    record(other);
    record(newest);
    lab_report_free_old_logs(&report);
    assert_int_equal(old->log.count, 0);
    assert_int_equal(other->log.count, 3);
    assert_int_equal(newest->log.count, 3);
    lab_report_free(&report);
}

static void a_report_that_was_broken_off_is_not_good(void **state)
{
    (void)state;
    struct lab_report report = {.embedded = true};
    struct lab_result *done = add_join(&report, "sticky", 2, 1);
    (void)add_join(&report, "range", 2, 1);
    record(done);
    lab_report_drop_newest(&report);
    assert_int_equal(report.count, 1);
    assert_ptr_equal(report.results[0], done);
    assert_true(lab_report_good(&report));
    assert_true(str_copy(str_from("it rained \"much\""), report.broken_off, LAB_REASON_SIZE));
    assert_false(lab_report_good(&report));
    struct strbuf text = strbuf_new(100000);
    lab_report_json(&report, &text);
    assert_says(&text, "\"good\":false,\"broken_off\":\"it rained \\\"much\\\"\",\"runs\":[{");
    strbuf_free(&text);
    lab_report_free(&report);
}

static void programs_get_all_runs(void **state)
{
    (void)state;
    struct lab_report report = {.embedded = true};
    struct lab_result *result = add_join(&report, "sticky", 2, 1);
    (void)str_copy(str_from("C1-x"), result->group.members[1].id, LAB_NAME_SIZE);
    (void)str_copy(str_from("C2-y"), result->group.members[2].id, LAB_NAME_SIZE);
    struct strbuf text = strbuf_new(100000);
    lab_report_json(&report, &text);
    assert_says(&text, "{\"cluster\":\"in-process\",\"note\":\"On librdkafka's in-process cluster: "
                       "moves and balance only.");
    assert_says(&text, "\"good\":true,\"broken_off\":null,\"runs\":[{\"scenario\":\"join\","
                       "\"strategy\":\"sticky\","
                       "\"assignor\":\"cooperative-sticky\",\"run\":1,\"ids\":{\"C1\":\"C1-x\","
                       "\"C2\":\"C2-y\"},");
    assert_says(&text, "{\"change\":\"C2 joins\",\"before\":{");
    assert_null(strstr(strbuf_text(&text), "seconds"));
    strbuf_clear(&text);
    report.embedded = false;
    lab_report_csv(&report, &text);
    assert_says(&text,
                "scenario,strategy,assignor,run,step,change,before,after,predicted,agrees,moved,");
    assert_says(&text, "join,sticky,cooperative-sticky,1,1,C2 joins,C0 a:0 b:0 c:0; "
                       "C1 a:1 b:1 c:1; C2 -,C0 a:0 b:1; C1 a:1 c:0; C2 b:0 c:1,");
    assert_says(&text, ",true,2,2,2,0,1.000,0.000,0.000,0,0\n");
    strbuf_free(&text);
    lab_report_free(&report);
}

/* Times of the in-process cluster mean nothing, so the page does not get them. */
static void the_page_gets_medians_of_each_strategy(void **state)
{
    (void)state;
    for (int embedded = 0; embedded < 2; embedded++) {
        struct lab_report report = {.embedded = embedded == 1};
        (void)add_join(&report, "range", 4, 1.5);
        (void)add_join(&report, "range", 6, 2.5);
        (void)add_join(&report, "sticky", 2, 1);
        struct strbuf text = strbuf_new(8000);
        lab_report_results(&report, 0, "seed 7, 2 runs\n", &text);
        assert_says(&text, "{\"time\":\"1970-01-01T00:00:00Z\",\"setting\":\"seed 7, 2 runs\",");
        assert_says(&text,
                    "\"good\":true,\"broken_off\":null,\"scenarios\":[{\"scenario\":\"join\",");
        assert_says(&text, "{\"strategy\":\"range\",\"assignor\":\"range\",\"runs\":2,\"moved\":{"
                           "\"median\":5.000,\"least\":4.000,\"most\":6.000}");
        assert_says(&text,
                    "{\"strategy\":\"sticky\",\"assignor\":\"cooperative-sticky\",\"runs\":1");
        assert_int_equal(strstr(strbuf_text(&text), "\"unowned_s\":{\"median\":2.000") == NULL,
                         embedded);
        strbuf_free(&text);
        lab_report_free(&report);
    }
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
        cmocka_unit_test(troubles_are_told_and_make_a_report_bad),
        cmocka_unit_test(timelines_show_owners_over_time),
        cmocka_unit_test(logs_of_older_runs_are_let_go),
        cmocka_unit_test(a_report_that_was_broken_off_is_not_good),
        cmocka_unit_test(programs_get_all_runs),
        cmocka_unit_test(the_page_gets_medians_of_each_strategy),
        cmocka_unit_test(scenarios_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
