/*
 * The files that a SQLite connection in WAL mode has open (FILE, FILE-wal, FILE-shm): are they
 * still those of their names? SQLite commits into a file that was removed or replaced as if nothing
 * had happened, and it is gone with its last connection (https://www.sqlite.org/howtocorrupt.html,
 * 2.4). SQLite itself notices that only for FILE (SQLITE_FCNTL_HAS_MOVED).
 *
 * Nor does it notice a log that is cut off in place: it goes on behind the hole, and who opens the
 * file next reads the log up to there. So what the log's index says of it is compared with it
 * (https://www.sqlite.org/walformat.html).
 *
 * Look before a commit, to write nothing in vain, and after it, before anybody is told of it.
 * Costs some stat(2) and a read of 32 bytes. FILE and FILE-shm are never opened here: that would
 * end SQLite's locks on them. A connection is used from one thread at a time.
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
    ino_t inode; /* 0: no file is known */
};

/* Zeroed: nothing is known, and sqlite_files_look() asks for FILE alone. */
struct sqlite_files {
    const char *name; /* by which FILE was opened: a link in it may lead elsewhere */
    struct file_identity file;
    struct file_identity log, index; /* FILE-wal, FILE-shm */
};

enum sqlite_files_state {
    SQLITE_FILES_WHOLE,
    SQLITE_FILES_LOG_GONE, /* FILE is there; its -wal or -shm was removed or replaced */
    SQLITE_FILES_LOG_CUT,  /* they are there, but the -wal is not what the -shm says */
    SQLITE_FILES_GONE,     /* FILE itself was removed, renamed (or its folder), emptied or replaced,
                              or its name leads elsewhere now */
};

/* Before a file (which may not be there yet) is opened to be written: false, ERROR_USAGE, when it
 * has several names (hard links). SQLite keeps a log for each name that it is opened by, and two of
 * them at once damage the file (howtocorrupt.html, 2.5). */
NODISCARD bool sqlite_files_one_name(const char *name, struct error *error);

/* Notes which files they are, of a connection to `name` (borrowed as long as `files` are used) that
 * has read from its database. False in WAL mode
 * when one of them has no name: another connection of this process holds those that were removed,
 * and SQLite shares them within a process. Close this one and open it again later. */
NODISCARD bool sqlite_files_note(struct sqlite_files *files, struct sqlite3 *db, const char *name);

enum sqlite_files_state sqlite_files_look(const struct sqlite_files *files, struct sqlite3 *db);

enum sqlite_files_saved {
    SQLITE_FILES_SAVED, /* all that was committed is in FILE, or in a -wal that has its name */
    SQLITE_FILES_BUSY,  /* another connection is in the way: keep this one open, try again */
    SQLITE_FILES_LOST,  /* another program has begun a new log: what was committed to the old one
                           and not moved to FILE yet is lost, as writing it now would damage FILE */
};

/* After SQLITE_FILES_LOG_GONE, outside a transaction, for a connection that may write: moves what
 * was committed into FILE. Blocks as the connection's busy handler does. */
enum sqlite_files_saved sqlite_files_save(const struct sqlite_files *files, struct sqlite3 *db);

/* After SQLITE_FILES_LOG_CUT, for a connection that may write: removes the -shm, so that whoever
 * has the files open finds their log gone, and the next one to open them reads the log as far as it
 * goes. Abandon the connection then. What was committed behind that and not moved to FILE is lost.
 */
void sqlite_files_drop_index(const struct sqlite_files *files, struct sqlite3 *db);

/* After SQLITE_FILES_GONE, outside a transaction, for a connection that may write: moves what was
 * committed into the old FILE, wherever it is, and, unless that has its name yet, removes its -wal
 * and -shm where they still have theirs: SQLite would take them for those of a FILE that is put
 * there. False: another connection is in the way, and nothing may be opened under that name yet. */
NODISCARD bool sqlite_files_leave(const struct sqlite_files *files, struct sqlite3 *db);

/* After SQLITE_FILES_GONE: whether the name leads to the same FILE as before, by another way. Then
 * it has to be abandoned before it is opened anew, or SQLite would share its log. */
bool sqlite_files_same(const struct sqlite_files *files);

/* Closes a connection whose files are not whole, without what SQLite does at a close: it would
 * write to FILE, and remove a log of that name that belongs to others by now. */
void sqlite_files_abandon(struct sqlite3 *db);

#endif
