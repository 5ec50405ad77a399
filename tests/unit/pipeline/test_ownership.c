#include "pipeline/ownership.h"

#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"

static void assert_json(struct ownership *ownership, const char *want)
{
    struct strbuf json = strbuf_new(4096);
    ownership_to_json(ownership, &json);
    assert_string_equal(strbuf_text(&json), want);
    strbuf_free(&json);
}

#define TOPIC "t"

static void ownership_handed_over_gives_two_spans(void **state)
{
    (void)state;
    struct error error;
    struct ownership *ownership = ownership_create(8, &error);
    const int32_t partition = 3;
    assert_json(ownership, "[]");
    ownership_assigned(ownership, "consumer-1", TOPIC, &partition, 1, 1000 * NS_PER_MS);
    ownership_revoked(ownership, "consumer-1", TOPIC, &partition, 1, 2000 * NS_PER_MS);
    char owner[32];
    ownership_owner(ownership, TOPIC, 3, owner, sizeof owner);
    assert_string_equal(owner, "");
    ownership_assigned(ownership, "consumer-2", TOPIC, &partition, 1, 2500 * NS_PER_MS);
    ownership_owner(ownership, TOPIC, 3, owner, sizeof owner);
    assert_string_equal(owner, "consumer-2");
    assert_json(
        ownership,
        "[{\"topic\":\"t\",\"partition\":3,\"member\":\"consumer-1\",\"from\":1000,\"to\":2000},"
        "{\"topic\":\"t\",\"partition\":3,\"member\":\"consumer-2\",\"from\":2500,\"to\":null}]");
    ownership_destroy(ownership);
}

static void ownership_taken_from_a_dead_member_ends_its_span(void **state)
{
    (void)state;
    struct error error;
    struct ownership *ownership = ownership_create(8, &error);
    const int32_t partition = 0;
    ownership_assigned(ownership, "dead", TOPIC, &partition, 1, 10 * NS_PER_MS);
    ownership_assigned(ownership, "heir", TOPIC, &partition, 1, 20 * NS_PER_MS);
    /* What the dead one says when it wakes up does not end the heir's span. */
    ownership_revoked(ownership, "dead", TOPIC, &partition, 1, 30 * NS_PER_MS);
    assert_json(ownership,
                "[{\"topic\":\"t\",\"partition\":0,\"member\":\"dead\",\"from\":10,\"to\":20},"
                "{\"topic\":\"t\",\"partition\":0,\"member\":\"heir\",\"from\":20,\"to\":null}]");
    ownership_destroy(ownership);
}

static void ownership_full_ring_forgets_the_oldest(void **state)
{
    (void)state;
    struct error error;
    struct ownership *ownership = ownership_create(2, &error);
    for (int32_t partition = 0; partition < 3; partition++) {
        ownership_assigned(ownership, "m", TOPIC, &partition, 1, partition * NS_PER_MS);
    }
    assert_json(ownership,
                "[{\"topic\":\"t\",\"partition\":1,\"member\":\"m\",\"from\":1,\"to\":null},"
                "{\"topic\":\"t\",\"partition\":2,\"member\":\"m\",\"from\":2,\"to\":null}]");
    assert_int_equal(ownership_changes(ownership), 0); /* of looks alone */
    ownership_destroy(ownership);
}

static void ownership_full_ring_keeps_what_is_still_owned(void **state)
{
    (void)state;
    struct error error;
    struct ownership *ownership = ownership_create(3, &error);
    const int32_t still = 7, moving = 8;
    ownership_assigned(ownership, "rock", TOPIC, &still, 1, 1 * NS_PER_MS);
    for (int i = 0; i < 10; i++) {
        ownership_assigned(ownership, "a", TOPIC, &moving, 1, (10 + 2 * i) * NS_PER_MS);
        ownership_revoked(ownership, "a", TOPIC, &moving, 1, (11 + 2 * i) * NS_PER_MS);
    }
    assert_json(ownership,
                "[{\"topic\":\"t\",\"partition\":7,\"member\":\"rock\",\"from\":1,\"to\":null},"
                "{\"topic\":\"t\",\"partition\":8,\"member\":\"a\",\"from\":26,\"to\":27},"
                "{\"topic\":\"t\",\"partition\":8,\"member\":\"a\",\"from\":28,\"to\":29}]");
    ownership_destroy(ownership);
}

static void ownership_seen_tells_who_came_and_who_went(void **state)
{
    (void)state;
    static const struct {
        const char *owners[3];
        int64_t changes;
        const char *last; /* owner of partition 2 */
    } looks[] = {
        {{NULL, NULL, NULL}, 0, ""}, {{"a", "a", "a"}, 1, "a"}, {{"a", "a", "a"}, 1, "a"},
        {{"a", "b", "b"}, 2, "b"},   {{"a", "b", NULL}, 3, ""}, {{NULL, NULL, NULL}, 4, ""},
    };
    struct error error;
    struct ownership *ownership = ownership_create(16, &error);
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        char owner[32];
        const char *owners[3];
        memcpy(owners, looks[i].owners, sizeof owners);
        const struct topic_owners seen = {TOPIC, owners, 3};
        ownership_seen(ownership, &seen, 1, (int64_t)(i + 1) * NS_PER_MS);
        ownership_owner(ownership, TOPIC, 2, owner, sizeof owner);
        assert_string_equal(owner, looks[i].last);
        assert_int_equal(ownership_changes(ownership), looks[i].changes);
    }
    assert_json(ownership,
                "[{\"topic\":\"t\",\"partition\":0,\"member\":\"a\",\"from\":2,\"to\":6},"
                "{\"topic\":\"t\",\"partition\":1,\"member\":\"a\",\"from\":2,\"to\":4},"
                "{\"topic\":\"t\",\"partition\":2,\"member\":\"a\",\"from\":2,\"to\":4},"
                "{\"topic\":\"t\",\"partition\":1,\"member\":\"b\",\"from\":4,\"to\":6},"
                "{\"topic\":\"t\",\"partition\":2,\"member\":\"b\",\"from\":4,\"to\":5}]");
    ownership_destroy(ownership);
}

