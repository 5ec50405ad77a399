#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cmocka_all.h"

static void wait_without_a_request_lasts_its_time(void **state)
{
    (void)state;
    struct stop *stop = stop_create(NULL);
    assert_non_null(stop);
    int64_t before = clock_monotonic_ns();
    assert_false(stop_wait_ms(stop, 30));
    assert_true(clock_monotonic_ns() - before >= 30 * NS_PER_MS);
    assert_false(stop_wait_ms(stop, 0));
    assert_false(stop_requested(stop));
    stop_destroy(stop);
    stop_destroy(NULL);
}

static void wait_after_a_request_returns_at_once_every_time(void **state)
{
    (void)state;
    struct stop *stop = stop_create(NULL);
    assert_non_null(stop);
    stop_request(stop);
    stop_request(stop);
    int64_t before = clock_monotonic_ns();
    for (int i = 0; i < 3; i++) {
        assert_true(stop_requested(stop));
        assert_true(stop_wait_ms(stop, -1));
        assert_true(stop_wait_ms(stop, INT64_MAX));
        assert_true(stop_wait_ms(stop, INT64_MIN));
    }
    assert_true(clock_monotonic_ns() - before < 5 * NS_PER_SECOND);
    stop_destroy(stop);
}

enum { WAITERS = 8 };

struct waiter {
    struct stop *stop;
    int64_t wait_ms, woken_ns;
    bool requested;
};

static void *wait_for_stop(void *context)
{
    struct waiter *waiter = context;
    waiter->requested = stop_wait_ms(waiter->stop, waiter->wait_ms);
    waiter->woken_ns = clock_monotonic_ns();
    return NULL;
}

static void request_wakes_all_threads_at_once(void **state)
{
    (void)state;
    static const int64_t waits[] = {-1, 600000, INT64_MAX};
    struct stop *stop = stop_create(NULL);
    assert_non_null(stop);
    struct waiter waiters[WAITERS];
    pthread_t threads[WAITERS];
    for (int i = 0; i < WAITERS; i++) {
        waiters[i] = (struct waiter){.stop = stop, .wait_ms = waits[i % 3]};
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_stop, &waiters[i]), 0);
    }
    nanosleep(&(struct timespec){.tv_nsec = 20 * NS_PER_MS}, NULL); /* let some of them sleep */
    int64_t requested_ns = clock_monotonic_ns();
    stop_request(stop);
    for (int i = 0; i < WAITERS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(waiters[i].requested);
        assert_true(waiters[i].woken_ns - requested_ns < 5 * NS_PER_SECOND);
    }
    stop_destroy(stop);
}

static void wait_signals_after_a_request_returns(void **state)
{
    (void)state;
    struct stop *stop = stop_create(NULL);
    assert_non_null(stop);
    stop_request(stop);
    stop_wait_signals(stop, 0);
    assert_true(stop_requested(stop));
    stop_destroy(stop);
}

static void wait_signals_past_its_limit_requests_the_stop(void **state)
{
    (void)state;
    struct stop *stop = stop_create(NULL);
    assert_non_null(stop);
    int64_t before = clock_monotonic_ns();
    stop_wait_signals(stop, 20 * NS_PER_MS);
    assert_true(clock_monotonic_ns() - before >= 20 * NS_PER_MS);
    assert_true(stop_requested(stop));
    stop_destroy(stop);
}

/* A program in a child process: it writes 'b' before it waits and 'a' when it was told to stop. It
 * ends with 7, or drains as long as it lives and writes 'd' when the next signal will end it. */
struct child {
    pid_t pid;
    int output;
};

static void await_default_action(void)
{
    struct sigaction action;
    do {
        nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
    } while (sigaction(SIGTERM, NULL, &action) == 0 && action.sa_handler != SIG_DFL);
}

