/* Schema GUIDs: their text, our own, and the numbers that stand for them. */
#include "registry/codec/guid.h"

#include <string.h>

#include "cmocka_all.h"

static void guid_and_its_text_are_one(void **state)
{
    (void)state;
    struct guid guid;
    char text[GUID_TEXT_SIZE];
    assert_true(guid_parse(str_from("89791762-2336-4186-9674-299B90A802E2"), &guid));
    assert_memory_equal(guid.bytes,
                        "\x89\x79\x17\x62\x23\x36\x41\x86\x96\x74\x29\x9b\x90\xa8\x02\xe2", 16);
    guid_format(&guid, text);
    assert_string_equal(text, "89791762-2336-4186-9674-299b90a802e2");
    static const char *const wrong[] = {
        "", "89791762-2336-4186-9674-299b90a802e", "89791762-2336-4186-9674-299b90a802e22",
        "89791762-2336-4186-9674-299b90a802eg", "8979176222336-4186-9674-299b90a802e2"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(guid_parse(str_from(wrong[i]), &guid));
    }
}

static void guid_of_a_schema_holds_its_id_and_depends_on_its_text(void **state)
{
    (void)state;
    struct guid one = guid_of_schema(258, str_from("{}"));
    struct guid same = guid_of_schema(258, str_from("{}"));
    struct guid other = guid_of_schema(258, str_from("{ }"));
    assert_int_equal(guid_schema_id(&one), 258);
    assert_int_equal(one.bytes[6] >> 4, 8);
    assert_int_equal(one.bytes[8] >> 6, 2);
    assert_memory_equal(&one, &same, sizeof one);
    assert_memory_not_equal(&one, &other, sizeof one);
}

static void numbers_stand_for_the_newest_guids(void **state)
{
    (void)state;
    static struct guid_table table;
    for (int32_t i = 0; i < 3 * GUID_TABLE_SIZE; i++) {
        struct guid guid = guid_of_schema(i, str_from("x"));
        int32_t number = guid_table_number(&table, &guid);
        assert_int_equal(number, -1 - i);
        assert_int_equal(guid_table_number(&table, &guid), number);
        assert_memory_equal(guid_table_find(&table, number), &guid, sizeof guid);
    }
    assert_null(guid_table_find(&table, 0));
    assert_null(guid_table_find(&table, 7));
    assert_null(guid_table_find(&table, INT32_MIN));
    assert_null(guid_table_find(&table, -3 * GUID_TABLE_SIZE - 1));
    assert_null(guid_table_find(&table, -2 * GUID_TABLE_SIZE));
    for (int32_t i = 2 * GUID_TABLE_SIZE; i < 3 * GUID_TABLE_SIZE; i++) {
        struct guid guid = guid_of_schema(i, str_from("x"));
        assert_int_equal(guid_table_number(&table, &guid), -1 - i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guid_and_its_text_are_one),
        cmocka_unit_test(guid_of_a_schema_holds_its_id_and_depends_on_its_text),
        cmocka_unit_test(numbers_stand_for_the_newest_guids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
