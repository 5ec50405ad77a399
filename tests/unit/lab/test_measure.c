/* The figures of recorded event logs, worked out by hand. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "lab/model/measure.h"

/* Topic a, two partitions. Times in the logs are seconds; "x-" is the topics' prefix. */
struct recorded {
    struct lab_group group;
    struct lab_log log;
};

static void setup(struct recorded *recorded, const char *members, int present)
{
    struct error error = {0};
    *recorded = (struct recorded){0};
    assert_true(lab_group_parse_topics(&recorded->group, "a:2", &error));
    assert_true(lab_group_parse_members(&recorded->group, members, &error));
    for (int i = 0; i < present; i++) {
        recorded->group.members[i].present = true;
    }
}

/* kind "assigned", "revoked", "lost"; `partitions` is "0", "1", "01" or "". */
static void tell(struct recorded *recorded, double second, const char *kind, int member,
                 int generation, const char *partitions)
{
    struct strbuf line = strbuf_new(1000);
    struct error error = {0};
    strbuf_append_format(&line,
                         "{\"event\":\"%s\",\"time\":1,\"clock\":%lld,\"generation\":%d,"
                         "\"id\":\"id%d\",\"partitions\":[",
                         kind, (long long)(second * 1e9), generation, member);
    for (const char *at = partitions; *at != '\0'; at++) {
        strbuf_append_format(&line, "%s{\"topic\":\"x-a\",\"partition\":%c}",
                             at > partitions ? "," : "", *at);
    }
    strbuf_append_text(&line, "]}");
    assert_true(lab_log_add_line(&recorded->log, &recorded->group, "x-", member, strbuf_str(&line),
                                 &error));
    strbuf_free(&line);
}

static void read_ticks(struct recorded *recorded, double second, int member, int partition,
                       int first, int last)
{
    struct strbuf line = strbuf_new(1000);
    struct error error = {0};
    strbuf_append_format(&line,
                         "{\"event\":\"read\",\"time\":1,\"clock\":%lld,\"topic\":\"x-a\","
                         "\"partition\":%d,\"first\":%d,\"last\":%d}",
                         (long long)(second * 1e9), partition, first, last);
    assert_true(lab_log_add_line(&recorded->log, &recorded->group, "x-", member, strbuf_str(&line),
                                 &error));
    strbuf_free(&line);
}

static struct lab_mark mark_of(enum lab_change_kind kind, int member, double from, double to)
{
    return (struct lab_mark){{kind, member}, (int64_t)(from * 1e9), (int64_t)(to * 1e9)};
}

/* id0 has both; id1 joins at 10 s. Sticky: id0 gives up a-0 in round 2 at 11 s, id1 gets it in
 * round 3 at 12.5 s and reads from 13 s on. */
static void record_join(struct recorded *recorded)
{
    setup(recorded, "C0,C1", 2);
    tell(recorded, 1, "assigned", 0, 1, "01");
    read_ticks(recorded, 9.5, 0, 0, 0, 9);
    read_ticks(recorded, 9.5, 0, 1, 0, 9);
    tell(recorded, 11, "revoked", 0, 2, "0");
    tell(recorded, 11.1, "assigned", 0, 2, "");
    tell(recorded, 11.2, "assigned", 1, 2, "");
    read_ticks(recorded, 11.5, 0, 1, 10, 19);
    tell(recorded, 12.5, "assigned", 1, 3, "0");
    tell(recorded, 12.5, "assigned", 0, 3, "");
    read_ticks(recorded, 13, 1, 0, 8, 12);
    read_ticks(recorded, 13.5, 0, 1, 20, 20);
}

