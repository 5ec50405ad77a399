/* Reads options from the environment and from var/run.env. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/text/strbuf.h"
#include "base/whole_file.h"
#include "cli/options_memory.h"
#include "cli/options_sources.h"
#include "cli/run_env.h"

enum { RUN_ENV_LIMIT = 64 << 10 };

const char *options_environment(const struct options_input *input, const char *name)
{
    size_t length = strlen(name);
    for (char *const *entry = input->environment; entry != NULL && *entry != NULL; entry++) {
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') {
            const char *value = *entry + length + 1;
            return value[0] != '\0' ? value : NULL;
        }
    }
    return NULL;
}

/* Returns the next line that is not empty or a comment, as key and value. Returns false at the end;
 * `*key` is empty for a line that is not KEY=VALUE. */
static bool next_pair(struct str *rest, int *line, struct str *key, struct str *value)
{
    struct str text;
    while (str_split(rest, '\n', &text)) {
        (*line)++;
        text = str_trim(text);
        if (text.length == 0 || text.data[0] == '#') {
            continue;
        }
        const char *equals = memchr(text.data, '=', text.length);
        size_t length = equals != NULL ? (size_t)(equals - text.data) : 0;
        *key = (struct str){.data = text.data, .length = length};
        *value = (struct str){.data = text.data + length + 1,
                              .length = length > 0 ? text.length - length - 1 : 0};
        return true;
    }
    return false;
}

static bool check_pairs(const char *path, const char *text, struct error *error)
{
    struct str rest = str_from(text);
    struct str key;
    struct str value;
    int line = 0;
    while (next_pair(&rest, &line, &key, &value)) {
        if (key.length == 0) {
            return error_set(error, ERROR_USAGE,
                             "%s line %d is not KEY=VALUE; start the program that writes it anew, "
                             "or delete the file",
                             path, line);
        }
    }
    return true;
}

/* Reads a file; a missing file counts as empty. */
static bool read_file(const char *path, struct strbuf *content, struct error *error)
{
    if (!whole_file_read(path, content)) {
        return errno == ENOENT ||
               error_set(error, ERROR_USAGE, "%s cannot be read: %s", path, strerror(errno));
    }
    return !content->failed ||
           error_set(error, ERROR_USAGE, "%s cannot be read: it is larger than 64 KiB", path);
}

/* Finds run.env: in the folder that --data-dir names, or where the input says. */
static bool find_run_env(const struct options_input *input, const char *folder,
                         struct options *options, struct error *error)
{
    options->run_env_path = input->run_env_path;
    if (folder == NULL) {
        return true;
    }
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/run.env", folder);
    if (length < 0 || (size_t)length >= sizeof path) {
        return error_set(error, ERROR_USAGE, "--data-dir is too long");
    }
    options->run_env_path = options_keep(options, str_from(path), error);
    return options->run_env_path != NULL;
}

/* Finds the value of `name`, borrowed from `text`; returns false if it has none. */
static bool find_value(const char *text, const char *name, struct str *value)
{
    struct str rest = str_from(text);
    struct str key;
    int line = 0;
    bool found = false;
    while (!found && next_pair(&rest, &line, &key, value)) {
        found = str_equal_text(key, name) && value->length > 0;
    }
    return found;
}

/* Returns whether the user sets the option, by flag or environment. */
static bool is_set(const struct options_input *input, const struct option_flags *flags,
                   const char *flag, enum command command)
{
    const struct option_row *row = option_row_find(flag, command);
    return row != NULL &&
           (flags->values[row - option_rows] != NULL ||
            (row->environment != NULL && options_environment(input, row->environment) != NULL));
}

/* Fails if the command needs a log, none is set, and that of run.env has ended: the default brokers
 * would be those of another log. Without --data-dir, `serve` shows a store without its log, too,
 * and a store that is set is not that of run.env. */
static bool check_ended(const struct options_input *input, const struct option_flags *flags,
                        const struct options *options, const char *folder, struct error *error)
{
    enum command command = options->command;
    bool no_log =
        option_row_find("--brokers", command) == NULL ||
        is_set(input, flags, "--brokers", command) ||
        (folder == NULL && (command == COMMAND_SERVE || is_set(input, flags, "--store", command)));
    if (no_log || !run_env_has_ended(options->run_env_path)) {
        return true;
    }
    run_env_explain_end(options->run_env_path, folder, error);
    return false;
}

bool options_read_run_env(const struct options_input *input, const struct option_flags *flags,
                          struct options *options, const char **text, struct error *error)
{
    *text = "";
    if (input->run_env_path == NULL || !command_rows[options->command].reads_run_env) {
        return true;
    }
    const struct option_row *row = option_row_find("--data-dir", options->command);
    const char *named = row != NULL ? flags->values[row - option_rows] : NULL;
    const char *folder = named != NULL ? named : options_environment(input, "DATA_DIR");
    if (!find_run_env(input, folder, options, error)) {
        return false;
    }
    struct strbuf content = strbuf_new(RUN_ENV_LIMIT);
    bool done = read_file(options->run_env_path, &content, error) &&
                check_pairs(options->run_env_path, strbuf_text(&content), error);
    if (done && content.length > 0) {
        *text = options_keep(options, strbuf_str(&content), error);
        done = *text != NULL && check_ended(input, flags, options, folder, error);
    } else if (done && named != NULL) {
        done = error_set(error, ERROR_USAGE,
                         "--data-dir: there is no %s: name the folder of a demo that runs, or ran",
                         options->run_env_path);
    }
    strbuf_free(&content);
    return done;
}

bool options_run_env(const char *text, const char *name, struct options *options,
                     const char **value, struct error *error)
{
    struct str found;
    *value = NULL;
    if (!find_value(text, name, &found)) {
        return true;
    }
    *value = options_keep(options, found, error);
    return *value != NULL;
}

bool options_log_has_ended(const struct options *options, struct error *error)
{
    if (options_origin(options, "--brokers") != ORIGIN_RUN_ENV ||
        !run_env_has_ended(options->run_env_path)) {
        return false;
    }
    bool named = options_origin(options, "--data-dir") != ORIGIN_DEFAULT;
    run_env_explain_end(options->run_env_path, named ? options->data_dir : NULL, error);
    return true;
}
