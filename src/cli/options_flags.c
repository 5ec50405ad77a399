/* Reads options from the arguments. */
#include <stdio.h>
#include <string.h>

#include "base/text/strbuf.h"
#include "cli/options_memory.h"
#include "cli/options_sources.h"
#include "cli/options_suggest.h"

enum { FLAG_SIZE = 48, NAMES_LIMIT = 4096 };

static bool is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static enum command find_command(const char *name)
{
    for (int i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        if (strcmp(command_rows[i].name, name) == 0) {
            return (enum command)i;
        }
    }
    return COMMAND_NONE;
}

/* Lists the commands that accept the flag: "demo, serve"; with NULL all commands. */
static void list_commands(const char *flag, struct strbuf *names)
{
    for (int i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        if (flag == NULL || option_row_find(flag, (enum command)i) != NULL) {
            strbuf_append_text(names, names->length > 0 ? ", " : "");
            strbuf_append_text(names, command_rows[i].name);
        }
    }
}

static bool unknown_command(const char *name, struct error *error)
{
    const char *nearest = option_suggest_command(name);
    if (nearest != NULL) {
        return error_set(error, ERROR_USAGE, "\"%.40s\" is not a command; did you mean %s?", name,
                         nearest);
    }
    struct strbuf names = strbuf_new(NAMES_LIMIT);
    list_commands(NULL, &names);
    if (name[0] == '\0') {
        error_set(error, ERROR_USAGE, "a command is missing; one of %s", strbuf_text(&names));
    } else {
        error_set(error, ERROR_USAGE, "\"%.40s\" is not one of %s", name, strbuf_text(&names));
    }
    strbuf_free(&names);
    return false;
}

/* Copies the command's name, which starts at argument `at`, to `name`. Returns of how many
 * arguments it consists: "lab predict" and "dlq retry" are two words. */
static int read_name(const struct options_input *input, int at, char *name, size_t size)
{
    const char *first = input->argc > at ? input->argv[at] : "";
    const char *second = input->argc > at + 1 ? input->argv[at + 1] : "-";
    bool two = (strcmp(first, "lab") == 0 || strcmp(first, "dlq") == 0) && second[0] != '-';
    (void)snprintf(name, size, "%s%s%s", first, two ? " " : "", two ? second : "");
    return two ? 2 : 1;
}

/* Handles "help" and "help COMMAND". */
static bool read_help(const struct options_input *input, struct options *options,
                      struct error *error)
{
    options->command = COMMAND_HELP;
    if (input->argc <= 2) {
        return true;
    }
    char name[FLAG_SIZE];
    (void)read_name(input, 2, name, sizeof name);
    options->help_on = find_command(name);
    return options->help_on != COMMAND_NONE || unknown_command(name, error);
}

bool options_read_command(const struct options_input *input, struct options *options, int *first,
                          struct error *error)
{
    char name[FLAG_SIZE];
    *first = 1 + read_name(input, 1, name, sizeof name);
    bool family = strcmp(name, "lab") == 0 && input->argc > 2; /* "lab --help" */
    if (strcmp(name, "help") == 0) {
        return read_help(input, options, error);
    }
    if (is_help(name) || (family && is_help(input->argv[2]))) {
        options->command = COMMAND_HELP;
    } else if (strcmp(name, "--version") == 0) {
        options->command = COMMAND_VERSION;
    } else if (strcmp(name, "--help-markdown") == 0) {
        options->command = COMMAND_HELP_MARKDOWN;
    } else if (name[0] == '-') {
        return error_set(error, ERROR_USAGE,
                         "%.40s stands before the command; write: candlewick COMMAND %.40s", name,
                         name);
    } else {
        options->command = find_command(name);
        if (options->command == COMMAND_NONE) {
            return unknown_command(name, error);
        }
    }
    /* --help overrides whatever else is on the command line. */
    for (int i = 2; i < input->argc && options->command < COMMAND_COUNT; i++) {
        if (is_help(input->argv[i])) {
            options->help_on = options->command;
            options->command = COMMAND_HELP;
        } else if (strcmp(input->argv[i], "--version") == 0) {
            options->command = COMMAND_VERSION;
        }
    }
    return true;
}

