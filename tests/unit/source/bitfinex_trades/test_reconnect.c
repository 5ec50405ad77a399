/* The waits before a connection is made again. */
#include "cmocka_all.h"
#include "source/reconnect.h"

static void waits_grow_from_one_to_five_seconds_up_to_a_minute(void **state)
{
    (void)state;
    struct random random = random_seeded(1);
    int least = 1000000, most = 0;
    for (int i = 0; i < 1000; i++) {
        struct reconnect reconnect = {.first_ms = 5000};
        int before = reconnect_after_failure_ms(&reconnect, &random, 0);
        least = before < least ? before : least;
        most = before > most ? before : most;
        for (int k = 0; k < 12; k++) {
            int wait = reconnect_after_failure_ms(&reconnect, &random, 0);
            assert_true(wait == 60000 || (wait > before * 1.6 && wait < before * 1.64));
            before = wait;
        }
        assert_int_equal(before, 60000);
        reconnect_succeed(&reconnect);
        assert_true(reconnect_after_failure_ms(&reconnect, &random, 0) <= 5000);
    }
    assert_true(least >= 1000 && least < 1100 && most <= 5000 && most > 4900);
}

static void wish_of_the_server_is_kept_up_to_a_minute(void **state)
{
    (void)state;
    struct random random = random_seeded(1);
    struct reconnect reconnect = {.first_ms = 5000};
    assert_int_equal(reconnect_after_failure_ms(&reconnect, &random, 30000), 30000);
    assert_int_equal(reconnect_after_failure_ms(&reconnect, &random, 3600000), 60000);
}

static void restart_is_followed_within_two_seconds(void **state)
{
    (void)state;
    struct random random = random_seeded(1);
    const struct reconnect reconnect = {.first_ms = 5000};
    int most = 0;
    for (int i = 0; i < 1000; i++) {
        int wait = reconnect_after_restart_ms(&reconnect, &random);
        assert_in_range(wait, 0, 2000);
        most = wait > most ? wait : most;
    }
    assert_true(most > 1900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_grow_from_one_to_five_seconds_up_to_a_minute),
        cmocka_unit_test(wish_of_the_server_is_kept_up_to_a_minute),
        cmocka_unit_test(restart_is_followed_within_two_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
