#include "pipeline/event_lease.h"

#include "cmocka_all.h"

#define SECOND NS_PER_SECOND

static void the_first_claim_of_the_log_holds(void **state)
{
    (void)state;
    struct event_lease lease = {.until_ns = 0};
    assert_true(event_lease_is_due(&lease, "a", SECOND));
    assert_false(event_lease_is_mine(&lease, "a", SECOND));
    event_lease_claim(&lease, str_from("a"), 100 * SECOND);
    event_lease_claim(&lease, str_from("b"), 101 * SECOND); /* written at the same time */
    assert_true(event_lease_is_mine(&lease, "a", 102 * SECOND));
    assert_false(event_lease_is_mine(&lease, "b", 102 * SECOND));
    assert_false(event_lease_is_due(&lease, "b", 102 * SECOND));
    assert_false(event_lease_is_due(&lease, "a", 102 * SECOND));
}

static void a_lease_is_renewed_by_its_holder_and_passes_on_when_it_ends(void **state)
{
    (void)state;
    struct event_lease lease = {.until_ns = 0};
    event_lease_claim(&lease, str_from("a"), 100 * SECOND);
    assert_true(event_lease_is_due(&lease, "a", 121 * SECOND));
    event_lease_claim(&lease, str_from("a"), 121 * SECOND);
    assert_true(event_lease_is_mine(&lease, "a", 145 * SECOND));
    assert_false(event_lease_is_mine(&lease, "a", 146 * SECOND)); /* 5 s before the others */
    assert_false(event_lease_is_due(&lease, "b", 150 * SECOND));
    assert_true(event_lease_is_due(&lease, "b", 151 * SECOND));
    event_lease_claim(&lease, str_from("b"), 151 * SECOND);
    event_lease_claim(&lease, str_from("a"), 152 * SECOND);
    assert_true(event_lease_is_mine(&lease, "b", 153 * SECOND));
    assert_false(event_lease_is_mine(&lease, "a", 153 * SECOND));
}

/* Whatever the claims and whenever it is asked: never two. */
static void at_most_one_holds_it(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c"};
    struct event_lease lease = {.until_ns = 0};
    uint32_t chance = 1;
    int64_t now_ns = 0;
    for (int i = 0; i < 5000; i++) {
        chance = chance * 1664525 + 1013904223;
        now_ns += (chance >> 28) * SECOND;
        event_lease_claim(&lease, str_from(names[(chance >> 16) % 3]), now_ns);
        int holders = 0;
        for (int k = 0; k < 3; k++) {
            holders += event_lease_is_mine(&lease, names[k], now_ns);
        }
        assert_true(holders <= 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_claim_of_the_log_holds),
        cmocka_unit_test(a_lease_is_renewed_by_its_holder_and_passes_on_when_it_ends),
        cmocka_unit_test(at_most_one_holds_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
