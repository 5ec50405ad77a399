/* Calls that block, on a thread of their own. */
#include <poll.h>
#include <stdatomic.h>

#include "cmocka_all.h"
#include "source/bitfinex_trades/errand.h"
#include "support.h"

struct job {
    atomic_bool may_end;
    int made;
};

static void run(void *context)
{
    struct job *job = context;
    while (!atomic_load(&job->may_end)) {
    }
    job->made++;
}

static bool is_readable(void *context)
{
    struct pollfd fd = {.fd = errand_fd(context), .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

static void calls_are_made_one_by_one_and_taken_once(void **state)
{
    (void)state;
    struct job job = {0};
    struct errand *errand = errand_create("test", run, &job, NULL);
    assert_non_null(errand);
    assert_false(errand_take(errand));
    for (int i = 1; i <= 3; i++) {
        atomic_store(&job.may_end, false);
        assert_true(errand_is_free(errand));
        errand_start(errand);
        assert_false(errand_is_free(errand));
        assert_false(errand_take(errand));
        atomic_store(&job.may_end, true);
        assert_true(support_wait(is_readable, errand, 1000));
        assert_true(errand_take(errand));
        assert_int_equal(job.made, i);
        assert_false(is_readable(errand));
        assert_false(errand_take(errand));
    }
    errand_destroy(errand);
}

static void end_waits_for_the_call_that_runs(void **state)
{
    (void)state;
    struct job job = {.may_end = true};
    struct errand *errand = errand_create("test", run, &job, NULL);
    errand_start(errand);
    assert_true(support_wait(is_readable, errand, 1000));
    errand_destroy(errand); /* what was not taken is dropped */
    assert_int_equal(job.made, 1);
    errand_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_made_one_by_one_and_taken_once),
        cmocka_unit_test(end_waits_for_the_call_that_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
