/* The model against placements and costs worked out by hand from the strategies' rules, and against
 * figures measured on groups of real members. */
#include <string.h>

#include "cmocka_all.h"
#include "lab/model/scenario.h"

enum { STEPS_MAX = 3 };

struct want {
    int kind, member;   /* the change */
    const char *shares; /* partitions of members 0, 1, …; "-" for one that is away */
    int moved, needless, revoked, needed; /* needed: -1 where subscriptions differ */
};

struct scenario {
    const char *name, *topics, *members, *subscriptions;
    int start; /* how many of the members are there at the start */
    enum lab_strategy strategy;
    struct want wants[STEPS_MAX];
};

#define B "B", "a:2,b:2,c:2", "C0,C1,C2", NULL, 2
#define B3 "B3", "a:2,b:2,c:2", "C0,C1,C2", NULL, 3
#define C "C", "a:3,b:3,c:3", "C0,C1,C2", NULL, 3
#define D "D", "a:1,b:2,c:3", "C0,C1,C2", "C0=a;C1=a,b;C2=a,b,c", 3
#define E "E", "t:12", "C0,C1,C2,C3", NULL, 3
#define F "F", "a:1,b:1,c:1,d:1,e:1,f:1,g:1,h:1,i:1,j:1", "C0,C1,C2", NULL, 3
#define G "G", "a:2,b:2,c:2,d:2", "C0,C1,C2", NULL, 3
#define SEED "seed", "t:2", "C0,C1,C2", NULL, 2
#define START(shares)                                                                              \
    {                                                                                              \
        LAB_START, 0, shares, 0, 0, 0, 0                                                           \
    }
#define ODD(shares)                                                                                \
    {                                                                                              \
        LAB_START, 0, shares, 0, 0, 0, -1                                                          \
    }
#define END                                                                                        \
    {                                                                                              \
        -1, 0, NULL, 0, 0, 0, 0                                                                    \
    }

