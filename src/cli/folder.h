/* Folders for what a run keeps. */
#ifndef CANDLEWICK_CLI_FOLDER_H
#define CANDLEWICK_CLI_FOLDER_H

#include "base/compiler/attributes.h"
#include "base/error.h"

/* Makes a folder and its parents (mode 0777 less the umask); one that is there is fine. */
NODISCARD bool folder_make(const char *path, struct error *error);

/* The same for the folder that `path` lies in. */
NODISCARD bool folder_make_parent(const char *path, struct error *error);

/* Takes the folder for this process, by a lock on its file `lock` that ends with the process. The
 * descriptor, to close() when done; -1, `error` filled: another process has it, or the file cannot
 * be made. */
NODISCARD int folder_lock(const char *path, struct error *error);

/* Whether a process has it. */
bool folder_is_locked(const char *path);

#endif
