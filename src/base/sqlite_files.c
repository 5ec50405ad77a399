#include "base/sqlite_files.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAME_SIZE = 4096 + 8,
    /* The -wal starts with a header, which includes a salt of two numbers that changes whenever the
     * log restarts; each frame is a header and a page. */
    LOG_HEAD = 32,
    LOG_SALT_AT = 16,
    LOG_SALT_BYTES = 8,
    FRAME_HEAD = 24,
    INDEX_BLOCK = 32768,
};

/* The -shm starts with these words, in this machine's byte order. */
enum { HEAD_PAGE_SIZE = 3, HEAD_FRAMES = 4, HEAD_SALT = 8, HEAD_WORDS = 10 };
struct index_head {
    uint32_t words[HEAD_WORDS];
};

/* Writes the name of FILE plus `ending`; "" when there is none, as for a database in memory. */
static void write_name(struct sqlite3 *db, const char *ending, char name[static NAME_SIZE])
{
    const char *file = sqlite3_db_filename(db, "main");
    int length = snprintf(name, NAME_SIZE, "%s%s", file != NULL ? file : "", ending);
    if (length < 0 || length >= NAME_SIZE) {
        name[0] = '\0';
    }
}

static struct file_identity identify_name(const char *name, off_t *size)
{
    struct file_identity identity = {.inode = 0};
    struct stat state;
    *size = 0;
    if (stat(name, &state) == 0) {
        identity = (struct file_identity){.device = state.st_dev, .inode = state.st_ino};
        *size = state.st_size;
    }
    return identity;
}

static struct file_identity identify(struct sqlite3 *db, const char *ending, off_t *size)
{
    char name[NAME_SIZE];
    write_name(db, ending, name);
    return identify_name(name, size);
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

bool sqlite_files_one_name(const char *name, struct error *error)
{
    struct stat state;
    return stat(name, &state) != 0 || state.st_nlink <= 1 ||
           error_set(error, ERROR_USAGE,
                     "%s has %ld names (hard links), and used by two of them SQLite damages it: "
                     "keep one (find -samefile lists them), and have ln -s make the others",
                     name, (long)state.st_nlink);
}

bool sqlite_files_note(struct sqlite_files *files, struct sqlite3 *db, const char *name)
{
    off_t size;
    *files = (struct sqlite_files){.name = name, .file = identify(db, "", &size)};
    if (!in_wal_mode(db)) {
        return true;
    }
    files->log = identify(db, "-wal", &size);
    files->index = identify(db, "-shm", &size);
    return files->log.inode != 0 && files->index.inode != 0 && size >= INDEX_BLOCK;
}

static bool still_there(struct file_identity noted, struct sqlite3 *db, const char *ending)
{
    off_t size;
    return noted.inode == 0 || same_file(noted, identify(db, ending, &size));
}

/* Returns whether `name` still resolves to the file that SQLite opened: SQLite follows links only
 * when it opens a file. */
static bool leads_to(const char *name, struct sqlite3 *db)
{
    const char *file = sqlite3_db_filename(db, "main");
    bool in_memory = file == NULL || file[0] == '\0';
    char *real = in_memory ? NULL : realpath(name, NULL);
    bool same = in_memory || (real != NULL && strcmp(real, file) == 0);
    free(real);
    return same;
}

static bool has_moved(struct sqlite3 *db)
{
    int moved = 0;
    return sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           moved != 0;
}

static bool file_gone(const struct sqlite_files *files, struct sqlite3 *db)
{
    off_t size = 0;
    return has_moved(db) ||
           (files->name != NULL &&
            (!leads_to(files->name, db) || (identify(db, "", &size).inode != 0 && size == 0)));
}

/* Returns false when SQLite has not mapped the index. */
static bool read_index(struct sqlite3 *db, struct index_head *head)
{
    sqlite3_file *file = NULL;
    void volatile *block = NULL;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
        file == NULL || file->pMethods == NULL || file->pMethods->iVersion < 2 ||
        file->pMethods->xShmMap(file, 0, INDEX_BLOCK, 0, &block) != SQLITE_OK || block == NULL) {
        return false;
    }
    for (size_t i = 0; i < HEAD_WORDS; i++) {
        head->words[i] = ((const volatile uint32_t *)block)[i];
    }
    return true;
}

/* The page size is in the second half of its word, where 1 means 65,536. */
static off_t page_size_of(const struct index_head *head)
{
    uint16_t halves[2];
    memcpy(halves, &head->words[HEAD_PAGE_SIZE], sizeof halves);
    return halves[1] == 1 ? 65536 : halves[1];
}

static bool same_salt(struct sqlite3 *db, const struct index_head *head)
{
    sqlite3_file *log = NULL;
    unsigned char bytes[LOG_HEAD];
    return sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
           log != NULL && log->pMethods != NULL &&
           log->pMethods->xRead(log, bytes, sizeof bytes, 0) == SQLITE_OK &&
           memcmp(bytes + LOG_SALT_AT, &head->words[HEAD_SALT], LOG_SALT_BYTES) == 0;
}

/* Returns whether the -wal is shorter than its index says, or has another salt. Reads the index
 * before and after, because other connections may write or restart the log meanwhile; if it has
 * changed, the comparison says nothing, and the result is false. */
static bool log_cut(const struct sqlite_files *files, struct sqlite3 *db)
{
    struct index_head before;
    struct index_head after;
    off_t size = 0;
    if (files->log.inode == 0) {
        return false;
    }
    (void)identify(db, "-shm", &size);
    if (size < INDEX_BLOCK) {
        return true; /* accessing the truncated mapping would end the process (SIGBUS) */
    }
    if (!read_index(db, &before) || before.words[HEAD_FRAMES] == 0) {
        return false;
    }
    (void)identify(db, "-wal", &size);
    off_t frame = FRAME_HEAD + page_size_of(&before);
    bool whole = size >= LOG_HEAD + before.words[HEAD_FRAMES] * frame && same_salt(db, &before);
    return !whole && read_index(db, &after) && memcmp(&before, &after, sizeof before) == 0;
}

enum sqlite_files_state sqlite_files_check(const struct sqlite_files *files, struct sqlite3 *db)
{
    if (file_gone(files, db)) {
        return SQLITE_FILES_GONE;
    }
    if (!still_there(files->log, db, "-wal") || !still_there(files->index, db, "-shm")) {
        return SQLITE_FILES_LOG_GONE;
    }
    return log_cut(files, db) ? SQLITE_FILES_LOG_CUT : SQLITE_FILES_WHOLE;
}

enum sqlite_files_saved sqlite_files_save(const struct sqlite_files *files, struct sqlite3 *db)
{
    off_t size;
    struct file_identity log = identify(db, "-wal", &size);
    if (same_file(log, files->log)) {
        return SQLITE_FILES_SAVED; /* the next program that opens FILE recovers from the -wal,
                                      which it reads from its start */
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
    if (has_moved(db) || !leads_to(sqlite3_db_filename(db, "main"), db)) {
        remove_own(files->log, db, "-wal");
        remove_own(files->index, db, "-shm");
    }
    return true;
}

void sqlite_files_drop_index(const struct sqlite_files *files, struct sqlite3 *db)
{
    remove_own(files->index, db, "-shm");
}

bool sqlite_files_same(const struct sqlite_files *files)
{
    off_t size;
    return files->name != NULL && same_file(files->file, identify_name(files->name, &size));
}

void sqlite_files_abandon(struct sqlite3 *db)
{
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    (void)sqlite3_close(db);
}
