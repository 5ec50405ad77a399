/* Every column of every kind can be asked for without quotes in the SQL that people use. Needs
 * column_names.py beside this file and a Python that has what it needs. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "sqlite_place.h"

#define PROGRAM FIXTURES "/../unit/store/column_names.py"
#define SCHEMAS FIXTURES "/../../schemas"

enum { PACKAGE_MISSING = 77 };

static void every_column_is_taken_without_quotes(void **state)
{
    const struct sqlite_place *place = *state;
    const char *python = getenv("CANDLEWICK_TEST_PYTHON");
    if (python == NULL || python[0] == '\0') {
        print_message("skipped: CANDLEWICK_TEST_PYTHON names no Python (./tests/run.sh sets it)\n");
        skip();
    }
    store_close(place_open_prepared(place));
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)execl(python, python, PROGRAM, place->file, SCHEMAS, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == PACKAGE_MISSING) {
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(every_column_is_taken_without_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
