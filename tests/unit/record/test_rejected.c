#include <string.h>

#include "base/random.h"
#include "cmocka_all.h"
#include "record/rejected.h"

static void add_keeps_each_index_once_with_its_first_reason(void **state)
{
    (void)state;
    struct rejected_list list = {0};
    assert_true(rejected_list_add(&list, 5, "five"));
    assert_true(rejected_list_add(&list, 0, "nought"));
    assert_true(rejected_list_add(&list, 5, "again"));
    assert_int_equal(list.count, 2);
    for (size_t i = 0; i < list.count; i++) {
        assert_string_equal(list.items[i].reason, list.items[i].index == 5 ? "five" : "nought");
    }
    rejected_list_free(&list);
    assert_null(list.items);
    rejected_list_free(&list);
}

static void add_of_a_long_reason_cuts_it(void **state)
{
    (void)state;
    struct rejected_list list = {0};
    char reason[300];
    memset(reason, 'r', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    assert_true(rejected_list_add(&list, 1, reason));
    assert_int_equal(strlen(list.items[0].reason), sizeof list.items[0].reason - 1);
    rejected_list_free(&list);
}

static void add_in_any_order_keeps_all(void **state)
{
    (void)state;
    enum { INDICES = 2000 };
    bool added[INDICES] = {false};
    size_t distinct = 0;
    struct rejected_list list = {0};
    struct random random = random_seeded(3);
    for (int i = 0; i < INDICES; i++) {
        size_t index = (size_t)(random_next(&random) % INDICES);
        distinct += added[index] ? 0 : 1;
        added[index] = true;
        assert_true(rejected_list_add(&list, index, "x"));
    }
    assert_int_equal(list.count, distinct);
    for (size_t i = 0; i < list.count; i++) {
        assert_true(added[list.items[i].index]);
        assert_true(i == 0 || list.items[i - 1].index < list.items[i].index);
    }
    rejected_list_free(&list);
}

static void clear_forgets_the_items_and_keeps_the_memory(void **state)
{
    (void)state;
    struct rejected_list list = {0};
    assert_true(rejected_list_add(&list, 1, "x"));
    size_t capacity = list.capacity;
    rejected_list_clear(&list);
    assert_int_equal(list.count, 0);
    assert_int_equal(list.capacity, capacity);
    assert_true(rejected_list_add(&list, 1, "y"));
    assert_string_equal(list.items[0].reason, "y");
    rejected_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add_keeps_each_index_once_with_its_first_reason),
        cmocka_unit_test(add_of_a_long_reason_cuts_it),
        cmocka_unit_test(add_in_any_order_keeps_all),
        cmocka_unit_test(clear_forgets_the_items_and_keeps_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