/* clang-format off: a table is read by its columns */
static const struct scenario scenarios[] = {
    {B,
     LAB_RANGE,
     {START("3 3 -"), {LAB_JOIN, 2, "3 3 0", 0, 0, 6, 2}, {LAB_LEAVE, 1, "3 - 3", 3, 0, 6, 0}}},
    {B,
     LAB_ROUNDROBIN,
     {START("3 3 -"), {LAB_JOIN, 2, "2 2 2", 4, 4, 6, 2}, {LAB_LEAVE, 1, "3 - 3", 4, 2, 6, 0}}},
    {B,
     LAB_STICKY,
     {START("3 3 -"), {LAB_JOIN, 2, "2 2 2", 2, 2, 2, 2}, {LAB_LEAVE, 1, "3 - 3", 2, 0, 2, 0}}},
    {B,
     LAB_EAGER_STICKY,
     {START("3 3 -"), {LAB_JOIN, 2, "2 2 2", 2, 2, 6, 2}, {LAB_LEAVE, 1, "3 - 3", 2, 0, 6, 0}}},
    {C,
     LAB_RANGE,
     {START("3 3 3"), {LAB_LEAVE, 1, "6 - 3", 3, 0, 9, 0}, {LAB_JOIN, 1, "3 3 3", 3, 3, 9, 3}}},
    {C,
     LAB_ROUNDROBIN,
     {START("3 3 3"), {LAB_LEAVE, 1, "5 - 4", 6, 3, 9, 0}, {LAB_JOIN, 1, "3 3 3", 6, 6, 9, 3}}},
    {C,
     LAB_STICKY,
     {START("3 3 3"), {LAB_LEAVE, 1, "5 - 4", 3, 0, 3, 0}, {LAB_JOIN, 1, "3 3 3", 3, 3, 3, 3}}},
    {D, LAB_RANGE, {ODD("1 1 4"), {LAB_LEAVE, 0, "- 2 4", 1, 0, 6, -1}, END}},
    {D, LAB_ROUNDROBIN, {ODD("1 1 4"), {LAB_LEAVE, 0, "- 2 4", 3, 2, 6, -1}, END}},
    {D, LAB_STICKY, {ODD("1 2 3"), {LAB_LEAVE, 0, "- 3 3", 1, 0, 1, -1}, END}},
    {E,
     LAB_RANGE,
     {START("4 4 4 -"),
      {LAB_JOIN, 3, "3 3 3 3", 6, 6, 12, 3},
      {LAB_CRASH, 1, "4 - 4 4", 4, 1, 9, 0}}},
    {E,
     LAB_ROUNDROBIN,
     {START("4 4 4 -"),
      {LAB_JOIN, 3, "3 3 3 3", 9, 9, 12, 3},
      {LAB_CRASH, 1, "4 - 4 4", 9, 6, 9, 0}}},
    {E,
     LAB_STICKY,
     {START("4 4 4 -"),
      {LAB_JOIN, 3, "3 3 3 3", 3, 3, 3, 3},
      {LAB_CRASH, 1, "4 - 4 4", 3, 0, 0, 0}}},
    {F, LAB_RANGE, {START("10 0 0"), END, END}},
    {F, LAB_ROUNDROBIN, {START("4 3 3"), END, END}},
    {F, LAB_STICKY, {START("4 3 3"), END, END}},
    {G, LAB_RANGE, {START("4 4 0"), {LAB_LEAVE, 1, "4 - 4", 4, 0, 8, 0}, END}},
    {G, LAB_ROUNDROBIN, {START("3 3 2"), {LAB_LEAVE, 1, "4 - 4", 5, 2, 8, 0}, END}},
    {G, LAB_STICKY, {START("3 3 2"), {LAB_LEAVE, 1, "4 - 4", 3, 0, 3, 0}, END}},
    {SEED,
     LAB_RANGE,
     {START("1 1 -"), {LAB_JOIN, 2, "1 1 0", 0, 0, 2, 0}, {LAB_LEAVE, 1, "1 - 1", 1, 0, 2, 0}}},
    {SEED,
     LAB_ROUNDROBIN,
     {START("1 1 -"), {LAB_JOIN, 2, "1 1 0", 0, 0, 2, 0}, {LAB_LEAVE, 1, "1 - 1", 1, 0, 2, 0}}},
    {SEED,
     LAB_STICKY,
     {START("1 1 -"), {LAB_JOIN, 2, "1 1 0", 0, 0, 0, 0}, {LAB_LEAVE, 1, "1 - 1", 1, 0, 1, 0}}},
};
/* clang-format on */

static void read_group(const char *topics, const char *members, const char *subscriptions,
                       int present, struct lab_group *group)
{
    struct error error = {0};
    *group = (struct lab_group){0};
    assert_true(lab_group_parse_topics(group, topics, &error));
    assert_true(lab_group_parse_members(group, members, &error));
    assert_true(subscriptions == NULL ||
                lab_group_parse_subscriptions(group, subscriptions, &error));
    for (int i = 0; i < present; i++) {
        group->members[i].present = true;
    }
}

static void append_shares(const struct lab_group *group, const struct lab_placement *placement,
                          struct strbuf *text)
{
    for (int i = 0; i < group->member_count; i++) {
        strbuf_append_text(text, i > 0 ? " " : "");
        if (group->members[i].present) {
            strbuf_append_format(text, "%d", lab_placement_count(group, placement, i));
        } else {
            strbuf_append_char(text, '-');
        }
    }
}