static void child_main(int output, int64_t limit_ns, bool drain)
{
    stop_block_signals();
    struct stop *stop = stop_create(NULL);
    struct waiter waiter = {.stop = stop, .wait_ms = -1};
    pthread_t thread;
    if (stop == NULL || pthread_create(&thread, NULL, wait_for_stop, &waiter) != 0 ||
        write(output, "b", 1) != 1) {
        _exit(1);
    }
    stop_wait_signals(stop, limit_ns);
    pthread_join(thread, NULL);
    if (!stop_requested(stop) || !waiter.requested || write(output, "a", 1) != 1) {
        _exit(2);
    }
    if (drain) {
        await_default_action();
        if (write(output, "d", 1) != 1) {
            _exit(3);
        }
        for (;;) {
            pause();
        }
    }
    _exit(7);
}

static struct child child_start(int64_t limit_ns, bool drain)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    struct child child = {.pid = fork(), .output = ends[0]};
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* it does not outlive the test */
        child_main(ends[1], limit_ns, drain);
    }
    close(ends[1]);
    return child;
}

static void child_expect(struct child *child, char want)
{
    char got = '?';
    assert_int_equal(read(child->output, &got, 1), 1);
    assert_int_equal(got, want);
}

static int child_end(struct child *child)
{
    int status = 0;
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    close(child->output);
    return status;
}

static void first_signal_requests_the_stop_and_the_program_ends_itself(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    for (size_t i = 0; i < 3; i++) {
        struct child child = child_start(0, false);
        child_expect(&child, 'b');
        assert_int_equal(kill(child.pid, signals[i]), 0);
        child_expect(&child, 'a');
        int status = child_end(&child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 7);
    }
}

static void second_signal_ends_the_process_at_once(void **state)
{
    (void)state;
    static const int signals[][2] = {
        {SIGTERM, SIGTERM}, {SIGINT, SIGINT}, {SIGINT, SIGTERM}, {SIGTERM, SIGINT}};
    for (size_t i = 0; i < 4; i++) {
        struct child child = child_start(0, true);
        child_expect(&child, 'b');
        assert_int_equal(kill(child.pid, signals[i][0]), 0);
        child_expect(&child, 'a');
        child_expect(&child, 'd');
        assert_int_equal(kill(child.pid, signals[i][1]), 0);
        int status = child_end(&child);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i][1]);
    }
}

