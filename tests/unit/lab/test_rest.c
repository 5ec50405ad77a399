/* When a group is at rest, from logs made by hand: two partitions of topic a; times are seconds. */
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "lab/model/rest.h"

struct fixture {
    struct lab_group group;
    struct lab_log log;
    struct lab_rest rest;
};

PRINTF_LIKE(3, 4)
static void add_line(struct fixture *fixture, int member, const char *format, ...)
{
    va_list arguments;
    char line[300];
    struct error error = {0};
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    assert_true(
        lab_log_add_line(&fixture->log, &fixture->group, "", member, str_from(line), &error));
}

/* `partitions` is "0", "1", "01" or "". */
static void tell(struct fixture *fixture, double second, const char *kind, int member,
                 int generation, const char *partitions)
{
    struct strbuf list = strbuf_new(200);
    for (const char *at = partitions; *at != '\0'; at++) {
        strbuf_append_format(&list, "%s{\"topic\":\"a\",\"partition\":%c}",
                             at > partitions ? "," : "", *at);
    }
    add_line(fixture, member,
             "{\"event\":\"%s\",\"clock\":%lld,\"generation\":%d,\"id\":\"x\","
             "\"partitions\":[%s]}",
             kind, (long long)(second * 1e9), generation, strbuf_text(&list));
    strbuf_free(&list);
}

static void read_one(struct fixture *fixture, double second, int member, int partition)
{
    add_line(fixture, member,
             "{\"event\":\"read\",\"clock\":%lld,\"topic\":\"a\",\"partition\":%d,\"first\":0,"
             "\"last\":0}",
             (long long)(second * 1e9), partition);
}

/* C0 has both partitions and reads them; C1 joins at 10 s. */
static void setup(struct fixture *fixture, bool without_rounds)
{
    struct error error = {0};
    *fixture = (struct fixture){0};
    assert_true(lab_group_parse_topics(&fixture->group, "a:2", &error));
    assert_true(lab_group_parse_members(&fixture->group, "C0,C1", &error));
    fixture->group.members[0].present = fixture->group.members[1].present = true;
    tell(fixture, 1, "assigned", 0, 1, "01");
    read_one(fixture, 2, 0, 0);
    read_one(fixture, 2, 0, 1);
    fixture->rest = (struct lab_rest){
        .group = &fixture->group,
        .log = &fixture->log,
        .change = {LAB_JOIN, 1},
        .from_ns = 10 * NS_PER_SECOND,
        .generation = 1,
        .settle_ns = NS_PER_SECOND,
        .without_rounds = without_rounds,
    };
}

static bool rests_at(const struct fixture *fixture, int second)
{
    return lab_at_rest(&fixture->rest, second * NS_PER_SECOND);
}

static void a_round_takes_all_members(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture, false);
    assert_false(rests_at(&fixture, 20)); /* no round since */
    tell(&fixture, 11, "revoked", 0, 1, "01");
    tell(&fixture, 12, "assigned", 0, 2, "0");
    assert_false(rests_at(&fixture, 20)); /* C1 is not in it */
    tell(&fixture, 12, "assigned", 1, 2, "1");
    assert_false(rests_at(&fixture, 20)); /* nobody has read since */
    read_one(&fixture, 12.5, 0, 0);
    read_one(&fixture, 12.5, 1, 1);
    assert_false(lab_at_rest(&fixture.rest, 12 * NS_PER_SECOND + 1)); /* it may go on */
    assert_true(rests_at(&fixture, 13));
    lab_log_free(&fixture.log);
}

/* It is back before its session is over, and gets what it had, in the round of before. */
static void a_static_member_comes_back_without_a_round(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture, false);
    tell(&fixture, 3, "revoked", 0, 1, "1");
    tell(&fixture, 3, "assigned", 1, 1, "1");
    read_one(&fixture, 4, 1, 1);
    fixture.rest.change.kind = LAB_RESTART;
    assert_true(str_copy(str_from("C1"), fixture.group.members[1].instance, LAB_NAME_SIZE));
    assert_false(rests_at(&fixture, 20));
    tell(&fixture, 12, "assigned", 1, 1, "1");
    read_one(&fixture, 13, 1, 1);
    assert_true(rests_at(&fixture, 20));
    fixture.group.members[1].instance[0] = '\0';
    assert_false(rests_at(&fixture, 20));
    lab_log_free(&fixture.log);
}

/* Nothing happens until the brokers have taken the new member in: that is no rest yet. */
static void who_joins_gets_something_where_there_is_enough(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture, true);
    assert_false(rests_at(&fixture, 20));
    tell(&fixture, 21, "assigned", 1, 1, "");
    assert_false(rests_at(&fixture, 30));
    tell(&fixture, 31, "revoked", 0, 2, "1");
    tell(&fixture, 32, "assigned", 1, 2, "1");
    read_one(&fixture, 33, 1, 1);
    assert_true(rests_at(&fixture, 40));
    lab_log_free(&fixture.log);
}

/* What a member had before it was restarted is not what it got after. */
static void a_share_of_before_does_not_count(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture, true);
    tell(&fixture, 3, "assigned", 1, 1, "1");
    read_one(&fixture, 4, 1, 1);
    fixture.rest.change.kind = LAB_RESTART;
    assert_false(rests_at(&fixture, 20));
    tell(&fixture, 21, "assigned", 1, 2, "1");
    read_one(&fixture, 22, 1, 1);
    assert_true(rests_at(&fixture, 30));
    lab_log_free(&fixture.log);
}

static void all_get_something_at_the_start(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture, true);
    fixture.rest.change.kind = LAB_START;
    fixture.rest.from_ns = 0;
    assert_false(rests_at(&fixture, 20));
    lab_log_free(&fixture.log);
}

/* Three members, two partitions; or topics that not all read: who joins may get nothing. */
static void who_joins_may_get_nothing_where_there_is_little(void **state)
{
    (void)state;
    struct fixture fixture;
    struct error error = {0};
    setup(&fixture, true);
    assert_true(lab_group_add_member(&fixture.group, str_from("C2"), &error));
    fixture.group.members[2].present = true;
    assert_true(rests_at(&fixture, 20));
    fixture.group.members[2].present = false;
    assert_false(rests_at(&fixture, 20));
    fixture.group.members[1].topics = 0;
    assert_true(rests_at(&fixture, 20));
    lab_log_free(&fixture.log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_takes_all_members),
        cmocka_unit_test(a_static_member_comes_back_without_a_round),
        cmocka_unit_test(who_joins_gets_something_where_there_is_enough),
        cmocka_unit_test(a_share_of_before_does_not_count),
        cmocka_unit_test(all_get_something_at_the_start),
        cmocka_unit_test(who_joins_may_get_nothing_where_there_is_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
