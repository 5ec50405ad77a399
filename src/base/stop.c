#include "base/stop.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* Copies of one signal, sent to a process and to its group, arrive within this time. */
enum { SIGNAL_COPIES_MS = 50 };

struct stop {
    atomic_bool requested;
    int event; /* an eventfd that is never read: once requested, it stays readable for every
                  thread that waits */
};

struct stop *stop_create(struct error *error)
{
    struct stop *stop = calloc(1, sizeof *stop);
    if (stop == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    stop->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stop->event < 0) {
        error_set(error, ERROR_FATAL, "eventfd: %s", strerror(errno));
        free(stop);
        return NULL;
    }
    atomic_init(&stop->requested, false);
    return stop;
}

void stop_destroy(struct stop *stop)
{
    if (stop != NULL) {
        close(stop->event);
        free(stop);
    }
}

void stop_request(struct stop *stop)
{
    if (!atomic_exchange(&stop->requested, true)) {
        (void)eventfd_write(stop->event, 1);
    }
}

bool stop_requested(const struct stop *stop)
{
    return atomic_load(&stop->requested);
}

/* Waits with poll(2) until one of `fds` is ready or the deadline (negative: none) passes. Returns
 * true when one is ready. */
static bool wait_ready(struct pollfd *fds, nfds_t count, int64_t deadline_ns)
{
    for (;;) {
        struct timespec left = {0};
        if (deadline_ns >= 0) {
            int64_t left_ns = deadline_ns - clock_monotonic_ns();
            left_ns = left_ns > 0 ? left_ns : 0;
            left.tv_sec = left_ns / NS_PER_SECOND;
            left.tv_nsec = left_ns % NS_PER_SECOND;
        }
        int ready = ppoll(fds, count, deadline_ns >= 0 ? &left : NULL, NULL);
        if (ready >= 0) {
            return ready > 0;
        }
        if (errno != EINTR) {
            return false;
        }
    }
}

/* Returns the time `wait_ns` from now; INT64_MAX is never reached. */
static int64_t deadline_after(int64_t wait_ns)
{
    int64_t deadline = 0;
    return __builtin_add_overflow(clock_monotonic_ns(), wait_ns, &deadline) ? INT64_MAX : deadline;
}

bool stop_wait_ms(struct stop *stop, int64_t ms)
{
    int64_t wait_ns = 0;
    if (__builtin_mul_overflow(ms, NS_PER_MS, &wait_ns)) {
        wait_ns = ms < 0 ? -1 : INT64_MAX;
    }
    struct pollfd fd = {.fd = stop->event, .events = POLLIN};
    if (!stop_requested(stop)) {
        (void)wait_ready(&fd, 1, wait_ns < 0 ? -1 : deadline_after(wait_ns));
    }
    return stop_requested(stop);
}

short stop_wait_fd(struct stop *stop, int fd, short events, int64_t deadline_ns)
{
    struct pollfd fds[2] = {{.fd = fd, .events = events}};
    if (stop != NULL) {
        fds[1] = (struct pollfd){.fd = stop->event, .events = POLLIN};
    }
    return wait_ready(fds, stop != NULL ? 2 : 1, deadline_ns) ? fds[0].revents : 0;
}

/* Collects the signals that request a stop. SIGHUP, which a closing terminal sends, is one of them
 * unless it is ignored, as under nohup(1): a signal that is both blocked and ignored would still
 * reach a signalfd. */
static void stop_signals(sigset_t *set)
{
    struct sigaction hangup;
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) {
        sigaddset(set, SIGHUP);
    }
}

static void ignore(int number)
{
    (void)sigaction(number, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
}

/* Ignores all other signals except KILL and STOP, which cannot be changed; QUIT (Ctrl-\) and TSTP
 * (Ctrl-Z), which a user sends on purpose; and those that report faults in the program. */
static void ignore_strays(void)
{
    static const int strays[] = {SIGPIPE, SIGXFSZ,   SIGXCPU, SIGUSR1,   SIGUSR2, SIGALRM, SIGPROF,
                                 SIGIO,   SIGVTALRM, SIGPWR,  SIGSTKFLT, SIGTTIN, SIGTTOU};
    for (size_t i = 0; i < sizeof strays / sizeof strays[0]; i++) {
        ignore(strays[i]);
    }
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++) {
        ignore(number);
    }
}

void stop_block_signals(void)
{
    sigset_t set;
    stop_signals(&set);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    ignore_strays();
}

static void set_action(void (*action)(int))
{
    struct sigaction how = {.sa_handler = action, .sa_flags = SA_RESTART};
    sigemptyset(&how.sa_mask);
    (void)sigaction(SIGINT, &how, NULL);
    (void)sigaction(SIGTERM, &how, NULL);
}

/* Handles the first signal that arrives during the shutdown; the next one ends the process. */
static void on_late_signal(int number)
{
    (void)number;
    set_action(SIG_DFL);
}

static void take_copies(int signals)
{
    struct pollfd fd = {.fd = signals, .events = POLLIN};
    int64_t deadline = deadline_after(SIGNAL_COPIES_MS * NS_PER_MS);
    struct signalfd_siginfo info;
    do {
        while (read(signals, &info, sizeof info) > 0) {
        }
    } while (wait_ready(&fd, 1, deadline));
}

void stop_wait_signals(struct stop *stop, int64_t limit_ns)
{
    sigset_t set;
    stop_signals(&set);
    struct pollfd fds[2] = {
        {.fd = stop->event, .events = POLLIN},
        {.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .events = POLLIN},
    };
    (void)wait_ready(fds, 2, limit_ns > 0 ? deadline_after(limit_ns) : -1);
    stop_request(stop);
    if (fds[1].revents != 0) {
        take_copies(fds[1].fd);
        set_action(SIG_DFL);
    } else {
        set_action(on_late_signal);
    }
    ignore(SIGHUP);
    if (fds[1].fd >= 0) {
        close(fds[1].fd);
    }
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
