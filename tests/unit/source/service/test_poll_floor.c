/* How often a service may be asked, and when that does not matter. */
#include <string.h>

#include "base/clock.h"
#include "base/http/http_url.h"
#include "cmocka_all.h"
#include "source/service/poll_floor.h"
#include "source/service/service_schedule.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void servers_of_this_machine_are_told_from_others(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool local;
    } cases[] = {
        {"http://127.0.0.1:8080/api", true},
        {"http://127.1", true},
        {"https://localhost", true},
        {"http://localhost:80/x", true},
        {"http://localhost/x", true},
        {"http://[::1]:80", true},
        {"https://localhost.example/x", false},
        {"https://api.example/127.0.0.1", false},
        {"https://pro-api.example:443", false},
        {"http://12.7.0.1", false},
        {"http://[::2]/localhost", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (http_url_is_loopback(cases[i].url) != cases[i].local) {
            fail_msg("%s", cases[i].url);
        }
    }
}

static void shorter_interval_is_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct poll_floor floor = {"prices", 90 * NS_PER_SECOND, "it is slow"};
    struct error error = {0};
    assert_true(poll_floor_check(&floor, 90 * NS_PER_SECOND, "https://a.example", &error));
    assert_true(poll_floor_check(&floor, NS_PER_MS, "http://127.0.0.1:1", &error));
    assert_false(poll_floor_check(&floor, 89 * NS_PER_SECOND, "https://a.example", &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_string_equal(error.text, "--poll-interval prices=89s: 90s at least: it is slow");
}

static void failures_wait_longer_and_never_less_than_they_are_asked_to(void **state)
{
    (void)state;
    struct service_schedule schedule =
        service_schedule_new(120 * NS_PER_SECOND, 600000, random_seeded(7));
    assert_int_equal(schedule.due_ns, 0);
    service_schedule_answered(&schedule, 5);
    assert_int_equal(schedule.due_ns, 5 + 120 * NS_PER_SECOND);
    for (int i = 0; i < 20; i++) {
        service_schedule_failed(&schedule, 0, 0);
        assert_true(schedule.due_ns >= 30 * NS_PER_SECOND &&
                    schedule.due_ns <= 600 * NS_PER_SECOND);
    }
    service_schedule_failed(&schedule, 0, 700000);
    assert_int_equal(schedule.due_ns, 700 * NS_PER_SECOND);
    service_schedule_failed(&schedule, 0, 2147483647);
    assert_int_equal(schedule.due_ns, SERVICE_RETRY_AFTER_MAX_NS);
    service_schedule_close(&schedule, 31 * NS_PER_DAY);
    assert_int_equal(schedule.due_ns, 31 * NS_PER_DAY);
    service_schedule_close(&schedule, NS_PER_DAY);
    assert_int_equal(schedule.due_ns, 31 * NS_PER_DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_of_this_machine_are_told_from_others),
        cmocka_unit_test(shorter_interval_is_refused_with_the_reason),
        cmocka_unit_test(failures_wait_longer_and_never_less_than_they_are_asked_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
