#include <string.h>

#include "cmocka_all.h"
#include "record/kind.h"
#include "record/names.h"

static void symbol_and_source_of_every_byte_are_the_documented_sets(void **state)
{
    (void)state;
    static const char both[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:._-";
    for (int byte = 0; byte < 256; byte++) {
        char text[] = {(char)byte};
        bool in_both = byte != 0 && strchr(both, byte) != NULL;
        assert_int_equal(record_source_valid((struct str){text, 1}), in_both);
        assert_int_equal(record_symbol_valid((struct str){text, 1}),
                         in_both || byte == '^' || byte == '=');
    }
    char longest[RECORD_KEY_MAX + 1];
    memset(longest, 'x', sizeof longest);
    assert_true(record_symbol_valid((struct str){longest, RECORD_KEY_MAX}));
    assert_false(record_symbol_valid((struct str){longest, RECORD_KEY_MAX + 1}));
    assert_true(record_source_valid((struct str){longest, SOURCE_MAX}));
    assert_false(record_source_valid((struct str){longest, SOURCE_MAX + 1}));
    assert_false(record_symbol_valid((struct str){0}));
    assert_false(record_source_valid((struct str){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbol_and_source_of_every_byte_are_the_documented_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
