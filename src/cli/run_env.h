/*
 * run.env: a file with the addresses of a running demo, for the commands that read. Its lines are
 * KEY=VALUE with the names of the environment variables; options_environment.c reads it. Each demo
 * writes one to its --data-dir. If several demos run, the first of them also writes var/run.env,
 * for commands without --data-dir; when that one ends, another takes its place.
 */
#ifndef CANDLEWICK_CLI_RUN_ENV_H
#define CANDLEWICK_CLI_RUN_ENV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

#define RUN_ENV_PATH "var/run.env"
#define RUN_ENV_BROKERS "KAFKA_BROKERS"
#define RUN_ENV_SOURCE "SOURCE"   /* the source of the ticks, for display */
#define RUN_ENV_LOOP "LOOP"       /* "true": that source is a file that is repeated */
#define RUN_ENV_FOLDER "DATA_DIR" /* the demo's folder */

struct run_env_line {
    const char *key;
    const char *value;
};

/* Replaces the file atomically (a reader sees the old one or the new one); creates the folder. */
NODISCARD bool run_env_write(const char *path, const struct run_env_line *lines, size_t count,
                             struct error *error);

/* Returns, in words for people, what the data of the demo that wrote the file is, if it is made up;
 * NULL: it is not. */
const char *run_env_made_up(const char *path);

/* Returns whether the file has this line. It may not, because another demo has overwritten the
 * file. */
bool run_env_has(const char *path, const struct run_env_line *line);

/* Finds the folder of the demo that wrote the file. Returns false unless that demo still runs and
 * its folder is not `own`. */
bool run_env_is_of_another(const char *path, const char *own, char *folder, size_t size);

/* Returns whether what wrote the file has ended, and its log with it: the file names no brokers any
 * more, or a demo that no longer runs. false also if there is no file. */
bool run_env_has_ended(const char *path);

/* Fills `error` with ERROR_USAGE: that this has ended, what is left of it, and what to do. The only
 * place that words this. `data_dir` is the value of --data-dir; NULL: it is not set. */
void run_env_explain_end(const char *path, const char *data_dir, struct error *error);

/* Returns whether a demo may take the file: it does not exist, names no brokers, or is of a demo
 * that has ended or was killed. */
bool run_env_is_free(const char *path);

#endif