static void check_step(const struct scenario *scenario, const struct lab_group *group,
                       const struct lab_step *step, const struct want *want)
{
    struct strbuf got = strbuf_new(300);
    struct strbuf wanted = strbuf_new(300);
    const char *strategy = lab_strategy_names[scenario->strategy];
    int number = (int)(want - scenario->wants);
    strbuf_append_format(&got, "%s %s step %d: ", scenario->name, strategy, number);
    strbuf_append_format(&wanted, "%s %s step %d: ", scenario->name, strategy, number);
    append_shares(group, &step->after, &got);
    strbuf_append_format(&got, "; moved %d, needless %d, revoked %d, needed %d", step->cost.moved,
                         step->cost.needless, step->cost.revoked, step->cost.needed);
    strbuf_append_format(&wanted, "%s; moved %d, needless %d, revoked %d, needed %d", want->shares,
                         want->moved, want->needless, want->revoked, want->needed);
    assert_string_equal(strbuf_text(&got), strbuf_text(&wanted));
    strbuf_free(&got);
    strbuf_free(&wanted);
}

static void scenarios_come_out_as_worked_out_by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        const struct scenario *scenario = &scenarios[i];
        struct lab_group group;
        struct lab_step step = {.after = lab_placement_empty()};
        read_group(scenario->topics, scenario->members, scenario->subscriptions, scenario->start,
                   &group);
        for (int k = 0; k < STEPS_MAX && scenario->wants[k].shares != NULL; k++) {
            const struct want *want = &scenario->wants[k];
            const struct lab_placement before = step.after;
            struct lab_change change = {(enum lab_change_kind)want->kind, want->member};
            lab_step_predict(&group, scenario->strategy, change, &before, &step);
            check_step(scenario, &group, &step, want);
        }
    }
}

/* "C0: a-0 b-0 | C1: …" of those who are there. */
static void append_placement(const struct lab_group *group, const struct lab_placement *placement,
                             struct strbuf *text)
{
    for (int i = 0; i < group->member_count; i++) {
        strbuf_append_format(text, "%s%s:", i > 0 ? " | " : "", group->members[i].name);
        for (int slot = 0; slot < group->slot_count; slot++) {
            if (placement->owner[slot] == i) {
                strbuf_append_char(text, ' ');
                lab_slot_append(group, slot, text);
            }
        }
    }
}

static void check_start(const char *topics, const char *subscriptions, enum lab_strategy strategy,
                        const char *want)
{
    struct lab_group group;
    struct lab_step step;
    struct lab_placement empty = lab_placement_empty();
    struct strbuf got = strbuf_new(500);
    read_group(topics, "C0,C1,C2", subscriptions, 3, &group);
    lab_step_predict(&group, strategy, (struct lab_change){LAB_START, 0}, &empty, &step);
    append_placement(&group, &step.after, &got);
    assert_string_equal(strbuf_text(&got), want);
    strbuf_free(&got);
}

static void first_placements_are_exact(void **state)
{
    (void)state;
    check_start("a:4,b:2", NULL, LAB_RANGE, "C0: a-0 a-1 b-0 | C1: a-2 b-1 | C2: a-3");
    check_start("b:2,a:4", NULL, LAB_ROUNDROBIN, "C0: a-0 a-3 | C1: b-0 a-1 | C2: b-1 a-2");
    check_start("b:2,a:4", NULL, LAB_STICKY, "C0: a-0 a-3 | C1: b-0 a-1 | C2: b-1 a-2");
    const char *uneven = "C0=a;C1=a,b;C2=a,b,c";
    check_start("a:1,b:2,c:3", uneven, LAB_RANGE, "C0: a-0 | C1: b-0 | C2: b-1 c-0 c-1 c-2");
    check_start("a:1,b:2,c:3", uneven, LAB_ROUNDROBIN, "C0: a-0 | C1: b-0 | C2: b-1 c-0 c-1 c-2");
    check_start("a:1,b:2,c:3", uneven, LAB_STICKY, "C0: a-0 | C1: b-0 b-1 | C2: c-0 c-1 c-2");
}

