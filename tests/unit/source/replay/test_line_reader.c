#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/stop.h"
#include "cmocka_all.h"
#include "source/replay/line_reader.h"
#include "support.h"

struct fixture {
    char folder[128];
    char path[160];
};

static int set_up(void **state)
{
    static struct fixture fixture;
    support_make_folder(fixture.folder, sizeof fixture.folder);
    (void)snprintf(fixture.path, sizeof fixture.path, "%s/prices.csv", fixture.folder);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    support_remove_folder(fixture->folder);
    return 0;
}

/* Says no more than it has to: no name, no time. */
static void write_gzip(const char *path, const char *mode, const void *bytes, size_t length)
{
    gzFile file = gzopen(path, mode);
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, (unsigned)length), (int)length);
    assert_int_equal(gzclose(file), Z_OK);
}

static struct line_reader *open_reader(const char *path)
{
    struct error error = {0};
    struct line_reader *reader = line_reader_open(path, &error);
    if (reader == NULL) {
        fail_msg("%s", error.text);
    }
    return reader;
}

static void assert_next_is(struct line_reader *reader, const char *want)
{
    struct str line;
    struct error error;
    assert_int_equal(line_reader_next(reader, &line, &error), LINE_READ);
    if (!str_equal_text(line, want)) {
        fail_msg("\"%.*s\", not \"%s\"", (int)line.length, line.data, want);
    }
}

static enum line_result next_result(struct line_reader *reader, struct error *error)
{
    struct str line;
    return line_reader_next(reader, &line, error);
}

static void lines_end_with_lf_or_cr_lf_or_the_file(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *content;
        const char *want[4];
    } cases[] = {
        {"", {NULL}},
        {"\n", {"", NULL}},
        {"one", {"one", NULL}},
        {"one\n", {"one", NULL}},
        {"one\ntwo", {"one", "two", NULL}},
        {"one\r\ntwo\r\n", {"one", "two", NULL}},
        {"one\r\r\n\r\ntwo\r", {"one\r", "", "two", NULL}},
        {"\xEF\xBB\xBFone\ntwo\n", {"one", "two", NULL}},
        {"\xEF\xBB\xBF", {"", NULL}},
        {"one\n\xEF\xBB\xBFtwo", {"one", "\xEF\xBB\xBFtwo", NULL}},
    };
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        const char *content = cases[i / 2].content;
        if (i % 2 == 0) {
            support_write_file(fixture->path, content, strlen(content));
        } else {
            write_gzip(fixture->path, "wb", content, strlen(content));
        }
        struct line_reader *reader = open_reader(fixture->path);
        struct error error;
        int64_t number = 0;
        for (size_t k = 0; cases[i / 2].want[k] != NULL; k++) {
            assert_next_is(reader, cases[i / 2].want[k]);
            assert_int_equal(line_reader_number(reader), ++number);
        }
        assert_int_equal(next_result(reader, &error), LINE_END);
        assert_int_equal(next_result(reader, &error), LINE_END);
        line_reader_close(reader);
    }
}

static void a_file_larger_than_the_buffer_is_read_whole(void **state)
{
    struct fixture *fixture = *state;
    enum { LINES = 60000 };
    FILE *file = fopen(fixture->path, "wb");
    assert_non_null(file);
    for (int i = 0; i < LINES; i++) {
        assert_true(fprintf(file, "%d%*s|\n", i, i % 97, "") > 0);
    }
    assert_int_equal(fclose(file), 0);
    struct line_reader *reader = open_reader(fixture->path);
    struct str line;
    struct error error;
    for (int i = 0; i < LINES; i++) {
        char want[128];
        (void)snprintf(want, sizeof want, "%d%*s|", i, i % 97, "");
        assert_int_equal(line_reader_next(reader, &line, &error), LINE_READ);
        assert_true(str_equal_text(line, want));
    }
    assert_int_equal(next_result(reader, &error), LINE_END);
    line_reader_close(reader);
}

