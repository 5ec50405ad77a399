/* Help, and the table itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "cli/options_table.h"
#include "cli/options_value.h"
#include "cmocka_all.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A text that may be written to, as those of main() and the environment. */
#define W(text) ((char[]){text})

static bool parse(int argc, char *const *argv, struct options *options, struct error *error)
{
    struct options_input input = {.argc = argc, .argv = argv};
    *error = (struct error){0};
    return options_parse(&input, options, error);
}

static void asking_for_help_gives_the_command_it_is_about(void **state)
{
    (void)state;
    char *cases[][5] = {
        {W("candlewick"), W("--help"), NULL},
        {W("candlewick"), W("-h"), NULL},
        {W("candlewick"), W("help"), NULL},
        {W("candlewick"), W("help"), W("tail"), NULL},
        {W("candlewick"), W("tail"), W("--help"), NULL},
        {W("candlewick"), W("tail"), W("--nonsense"), W("-h"),
         NULL}, /* help helps with just that */
        {W("candlewick"), W("--version"), NULL},
        {W("candlewick"), W("tail"), W("--version"), NULL},
        {W("candlewick"), W("--help-markdown"), NULL},
    };
    static const struct {
        enum command command, help_on;
    } want[] = {
        {COMMAND_HELP, COMMAND_NONE},          {COMMAND_HELP, COMMAND_NONE},
        {COMMAND_HELP, COMMAND_NONE},          {COMMAND_HELP, COMMAND_TAIL},
        {COMMAND_HELP, COMMAND_TAIL},          {COMMAND_HELP, COMMAND_TAIL},
        {COMMAND_VERSION, COMMAND_NONE},       {COMMAND_VERSION, COMMAND_NONE},
        {COMMAND_HELP_MARKDOWN, COMMAND_NONE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int argc = 0;
        while (cases[i][argc] != NULL) {
            argc++;
        }
        struct options options;
        struct error error;
        assert_true(parse(argc, cases[i], &options, &error));
        assert_int_equal(options.command, want[i].command);
        assert_int_equal(options.help_on, want[i].help_on);
        options_free(&options);
    }
}

static void every_row_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        assert_true(row->flag[0] == '-' && strlen(row->flag) <= 40);
        assert_true(row->help != NULL && strlen(row->help) <= 128);
        assert_int_not_equal(row->commands, 0);
        assert_int_equal(row->value_name == NULL, row->type == OPTION_BOOL);
        assert_int_equal(row->words != NULL, row->type == OPTION_CHOICE);
        /* What var/run.env gives is found by the variable's name. */
        assert_true(!(row->marks & MARK_RUN_ENV) || row->environment != NULL);
        assert_false(row->fallback != NULL && row->otherwise != NULL);
        if (row->fallback != NULL) {
            struct options options = {0};
            struct error error = {0};
            if (!option_value_set(row, row->flag, row->fallback, &options, &error)) {
                fail_msg("%s", error.text);
            }
        }
    }
}

static void no_command_has_a_flag_or_variable_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < option_row_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct option_row *one = &option_rows[i];
            const struct option_row *two = &option_rows[j];
            bool same_variable = one->environment != NULL && two->environment != NULL &&
                                 strcmp(one->environment, two->environment) == 0;
            if (strcmp(one->flag, two->flag) == 0) {
                assert_int_equal(one->commands & two->commands, 0);
                /* --members is a number for demo, and names for the lab. */
                assert_int_equal(one->offset == two->offset, one->type == two->type);
            } else {
                assert_false(same_variable);
                assert_true(one->offset != two->offset || one->type == OPTION_PROPERTIES ||
                            two->type == OPTION_PROPERTIES);
            }
        }
    }
}