/* A scenario of the lab: where it starts, and where its first change leads. */
static void check_scenario(const char *name, enum lab_strategy strategy, const char *want_start,
                           const char *want_end)
{
    struct error error = {0};
    int numbers[LAB_SCENARIOS_MAX];
    int count = 0;
    struct lab_group group;
    struct lab_step start;
    struct lab_placement empty = lab_placement_empty();
    struct strbuf got = strbuf_new(1000);
    assert_true(lab_scenarios_parse(name, numbers, &count, &error));
    const struct lab_scenario *scenario = &lab_scenarios[numbers[0]];
    lab_scenario_group(scenario, &group);
    lab_step_predict(&group, strategy, (struct lab_change){LAB_START, 0}, &empty, &start);
    append_placement(&group, &start.after, &got);
    assert_string_equal(strbuf_text(&got), want_start);
    if (want_end != NULL) {
        struct lab_step end;
        strbuf_clear(&got);
        lab_step_predict(&group, strategy, scenario->changes[0], &start.after, &end);
        append_placement(&group, &end.after, &got);
        assert_string_equal(strbuf_text(&got), want_end);
    }
    strbuf_free(&got);
}

/* C0 reads a, C1 a and b, C2 all; then C0 leaves. Range: a-0 to the first of C1 and C2, b one
 * each. Roundrobin, over C1 and C2: a-0, b-0, b-1 in turn, and c only C2 takes. */
static void uneven_is_exact(void **state)
{
    (void)state;
    const char *eager_start = "C0: a-0 | C1: b-0 | C2: b-1 c-0 c-1 c-2";
    check_scenario("uneven", LAB_RANGE, eager_start, "C0: | C1: a-0 b-0 | C2: b-1 c-0 c-1 c-2");
    check_scenario("uneven", LAB_ROUNDROBIN, eager_start,
                   "C0: | C1: a-0 b-1 | C2: b-0 c-0 c-1 c-2");
    check_scenario("uneven", LAB_STICKY, "C0: a-0 | C1: b-0 b-1 | C2: c-0 c-1 c-2",
                   "C0: | C1: a-0 b-0 b-1 | C2: c-0 c-1 c-2");
}

/* Ten topics of one partition: the first member is the first of each; or they go round. */
static void skew_is_exact(void **state)
{
    (void)state;
    check_scenario("skew", LAB_RANGE,
                   "C0: tADAUSD-0 tBTCUSD-0 tDOTUSD-0 tETHUSD-0 tLINKUSD-0 tLTCUSD-0 tSOLUSD-0 "
                   "tTRXUSD-0 tXLMUSD-0 tXRPUSD-0 | C1: | C2:",
                   NULL);
    check_scenario("skew", LAB_ROUNDROBIN,
                   "C0: tADAUSD-0 tETHUSD-0 tSOLUSD-0 tXRPUSD-0 | C1: tBTCUSD-0 tLINKUSD-0 "
                   "tTRXUSD-0 | C2: tDOTUSD-0 tLTCUSD-0 tXLMUSD-0",
                   NULL);
}

static void cooperative_hands_over_in_a_second_round(void **state)
{
    (void)state;
    struct lab_group group;
    struct lab_step start;
    struct lab_step join;
    struct lab_placement empty = lab_placement_empty();
    struct strbuf between = strbuf_new(500);
    struct strbuf after = strbuf_new(500);
    read_group("a:2,b:2,c:2", "C0,C1,C2", NULL, 2, &group);
    lab_step_predict(&group, LAB_STICKY, (struct lab_change){LAB_START, 0}, &empty, &start);
    assert_int_equal(start.rounds, 1);
    lab_step_predict(&group, LAB_STICKY, (struct lab_change){LAB_JOIN, 2}, &start.after, &join);
    assert_int_equal(join.rounds, 2);
    append_placement(&group, &join.between, &between);
    append_placement(&group, &join.after, &after);
    assert_string_equal(strbuf_text(&between), "C0: b-0 c-0 | C1: b-1 c-1 | C2:");
    assert_string_equal(strbuf_text(&after), "C0: b-0 c-0 | C1: b-1 c-1 | C2: a-0 a-1");
    strbuf_free(&between);
    strbuf_free(&after);
}

/* As librdkafka's own assignor answered: both of d go to C2, and one comes back when C2 gets some
 * of i, too. It is not the one that went first. */
