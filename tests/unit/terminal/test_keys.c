#include "terminal/keys.h"

#include <string.h>

#include "cmocka_all.h"

static void read_cases(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool complete;
        size_t length;
        enum key_kind kind;
        const char *text;
    } cases[] = {
        {"j", false, 1, KEY_TEXT, "j"},
        {"jk", false, 1, KEY_TEXT, "j"},
        {"é", false, 2, KEY_TEXT, "é"},
        {"\xc3", false, 0, KEY_NONE, ""}, /* the rest may follow */
        {"\xc3", true, 1, KEY_NONE, ""},
        {"\xff", false, 1, KEY_NONE, ""},
        {"\n", false, 1, KEY_ENTER, ""},
        {"\r", false, 1, KEY_ENTER, ""},
        {"\x7f", false, 1, KEY_BACKSPACE, ""},
        {"\b", false, 1, KEY_BACKSPACE, ""},
        {"\x0c", false, 1, KEY_REDRAW, ""},
        {"\x1a", false, 1, KEY_SUSPEND, ""},
        {"\x1c", false, 1, KEY_QUIT, ""},
        {"\x01", false, 1, KEY_NONE, ""},
        {"\033", false, 0, KEY_NONE, ""},
        {"\033", true, 1, KEY_ESCAPE, ""},
        {"\033x", false, 1, KEY_ESCAPE, ""},
        {"\033[", false, 0, KEY_NONE, ""},
        {"\033[", true, 2, KEY_NONE, ""},
        {"\033[A", false, 3, KEY_UP, ""},
        {"\033OB", false, 3, KEY_DOWN, ""}, /* cursor keys in application mode */
        {"\033[C", false, 3, KEY_RIGHT, ""},
        {"\033[D", false, 3, KEY_LEFT, ""},
        {"\033[H", false, 3, KEY_HOME, ""},
        {"\033[F", false, 3, KEY_END, ""},
        {"\033[1~", false, 4, KEY_HOME, ""},
        {"\033[5~", false, 4, KEY_PAGE_UP, ""},
        {"\033[6~j", false, 4, KEY_PAGE_DOWN, ""},
        {"\033[15~", false, 5, KEY_NONE, ""},     /* F5 */
        {"\033[1;5A", false, 6, KEY_UP, ""},      /* with Ctrl */
        {"\033[<0;1;1M", false, 9, KEY_NONE, ""}, /* a click */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct key key;
        size_t length = key_read(str_from(cases[i].bytes), cases[i].complete, &key);
        if (length != cases[i].length || key.kind != cases[i].kind ||
            strcmp(key.text, cases[i].text) != 0) {
            fail_msg("case %zu: %zu bytes, kind %d, \"%s\"", i, length, (int)key.kind, key.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