/* A terminal's end sends SIGHUP more than once. */
static void hangup_after_the_first_signal_is_ignored(void **state)
{
    (void)state;
    struct child child = child_start(0, true);
    child_expect(&child, 'b');
    assert_int_equal(kill(child.pid, SIGHUP), 0);
    child_expect(&child, 'a');
    child_expect(&child, 'd');
    assert_int_equal(kill(child.pid, SIGHUP), 0);
    assert_int_equal(kill(child.pid, SIGTERM), 0);
    int status = child_end(&child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void on_hangup(void (*action)(int))
{
    assert_int_equal(sigaction(SIGHUP, &(struct sigaction){.sa_handler = action}, NULL), 0);
}

static void hangup_under_nohup_is_ignored(void **state)
{
    (void)state;
    on_hangup(SIG_IGN);
    struct child child = child_start(200 * NS_PER_MS, false);
    on_hangup(SIG_DFL);
    int64_t before = clock_monotonic_ns();
    child_expect(&child, 'b');
    assert_int_equal(kill(child.pid, SIGHUP), 0);
    child_expect(&child, 'a');
    assert_true(clock_monotonic_ns() - before >= 100 * NS_PER_MS);
    assert_int_equal(WEXITSTATUS(child_end(&child)), 7);
}

/* All but those that are a user's own word at a terminal, or a fault of the program. */
static void signals_that_mean_nothing_here_are_ignored(void **state)
{
    (void)state;
    static const int kept[] = {SIGKILL, SIGSTOP, SIGTSTP, SIGQUIT, SIGILL, SIGTRAP,
                               SIGABRT, SIGBUS,  SIGFPE,  SIGSEGV, SIGSYS, SIGINT,
                               SIGTERM, SIGHUP,  SIGCHLD, SIGCONT, SIGURG, SIGWINCH};
    struct child child = child_start(0, false);
    child_expect(&child, 'b');
    for (int number = 1; number <= SIGRTMAX; number++) {
        bool sent = number < SIGSYS + 1 || number >= SIGRTMIN; /* between: glibc's own */
        for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
            sent = sent && number != kept[i];
        }
        if (sent) {
            assert_int_equal(kill(child.pid, number), 0);
        }
    }
    assert_int_equal(kill(child.pid, SIGTERM), 0);
    child_expect(&child, 'a');
    int status = child_end(&child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

static void copies_of_the_first_signal_do_not_end_the_process(void **state)
{
    (void)state;
    struct child child = child_start(0, false);
    child_expect(&child, 'b');
    for (int i = 0; i < 3; i++) {
        /* The last ones may find it gone already, as a zombie: that is no failure of kill. */
        assert_int_equal(kill(child.pid, SIGTERM), 0);
    }
    child_expect(&child, 'a');
    int status = child_end(&child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

static void first_signal_while_draining_is_taken_and_the_next_ends_it(void **state)
{
    (void)state;
    struct child child = child_start(NS_PER_MS, true);
    child_expect(&child, 'b');
    child_expect(&child, 'a');
    assert_int_equal(kill(child.pid, SIGTERM), 0);
    child_expect(&child, 'd');
    assert_int_equal(kill(child.pid, SIGTERM), 0);
    int status = child_end(&child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void block_signals_turns_a_closed_pipe_into_an_error(void **state)
{
    (void)state;
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int ends[2];
        stop_block_signals();
        if (pipe(ends) != 0 || close(ends[0]) != 0) {
            _exit(1);
        }
        _exit(write(ends[1], "x", 1) < 0 && errno == EPIPE ? 7 : 2);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

static void *request(void *stop)
{
    stop_request(stop);
    return NULL;
}

static void wait_for_a_descriptor_ends_when_it_is_ready_on_time_or_on_request(void **state)
{
    (void)state;
    struct error error;
    struct stop *stop = stop_create(&error);
    int ends[2];
    assert_non_null(stop);
    assert_int_equal(pipe(ends), 0);
    int64_t start_ns = clock_monotonic_ns();
    int64_t later_ns = start_ns + 60 * NS_PER_SECOND;
    assert_int_equal(stop_wait_fd(stop, ends[0], POLLIN, start_ns + 50 * NS_PER_MS), 0);
    assert_int_equal(stop_wait_fd(NULL, ends[0], POLLIN, start_ns + 80 * NS_PER_MS), 0);
    assert_true(clock_monotonic_ns() - start_ns >= 80 * NS_PER_MS);
    assert_int_equal(stop_wait_fd(stop, ends[1], POLLOUT, later_ns), POLLOUT);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, request, stop), 0);
    assert_int_equal(stop_wait_fd(stop, ends[0], POLLIN, later_ns), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(stop_wait_fd(stop, ends[0], POLLIN, later_ns), POLLIN);
    assert_int_equal(stop_wait_fd(NULL, ends[0], POLLIN, later_ns), POLLIN);
    assert_true(clock_monotonic_ns() < later_ns);
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
    stop_destroy(stop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wait_without_a_request_lasts_its_time),
        cmocka_unit_test(wait_after_a_request_returns_at_once_every_time),
        cmocka_unit_test(request_wakes_all_threads_at_once),
        cmocka_unit_test(wait_for_a_descriptor_ends_when_it_is_ready_on_time_or_on_request),
        cmocka_unit_test(first_signal_requests_the_stop_and_the_program_ends_itself),
        cmocka_unit_test(second_signal_ends_the_process_at_once),
        cmocka_unit_test(hangup_after_the_first_signal_is_ignored),
        cmocka_unit_test(hangup_under_nohup_is_ignored),
        cmocka_unit_test(signals_that_mean_nothing_here_are_ignored),
        cmocka_unit_test(copies_of_the_first_signal_do_not_end_the_process),
        cmocka_unit_test(first_signal_while_draining_is_taken_and_the_next_ends_it),
        cmocka_unit_test(block_signals_turns_a_closed_pipe_into_an_error),
        cmocka_unit_test(wait_signals_after_a_request_returns),
        cmocka_unit_test(wait_signals_past_its_limit_requests_the_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
