/*
 * Detects that another program has removed, replaced or truncated a file of a SQLite database in
 * WAL mode (FILE, FILE-wal, FILE-shm) while a connection has it open. SQLite commits into a file
 * that was removed or replaced without an error, and the data is lost with the last connection
 * (https://www.sqlite.org/howtocorrupt.html, 2.4). SQLite itself detects that only for FILE
 * (SQLITE_FCNTL_HAS_MOVED).
 *
 * SQLite does not detect a -wal that was truncated in place either: it continues to write after the
 * hole, and the next program that opens the file reads the -wal only up to the hole. So this module
 * compares the -wal with what its index (the -shm) says about it
 * (https://www.sqlite.org/walformat.html).
 *
 * Call sqlite_files_check() before a commit, so that nothing is written in vain, and after it,
 * before the commit is reported as done. It costs some stat(2) calls and a read of 32 bytes. This
 * module never opens FILE and FILE-shm, because closing them would drop SQLite's locks on them. Use
 * a connection from one thread at a time.
 */
#ifndef CANDLEWICK_BASE_SQLITE_FILES_H
#define CANDLEWICK_BASE_SQLITE_FILES_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct sqlite3;

struct file_identity {
    dev_t device;
    ino_t inode; /* 0: the file is unknown */
};

/* When zeroed, nothing is known and sqlite_files_check() checks only FILE. */
struct sqlite_files {
    const char *name; /* the name by which FILE was opened; it may contain symbolic links, which
                         may have changed since */
    struct file_identity file;
    struct file_identity log, index; /* of FILE-wal and FILE-shm */
};

enum sqlite_files_state {
    SQLITE_FILES_WHOLE,
    SQLITE_FILES_LOG_GONE, /* FILE exists; its -wal or -shm was removed or replaced */
    SQLITE_FILES_LOG_CUT,  /* both exist, but the -wal does not match the -shm */
    SQLITE_FILES_GONE,     /* FILE itself was removed, renamed (or its folder was), emptied or
                              replaced, or its name now leads elsewhere */
};

/* Call it before opening a file for writing; the file need not exist yet. Fails with ERROR_USAGE
 * when the file has several names (hard links): SQLite keeps one -wal per name, and two at once
 * corrupt the file (howtocorrupt.html, 2.5). */
NODISCARD bool sqlite_files_one_name(const char *name, struct error *error);

/* Notes which files a connection to `name` has open; it must have read from its database already.
 * `name` is borrowed while `files` is used. Returns false in WAL mode when one of these files has
 * no name any more: another connection of this process has the removed files open, and SQLite
 * shares them within a process. Close this connection and open it again later. */
NODISCARD bool sqlite_files_note(struct sqlite_files *files, struct sqlite3 *db, const char *name);

enum sqlite_files_state sqlite_files_check(const struct sqlite_files *files, struct sqlite3 *db);

enum sqlite_files_saved {
    SQLITE_FILES_SAVED, /* everything committed is in FILE, or in a -wal that has its name */
    SQLITE_FILES_BUSY,  /* another connection blocks this: keep this one open and retry */
    SQLITE_FILES_LOST,  /* another program has started a new log: what was committed to the old
                           one and not yet moved to FILE is lost, since writing it now would
                           corrupt FILE */
};

/* Call after SQLITE_FILES_LOG_GONE, outside a transaction, on a connection that may write: moves
 * what was committed into FILE. Blocks as the connection's busy handler does. */
enum sqlite_files_saved sqlite_files_save(const struct sqlite_files *files, struct sqlite3 *db);

/* Call after SQLITE_FILES_LOG_CUT, on a connection that may write: removes the -shm. Other
 * connections then find their log gone, and the next one that opens FILE reads the -wal up to the
 * first damaged frame. Abandon this connection afterwards. Commits after that frame that were not
 * yet moved to FILE are lost. */
void sqlite_files_drop_index(const struct sqlite_files *files, struct sqlite3 *db);

/* Call after SQLITE_FILES_GONE, outside a transaction, on a connection that may write: moves what
 * was committed into the old FILE, wherever it is now. If the old FILE is no longer at its name,
 * but its -wal and -shm are, removes these two, since SQLite would use them for a new FILE of that
 * name. Returns false when another connection blocks this; then do not open that name yet. */
NODISCARD bool sqlite_files_leave(const struct sqlite_files *files, struct sqlite3 *db);

/* Call after SQLITE_FILES_GONE: returns whether the name leads to the same FILE as before, by
 * another path. If so, abandon the connection before opening FILE anew, or SQLite would share its
 * log. */
bool sqlite_files_same(const struct sqlite_files *files);

/* Closes a connection whose files are damaged, without a checkpoint: SQLite's normal close would
 * write to FILE, and would remove a -wal of that name, which may belong to another database by
 * now. */
void sqlite_files_abandon(struct sqlite3 *db);

#endif
