#include "cli/options.h"

#include <stdio.h>
#include <string.h>

#include "base/text/str.h"
#include "cli/options_check.h"
#include "cli/options_memory.h"
#include "cli/options_sources.h"
#include "cli/options_table.h"
#include "cli/options_value.h"

/* Applies the defaults of all options, then this command's own defaults, which override them. */
static bool set_defaults(struct options *options, struct error *error)
{
    for (int own = 0; own <= 1; own++) {
        for (size_t i = 0; i < option_row_count; i++) {
            const struct option_row *row = &option_rows[i];
            bool is_own =
                options->command < COMMAND_COUNT && option_row_applies(row, options->command);
            if (is_own == (own == 1) && row->fallback != NULL &&
                !option_value_set(row, row->flag, row->fallback, options, error)) {
                return false;
            }
        }
    }
    return true;
}

/* Adds the properties of KAFKA_PROPERTIES before those of -X, so that -X overrides them. */
static bool add_environment_properties(const struct options_input *input, struct options *options,
                                       struct error *error)
{
    const struct option_row *row = option_row_find("-X", options->command);
    const char *text = row != NULL ? options_environment(input, row->environment) : NULL;
    if (text == NULL) {
        return true;
    }
    options->origins[row - option_rows] = ORIGIN_ENVIRONMENT;
    struct str rest = str_from(text);
    struct str piece;
    while (str_split(&rest, ',', &piece)) {
        if (!options_add_property(options, row->environment, str_trim(piece), error)) {
            return false;
        }
    }
    return true;
}

/* Sets an option from the first of flag, environment and var/run.env that has it. */
static bool resolve_row(const struct options_input *input, size_t i, const char *flag,
                        const char *run_env, struct options *options, struct error *error)
{
    const struct option_row *row = &option_rows[i];
    const char *value = flag;
    char where[320];
    (void)snprintf(where, sizeof where, "%s", row->flag);
    enum option_origin origin = ORIGIN_FLAG;
    if (value == NULL && row->environment != NULL) {
        value = options_environment(input, row->environment);
        (void)snprintf(where, sizeof where, "%s", row->environment);
        origin = ORIGIN_ENVIRONMENT;
    }
    if (value == NULL && (row->marks & MARK_RUN_ENV) != 0) {
        if (!options_run_env(run_env, row->environment, options, &value, error)) {
            return false;
        }
        (void)snprintf(where, sizeof where, "%s: %s", options->run_env_path, row->environment);
        origin = ORIGIN_RUN_ENV;
    }
    if (value == NULL) {
        return (row->marks & MARK_REQUIRED) == 0 ||
               error_set(error, ERROR_USAGE, "%s needs %s %s: %s", command_name(options->command),
                         row->flag, row->value_name, row->help);
    }
    options->origins[i] = (unsigned char)origin;
    return option_value_set(row, where, value, options, error);
}

static bool resolve(const struct options_input *input, const struct option_flags *flags,
                    const char *run_env, struct options *options, struct error *error)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (row->type != OPTION_PROPERTIES && option_row_applies(row, options->command) &&
            !resolve_row(input, i, flags->values[i], run_env, options, error)) {
            return false;
        }
    }
    return true;
}

bool options_parse(const struct options_input *input, struct options *options, struct error *error)
{
    *options = (struct options){.command = COMMAND_NONE};
    struct option_flags flags = {{0}};
    const char *run_env = "";
    int first = 0;
    if (!options_read_command(input, options, &first, error)) {
        return false;
    }
    if (options->command > COMMAND_COUNT) {
        return true; /* help and version read no options */
    }
    if (!set_defaults(options, error) || !add_environment_properties(input, options, error) ||
        !options_read_flags(input, first, options, &flags, error) ||
        !options_read_run_env(input, &flags, options, &run_env, error) ||
        !resolve(input, &flags, run_env, options, error) || !options_derive(options, error) ||
        !options_check(options, error)) {
        options_free(options);
        return false;
    }
    return true;
}

bool options_from_run_env(const struct options *options, char *names, size_t size)
{
    struct strbuf text = strbuf_new(size > 0 ? size - 1 : 0);
    for (size_t i = 0; i < option_row_count; i++) {
        if (options->origins[i] == ORIGIN_RUN_ENV) {
            strbuf_append_text(&text, text.length > 0 ? ", " : "");
            strbuf_append_text(&text, option_rows[i].flag);
        }
    }
    bool any = text.length > 0;
    (void)str_copy(strbuf_str(&text), names, size);
    strbuf_free(&text);
    return any;
}
