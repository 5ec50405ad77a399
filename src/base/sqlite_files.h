/*
 * Checks whether the files that a SQLite connection in WAL mode has open (FILE, FILE-wal, FILE-shm)
 * are still the ones with those names. SQLite commits into a file that was removed or replaced
 * without an error, and the data is lost with the last connection
 * (https://www.sqlite.org/howtocorrupt.html, 2.4). SQLite itself detects that only for FILE
 * (SQLITE_FCNTL_HAS_MOVED).
 *
 * SQLite does not detect a -wal that is truncated in place either: it writes on behind the hole,
 * and whoever opens the file next reads the log only up to there. So the -wal is compared with what
 * its index (the -shm) says about it (https://www.sqlite.org/walformat.html).
 *
 * Look before a commit, so that nothing is written in vain, and after it, before its success is
 * reported. A look costs some stat(2) calls and a read of 32 bytes. FILE and FILE-shm are never
 * opened here, because closing them would drop SQLite's locks on them. Use a connection from one
 * thread at a time.
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

/* When zeroed, nothing is known and sqlite_files_look() checks only FILE. */
struct sqlite_files {
    const char *name; /* the name by which FILE was opened; a link in it may now lead elsewhere */
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

/* Call before a file (which may not exist yet) is opened for writing. Fails with ERROR_USAGE when
 * it has several names (hard links): SQLite keeps one log per name by which it is opened, and two
 * logs at once corrupt the file (howtocorrupt.html, 2.5). */
NODISCARD bool sqlite_files_one_name(const char *name, struct error *error);

/* Records the files of a connection to `name` (borrowed while `files` is used) that has already
 * read from its database. Returns false in WAL mode when one of them has no name: another
 * connection of this process holds removed files, which SQLite shares within a process. Close this
 * connection and open it again later. */
NODISCARD bool sqlite_files_note(struct sqlite_files *files, struct sqlite3 *db, const char *name);

enum sqlite_files_state sqlite_files_look(const struct sqlite_files *files, struct sqlite3 *db);

enum sqlite_files_saved {
    SQLITE_FILES_SAVED, /* everything committed is in FILE, or in a -wal that has its name */
    SQLITE_FILES_BUSY,  /* another connection is in the way: keep this one open and retry */
    SQLITE_FILES_LOST,  /* another program has started a new log: what was committed to the old
                           one and not yet moved to FILE is lost, since writing it now would
                           corrupt FILE */
};

/* Call after SQLITE_FILES_LOG_GONE, outside a transaction, on a connection that may write: moves
 * what was committed into FILE. Blocks as the connection's busy handler does. */
enum sqlite_files_saved sqlite_files_save(const struct sqlite_files *files, struct sqlite3 *db);

/* Call after SQLITE_FILES_LOG_CUT, on a connection that may write: removes the -shm, so that other
 * connections find their log gone, and the next one to open FILE reads the log as far as it is
 * intact. Then abandon the connection. What was committed after that point and not yet moved to
 * FILE is lost. */
void sqlite_files_drop_index(const struct sqlite_files *files, struct sqlite3 *db);

/* Call after SQLITE_FILES_GONE, outside a transaction, on a connection that may write: moves what
 * was committed into the old FILE, wherever it is now. If that has lost its name, also removes the
 * -wal and -shm that still have theirs, since SQLite would use them for a new FILE of that name.
 * Returns false when another connection is in the way; nothing may be opened under that name
 * yet. */
NODISCARD bool sqlite_files_leave(const struct sqlite_files *files, struct sqlite3 *db);

/* Call after SQLITE_FILES_GONE: returns whether the name leads to the same FILE as before, by
 * another path. If so, abandon the connection before opening FILE anew, or SQLite would share its
 * log. */
bool sqlite_files_same(const struct sqlite_files *files);

/* Closes a connection whose files are damaged, without what SQLite does at a normal close: it would
 * write to FILE, and remove a log of that name that may belong to others by now. */
void sqlite_files_abandon(struct sqlite3 *db);

#endif
