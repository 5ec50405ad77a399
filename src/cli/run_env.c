#include "cli/run_env.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text/str.h"
#include "cli/folder.h"
#include "record/names.h"
#include "source/source_names.h"

static bool write_lines(FILE *file, const struct run_env_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fprintf(file, "%s=%s\n", lines[i].key, lines[i].value) < 0) {
            return false;
        }
    }
    return true;
}

bool run_env_write(const char *path, const struct run_env_line *lines, size_t count,
                   struct error *error)
{
    char fresh[512];
    if (!folder_make_parent(path, error)) {
        return false;
    }
    (void)snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid());
    FILE *file = fopen(fresh, "w");
    if (file == NULL) {
        return error_set(error, ERROR_FATAL, "%s cannot be written: %s", fresh, strerror(errno));
    }
    bool written = write_lines(file, lines, count);
    if (fclose(file) != 0 || !written || rename(fresh, path) != 0) {
        error_set(error, ERROR_FATAL, "%s cannot be written: %s", path, strerror(errno));
        (void)unlink(fresh);
        return false;
    }
    return true;
}

bool run_env_has(const char *path, const struct run_env_line *line)
{
    char text[2048], wanted[2048];
    bool found = false;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    (void)snprintf(wanted, sizeof wanted, "%s=%s\n", line->key, line->value);
    while (!found && fgets(text, sizeof text, file) != NULL) {
        found = strcmp(text, wanted) == 0;
    }
    (void)fclose(file);
    return found;
}

/* Reads the value of the line that begins with KEY=. Returns false if there is none, or it is
 * longer than `size` allows. */
static bool read_value(const char *path, const char *key, char *value, size_t size)
{
    char line[2048];
    bool found = false;
    size_t length = strlen(key);
    FILE *file = fopen(path, "r");
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        found = strncmp(line, key, length) == 0 && line[length] == '=' &&
                str_copy(str_from(line + length + 1), value, size);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return found;
}

bool run_env_is_of_another(const char *path, const char *own, char *folder, size_t size)
{
    return read_value(path, RUN_ENV_FOLDER, folder, size) && strcmp(folder, own) != 0 &&
           folder_is_locked(folder);
}

bool run_env_has_ended(const char *path)
{
    char value[2048];
    if (read_value(path, RUN_ENV_BROKERS, value, sizeof value)) {
        return read_value(path, RUN_ENV_FOLDER, value, sizeof value) && !folder_is_locked(value);
    }
    return access(path, F_OK) == 0;
}

void run_env_explain_end(const char *path, const char *data_dir, struct error *error)
{
    error_set(
        error, ERROR_USAGE,
        "the stack of %s has ended, and its log with it: candlewick candles%s%s shows what it "
        "stored; for a log start it again (./launch.sh), or name the --brokers (and "
        "--registry) of another",
        path, data_dir != NULL ? " --data-dir " : "", data_dir != NULL ? data_dir : "");
}

bool run_env_is_free(const char *path)
{
    char value[2048];
    return !read_value(path, RUN_ENV_BROKERS, value, sizeof value) ||
           (read_value(path, RUN_ENV_FOLDER, value, sizeof value) && !folder_is_locked(value));
}

const char *run_env_made_up(const char *path)
{
    char text[2048];
    if (read_value(path, RUN_ENV_LOOP, text, sizeof text) && strcmp(text, "true") == 0) {
        return record_made_up(str_from(RECORD_SOURCE_LOOP));
    }
    bool synthetic = read_value(path, RUN_ENV_SOURCE, text, sizeof text) &&
                     source_names_synthetic(str_from(text));
    return synthetic ? record_made_up(str_from(RECORD_SOURCE_SYNTHETIC)) : NULL;
}
