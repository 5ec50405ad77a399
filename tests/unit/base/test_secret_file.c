#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret_file.h"
#include "cmocka_all.h"
#include "support.h"

static char folder[256];
static char path[300];

static int make_folder(void **state)
{
    (void)state;
    support_make_folder(folder, sizeof folder);
    (void)snprintf(path, sizeof path, "%s/token", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    support_remove_folder(folder);
    return 0;
}

static void write_token(const char *text, mode_t mode)
{
    support_write_file(path, text, strlen(text));
    assert_int_equal(chmod(path, mode), 0);
}

static void check_read(char *(*read_secret)(const char *path, struct error *error),
                       const char *text, const char *want)
{
    struct error error = {0};
    write_token(text, 0600);
    char *secret = read_secret(path, &error);
    assert_int_equal(secret != NULL, want != NULL);
    if (secret != NULL) {
        assert_string_equal(secret, want);
    } else {
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_non_null(strstr(error.text, path));
        /* P6 of docs/architecture.md: not even a part of what it holds. */
        assert_null(strstr(error.text, "words"));
    }
    secret_free(secret);
}

static void passwords_are_any_bytes_of_one_line_and_tokens_visible_ascii(void **state)
{
    (void)state;
    char *long_text = malloc(5001);
    assert_non_null(long_text);
    memset(long_text, 'a', 5000);
    long_text[5000] = '\0';
    const struct {
        const char *text;
        const char *password, *token; /* NULL: refused */
    } cases[] = {
        {"apiv3_abc-_1", "apiv3_abc-_1", "apiv3_abc-_1"},
        {"apiv3_abc\n", "apiv3_abc", "apiv3_abc"},
        {"apiv3_abc\r\n", "apiv3_abc", "apiv3_abc"},
        {" \tapiv3_abc ", " \tapiv3_abc ", "apiv3_abc"},
        {" \r\n\tapiv3_abc \r\n\n", NULL, "apiv3_abc"},
        {"apiv3_abc\n\n", NULL, "apiv3_abc"},
        {"", NULL, NULL},
        {"\n", NULL, NULL},
        {" \n", " ", NULL},
        {"two words", "two words", NULL},
        {"two\nwords", NULL, NULL},
        {"two\rwords", NULL, NULL},
        {"a\x01", "a\x01", NULL},
        {"caf\xc3\xa9", "caf\xc3\xa9", NULL},
        {"caf\xe9", "caf\xe9", NULL},
        {long_text, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check_read(secret_file_read, cases[i].text, cases[i].password);
        check_read(secret_file_read_token, cases[i].text, cases[i].token);
    }
    free(long_text);
}

static void a_nul_is_in_no_secret(void **state)
{
    (void)state;
    struct error error = {0};
    support_write_file(path, "two\0words", 9);
    assert_int_equal(chmod(path, 0600), 0);
    assert_null(secret_file_read(path, &error));
    assert_null(secret_file_read_token(path, &error));
}

static void file_open_to_others_is_refused(void **state)
{
    (void)state;
    static const struct {
        mode_t mode;
        bool want;
    } cases[] = {{0600, true},  {0400, true},  {0700, true},  {0640, false}, {0604, false},
                 {0644, false}, {0620, false}, {0602, false}, {0610, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_token("secret", cases[i].mode);
        struct error error = {0};
        char *token = secret_file_read(path, &error);
        assert_int_equal(token != NULL, cases[i].want);
        if (token == NULL) {
            assert_int_equal(error.kind, ERROR_USAGE);
            assert_non_null(strstr(error.text, "chmod 600"));
        }
        secret_free(token);
    }
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    struct error error = {0};
    assert_null(secret_file_read(folder, &error));
    assert_int_equal(error.kind, ERROR_USAGE);

    (void)remove(path);
    assert_null(secret_file_read(path, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.text, "cannot be opened"));

    assert_int_equal(mkfifo(path, 0600), 0); /* must not wait for a writer */
    assert_null(secret_file_read(path, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_int_equal(remove(path), 0);
    secret_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passwords_are_any_bytes_of_one_line_and_tokens_visible_ascii),
        cmocka_unit_test(a_nul_is_in_no_secret),
        cmocka_unit_test(file_open_to_others_is_refused),
        cmocka_unit_test(what_is_no_file_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
