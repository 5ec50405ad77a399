/* Creates and locks the folders in which a run keeps its files. */
#ifndef CANDLEWICK_CLI_FOLDER_H
#define CANDLEWICK_CLI_FOLDER_H

#include "base/compiler/attributes.h"
#include "base/error.h"

/* Creates a folder and its parents (mode 0777 less the umask); succeeds if it exists. */
NODISCARD bool folder_make(const char *path, struct error *error);

/* Creates the folder of the file `path`, as folder_make() does. */
NODISCARD bool folder_make_parent(const char *path, struct error *error);

/* Locks the folder for this process. The lock is on the folder's file `lock`; the system releases
 * it when the process ends. Returns a descriptor, which the caller closes to unlock, or -1 with
 * `error` filled when another process holds the lock or the file cannot be created. */
NODISCARD int folder_lock(const char *path, struct error *error);

/* Returns whether a process holds the lock. */
bool folder_is_locked(const char *path);

#endif
