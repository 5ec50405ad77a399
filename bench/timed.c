/*
 * Runs a command and tells what it cost: timed FILE COMMAND [ARGUMENT]…
 *
 * FILE gets one JSON object when the command has ended: monotonic start and end, CPU seconds, the
 * most memory, how it ended. SIGTERM and SIGINT are passed on to the command. In C, because a child
 * counts the memory of the process that it was forked from as its own most.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

static volatile sig_atomic_t child;

static void pass_on(int signal)
{
    if (child > 0) {
        (void)kill(child, signal);
    }
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static bool report(const char *path, int64_t start_ns, int64_t end_ns, int status,
                   const struct rusage *usage)
{
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return false;
    }
    (void)fprintf(file,
                  "{\"pid\":%d,\"start_ns\":%lld,\"end_ns\":%lld,\"user_s\":%.6f,\"system_s\":%.6f,"
                  "\"max_rss_kib\":%ld,\"exit\":%d,\"signal\":%d}\n",
                  (int)child, (long long)start_ns, (long long)end_ns, seconds_of(usage->ru_utime),
                  seconds_of(usage->ru_stime), usage->ru_maxrss,
                  WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                  WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    return fclose(file) == 0;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fputs("usage: timed FILE COMMAND [ARGUMENT]...\n", stderr);
        return 2;
    }
    sigset_t passed, before;
    (void)sigemptyset(&passed);
    (void)sigaddset(&passed, SIGTERM);
    (void)sigaddset(&passed, SIGINT);
    /* One that comes before there is a child waits until there is. */
    (void)sigprocmask(SIG_BLOCK, &passed, &before);
    int64_t start_ns = clock_monotonic_ns();
    pid_t pid = fork();
    if (pid == 0) {
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
        (void)execvp(argv[2], argv + 2);
        (void)fprintf(stderr, "timed: %s: %s\n", argv[2], strerror(errno));
        _exit(127);
    }
    if (pid < 0) {
        perror("timed: fork");
        return 1;
    }
    child = pid;
    struct sigaction action = {.sa_handler = pass_on};
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    int status = 0;
    struct rusage usage;
    while (wait4(pid, &status, 0, &usage) != pid) {
        if (errno != EINTR) {
            perror("timed: wait4");
            return 1;
        }
    }
    if (!report(argv[1], start_ns, clock_monotonic_ns(), status, &usage)) {
        perror(argv[1]);
        return 1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
