/* Prints --help and the table of docs/manual.md from the table of options. */
#include <string.h>

#include "base/text/fit.h"
#include "cli/options.h"
#include "cli/options_table.h"
#include "cli/options_value.h"
#include "cli/output.h"

enum {
    COMMAND_COLUMN = 18,
    HELP_COLUMN = 34,
    TEXT_LIMIT = 1000,
    HELP_LIMIT = 64 << 10,
};

static void append_commands(size_t columns, struct strbuf *text)
{
    strbuf_append_format(text,
                         "candlewick %s\n\nUsage: candlewick COMMAND [OPTION...]\n\nCommands:\n",
                         command_rows[COMMAND_NONE].help);
    for (int i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        strbuf_append_format(text, "  %-*s ", COMMAND_COLUMN - 3, command_rows[i].name);
        fit_append_words(text, str_from(command_rows[i].help), COMMAND_COLUMN, columns);
        strbuf_append_char(text, '\n');
    }
    fit_append_lines(
        text,
        str_from("\n  candlewick COMMAND --help   what a command takes\n"
                 "  candlewick --version        the version\n\n"
                 "A flag beats its environment variable. Exit codes: 0 done, 1 failed, "
                 "2 wrong use.\n"),
        columns);
}

/* Appends range, environment variable and default, which follow the help text: "1 to 16; $MEMBERS;
 * default 2". */
static void append_facts(const struct option_row *row, struct strbuf *text)
{
    const char *fallback = row->fallback != NULL ? row->fallback : row->otherwise;
    option_value_range(row, text);
    if (row->environment != NULL) {
        strbuf_append_format(text, "%s$%s", text->length > 0 ? "; " : "", row->environment);
    }
    if (row->type != OPTION_BOOL) {
        strbuf_append_text(text, text->length > 0 ? "; " : "");
        strbuf_append_text(text, (row->marks & MARK_REQUIRED) ? "needed" : "default ");
        strbuf_append_text(text, (row->marks & MARK_REQUIRED) ? "" : fallback ? fallback : "none");
    }
}

static void append_option(const struct option_row *row, size_t columns, struct strbuf *text)
{
    char flag[80];
    (void)snprintf(flag, sizeof flag, "  %s%s%s", row->flag, row->value_name != NULL ? " " : "",
                   row->value_name != NULL ? row->value_name : "");
    strbuf_append_text(text, flag);
    if (strlen(flag) + 1 > HELP_COLUMN) {
        strbuf_append_char(text, '\n');
        flag[0] = '\0';
    }
    fit_append_blanks(text, HELP_COLUMN - strlen(flag));
    fit_append_words(text, str_from(row->help), HELP_COLUMN, columns);
    strbuf_append_char(text, '\n');
    struct strbuf facts = strbuf_new(TEXT_LIMIT);
    append_facts(row, &facts);
    if (facts.length > 0) {
        fit_append_blanks(text, HELP_COLUMN);
        strbuf_append_char(&facts, ']');
        strbuf_append_char(text, '[');
        fit_append_words(text, strbuf_str(&facts), HELP_COLUMN + 1, columns);
        strbuf_append_char(text, '\n');
    }
    strbuf_free(&facts);
}

static void append_command(enum command command, size_t columns, struct strbuf *text)
{
    const struct command_row *row = &command_rows[command];
    strbuf_append_format(text, "candlewick %s: ", row->name);
    fit_append_words(text, str_from(row->help), text->length, columns);
    strbuf_append_format(text, "\n\nUsage: candlewick %s %s[OPTION...]\n\n", row->name,
                         command == COMMAND_EVENT ? "WHAT SUBJECT " : "");
    for (size_t i = 0; i < option_row_count; i++) {
        if (option_row_applies(&option_rows[i], command)) {
            append_option(&option_rows[i], columns, text);
        }
    }
    fit_append_lines(text,
                     str_from("\nDURATION: 250ms, 5s, 10m, 24h, 7d. SIZE: 64KiB, 4MiB. TIME: "
                              "2026-11-21T09:05:00Z, 2026-11-21,\nor seconds since 1970.\n"
                              "A flag beats its environment variable; an empty variable counts as "
                              "unset.\n"),
                     columns);
    if (row->reads_run_env) {
        fit_append_lines(text,
                         str_from("Addresses that neither gives are taken from var/run.env, which "
                                  "a running demo writes.\n"),
                         columns);
    }
}

void options_print_help(enum command command, FILE *stream)
{
    int columns = output_columns(fileno(stream));
    struct strbuf text = strbuf_new(HELP_LIMIT);
    if (command <= COMMAND_NONE || command >= COMMAND_COUNT) {
        append_commands(columns > 0 ? (size_t)columns : SIZE_MAX, &text);
    } else {
        append_command(command, columns > 0 ? (size_t)columns : SIZE_MAX, &text);
    }
    (void)fputs(strbuf_text(&text), stream);
    strbuf_free(&text);
}

/* Prints a table cell and escapes '|', which would end it. */
static void print_cell(const char *text, FILE *stream)
{
    for (; *text != '\0'; text++) {
        if (*text == '|') {
            (void)fputc('\\', stream);
        }
        (void)fputc(*text, stream);
    }
}

static void print_markdown_row(const struct option_row *row, FILE *stream)
{
    (void)fprintf(stream, "| `%s%s", row->flag, row->value_name != NULL ? " " : "");
    print_cell(row->value_name != NULL ? row->value_name : "", stream);
    (void)fprintf(stream, "` | %s%s%s | ", row->environment != NULL ? "`" : "",
                  row->environment != NULL ? row->environment : "",
                  row->environment != NULL ? "`" : "");
    if (row->marks & MARK_REQUIRED) {
        (void)fputs("needed", stream);
    } else if (row->fallback != NULL) {
        (void)fprintf(stream, "`%s`", row->fallback);
    } else {
        (void)fputs(row->otherwise != NULL ? row->otherwise : "none", stream);
    }
    (void)fputs(" | ", stream);
    bool any = false;
    for (int i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        if (option_row_applies(row, (enum command)i)) {
            (void)fprintf(stream, "%s%s", any ? ", " : "", command_rows[i].name);
            any = true;
        }
    }
    (void)fputs(" | ", stream);
    print_cell(row->help, stream);
    struct strbuf range = strbuf_new(TEXT_LIMIT);
    option_value_range(row, &range);
    (void)fputs(range.length > 0 ? "; " : "", stream);
    print_cell(strbuf_text(&range), stream);
    strbuf_free(&range);
    (void)fputs(" |\n", stream);
}

void options_print_markdown(FILE *stream)
{
    (void)fputs("| flag | environment | default | for | what |\n|---|---|---|---|---|\n", stream);
    for (size_t i = 0; i < option_row_count; i++) {
        print_markdown_row(&option_rows[i], stream);
    }
}