static void a_cooperative_join_is_measured(void **state)
{
    (void)state;
    struct recorded recorded;
    struct lab_measure measure;
    enum lab_strategy strategy = LAB_STICKY;
    record_join(&recorded);
    struct lab_mark mark = mark_of(LAB_JOIN, 1, 10, 14);
    assert_true(lab_measure(&recorded.group, &recorded.log, &mark, &strategy, &measure));
    assert_int_equal(measure.before.owner[0], 0);
    assert_int_equal(measure.after.owner[0], 1);
    assert_int_equal(measure.after.owner[1], 0);
    assert_int_equal(measure.rounds, 2);
    assert_int_equal(measure.cost.moved, 1);
    assert_int_equal(measure.cost.needless, 1);
    assert_int_equal(measure.cost.needed, 1);
    assert_int_equal(measure.cost.revoked, 1);
    assert_int_equal(measure.lost, 0);
    assert_true(measure.consistent);
    assert_true(measure.predicted_known && measure.agrees);
    assert_float_equal(measure.unowned_s, 1.5, 1e-6);
    assert_float_equal(measure.gap_s, 3.5, 1e-6);
    assert_float_equal(measure.again_s, 3.0, 1e-6);
    lab_log_free(&recorded.log);
}

/* The same log is not what range would have done: id1 would have got a-1. */
static void another_placement_than_predicted_is_seen(void **state)
{
    (void)state;
    struct recorded recorded;
    struct lab_measure measure;
    enum lab_strategy strategy = LAB_RANGE;
    record_join(&recorded);
    struct lab_mark mark = mark_of(LAB_JOIN, 1, 10, 14);
    assert_true(lab_measure(&recorded.group, &recorded.log, &mark, &strategy, &measure));
    assert_false(measure.agrees);
    assert_int_equal(measure.predicted.owner[1], 1);
    assert_int_equal(measure.differs.generation, 2);
    assert_true(lab_measure(&recorded.group, &recorded.log, &mark, NULL, &measure));
    assert_true(measure.agrees);
    assert_false(measure.predicted_known);
    lab_log_free(&recorded.log);
}

/* C1 is killed at 10 s; C0 is told at 16 s. Nothing is revoked from a dead member. */
static void a_crash_is_measured(void **state)
{
    (void)state;
    struct recorded recorded;
    struct lab_measure measure;
    struct error error = {0};
    enum lab_strategy strategy = LAB_STICKY;
    setup(&recorded, "C0,C1", 1);
    tell(&recorded, 1, "assigned", 0, 1, "0");
    tell(&recorded, 1, "assigned", 1, 1, "1");
    assert_true(lab_log_add_gone(&recorded.log, 1, 10 * NS_PER_SECOND, &error));
    tell(&recorded, 16, "assigned", 0, 2, "1");
    struct lab_mark mark = mark_of(LAB_CRASH, 1, 10, 20);
    assert_true(lab_measure(&recorded.group, &recorded.log, &mark, &strategy, &measure));
    assert_int_equal(measure.before.owner[1], 1);
    assert_int_equal(measure.after.owner[1], 0);
    assert_int_equal(measure.cost.moved, 1);
    assert_int_equal(measure.cost.needless, 0);
    assert_int_equal(measure.cost.revoked, 0);
    assert_float_equal(measure.unowned_s, 6, 1e-6);
    assert_true(measure.agrees);
    lab_log_free(&recorded.log);
}

/* What a frozen member finds out to have lost is not taken from who has it now. */
static void a_thawed_member_loses_what_is_not_its_own(void **state)
{
    (void)state;
    struct recorded recorded;
    struct lab_measure measure;
    struct error error = {0};
    setup(&recorded, "C0,C1", 2);
    tell(&recorded, 1, "assigned", 0, 1, "0");
    tell(&recorded, 1, "assigned", 1, 1, "1");
    assert_true(lab_log_add_gone(&recorded.log, 1, 10 * NS_PER_SECOND, &error));
    tell(&recorded, 16, "assigned", 0, 2, "1");
    tell(&recorded, 20.5, "lost", 1, 2, "1");
    struct lab_mark mark = mark_of(LAB_THAW, 1, 20, 21);
    assert_true(lab_measure(&recorded.group, &recorded.log, &mark, NULL, &measure));
    assert_int_equal(measure.after.owner[1], 0);
    assert_int_equal(measure.lost, 1);
    assert_int_equal(measure.cost.revoked, 0);
    assert_float_equal(measure.unowned_s, 0, 1e-6);
    lab_log_free(&recorded.log);
}

/* C2 was in round 2, for the leader knew it, but was told only in round 3: what it was to get in
 * round 2 nobody had. */
