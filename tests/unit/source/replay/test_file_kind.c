#include "source/replay/file_kind.h"

#include <string.h>

#include "cmocka_all.h"

#define HEAD(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static void a_head_is_text_or_told_as_what_it_is(void **state)
{
    (void)state;
    static const struct {
        struct str head;
        const char *want; /* NULL: text */
    } cases[] = {
        {HEAD("time,symbol,last"), NULL},
        {HEAD("\xEF\xBB\xBFtime,symbol"), NULL},
        {HEAD("a"), NULL},
        {HEAD(""), NULL},
        {HEAD("PKW,symbol"), NULL},
        {HEAD("\xFD"
              "7zXZ\0\0\x04"),
         "xz -d"},
        {HEAD("7z\xBC\xAF\x27\x1C"), "7-Zip"},
        {HEAD("\x04\x22\x4D\x18"), "lz4 -d"},
        {HEAD("\x1F\x8B\x08"), "gzip twice"},
        {HEAD("PAR1\x15\0"), "Parquet"},
        {HEAD("SQLite format 3\0"), "SQLite"},
        {HEAD("\xFF\xFEt\0i\0m\0e\0"), "UTF-16 "},
        {HEAD("\xFE\xFF\0t\0i\0m\0e"), "UTF-16 "},
        {HEAD("\xFF\xFE\0\0t\0\0\0"), "UTF-32"},
        {HEAD("\0\0\xFE\xFF\0\0\0t"), "UTF-32"},
        {HEAD("t\0i\0m\0e\0"), "UTF-16LE"},
        {HEAD("\0t\0i\0m\0e"), "UTF-16BE"},
        {HEAD("time\0\0\0\0\0\0\0\0\0\0\0\0"), "NUL"},
        {HEAD("%PDF-1.7"), "PDF"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        bool text = file_kind_is_text(cases[i].head, &error);
        if (text != (cases[i].want == NULL) ||
            (!text && (error.kind != ERROR_USAGE || strstr(error.text, cases[i].want) == NULL))) {
            fail_msg("case %zu: %s", i, text ? "text" : error.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_head_is_text_or_told_as_what_it_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
