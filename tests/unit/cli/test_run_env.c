#include "cli/run_env.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmocka_all.h"
#include "support.h"

static const struct run_env_line lines[] = {{"KAFKA_BROKERS", "127.0.0.1:1,127.0.0.1:2"},
                                            {"TOPIC", "tickers"}};

static int set_up(void **state)
{
    char *folder = calloc(1, 256);
    assert_non_null(folder);
    support_make_folder(folder, 256);
    *state = folder;
    return 0;
}

static int tear_down(void **state)
{
    support_remove_folder(*state);
    free(*state);
    return 0;
}

static void run_env_write_makes_the_folder_and_replaces(void **state)
{
    char path[300];
    struct error error;
    (void)snprintf(path, sizeof path, "%s/a/b/run.env", (const char *)*state);
    assert_true(run_env_write(path, lines, 2, &error));
    assert_true(run_env_write(path, lines + 1, 1, &error));
    size_t length = 0;
    char *text = support_read_file(path, &length);
    assert_string_equal(text, "TOPIC=tickers\n");
    free(text);
}

static void run_env_write_where_it_cannot_be_names_the_path(void **state)
{
    static const char *const below[] = {"file/run.env", "taken"};
    char path[300];
    struct error error;
    (void)snprintf(path, sizeof path, "%s/file", (const char *)*state);
    support_write_file(path, "x", 1);
    (void)snprintf(path, sizeof path, "%s/taken", (const char *)*state);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < sizeof below / sizeof below[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", (const char *)*state, below[i]);
        assert_false(run_env_write(path, lines, 2, &error));
        assert_int_equal(error.kind, ERROR_FATAL);
        assert_non_null(strstr(error.text, (const char *)*state));
    }
}

static void run_env_has_finds_whole_lines_only(void **state)
{
    static const struct {
        struct run_env_line line;
        bool want;
    } cases[] = {
        {{"TOPIC", "tickers"}, true},
        {{"TOPIC", "ticker"}, false},
        {{"TOPIC", "tickers2"}, false},
        {{"OPIC", "tickers"}, false},
        {{"KAFKA_BROKERS", "127.0.0.1:1,127.0.0.1:2"}, true},
    };
    char path[300];
    struct error error;
    (void)snprintf(path, sizeof path, "%s/run.env", (const char *)*state);
    assert_false(run_env_has(path, &lines[0])); /* no file */
    assert_true(run_env_write(path, lines, 2, &error));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(run_env_has(path, &cases[i].line), cases[i].want);
    }
}

static void run_is_made_up_by_the_nature_of_its_sources_or_a_loop(void **state)
{
    static const struct {
        const char *source, *loop;
        const char *want; /* NULL: it is not made up */
    } cases[] = {
        {"synthetic", "false", "synthetic data"},
        {"synthetic-ticker", "false", "synthetic data"},
        {"synthetic,synthetic-trade,synthetic-bar", "false", "synthetic data"},
        {"bitfinex", "false", NULL},
        {"bitfinex,bitfinex-bars", "false", NULL},
        {"replay:synthetic", "false", NULL},
        {"replay:synthetic", "true", "a file again and again, at made-up times"},
        {"", "false", NULL},
    };
    char path[300];
    struct error error;
    (void)snprintf(path, sizeof path, "%s/run.env", (const char *)*state);
    assert_null(run_env_made_up(path));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct run_env_line all[] = {
            lines[0], {RUN_ENV_SOURCE, cases[i].source}, {RUN_ENV_LOOP, cases[i].loop}, lines[1]};
        assert_true(run_env_write(path, all, 4, &error));
        const char *made_up = run_env_made_up(path);
        if (strcmp(made_up != NULL ? made_up : "", cases[i].want != NULL ? cases[i].want : "")) {
            fail_msg("%s: %s", cases[i].source, made_up);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(run_is_made_up_by_the_nature_of_its_sources_or_a_loop,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(run_env_has_finds_whole_lines_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(run_env_write_makes_the_folder_and_replaces, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(run_env_write_where_it_cannot_be_names_the_path, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
