/* Plans as people write them, and predictions as they are written down. */
#include <string.h>

#include "cmocka_all.h"
#include "lab/model/plan.h"

static bool read_plan(const char *members, const char *steps, struct lab_group *group,
                      struct lab_plan *plan, struct error *error)
{
    *group = (struct lab_group){0};
    return lab_group_parse_topics(group, "a:2,b:1", error) &&
           lab_group_parse_members(group, members, error) &&
           lab_plan_parse(group, steps, plan, error);
}

static void members_join_one_by_one_when_nothing_else_is_said(void **state)
{
    (void)state;
    struct lab_group group;
    struct lab_plan plan;
    struct error error = {0};
    assert_true(read_plan("C0,C1,C2", NULL, &group, &plan, &error));
    assert_int_equal(plan.count, 3);
    assert_int_equal(plan.changes[0].kind, LAB_START);
    assert_int_equal(plan.changes[2].kind, LAB_JOIN);
    assert_int_equal(plan.changes[2].member, 2);
    assert_true(group.members[0].present);
    assert_false(group.members[1].present);
}

static void who_joins_later_is_not_there_at_the_start(void **state)
{
    (void)state;
    struct lab_group group;
    struct lab_plan plan;
    struct error error = {0};
    assert_true(read_plan("C-0,C1,C2", "+C2,-C-0,~C1,+C-0", &group, &plan, &error));
    assert_int_equal(plan.count, 5);
    assert_int_equal(plan.changes[2].kind, LAB_LEAVE);
    assert_int_equal(plan.changes[3].kind, LAB_CRASH);
    assert_true(group.members[0].present && group.members[1].present);
    assert_false(group.members[2].present);
}

static void plans_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *members, *steps, *want;
    } cases[] = {
        {"C0,C1", "C1", "step \"C1\": write +MEMBER"},
        {"C0,C1", "+", "step \"+\""},
        {"C0,C1", "+C2", "step \"+C2\""},
        {"C0,C1", "-C1,-C1", "step 2: C1 is out of the group already"},
        {"C0,C1", "~C1,+C1,+C1", "step 3: C1 is in the group already"},
        {"C0,C1", "-C1,~C0", "step 2: nobody is left"},
        {"C0", "+C0", "a group needs members at its start"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lab_group group;
        struct lab_plan plan;
        struct error error = {0};
        bool good = read_plan(cases[i].members, cases[i].steps, &group, &plan, &error);
        if (good || error.kind != ERROR_USAGE || strstr(error.text, cases[i].want) == NULL) {
            fail_msg("\"%s\" does not say \"%s\"", error.text, cases[i].want);
        }
    }
}

static void strategies_are_named_once(void **state)
{
    (void)state;
    enum lab_strategy strategies[LAB_STRATEGIES];
    struct error error = {0};
    int count = 0;
    assert_true(lab_strategies_parse("eager-sticky, range", strategies, &count, &error));
    assert_int_equal(count, 2);
    assert_int_equal(strategies[0], LAB_EAGER_STICKY);
    assert_false(lab_strategies_parse("range,range", strategies, &count, &error));
    assert_non_null(strstr(error.text, "named twice"));
    assert_false(lab_strategies_parse("consumer", strategies, &count, &error));
    assert_non_null(strstr(error.text, "\"consumer\" has no model"));
}

static void check_written(enum output_format format, const char *want)
{
    struct lab_group group;
    struct lab_plan plan;
    struct error error = {0};
    enum lab_strategy sticky = LAB_STICKY;
    struct strbuf text = strbuf_new(4000);
    assert_true(read_plan("C0,C1", "+C1", &group, &plan, &error));
    lab_predict_append(&group, &plan, &sticky, 1, format, 0, &text);
    assert_memory_equal(strbuf_text(&text), want, strlen(want));
    strbuf_free(&text);
}

static void each_format_says_the_same(void **state)
{
    (void)state;
    check_written(FORMAT_TABLE,
                  "sticky (librdkafka's cooperative-sticky: members keep what does not move)\n"
                  "step      C0         C1   partitions each  moved  needless  needed  revoked\n"
                  "start     a:0,1 b:0       3 to 3               0         0       0        0\n"
                  "C1 joins  a:1 b:0    -\n"
                  "  then    a:1 b:0    a:0  1 to 2               1         1       1        1\n"
                  "\nmoved: ");
    check_written(
        FORMAT_MARKDOWN,
        "### sticky (librdkafka's cooperative-sticky: members keep what does not move)\n\n"
        "| step | C0 | C1 | partitions each | moved | needless | needed | revoked |\n"
        "|---|---|---|---|---:|---:|---:|---:|\n"
        "| start | a:0,1 b:0 |  | 3 to 3 | 0 | 0 | 0 | 0 |\n"
        "| C1 joins | a:1 b:0 | - |  |  |  |  |  |\n"
        "|   then | a:1 b:0 | a:0 | 1 to 2 | 1 | 1 | 1 | 1 |\n");
    check_written(FORMAT_CSV,
                  "strategy,step,change,rounds,member,count,owned,moved,needless,needed,revoked\n"
                  "sticky,0,start,1,C0,3,\"a:0,1 b:0\",0,0,0,0\n"
                  "sticky,1,C1 joins,2,C0,2,a:1 b:0,1,1,1,1\n"
                  "sticky,1,C1 joins,2,C1,1,a:0,1,1,1,1\n");
    check_written(
        FORMAT_JSON,
        "[{\"strategy\":\"sticky\",\"steps\":[{\"change\":\"start\",\"rounds\":1,\"placement\":"
        "{\"C0\":[\"a-0\",\"a-1\",\"b-0\"]},\"least\":3,\"most\":3,\"moved\":0,\"needless\":0,"
        "\"needed\":0,\"revoked\":0},{\"change\":\"C1 joins\",\"rounds\":2,\"placement\":"
        "{\"C0\":[\"a-1\",\"b-0\"],\"C1\":[\"a-0\"]},\"first_round\":{\"C0\":[\"a-1\",\"b-0\"],"
        "\"C1\":[]},\"least\":1,\"most\":2,\"moved\":1,\"needless\":1,\"needed\":1,\"revoked\":1}"
        "]}]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_join_one_by_one_when_nothing_else_is_said),
        cmocka_unit_test(who_joins_later_is_not_there_at_the_start),
        cmocka_unit_test(plans_that_cannot_be_are_refused),
        cmocka_unit_test(strategies_are_named_once),
        cmocka_unit_test(each_format_says_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
