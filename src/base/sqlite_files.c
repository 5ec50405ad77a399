#include "base/sqlite_files.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 4096 + 8 };

/* "" where there is none, as of a database in memory. */
static void write_name(struct sqlite3 *db, const char *ending, char name[static NAME_SIZE])
{
    const char *file = sqlite3_db_filename(db, "main");
    int length = snprintf(name, NAME_SIZE, "%s%s", file != NULL ? file : "", ending);
    if (length < 0 || length >= NAME_SIZE) {
        name[0] = '\0';
    }
}

static struct file_identity identify(struct sqlite3 *db, const char *ending, off_t *size)
{
    struct file_identity identity = {.inode = 0};
    char name[NAME_SIZE];
    struct stat state;
    write_name(db, ending, name);
    *size = 0;
    if (stat(name, &state) == 0) {
        identity = (struct file_identity){.device = state.st_dev, .inode = state.st_ino};
        *size = state.st_size;
    }
    return identity;
}

static bool same_file(struct file_identity one, struct file_identity other)
{
    return one.inode != 0 && one.inode == other.inode && one.device == other.device;
}

static bool in_wal_mode(struct sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    bool wal = sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &statement, NULL) == SQLITE_OK &&
               sqlite3_step(statement) == SQLITE_ROW &&
               strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    (void)sqlite3_finalize(statement);
    return wal;
}

bool sqlite_files_note(struct sqlite_files *files, struct sqlite3 *db)
{
    off_t size;
    *files = (struct sqlite_files){.log = {.inode = 0}};
    if (!in_wal_mode(db)) {
        return true;
    }
    files->log = identify(db, "-wal", &size);
    files->index = identify(db, "-shm", &size);
    return files->log.inode != 0 && files->index.inode != 0;
}

static bool still_there(struct file_identity noted, struct sqlite3 *db, const char *ending)
{
    off_t size;
    return noted.inode == 0 || same_file(noted, identify(db, ending, &size));
}

enum sqlite_files_state sqlite_files_look(const struct sqlite_files *files, struct sqlite3 *db)
{
    int moved = 0;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
        moved != 0) {
        return SQLITE_FILES_GONE;
    }
    bool whole = still_there(files->log, db, "-wal") && still_there(files->index, db, "-shm");
    return whole ? SQLITE_FILES_WHOLE : SQLITE_FILES_LOG_GONE;
}

enum sqlite_files_saved sqlite_files_save(const struct sqlite_files *files, struct sqlite3 *db)
{
    off_t size;
    struct file_identity log = identify(db, "-wal", &size);
    if (same_file(log, files->log)) {
        return SQLITE_FILES_SAVED; /* whoever opens it next reads it again from its beginning */
    }
    if (size > 0) {
        return SQLITE_FILES_LOST;
    }
    int code = sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return code == SQLITE_OK ? SQLITE_FILES_SAVED : SQLITE_FILES_BUSY;
}

static void remove_own(struct file_identity noted, struct sqlite3 *db, const char *ending)
{
    off_t size;
    char name[NAME_SIZE];
    if (same_file(noted, identify(db, ending, &size))) {
        write_name(db, ending, name);
        (void)unlink(name);
    }
}

bool sqlite_files_leave(const struct sqlite_files *files, struct sqlite3 *db)
{
    int code = sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (code != SQLITE_OK) {
        return false;
    }
    remove_own(files->log, db, "-wal");
    remove_own(files->index, db, "-shm");
    return true;
}

void sqlite_files_abandon(struct sqlite3 *db)
{
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    (void)sqlite3_close(db);
}
