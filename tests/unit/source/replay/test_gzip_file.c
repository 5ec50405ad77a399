#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "cmocka_all.h"
#include "source/replay/gzip_file.h"
#include "support.h"

enum { CONTENT_MAX = 1000 };

struct fixture {
    char folder[128];
    char path[160];
    struct gzip_file file;
    char content[CONTENT_MAX + 1];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (fixture == NULL) {
        return -1;
    }
    support_make_folder(fixture->folder, sizeof fixture->folder);
    (void)snprintf(fixture->path, sizeof fixture->path, "%s/prices.csv", fixture->folder);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    support_remove_folder(fixture->folder);
    free(fixture);
    return 0;
}

static void write_gzip_of_one(const struct fixture *fixture)
{
    gzFile file = gzopen(fixture->path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, "one\n", 4), 4);
    assert_int_equal(gzclose(file), Z_OK);
}

static void append(const struct fixture *fixture, const char *bytes, size_t length)
{
    FILE *file = fopen(fixture->path, "ab");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Reads all there is, in pieces of `piece` bytes, into fixture->content. False on a failure. */
static bool read_all(struct fixture *fixture, size_t piece, struct error *error)
{
    char bytes[CONTENT_MAX];
    size_t length = 0;
    ssize_t got;
    while ((got = gzip_file_read(&fixture->file, bytes, piece, error)) > 0) {
        assert_in_range(got, 1, piece);
        assert_in_range(length + (size_t)got, 1, CONTENT_MAX);
        memcpy(fixture->content + length, bytes, (size_t)got);
        length += (size_t)got;
    }
    fixture->content[length] = '\0';
    return got == 0;
}

static void open_file(struct fixture *fixture)
{
    struct error error = {0};
    if (!gzip_file_open(&fixture->file, fixture->path, &error)) {
        fail_msg("%s", error.text);
    }
}

static void what_stands_behind_gzip_data_is_not_passed_over(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *more;
        size_t length;
        const char *want; /* in the error; NULL: the file is well */
    } cases[] = {
        {"", 0, NULL},
        {"\0\0\0\0\0", 5, NULL},
        {"two\n", 4, "broken gzip data"},
        {"\0\0\0two\n", 7, "broken gzip data"},
        {"\x1F", 1, "cut off"},
        {"\x1F\x8B", 2, "cut off"},
        {"\x1F\x8B\x09\0\0\0\0\0\0\x03", 10, "broken gzip data"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_gzip_of_one(fixture);
        append(fixture, cases[i].more, cases[i].length);
        open_file(fixture);
        struct error error = {0};
        bool whole = read_all(fixture, CONTENT_MAX, &error);
        gzip_file_close(&fixture->file);
        assert_string_equal(fixture->content, "one\n");
        assert_true(whole == (cases[i].want == NULL));
        if (cases[i].want != NULL) {
            assert_int_equal(error.kind, ERROR_FATAL);
            assert_non_null(strstr(error.text, fixture->path));
            assert_non_null(strstr(error.text, cases[i].want));
        }
    }
}

static void packed_or_plain_is_told_by_the_first_two_bytes(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *content;
        const char *want; /* NULL: an error */
    } cases[] = {
        {"", ""},           {"\x1F", "\x1F"},   {"\x1F two", "\x1F two"},
        {"plain", "plain"}, {"\x1F\x8B", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        support_write_file(fixture->path, cases[i].content, strlen(cases[i].content));
        open_file(fixture);
        struct error error = {0};
        assert_true(read_all(fixture, 2, &error) == (cases[i].want != NULL));
        assert_string_equal(fixture->content, cases[i].want != NULL ? cases[i].want : "");
        gzip_file_close(&fixture->file);
    }
}

static void rewinding_reads_the_same_again_from_anywhere(void **state)
{
    struct fixture *fixture = *state;
    write_gzip_of_one(fixture);
    open_file(fixture);
    for (int i = 0; i < 4; i++) {
        struct error error = {0};
        char byte;
        for (int k = 0; k < i; k++) {
            assert_int_equal(gzip_file_read(&fixture->file, &byte, 1, &error), 1);
        }
        assert_true(gzip_file_rewind(&fixture->file, &error));
        assert_true(read_all(fixture, 3, &error));
        assert_string_equal(fixture->content, "one\n");
        assert_true(gzip_file_rewind(&fixture->file, &error));
    }
    gzip_file_close(&fixture->file);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_stands_behind_gzip_data_is_not_passed_over),
        TEST(packed_or_plain_is_told_by_the_first_two_bytes),
        TEST(rewinding_reads_the_same_again_from_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