static bool unknown_flag(const char *flag, enum command command, struct error *error)
{
    const char *name = command_name(command);
    if (option_row_find(flag, COMMAND_NONE) != NULL) {
        struct strbuf takers = strbuf_new(NAMES_LIMIT);
        list_commands(flag, &takers);
        const char *only = option_row_find(flag, COMMAND_NONE)->only;
        error_set(error, ERROR_USAGE, "%s does not take %s; it is for %s%s%s", name, flag,
                  strbuf_text(&takers), only != NULL ? ": " : "", only != NULL ? only : "");
        strbuf_free(&takers);
        return false;
    }
    const char *nearest = option_suggest_flag(flag, command);
    if (nearest != NULL) {
        return error_set(error, ERROR_USAGE, "%s: unknown option %.40s; did you mean %s?", name,
                         flag, nearest);
    }
    return error_set(error, ERROR_USAGE,
                     "%s: unknown option %.40s; \"candlewick %s --help\" lists what there is", name,
                     flag, name);
}

/* One argument, split at "=": "--flag=value", "--flag", "-Xkey=value", "-X". */
struct argument {
    char flag[FLAG_SIZE];
    const char *value; /* NULL: the argument has no value */
};

static bool take_apart(const char *text, enum command command, struct argument *argument,
                       struct error *error)
{
    if (text[0] != '-' || text[1] == '\0') {
        /* Do not print what follows "=": the argument may be a property whose -X is missing, and
         * contain a secret. */
        size_t shown = strcspn(text, "=");
        return error_set(error, ERROR_USAGE, "%s: \"%.*s\" is not an option; those start with --",
                         command_name(command), (int)(shown < 40 ? shown : 40), text);
    }
    size_t length = strcspn(text, "=");
    bool short_flag = text[1] == 'X';
    if (short_flag) {
        length = 2;
    }
    argument->value = text[length] == '\0' ? NULL : text + length + (short_flag ? 0 : 1);
    (void)str_copy((struct str){.data = text, .length = length}, argument->flag,
                   sizeof argument->flag);
    return true;
}

/* Takes a word that is no option: `event WHAT SUBJECT`. `*words` counts them. Returns false if the
 * command takes no (more) words. */
static bool take_word(const char *word, enum command command, size_t *words,
                      struct option_flags *flags)
{
    static const char *const event_words[] = {"--what", "--subject"};
    if (command != COMMAND_EVENT || word[0] == '-' || word[0] == '\0' || *words == 2) {
        return false;
    }
    const struct option_row *row = option_row_find(event_words[(*words)++], command);
    flags->values[row - option_rows] = word;
    return true;
}

bool options_read_flags(const struct options_input *input, int first, struct options *options,
                        struct option_flags *flags, struct error *error)
{
    size_t words = 0;
    for (int i = first; i < input->argc; i++) {
        struct argument argument;
        if (take_word(input->argv[i], options->command, &words, flags)) {
            continue;
        }
        if (!take_apart(input->argv[i], options->command, &argument, error)) {
            return false;
        }
        const struct option_row *row = option_row_find(argument.flag, options->command);
        if (row == NULL) {
            return unknown_flag(argument.flag, options->command, error);
        }
        if (argument.value == NULL && row->type == OPTION_BOOL) {
            argument.value = "true";
        } else if (argument.value == NULL && i + 1 < input->argc &&
                   strncmp(input->argv[i + 1], "--", 2) != 0) {
            argument.value = input->argv[++i];
        }
        if (argument.value == NULL || argument.value[0] == '\0') {
            return error_set(error, ERROR_USAGE, "%s: a value is missing: %s %s", row->flag,
                             row->flag, row->value_name != NULL ? row->value_name : "true|false");
        }
        if (row->type != OPTION_PROPERTIES) {
            flags->values[row - option_rows] = argument.value;
            continue;
        }
        if (!options_add_property(options, row->flag, str_from(argument.value), error)) {
            return false;
        }
        options->origins[row - option_rows] = ORIGIN_FLAG;
    }
    return true;
}