static void every_command_parses_with_nothing_but_what_it_needs(void **state)
{
    (void)state;
    for (int i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%s", command_name((enum command)i));
        char flags[6][32];
        char value[] = "first"; /* a time, and a text */
        char *argv[2 + 2 * 6] = {W("candlewick"), name};
        int argc = 2;
        for (size_t k = 0; k < option_row_count; k++) {
            if (option_row_applies(&option_rows[k], (enum command)i) &&
                (option_rows[k].marks & MARK_REQUIRED) != 0) {
                argv[argc] = flags[(argc - 2) / 2];
                (void)snprintf(argv[argc++], sizeof flags[0], "%s", option_rows[k].flag);
                argv[argc++] = value;
            }
        }
        struct options options;
        struct error error;
        if (!parse(argc, argv, &options, &error)) {
            fail_msg("%s: %s", name, error.text);
        }
        assert_int_equal(options.command, i);
        options_free(&options);
    }
    assert_string_equal(command_name(COMMAND_NONE), "");
    assert_string_equal(command_name(COMMAND_VERSION), "");
}

/* What is printed, to free(). */
static char *printed(void (*print)(enum command command, FILE *stream), enum command command)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    assert_non_null(stream);
    print(command, stream);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void print_markdown(enum command command, FILE *stream)
{
    (void)command;
    options_print_markdown(stream);
}

static void help_of_a_command_lists_its_options_and_no_others(void **state)
{
    (void)state;
    for (int i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        char *text = printed(options_print_help, (enum command)i);
        for (size_t j = 0; j < option_row_count; j++) {
            char line[64];
            (void)snprintf(line, sizeof line, "\n  %s ", option_rows[j].flag);
            bool listed = strstr(text, line) != NULL;
            bool taken = option_row_find(option_rows[j].flag, (enum command)i) != NULL;
            assert_int_equal(listed, taken);
        }
        assert_int_equal(strstr(text, "var/run.env") != NULL, command_rows[i].reads_run_env);
        free(text);
    }
}

static void help_says_default_range_and_variable(void **state)
{
    (void)state;
    char *text = printed(options_print_help, COMMAND_DEMO);
    static const char *const wants[] = {
        "Usage: candlewick demo [OPTION...]",
        "--members N ",
        "[1 to 16; $MEMBERS; default 2]",
        "[1KiB to 1GiB; $BATCH_BYTES; default 4MiB]",
        "[10ms to 1d; $POLL_INTERVAL; default 5s]",
        "[or forever; $TOPIC_RETENTION; default 7d]",
        "[one of range, roundrobin, sticky, consumer; $ASSIGNMENT_STRATEGY; default range]",
        "[$STORE; default a SQLite file in --data-dir]",
        "[$STORE_GZIP]",
    };
    for (size_t i = 0; i < COUNT(wants); i++) {
        if (strstr(text, wants[i]) == NULL) {
            fail_msg("no %s in:\n%s", wants[i], text);
        }
    }
    free(text);
}

static void help_of_nothing_lists_the_commands(void **state)
{
    (void)state;
    char *text = printed(options_print_help, COMMAND_NONE);
    for (int i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        assert_non_null(strstr(text, command_rows[i].name));
        assert_non_null(strstr(text, command_rows[i].help));
    }
    free(text);
}

/* Bars that separate cells, not those that are escaped. */
static int count_bars(const char *line, size_t length)
{
    int bars = 0;
    for (size_t i = 0; i < length; i++) {
        bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1 : 0;
    }
    return bars;
}

static void markdown_has_a_line_of_five_cells_for_each_row(void **state)
{
    (void)state;
    char *text = printed(print_markdown, COMMAND_NONE);
    size_t lines = 0;
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        size_t length = strcspn(line, "\n");
        assert_int_equal(line[length], '\n');
        assert_int_equal(count_bars(line, length), 6);
        lines++;
    }
    assert_int_equal(lines, option_row_count + 2);
    assert_non_null(strstr(text, "| `--group NAME` | `GROUP_ID` | `coins` | consume, serve, demo, "
                                 "status, verify, lab member | consumer group |\n"));
    assert_non_null(strstr(text, "| `--store URL\\|sqlite:PATH` |"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asking_for_help_gives_the_command_it_is_about),
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(no_command_has_a_flag_or_variable_twice),
        cmocka_unit_test(every_command_parses_with_nothing_but_what_it_needs),
        cmocka_unit_test(help_of_a_command_lists_its_options_and_no_others),
        cmocka_unit_test(help_says_default_range_and_variable),
        cmocka_unit_test(help_of_nothing_lists_the_commands),
        cmocka_unit_test(markdown_has_a_line_of_five_cells_for_each_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
