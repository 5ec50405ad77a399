/* What holds for every kind: its table of columns, its schema and its struct say the same. */
#include <jansson.h>
#include <string.h>

#include "cmocka_all.h"
#include "record/kind.h"
#include "record/ticker.h"

static const struct record_kind *const kinds[] = {&ticker_kind};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static size_t count_columns(const struct record_kind *kind)
{
    size_t count = 0;
    while (kind->columns[count].name != NULL) {
        count++;
    }
    return count;
}

static void columns_are_the_fields_of_the_schema_in_its_order(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        json_t *schema = json_loads(kinds[k]->schema, 0, NULL);
        const json_t *fields = json_object_get(schema, "fields");
        assert_int_equal(count_columns(kinds[k]), json_array_size(fields));
        for (size_t i = 0; i < json_array_size(fields); i++) {
            const json_t *field = json_array_get(fields, i);
            const struct column *column = &kinds[k]->columns[i];
            assert_string_equal(column->name, json_string_value(json_object_get(field, "name")));
            bool nullable = json_is_array(json_object_get(field, "type"));
            assert_int_equal(nullable, column->present_offset != COLUMN_REQUIRED);
        }
        json_decref(schema);
    }
}

static void a_field_that_came_later_may_be_null(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        int version = 1;
        for (const struct column *column = kinds[k]->columns; column->name != NULL; column++) {
            assert_true(column->since >= 1);
            assert_true(column->since == 1 || column->present_offset != COLUMN_REQUIRED);
            version = column->since > version ? column->since : version;
        }
        assert_int_equal(kind_version(kinds[k]), version);
    }
}

/* Each byte of the struct belongs to one column at most. */
static void members_do_not_overlap(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        unsigned char taken[RECORD_BYTES_MAX] = {0};
        for (const struct column *column = kinds[k]->columns; column->name != NULL; column++) {
            assert_true(strlen(column_stored_name(column)) <= COLUMN_NAME_MAX);
            assert_true(column->offset + column->size <= kinds[k]->size);
            for (size_t i = 0; i < column->size; i++) {
                assert_int_equal(taken[column->offset + i]++, 0);
            }
            if (column->present_offset != COLUMN_REQUIRED) {
                assert_int_equal(taken[column->present_offset]++, 0);
            }
        }
    }
}

static void key_and_time_have_their_roles_and_types(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        const struct record_kind *kind = kinds[k];
        assert_int_equal(kind->key->role, COLUMN_KEY);
        assert_int_equal(kind->key->type, COLUMN_TEXT);
        assert_int_equal(kind->time->role, COLUMN_TIME);
        assert_int_equal(kind->time->type, COLUMN_INT64);
        assert_string_equal(column_stored_name(kind->time), "time");
        assert_ptr_equal(kind_column(kind, str_from(kind->key->name)), kind->key);
        assert_null(kind_column(kind, str_from("no_such_column")));
        if (kind->price != NULL) {
            assert_int_equal(kind->price->type, COLUMN_DOUBLE);
            assert_int_equal(kind->price->present_offset, COLUMN_REQUIRED);
        }
    }
}

static void a_point_holds_fields_first_and_then_the_run(void **state)
{
    (void)state;
    static const char *const want[] = {"last_price",
                                       "bid",
                                       "bid_size",
                                       "ask",
                                       "ask_size",
                                       "daily_change",
                                       "daily_change_relative",
                                       "volume",
                                       "high",
                                       "low",
                                       "market_cap",
                                       "seq",
                                       "run_id"};
    struct stored_columns stored = kind_stored_columns(&ticker_kind);
    assert_int_equal(stored.count, sizeof want / sizeof want[0]);
    for (size_t i = 0; i < stored.count; i++) {
        assert_string_equal(stored.items[i]->name, want[i]);
    }
}

static void records_of_a_set_stand_one_size_apart(void **state)
{
    (void)state;
    struct ticker ticks[3] = {{.seq = 1}, {.seq = 2}, {.seq = 3}};
    struct record_set set = {&ticker_kind, ticks, 3};
    for (size_t i = 0; i < set.count; i++) {
        assert_int_equal(column_int64(ticker_kind.seq, record_set_at(&set, i)), i + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_the_fields_of_the_schema_in_its_order),
        cmocka_unit_test(a_field_that_came_later_may_be_null),
        cmocka_unit_test(members_do_not_overlap),
        cmocka_unit_test(key_and_time_have_their_roles_and_types),
        cmocka_unit_test(a_point_holds_fields_first_and_then_the_run),
        cmocka_unit_test(records_of_a_set_stand_one_size_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