static void a_member_may_miss_a_round(void **state)
{
    (void)state;
    struct recorded recorded;
    struct lab_measure measure;
    struct error error = {0};
    enum lab_strategy strategy = LAB_STICKY;
    setup(&recorded, "C0,C1,C2", 3);
    recorded.group.members[1].present = false;
    recorded.group.topics[0].partitions = recorded.group.slot_count = 6;
    tell(&recorded, 1, "assigned", 0, 1, "03");
    tell(&recorded, 1, "assigned", 1, 1, "14");
    tell(&recorded, 1, "assigned", 2, 1, "25");
    assert_true(lab_log_add_gone(&recorded.log, 1, 10 * NS_PER_SECOND, &error));
    tell(&recorded, 12, "assigned", 0, 2, "4");
    tell(&recorded, 13, "assigned", 0, 3, "");
    tell(&recorded, 13, "assigned", 2, 3, "1");
    struct lab_mark mark = mark_of(LAB_CRASH, 1, 10, 14);
    assert_true(lab_measure(&recorded.group, &recorded.log, &mark, &strategy, &measure));
    assert_int_equal(measure.rounds, 2);
    assert_true(measure.agrees);
    lab_log_free(&recorded.log);
}

/* C0 never gives a-0 up, and C1 is told that it has it: each reads it. */
static void two_owners_are_seen(void **state)
{
    (void)state;
    struct recorded recorded;
    struct lab_measure measure;
    setup(&recorded, "C0,C1", 2);
    tell(&recorded, 1, "assigned", 0, 1, "01");
    tell(&recorded, 11, "assigned", 1, 2, "0");
    struct lab_mark mark = mark_of(LAB_JOIN, 1, 10, 14);
    assert_true(lab_measure(&recorded.group, &recorded.log, &mark, NULL, &measure));
    assert_int_equal(measure.after.owner[0], 1);
    assert_false(measure.consistent);
    tell(&recorded, 12, "revoked", 0, 2, "0");
    assert_true(lab_measure(&recorded.group, &recorded.log, &mark, NULL, &measure));
    assert_true(measure.consistent);
    lab_log_free(&recorded.log);
}

/* Who is out of the group, or was killed or frozen, gives nothing up; what it had is not its own.
 */
static void who_is_gone_owns_nothing(void **state)
{
    (void)state;
    struct recorded recorded;
    struct lab_measure measure;
    struct error error = {0};
    setup(&recorded, "C0,C1,C2", 3);
    recorded.group.members[2].present = false;
    tell(&recorded, 1, "assigned", 1, 1, "0");
    tell(&recorded, 1, "assigned", 2, 1, "1");
    assert_true(lab_log_add_gone(&recorded.log, 1, 10 * NS_PER_SECOND, &error));
    tell(&recorded, 16, "assigned", 0, 2, "01");
    struct lab_mark mark = mark_of(LAB_CRASH, 1, 10, 20);
    assert_true(lab_measure(&recorded.group, &recorded.log, &mark, NULL, &measure));
    assert_true(measure.consistent);
    lab_log_free(&recorded.log);
}

/* Round 2 is not as predicted, round 3 is: what is kept is round 2, as it should and as it did
 * come out. */
static void the_first_round_that_differs_is_kept(void **state)
{
    (void)state;
    struct recorded recorded;
    struct lab_measure measure;
    enum lab_strategy strategy = LAB_RANGE;
    setup(&recorded, "C0,C1", 2);
    tell(&recorded, 1, "assigned", 0, 1, "01");
    tell(&recorded, 11, "revoked", 0, 1, "01");
    tell(&recorded, 12, "assigned", 0, 2, "1");
    tell(&recorded, 12, "assigned", 1, 2, "0");
    tell(&recorded, 13, "revoked", 0, 2, "1");
    tell(&recorded, 13, "revoked", 1, 2, "0");
    tell(&recorded, 14, "assigned", 0, 3, "0");
    tell(&recorded, 14, "assigned", 1, 3, "1");
    struct lab_mark mark = mark_of(LAB_JOIN, 1, 10, 20);
    assert_true(lab_measure(&recorded.group, &recorded.log, &mark, &strategy, &measure));
    assert_false(measure.agrees);
    assert_int_equal(measure.after.owner[0], 0);
    assert_int_equal(measure.predicted.owner[0], 0);
    assert_int_equal(measure.differs.generation, 2);
    assert_int_equal(measure.differs.predicted.owner[0], 0);
    assert_int_equal(measure.differs.observed.owner[0], 1);
    lab_log_free(&recorded.log);
}

