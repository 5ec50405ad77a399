/* The three places that options are read from: arguments, environment, var/run.env. For options*.c
 * only. */
#ifndef CANDLEWICK_CLI_OPTIONS_SOURCES_H
#define CANDLEWICK_CLI_OPTIONS_SOURCES_H

#include "cli/options_table.h"

/* What the arguments say, by the row; the last one where a flag is repeated. NULL: not given. */
struct option_flags {
    const char *values[OPTIONS_MAX];
};

/* Sets command and help_on from argv[1] and on; `*first` is the first argument to read as an
 * option. */
NODISCARD bool options_read_command(const struct options_input *input, struct options *options,
                                    int *first, struct error *error);

/* Reads the arguments from `first` on. -X goes into `options` at once. */
NODISCARD bool options_read_flags(const struct options_input *input, int first,
                                  struct options *options, struct option_flags *flags,
                                  struct error *error);

/* NULL when it is not set, or empty. Borrowed from the input. */
const char *options_environment(const struct options_input *input, const char *name);

/* The text of the demo's run.env, in --data-dir or var, kept by the options as is its path; "" when
 * there is none, or the command does not look at it. False: a line that is not KEY=VALUE, a file
 * that cannot be read, or none where a flag says that there is a demo. */
NODISCARD bool options_read_run_env(const struct options_input *input,
                                    const struct option_flags *flags, struct options *options,
                                    const char **text, struct error *error);

/* The value of `name` in that text, kept by the options. `*value` NULL: it has none. */
NODISCARD bool options_run_env(const char *text, const char *name, struct options *options,
                               const char **value, struct error *error);

#endif
