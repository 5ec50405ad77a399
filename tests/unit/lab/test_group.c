/* Topics, members and subscriptions as people write them. */
#include <string.h>

#include "cmocka_all.h"
#include "lab/model/group.h"

static void topics_are_numbered_through(void **state)
{
    (void)state;
    struct lab_group group = {0};
    struct error error = {0};
    assert_true(lab_group_parse_topics(&group, "b:2, a:3", &error));
    assert_int_equal(group.topic_count, 2);
    assert_int_equal(group.slot_count, 5);
    assert_int_equal(lab_slot_topic(&group, 1), 0);
    assert_int_equal(lab_slot_topic(&group, 2), 1);
    assert_int_equal(lab_slot_partition(&group, 4), 2);
    struct strbuf text = strbuf_new(100);
    lab_slot_append(&group, 4, &text);
    assert_string_equal(strbuf_text(&text), "a-2");
    strbuf_free(&text);
}

static void subscriptions_are_of_those_named(void **state)
{
    (void)state;
    struct lab_group group = {0};
    struct error error = {0};
    assert_true(lab_group_parse_topics(&group, "a:1,b:1", &error));
    assert_true(lab_group_parse_members(&group, "C0,C1", &error));
    assert_true(lab_group_parse_subscriptions(&group, "C1=b", &error));
    group.members[0].present = true;
    assert_true(lab_group_uniform(&group));
    group.members[1].present = true;
    assert_false(lab_group_uniform(&group));
    assert_true(lab_member_subscribes(&group, 0, 0));
    assert_false(lab_member_subscribes(&group, 1, 0));
    assert_true(lab_member_subscribes(&group, 1, 1));
    group.members[1].present = false;
    assert_false(lab_member_subscribes(&group, 1, 1));
}

static void what_cannot_be_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *topics, *members, *subscriptions, *want;
    } cases[] = {
        {"a", "C0", "C0=a", "topics \"a\""},
        {"a:0", "C0", "C0=a", "topics \"a:0\""},
        {"a:x", "C0", "C0=a", "topics \"a:x\""},
        {":2", "C0", "C0=a", "topic \"\" is no name"},
        {"a:2,a:3", "C0", "C0=a", "topic a is named twice"},
        {"a:300", "C0", "C0=a", "topics \"a:300\""},
        {"a:256,b:256,c:1", "C0", "C0=a", "topic c with 1 partitions"},
        {"a:1", "C0,C0", "C0=a", "member C0 is named twice"},
        {"a:1", "C 0", "C0=a", "member \"C 0\" is no name"},
        {"a:1", "C0,", "C0=a", "member \"\" is no name"},
        {"a:1", "C0", "C1=a", "subscriptions \"C1=a\""},
        {"a:1", "C0", "C0", "subscriptions \"C0\""},
        {"a:1", "C0", "C0=", "C0 subscribes to \"\", which is none"},
        {"a:1", "C0", "C0=b", "C0 subscribes to \"b\", which is none of the topics"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lab_group group = {0};
        struct error error = {0};
        bool good = lab_group_parse_topics(&group, cases[i].topics, &error) &&
                    lab_group_parse_members(&group, cases[i].members, &error) &&
                    lab_group_parse_subscriptions(&group, cases[i].subscriptions, &error);
        assert_false(good);
        assert_int_equal(error.kind, ERROR_USAGE);
        if (strstr(error.text, cases[i].want) == NULL) {
            fail_msg("\"%s\" does not say \"%s\"", error.text, cases[i].want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topics_are_numbered_through),
        cmocka_unit_test(subscriptions_are_of_those_named),
        cmocka_unit_test(what_cannot_be_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
