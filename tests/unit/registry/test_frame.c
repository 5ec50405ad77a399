/* The five bytes before every Avro body. */
#include "registry/codec/frame.h"

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

static void schema_is_named_by_the_header_before_the_prefix(void **state)
{
    (void)state;
#define GUID "\x89\x79\x17\x62\x23\x36\x41\x86\x96\x74\x29\x9b\x90\xa8\x02\xe2"
    static const struct {
        const char *header;
        size_t length;
        const char *value; /* seven bytes */
        int32_t id;
        bool by_guid;
        size_t body; /* its length */
        const char *why;
    } cases[] = {
        {NULL, 0, "\0\0\0\0\1xy", 1, false, 2, NULL},
        {"\0\0\0\0\2", 5, "\0\0\0\0\1xy", 2, false, 7, NULL},
        {"\1" GUID, 17, "\0\0\0\0\1xy", -1, true, 7, NULL},
        {NULL, 0, "abcdefg", -1, false, 0, "no 0x00 and schema id"},
        {"", 0, "\0\0\0\0\1xy", -1, false, 0, "__value_schema_id is neither"},
        {"\0\0\0\0", 4, "abcdefg", -1, false, 0, "__value_schema_id is neither"},
        {"\0\0\0\0\1\0", 6, "abcdefg", -1, false, 0, "__value_schema_id is neither"},
        {"\1" GUID, 16, "abcdefg", -1, false, 0, "__value_schema_id is neither"},
        {"\2" GUID, 17, "abcdefg", -1, false, 0, "__value_schema_id is neither"},
    };
#undef GUID
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct schema_name name;
        struct str body;
        const char *why = frame_read((struct str){cases[i].header, cases[i].length},
                                     (struct str){cases[i].value, 7}, &name, &body);
        assert_int_equal(why != NULL, cases[i].why != NULL);
        if (why != NULL) {
            assert_non_null(strstr(why, cases[i].why));
            continue;
        }
        assert_int_equal(name.by_guid, cases[i].by_guid);
        assert_int_equal(name.id, cases[i].id);
        assert_int_equal(body.length, cases[i].body);
        if (name.by_guid) {
            char text[GUID_TEXT_SIZE];
            guid_format(&name.guid, text);
            assert_string_equal(text, "89791762-2336-4186-9674-299b90a802e2");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_of_any_id_reads_back),
        cmocka_unit_test(frame_that_is_short_or_of_another_magic_is_refused),
        cmocka_unit_test(schema_is_named_by_the_header_before_the_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
