#include <string.h>

#include "cmocka_all.h"
#include "record/column.h"

struct example {
    char name[8];
    int64_t count;
    double price;
    bool has_price;
    bool final, has_final;
};

static const struct column name = {.name = "name",
                                   .type = COLUMN_TEXT,
                                   .offset = offsetof(struct example, name),
                                   .size = sizeof((struct example *)0)->name,
                                   .present_offset = COLUMN_REQUIRED,
                                   .stored = "coin"};
static const struct column count = {.name = "count",
                                    .type = COLUMN_INT64,
                                    .offset = offsetof(struct example, count),
                                    .size = sizeof(int64_t),
                                    .present_offset = COLUMN_REQUIRED};
static const struct column price = {.name = "price",
                                    .type = COLUMN_DOUBLE,
                                    .offset = offsetof(struct example, price),
                                    .size = sizeof(double),
                                    .present_offset = offsetof(struct example, has_price)};

static const struct column final = {.name = "final",
                                    .type = COLUMN_BOOL,
                                    .offset = offsetof(struct example, final),
                                    .size = sizeof(bool),
                                    .present_offset = offsetof(struct example, has_final)};

static void a_value_that_is_set_is_read_back(void **state)
{
    (void)state;
    struct example example = {.count = 0};
    assert_true(column_set_text(&name, &example, str_from("tBTCUSD")));
    column_set_int64(&count, &example, INT64_MIN);
    column_set_double(&price, &example, -0.0);
    assert_string_equal(example.name, "tBTCUSD");
    assert_true(str_equal_text(column_text(&name, &example), "tBTCUSD"));
    assert_int_equal(column_int64(&count, &example), INT64_MIN);
    double zero = column_double(&price, &example);
    assert_memory_equal(&zero, &(double){-0.0}, sizeof zero);
    assert_true(example.has_price);
    column_set_bool(&final, &example, true);
    assert_true(example.final && example.has_final && column_bool(&final, &example));
    column_set_bool(&final, &example, false);
    assert_true(!example.final && example.has_final && !column_bool(&final, &example));
}

static void a_column_without_a_flag_is_always_present(void **state)
{
    (void)state;
    struct example example = {.count = 0};
    assert_true(column_present(&count, &example));
    assert_false(column_present(&price, &example));
    column_set_double(&price, &example, 1);
    assert_true(column_present(&price, &example));
}

static void null_clears_the_value_and_nothing_beside_it(void **state)
{
    (void)state;
    struct example example = {.name = "abc",
                              .count = 7,
                              .price = 2.5,
                              .has_price = true,
                              .final = true,
                              .has_final = true};
    column_set_null(&final, &example);
    assert_true(!example.final && !example.has_final && example.has_price);
    column_set_null(&price, &example);
    assert_false(example.has_price);
    assert_true(example.price == 0);
    assert_string_equal(example.name, "abc");
    assert_int_equal(example.count, 7);
}

static void a_text_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct example example = {.count = 7};
    assert_true(column_set_text(&name, &example, str_from("1234567")));
    assert_false(column_set_text(&name, &example, str_from("12345678")));
    assert_int_equal(example.count, 7);
    /* Without a NUL the text ends with its member. */
    memset(example.name, 'x', sizeof example.name);
    assert_int_equal(column_text(&name, &example).length, sizeof example.name);
}

static void the_stored_name_is_the_name_unless_another_is_given(void **state)
{
    (void)state;
    assert_string_equal(column_stored_name(&name), "coin");
    assert_string_equal(column_stored_name(&price), "price");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_that_is_set_is_read_back),
        cmocka_unit_test(a_column_without_a_flag_is_always_present),
        cmocka_unit_test(null_clears_the_value_and_nothing_beside_it),
        cmocka_unit_test(a_text_that_does_not_fit_is_refused),
        cmocka_unit_test(the_stored_name_is_the_name_unless_another_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