static void ownership_of_a_long_name_ends_as_of_any(void **state)
{
    (void)state;
    struct error error;
    struct ownership *ownership = ownership_create(8, &error);
    char name[201] = "";
    memset(name, 'n', sizeof name - 1);
    const int32_t partition = 0;
    const char *owners[] = {name};
    ownership_assigned(ownership, name, TOPIC, &partition, 1, 10 * NS_PER_MS);
    ownership_seen(ownership, &(struct topic_owners){TOPIC, owners, 1}, 1,
                   20 * NS_PER_MS); /* still the same */
    assert_int_equal(ownership_changes(ownership), 0);
    ownership_revoked(ownership, name, TOPIC, &partition, 1, 30 * NS_PER_MS);
    char owner[8];
    ownership_owner(ownership, TOPIC, 0, owner, sizeof owner);
    assert_string_equal(owner, "");
    ownership_destroy(ownership);
}

/* One rebalance moves partitions of several topics: they are looked at together. */
static void ownership_seen_counts_one_change_for_all_topics(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second; /* the owner of each topic's partition */
        int64_t changes;
    } looks[] = {{"a", "a", 1}, {"a", "a", 1}, {"a", "b", 2}, {"b", "b", 3}, {NULL, NULL, 4}};
    struct error error;
    struct ownership *ownership = ownership_create(16, &error);
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        const char *first = looks[i].first, *second = looks[i].second;
        const struct topic_owners seen[] = {{"t", &first, 1}, {"u", &second, 1}};
        ownership_seen(ownership, seen, 2, 10 * NS_PER_MS); /* however little time has passed */
        assert_int_equal(ownership_changes(ownership), looks[i].changes);
    }
    ownership_destroy(ownership);
}

static void assert_remade(struct ownership *ownership, const char *want)
{
    struct strbuf json = strbuf_new(4096);
    ownership_remade_to_json(ownership, &json);
    assert_string_equal(strbuf_text(&json), want);
    strbuf_free(&json);
}

/* An id that is unknown for a while is no other id. */
static void ownership_topic_with_another_id_was_made_again(void **state)
{
    (void)state;
    static const struct {
        const char *topic, *id;
    } seen[] = {
        {"t", ""},    {"t", "one"}, {"u", "one"}, {"t", "one"}, {"t", ""},
        {"t", "two"}, {"t", "two"}, {"u", "six"}, {"t", "one"},
    };
    struct error error;
    struct ownership *ownership = ownership_create(8, &error);
    assert_remade(ownership, "[]");
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
        ownership_topic_seen(ownership, seen[i].topic, seen[i].id, (int64_t)i * NS_PER_MS);
    }
    assert_remade(ownership, "[{\"topic\":\"t\",\"time\":5},{\"topic\":\"u\",\"time\":7},"
                             "{\"topic\":\"t\",\"time\":8}]");
    ownership_destroy(ownership);
}

static void ownership_keeps_the_newest_topics_that_were_made_again(void **state)
{
    (void)state;
    struct error error;
    struct ownership *ownership = ownership_create(8, &error);
    for (int i = 0; i <= OWNERSHIP_REMADE_MAX + 1; i++) {
        ownership_topic_seen(ownership, TOPIC, i % 2 == 0 ? "even" : "odd", i * NS_PER_MS);
    }
    struct strbuf json = strbuf_new(4096);
    ownership_remade_to_json(ownership, &json);
    assert_non_null(strstr(strbuf_text(&json), "[{\"topic\":\"t\",\"time\":2},"));
    assert_non_null(strstr(strbuf_text(&json), ",{\"topic\":\"t\",\"time\":51}]"));
    strbuf_free(&json);
    ownership_destroy(ownership);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ownership_handed_over_gives_two_spans),
        cmocka_unit_test(ownership_taken_from_a_dead_member_ends_its_span),
        cmocka_unit_test(ownership_full_ring_forgets_the_oldest),
        cmocka_unit_test(ownership_full_ring_keeps_what_is_still_owned),
        cmocka_unit_test(ownership_seen_tells_who_came_and_who_went),
        cmocka_unit_test(ownership_of_a_long_name_ends_as_of_any),
        cmocka_unit_test(ownership_seen_counts_one_change_for_all_topics),
        cmocka_unit_test(ownership_topic_with_another_id_was_made_again),
        cmocka_unit_test(ownership_keeps_the_newest_topics_that_were_made_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