static void too_long_a_line_is_passed_over(void **state)
{
    struct fixture *fixture = *state;
    static const size_t lengths[] = {LINE_MAX_BYTES + 1, 300000, 2000000};
    for (size_t i = 0; i < 6; i++) {
        size_t length = lengths[i / 2];
        bool newline = i % 2 == 0; /* else the long line ends the file */
        char *content = malloc(length + 100);
        assert_non_null(content);
        memset(content, 'x', length + 100);
        memcpy(content, "one\n", 4);
        size_t end = 4 + length;
        if (newline) {
            memcpy(content + end, "\nthree\n", 7);
            end += 7;
        }
        support_write_file(fixture->path, content, end);
        free(content);
        struct line_reader *reader = open_reader(fixture->path);
        struct error error;
        assert_next_is(reader, "one");
        assert_int_equal(next_result(reader, &error), LINE_TOO_LONG);
        assert_int_equal(line_reader_number(reader), 2);
        if (newline) {
            assert_next_is(reader, "three");
            assert_int_equal(line_reader_number(reader), 3);
        }
        assert_int_equal(next_result(reader, &error), LINE_END);
        line_reader_close(reader);
    }
}

static void the_longest_line_allowed_is_read(void **state)
{
    struct fixture *fixture = *state;
    char *content = malloc(LINE_MAX_BYTES + 1);
    assert_non_null(content);
    memset(content, 'x', LINE_MAX_BYTES);
    content[LINE_MAX_BYTES] = '\n';
    support_write_file(fixture->path, content, LINE_MAX_BYTES + 1);
    free(content);
    struct line_reader *reader = open_reader(fixture->path);
    struct str line;
    struct error error;
    assert_int_equal(line_reader_next(reader, &line, &error), LINE_READ);
    assert_int_equal(line.length, LINE_MAX_BYTES);
    line_reader_close(reader);
}

static uint64_t scan(struct line_reader *reader)
{
    uint64_t hash = 0;
    struct error error = {0};
    if (!line_reader_scan(reader, NULL, &hash, &error)) {
        fail_msg("%s", error.text);
    }
    return hash;
}

static void scan_hashes_the_content_however_it_is_packed(void **state)
{
    struct fixture *fixture = *state;
    static const char content[] = "time,symbol\n1,tBTCUSD\n";
    uint64_t hashes[4];
    for (int i = 0; i < 4; i++) {
        if (i == 0) {
            support_write_file(fixture->path, content, sizeof content - 1);
        } else if (i < 3) {
            write_gzip(fixture->path, i == 1 ? "wb1" : "wb9", content, sizeof content - 1);
        } else { /* two members, one behind the other */
            write_gzip(fixture->path, "wb", content, 10);
            write_gzip(fixture->path, "ab", content + 10, sizeof content - 11);
        }
        struct line_reader *reader = open_reader(fixture->path);
        hashes[i] = scan(reader);
        assert_next_is(reader, "time,symbol");
        assert_next_is(reader, "1,tBTCUSD");
        struct error error;
        assert_int_equal(next_result(reader, &error), LINE_END);
        line_reader_close(reader);
    }
    assert_true(hashes[0] == hashes[1] && hashes[0] == hashes[2] && hashes[0] == hashes[3]);
    support_write_file(fixture->path, content, sizeof content - 2);
    struct line_reader *reader = open_reader(fixture->path);
    assert_true(scan(reader) != hashes[0]);
    line_reader_close(reader);
}

