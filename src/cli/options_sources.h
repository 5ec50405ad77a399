/* Reads options from three places: arguments, environment, var/run.env. For options*.c only. */
#ifndef CANDLEWICK_CLI_OPTIONS_SOURCES_H
#define CANDLEWICK_CLI_OPTIONS_SOURCES_H

#include "cli/options_table.h"

/* The values of the flags, one for each row of the table; of a repeated flag the last one, NULL if
 * the flag is not set. */
struct option_flags {
    const char *values[OPTIONS_MAX];
};

/* Sets command and help_on from the arguments after argv[0]; `*first` becomes the index of the
 * first argument after the command's name. */
NODISCARD bool options_read_command(const struct options_input *input, struct options *options,
                                    int *first, struct error *error);

/* Parses the arguments from `first` on. Properties of -X are added to `options` directly. */
NODISCARD bool options_read_flags(const struct options_input *input, int first,
                                  struct options *options, struct option_flags *flags,
                                  struct error *error);

/* Returns NULL when the variable is unset or empty. Borrowed from the input. */
const char *options_environment(const struct options_input *input, const char *name);

/* Reads the demo's run.env, in --data-dir or var; the options own its text and path. The text is ""
 * when there is no file or the command does not read it. Fails for a line that is not KEY=VALUE,
 * for an unreadable file, and for a missing file when a flag names the demo's folder. */
NODISCARD bool options_read_run_env(const struct options_input *input,
                                    const struct option_flags *flags, struct options *options,
                                    const char **text, struct error *error);

/* Looks up `name` in the text of run.env; the options own the value. `*value` is NULL when the text
 * does not have the name. */
NODISCARD bool options_run_env(const char *text, const char *name, struct options *options,
                               const char **value, struct error *error);

#endif
