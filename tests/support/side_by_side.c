#include "side_by_side.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

/* A sanitizer makes a test work more than it waits, and tests that have to share two cores by many
 * would meet their time-outs. */
enum { AT_ONCE = SUPPORT_SANITIZED ? 4 : 16 };

struct side {
    pid_t pid;
    FILE *output;
    bool ended;
    int status; /* of waitpid(), once it has ended */
};

static void must(bool done, const char *what)
{
    if (!done) {
        perror(what);
        exit(EXIT_FAILURE);
    }
}

static void begin(struct side *side, const struct CMUnitTest *test)
{
    side->output = tmpfile();
    must(side->output != NULL, "tmpfile");
    must(fflush(NULL) == 0, "fflush"); /* or the process would print it again */
    side->pid = fork();
    must(side->pid >= 0, "fork");
    if (side->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        must(dup2(fileno(side->output), STDOUT_FILENO) >= 0, "dup2");
        must(dup2(fileno(side->output), STDERR_FILENO) >= 0, "dup2");
        exit(_cmocka_run_group_tests(test->name, test, 1, NULL, NULL));
    }
}

/* Waits until one of them has ended. */
static void end_one(struct side *sides, size_t begun)
{
    int status = -1;
    pid_t pid = waitpid(-1, &status, 0);
    must(pid > 0, "waitpid");
    for (size_t i = 0; i < begun; i++) {
        if (sides[i].pid == pid) {
            sides[i].ended = true;
            sides[i].status = status;
        }
    }
}

/* Copies what it printed. */
static bool passed(const struct side *side, const char *name)
{
    rewind(side->output);
    for (int c = getc(side->output); c != EOF; c = getc(side->output)) {
        putchar(c);
    }
    (void)fclose(side->output);
    bool well = WIFEXITED(side->status) && WEXITSTATUS(side->status) == 0;
    if (!well) {
        printf("%s: its process ended with status %#x\n", name, (unsigned)side->status);
    }
    return well;
}

int side_by_side(const struct CMUnitTest *tests, size_t count)
{
    struct side *sides = calloc(count, sizeof *sides);
    must(sides != NULL, "calloc");
    size_t begun = 0;
    int failed = 0;
    for (size_t ended = 0, told = 0; ended < count; ended++) {
        for (; begun < count && begun < ended + AT_ONCE; begun++) {
            begin(&sides[begun], &tests[begun]);
        }
        end_one(sides, begun);
        for (; told < begun && sides[told].ended; told++) {
            failed += passed(&sides[told], tests[told].name) ? 0 : 1;
        }
    }
    free(sides);
    return failed;
}