static void scan_ends_early_on_a_stop(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct stop *stop = stop_create(&error);
    assert_non_null(stop);
    support_write_file(fixture->path, "one\n", 4);
    struct line_reader *reader = open_reader(fixture->path);
    uint64_t hash;
    stop_request(stop);
    assert_false(line_reader_scan(reader, stop, &hash, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    line_reader_close(reader);
    stop_destroy(stop);
}

/* Gives a packed file of lines that do not pack well, and its bytes. */
static char *packed_lines(const char *path, size_t *length)
{
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    unsigned number = 1;
    for (int i = 0; i < 200000; i++) {
        number = number * 1103515245U + 12345U;
        assert_true(gzprintf(file, "%u\n", number) > 0);
    }
    assert_int_equal(gzclose(file), Z_OK);
    char *bytes = support_read_file(path, length);
    assert_non_null(bytes);
    return bytes;
}

static void gzip_that_is_cut_off_or_broken_fails_by_name(void **state)
{
    struct fixture *fixture = *state;
    size_t length;
    char *bytes = packed_lines(fixture->path, &length);
    const struct {
        size_t length;
        size_t flipped; /* this byte is broken; 0: none */
        const char *want;
    } cases[] = {
        {12, 0, "cut off"},
        {length / 2, 0, "cut off"},
        {length - 8, 0, "cut off"},
        {length - 1, 0, "cut off"},
        {length, length / 2, "broken"},
        {length, length - 8, "broken"},
        {length, length - 2, "broken"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes[cases[i].flipped] ^= cases[i].flipped == 0 ? 0 : 0x55;
        support_write_file(fixture->path, bytes, cases[i].length);
        bytes[cases[i].flipped] ^= cases[i].flipped == 0 ? 0 : 0x55;
        for (int scanned = 0; scanned < 2; scanned++) {
            struct line_reader *reader = open_reader(fixture->path);
            struct error error = {0};
            uint64_t hash;
            if (scanned == 1) {
                assert_false(line_reader_scan(reader, NULL, &hash, &error));
            } else {
                enum line_result result;
                while ((result = next_result(reader, &error)) == LINE_READ) {
                }
                assert_int_equal(result, LINE_FAILED);
                memset(&error, 0, sizeof error);
                assert_int_equal(next_result(reader, &error), LINE_FAILED);
            }
            assert_int_equal(error.kind, ERROR_FATAL);
            assert_non_null(strstr(error.text, "prices.csv"));
            if (strstr(error.text, cases[i].want) == NULL) {
                fail_msg("case %zu: \"%s\" is not in: %s", i, cases[i].want, error.text);
            }
            line_reader_close(reader);
        }
    }
    free(bytes);
}

static void a_file_that_changed_since_its_scan_fails(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *after;
        bool want_failure;
    } cases[] = {
        {"one\ntwo\n", false}, {"one\ntwo\nthree\n", true}, {"one\n", true}, {"one\n2wo\n", true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        support_write_file(fixture->path, "one\ntwo\n", 8);
        /* An old date, so that a second write in the same tick of the file system's clock shows. */
        struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
        assert_int_equal(utimensat(AT_FDCWD, fixture->path, old, 0), 0);
        struct line_reader *reader = open_reader(fixture->path);
        (void)scan(reader);
        if (cases[i].want_failure) {
            support_write_file(fixture->path, cases[i].after, strlen(cases[i].after));
        }
        struct error error = {0};
        enum line_result result;
        while ((result = next_result(reader, &error)) == LINE_READ) {
        }
        assert_int_equal(result, cases[i].want_failure ? LINE_FAILED : LINE_END);
        if (cases[i].want_failure) {
            assert_int_equal(error.kind, ERROR_FATAL);
            assert_non_null(strstr(error.text, "changed"));
        }
        line_reader_close(reader);
    }
}

static void what_is_no_plain_file_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    assert_null(line_reader_open(fixture->path, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.text, fixture->path));
    assert_null(line_reader_open(fixture->folder, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.text, "plain file"));
    assert_int_equal(mkfifo(fixture->path, 0600), 0);
    assert_null(line_reader_open(fixture->path, &error)); /* and does not block */
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_int_equal(unlink(fixture->path), 0);
    line_reader_close(NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_end_with_lf_or_cr_lf_or_the_file),
        TEST(a_file_larger_than_the_buffer_is_read_whole),
        TEST(too_long_a_line_is_passed_over),
        TEST(the_longest_line_allowed_is_read),
        TEST(scan_hashes_the_content_however_it_is_packed),
        TEST(scan_ends_early_on_a_stop),
        TEST(gzip_that_is_cut_off_or_broken_fails_by_name),
        TEST(a_file_that_changed_since_its_scan_fails),
        TEST(what_is_no_plain_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
