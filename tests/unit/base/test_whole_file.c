#include "base/whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"

enum { BYTES = 40000 };

static void a_file_is_read_to_its_end_or_to_the_limit(void **state)
{
    (void)state;
    char path[] = "/tmp/whole_file_XXXXXX";
    char *bytes = calloc(1, BYTES); /* NUL bytes too */
    int file = mkstemp(path);
    assert_true(bytes != NULL && file >= 0);
    memset(bytes, 'x', BYTES / 2);
    assert_int_equal(write(file, bytes, BYTES), BYTES);
    assert_int_equal(close(file), 0);

    struct strbuf whole = strbuf_new(BYTES);
    assert_true(whole_file_read(path, &whole));
    assert_false(whole.failed);
    assert_int_equal(whole.length, BYTES);
    assert_memory_equal(whole.data, bytes, BYTES);

    struct strbuf small = strbuf_new(BYTES - 1);
    assert_true(whole_file_read(path, &small));
    assert_true(small.failed);

    strbuf_free(&whole);
    strbuf_free(&small);
    free(bytes);
    assert_int_equal(unlink(path), 0);
}

static void what_cannot_be_opened_or_read_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int error;
    } cases[] = {
        {"/nonexistent/file", ENOENT},
        {"/tmp", EISDIR},        /* can be opened, but not read */
        {"/proc/self/mem", EIO}, /* nothing is mapped at address 0 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf content = strbuf_new(BYTES);
        assert_false(whole_file_read(cases[i].path, &content));
        assert_int_equal(errno, cases[i].error);
        assert_int_equal(content.length, 0);
        strbuf_free(&content);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_to_its_end_or_to_the_limit),
        cmocka_unit_test(what_cannot_be_opened_or_read_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
