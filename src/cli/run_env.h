/*
 * run.env: where a running demo's ends are, for the reading commands. Lines KEY=VALUE with the
 * names of the environment; read by options.c. Each demo has one in its --data-dir; that of the
 * first of those that run is in var/run.env too, for readers that name none.
 */
#ifndef CANDLEWICK_CLI_RUN_ENV_H
#define CANDLEWICK_CLI_RUN_ENV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

#define RUN_ENV_PATH "var/run.env"
#define RUN_ENV_SOURCE "SOURCE"   /* where the ticks come from; for show */
#define RUN_ENV_FOLDER "DATA_DIR" /* the demo's */

struct run_env_line {
    const char *key;
    const char *value;
};

/* Writes the file as a whole (a reader sees the old one or the new one); makes the folder. */
NODISCARD bool run_env_write(const char *path, const struct run_env_line *lines, size_t count,
                             struct error *error);

/* Whether the demo that wrote the file shows synthetic data: whatever shows it says so. */
bool run_env_synthetic(const char *path);

/* Whether the file has this line: another demo may have written it anew. */
bool run_env_has(const char *path, const struct run_env_line *line);

/* The folder of the demo that wrote the file, when it still runs and is not the one in `own`. */
bool run_env_is_of_another(const char *path, const char *own, char *folder, size_t size);

#endif
