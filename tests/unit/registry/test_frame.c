/* The five bytes before every Avro body. */
#include "registry/frame.h"

#include <string.h>

#include "cmocka_all.h"

static void frame_of_any_id_reads_back(void **state)
{
    (void)state;
    static const struct {
        int32_t id;
        unsigned char want[FRAME_HEADER_BYTES];
    } cases[] = {
        {0, {0, 0, 0, 0, 0}},
        {1, {0, 0, 0, 0, 1}},
        {258, {0, 0, 0, 1, 2}},
        {0x01020304, {0, 1, 2, 3, 4}},
        {INT32_MAX, {0, 0x7F, 0xFF, 0xFF, 0xFF}},
        {-2, {0, 0xFF, 0xFF, 0xFF, 0xFE}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf buf = strbuf_new(64);
        frame_append_header(&buf, cases[i].id);
        assert_int_equal(buf.length, FRAME_HEADER_BYTES);
        assert_memory_equal(buf.data, cases[i].want, FRAME_HEADER_BYTES);
        strbuf_append_text(&buf, "body");

        int32_t id;
        struct str body;
        assert_true(frame_open(strbuf_str(&buf), &id, &body));
        assert_int_equal(id, cases[i].id);
        assert_true(str_equal_text(body, "body"));
        strbuf_free(&buf);
    }
}

static void frame_that_is_short_or_of_another_magic_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        bool want;
    } cases[] = {
        {"", 0, false},
        {"\0", 1, false},
        {"\0\0\0\0", 4, false},
        {"\0\0\0\0\1", 5, true},
        {"\1\0\0\0\1", 5, false},
        {"{\"a\":1}", 7, false},
        {"\xFF\0\0\0\1x", 6, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int32_t id = -7;
        struct str body;
        struct str message = {cases[i].bytes, cases[i].length};
        assert_int_equal(frame_open(message, &id, &body), cases[i].want);
        assert_int_equal(id, cases[i].want ? 1 : -7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_of_any_id_reads_back),
        cmocka_unit_test(frame_that_is_short_or_of_another_magic_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
