/* Whatever becomes of a test beside others, the group's result says so. */
#include <stdio.h>
#include <stdlib.h>

#include "side_by_side.h"

static void passes(void **state)
{
    assert_null(*state);
}

static void fails(void **state)
{
    assert_non_null(*state);
}

static void ends_the_process(void **state)
{
    (void)state;
    abort();
}

int main(void)
{
    const struct CMUnitTest good[] = {cmocka_unit_test(passes), cmocka_unit_test(passes)};
    const struct CMUnitTest bad[] = {
        cmocka_unit_test(fails),
        cmocka_unit_test(passes),
        cmocka_unit_test(ends_the_process),
    };
    int failed = run_side_by_side(good);
    if (failed != 0) {
        printf("%d good tests failed\n", failed);
        return EXIT_FAILURE;
    }
    failed = run_side_by_side(bad);
    if (failed != 2) {
        printf("of two bad tests %d failed\n", failed);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
