#include "app/ownership.h"

#include "base/clock.h"
#include "cmocka_all.h"

static void assert_json(struct ownership *ownership, const char *want)
{
    struct strbuf json = strbuf_new(4096);
    ownership_to_json(ownership, &json);
    assert_string_equal(strbuf_text(&json), want);
    strbuf_free(&json);
}

static void ownership_handed_over_gives_two_spans(void **state)
{
    (void)state;
    struct error error;
    struct ownership *ownership = ownership_create(8, &error);
    const int32_t partition = 3;
    assert_json(ownership, "[]");
    ownership_taken(ownership, "consumer-1", &partition, 1, 1000 * NS_PER_MS);
    ownership_given_up(ownership, "consumer-1", &partition, 1, 2000 * NS_PER_MS);
    char owner[32];
    ownership_owner(ownership, 3, owner, sizeof owner);
    assert_string_equal(owner, "");
    ownership_taken(ownership, "consumer-2", &partition, 1, 2500 * NS_PER_MS);
    ownership_owner(ownership, 3, owner, sizeof owner);
    assert_string_equal(owner, "consumer-2");
    assert_json(ownership,
                "[{\"partition\":3,\"member\":\"consumer-1\",\"from\":1000,\"to\":2000},"
                "{\"partition\":3,\"member\":\"consumer-2\",\"from\":2500,\"to\":null}]");
    ownership_destroy(ownership);
}

static void ownership_taken_from_a_dead_member_ends_its_span(void **state)
{
    (void)state;
    struct error error;
    struct ownership *ownership = ownership_create(8, &error);
    const int32_t partition = 0;
    ownership_taken(ownership, "dead", &partition, 1, 10 * NS_PER_MS);
    ownership_taken(ownership, "heir", &partition, 1, 20 * NS_PER_MS);
    /* What the dead one says when it wakes up does not end the heir's span. */
    ownership_given_up(ownership, "dead", &partition, 1, 30 * NS_PER_MS);
    assert_json(ownership, "[{\"partition\":0,\"member\":\"dead\",\"from\":10,\"to\":20},"
                           "{\"partition\":0,\"member\":\"heir\",\"from\":20,\"to\":null}]");
    ownership_destroy(ownership);
}

static void ownership_full_ring_forgets_the_oldest(void **state)
{
    (void)state;
    struct error error;
    struct ownership *ownership = ownership_create(2, &error);
    for (int32_t partition = 0; partition < 3; partition++) {
        ownership_taken(ownership, "m", &partition, 1, partition * NS_PER_MS);
    }
    assert_json(ownership, "[{\"partition\":1,\"member\":\"m\",\"from\":1,\"to\":null},"
                           "{\"partition\":2,\"member\":\"m\",\"from\":2,\"to\":null}]");
    assert_int_equal(ownership_rebalances(ownership), 3);
    ownership_destroy(ownership);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ownership_handed_over_gives_two_spans),
        cmocka_unit_test(ownership_taken_from_a_dead_member_ends_its_span),
        cmocka_unit_test(ownership_full_ring_forgets_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
