#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>

#include "cmocka_all.h"

static void items_stay_while_the_array_grows(void **state)
{
    (void)state;
    enum { ITEMS = 1000 };
    int *items = NULL;
    size_t capacity = 0, moves = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        size_t before = capacity;
        items = array_room(items, i, &capacity, sizeof *items);
        assert_non_null(items);
        assert_true(capacity > i);
        moves += capacity != before ? 1 : 0;
        items[i] = (int)i;
    }
    for (size_t i = 0; i < ITEMS; i++) {
        assert_int_equal(items[i], i);
    }
    assert_int_equal(moves, 7); /* 16 doubled until 1024 */
    free(items);
}

static void too_much_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        size_t capacity, item_bytes;
    } cases[] = {
        {SIZE_MAX / 2 + 1, 1}, /* cannot be doubled */
        {SIZE_MAX / 8, 8},     /* twice as many have more bytes than a size_t counts */
        {0, SIZE_MAX / 2},     /* nor do the first */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t capacity = cases[i].capacity;
        assert_null(array_room(NULL, capacity, &capacity, cases[i].item_bytes));
        assert_int_equal(capacity, cases[i].capacity);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_stay_while_the_array_grows),
        cmocka_unit_test(too_much_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
