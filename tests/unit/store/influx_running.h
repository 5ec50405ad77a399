/* tests/support/influx_server.py as a process of its own, for one test program. It needs a Python
 * that has what it needs; without one its tests are skipped. */
#ifndef CANDLEWICK_TESTS_INFLUX_RUNNING_H
#define CANDLEWICK_TESTS_INFLUX_RUNNING_H

#include <stdint.h>
#include <sys/types.h>

#include "store/store.h"

struct running {
    pid_t pid;
    char url[64];
};

/* For cmocka_run_group_tests(): *state becomes a struct running *, or NULL. */
int running_start(void **state);
int running_stop(void **state);

/* The server; the test is skipped when there is none. */
struct running *running_need(void **state);

struct store *running_open(const struct running *server, const char *database, bool gzip);

/* Asks the server itself; the answer's body, to free(). */
char *running_request(const struct running *server, const char *path, const char *body,
                      long status);

/* A number of the server's statistics. */
int64_t running_stat(const struct running *server, const char *name);

/* Sets what goes wrong from now on: see influx_server.py. */
void running_script(const struct running *server, const char *faults);

#endif