/* C1 is static: it is back before its session is over, and nobody else is told anything. */
static void a_static_member_that_is_back_makes_no_round(void **state)
{
    (void)state;
    struct recorded recorded;
    struct lab_measure measure;
    enum lab_strategy strategy = LAB_RANGE;
    setup(&recorded, "C0,C1", 2);
    tell(&recorded, 1, "assigned", 0, 1, "0");
    tell(&recorded, 1, "assigned", 1, 1, "1");
    tell(&recorded, 10.5, "revoked", 1, 1, "1");
    tell(&recorded, 12, "assigned", 1, 1, "1");
    struct lab_mark mark = mark_of(LAB_RESTART, 1, 10, 14);
    assert_true(lab_measure(&recorded.group, &recorded.log, &mark, &strategy, &measure));
    assert_int_equal(measure.rounds, 0);
    assert_true(measure.agrees && measure.consistent);
    assert_int_equal(measure.cost.moved, 0);
    assert_int_equal(measure.cost.revoked, 1);
    assert_float_equal(measure.unowned_s, 1.5, 1e-6);
    lab_log_free(&recorded.log);
}

static void ticks_are_counted_by_place(void **state)
{
    (void)state;
    struct recorded recorded;
    struct lab_ticks ticks;
    setup(&recorded, "C0,C1", 2);
    read_ticks(&recorded, 1, 0, 0, 0, 9);
    read_ticks(&recorded, 2, 1, 0, 8, 12);  /* 8 and 9 again */
    read_ticks(&recorded, 3, 0, 0, 15, 19); /* 13 and 14 are missing */
    read_ticks(&recorded, 4, 0, 0, 15, 16); /* both again */
    int64_t acknowledged[LAB_SLOTS_MAX] = {21, 3};
    assert_true(lab_count_ticks(&recorded.group, &recorded.log, acknowledged, &ticks));
    assert_int_equal(ticks.read, 18);
    assert_int_equal(ticks.twice, 4);
    assert_int_equal(ticks.missing, 3 + 3); /* 13, 14 and 20, and all of the other partition */
    lab_log_free(&recorded.log);
}

static void what_is_no_event_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "{",
        "[]",
        "{\"event\":\"sung\"}",
        "{\"event\":\"read\",\"clock\":1,\"topic\":\"x-a\",\"partition\":2,\"first\":0,\"last\":0}",
        "{\"event\":\"read\",\"clock\":1,\"topic\":\"y-a\",\"partition\":0,\"first\":0,\"last\":0}",
        "{\"event\":\"read\",\"clock\":1,\"topic\":\"x-a\",\"partition\":0,\"first\":2,\"last\":1}",
        "{\"event\":\"assigned\",\"clock\":1,\"generation\":1,\"id\":\"a\"}",
        "{\"event\":\"assigned\",\"clock\":1,\"generation\":1,\"id\":\"a\",\"partitions\":[7]}",
    };
    struct recorded recorded;
    setup(&recorded, "C0", 1);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct error error = {0};
        assert_false(
            lab_log_add_line(&recorded.log, &recorded.group, "x-", 0, str_from(lines[i]), &error));
        assert_int_equal(error.kind, ERROR_REJECT);
    }
    assert_int_equal(recorded.log.count, 0);
    lab_log_free(&recorded.log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cooperative_join_is_measured),
        cmocka_unit_test(another_placement_than_predicted_is_seen),
        cmocka_unit_test(a_crash_is_measured),
        cmocka_unit_test(a_thawed_member_loses_what_is_not_its_own),
        cmocka_unit_test(a_member_may_miss_a_round),
        cmocka_unit_test(two_owners_are_seen),
        cmocka_unit_test(who_is_gone_owns_nothing),
        cmocka_unit_test(the_first_round_that_differs_is_kept),
        cmocka_unit_test(a_static_member_that_is_back_makes_no_round),
        cmocka_unit_test(ticks_are_counted_by_place),
        cmocka_unit_test(what_is_no_event_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
