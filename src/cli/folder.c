#include "cli/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text/str.h"

bool folder_make(const char *path, struct error *error)
{
    char part[PATH_MAX];
    if (!str_copy(str_from(path), part, sizeof part)) {
        return error_set(error, ERROR_USAGE, "the path is too long: %s", path);
    }
    for (char *slash = part + 1;; slash++) {
        if (*slash != '/' && *slash != '\0') {
            continue;
        }
        char kept = *slash;
        *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST) {
            return error_set(error, ERROR_FATAL, "the folder %s cannot be made: %s", part,
                             strerror(errno));
        }
        if (kept == '\0') {
            return true;
        }
        *slash = kept;
    }
}

bool folder_make_parent(const char *path, struct error *error)
{
    char parent[PATH_MAX];
    if (!str_copy(str_from(path), parent, sizeof parent)) {
        return error_set(error, ERROR_USAGE, "the path is too long: %s", path);
    }
    char *slash = strrchr(parent, '/');
    if (slash == NULL || slash == parent) {
        return true;
    }
    *slash = '\0';
    return folder_make(parent, error);
}

int folder_lock(const char *path, struct error *error)
{
    char name[PATH_MAX];
    int length = snprintf(name, sizeof name, "%s/lock", path);
    if (length < 0 || (size_t)length >= sizeof name) {
        error_set(error, ERROR_USAGE, "the path is too long: %s", path);
        return -1;
    }
    int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) {
        error_set(error, ERROR_FATAL, "%s cannot be made: %s", name, strerror(errno));
        return -1;
    }
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        error_set(
            error, ERROR_FATAL,
            "another demo keeps its files in %s: stop it, or give this one its own --data-dir",
            path);
        (void)close(file);
        return -1;
    }
    return file;
}

bool folder_is_locked(const char *path)
{
    char name[PATH_MAX];
    (void)snprintf(name, sizeof name, "%s/lock", path);
    int file = open(name, O_RDWR | O_CLOEXEC);
    bool locked = file >= 0 && flock(file, LOCK_EX | LOCK_NB) != 0;
    if (file >= 0) {
        (void)close(file);
    }
    return locked;
}