static void a_move_that_is_taken_back_is_librdkafkas(void **state)
{
    (void)state;
    struct lab_group group;
    struct lab_placement before = lab_placement_empty();
    struct lab_placement after;
    struct strbuf got = strbuf_new(500);
    read_group("d:2,i:5,n:4,s:5", "C0,C1,C2", "C0=d,n;C1=i,s", 3, &group);
    for (int slot = 0; slot < group.slot_count; slot++) {
        before.owner[slot] = lab_slot_topic(&group, slot) % 2;
    }
    lab_assign(&group, LAB_STICKY, &before, &after);
    append_placement(&group, &after, &got);
    assert_string_equal(strbuf_text(&got),
                        "C0: d-1 n-0 n-1 n-2 n-3 | C1: i-4 s-0 s-1 s-2 s-3 s-4 | "
                        "C2: d-0 i-0 i-1 i-2 i-3");
    strbuf_free(&got);
}

/* C0 keeps a; the others are nobody's, and go from the last that is listed to the first, each to
 * the first of those who have least. */
static void sticky_begins_where_the_brokers_list_ends(void **state)
{
    (void)state;
    static const struct {
        int listed[5];
        const char *want;
    } cases[] = {
        {{0, 1, 2, 3, 4}, "C0: a-0 c-0 | C1: b-0 e-0 | C2: d-0"},
        {{4, 3, 2, 1, 0}, "C0: a-0 d-0 | C1: b-0 e-0 | C2: c-0"},
        {{3, 0, 1, 4, 2}, "C0: a-0 b-0 | C1: c-0 d-0 | C2: e-0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lab_group group;
        struct lab_placement before = lab_placement_empty();
        struct lab_placement after;
        struct strbuf got = strbuf_new(500);
        read_group("a:1,b:1,c:1,d:1,e:1", "C0,C1,C2", NULL, 3, &group);
        memcpy(group.listed, cases[i].listed, sizeof cases[i].listed);
        before.owner[0] = 0;
        lab_assign(&group, LAB_STICKY, &before, &after);
        append_placement(&group, &after, &got);
        assert_string_equal(strbuf_text(&got), cases[i].want);
        strbuf_free(&got);
    }
}

/* The group's ids decide, not the names; static members sort by instance id where the assignor is
 * range or roundrobin. */
static void ids_decide_the_order(void **state)
{
    (void)state;
    struct lab_group group;
    struct lab_placement empty = lab_placement_empty();
    struct lab_placement after;
    read_group("a:2", "C0,C1", NULL, 2, &group);
    (void)str_copy(str_from("9"), group.members[0].id, LAB_NAME_SIZE);
    (void)str_copy(str_from("1"), group.members[1].id, LAB_NAME_SIZE);
    lab_assign(&group, LAB_RANGE, &empty, &after);
    assert_int_equal(after.owner[0], 1);
    (void)str_copy(str_from("x"), group.members[0].instance, LAB_NAME_SIZE);
    lab_assign(&group, LAB_RANGE, &empty, &after);
    assert_int_equal(after.owner[0], 1);
    (void)str_copy(str_from("y"), group.members[1].instance, LAB_NAME_SIZE);
    lab_assign(&group, LAB_RANGE, &empty, &after);
    assert_int_equal(after.owner[0], 0);
    lab_assign(&group, LAB_STICKY, &empty, &after);
    assert_int_equal(after.owner[0], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenarios_come_out_as_worked_out_by_hand),
        cmocka_unit_test(first_placements_are_exact),
        cmocka_unit_test(uneven_is_exact),
        cmocka_unit_test(skew_is_exact),
        cmocka_unit_test(cooperative_hands_over_in_a_second_round),
        cmocka_unit_test(a_move_that_is_taken_back_is_librdkafkas),
        cmocka_unit_test(sticky_begins_where_the_brokers_list_ends),
        cmocka_unit_test(ids_decide_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
