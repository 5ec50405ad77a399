/*
 * The embedded registry's schemas, subjects and levels in SQLite (WAL, fsync at each commit). For
 * one thread at a time. Every function: false when SQLite failed (ERROR_RETRY, its words).
 */
#ifndef CANDLEWICK_REGISTRY_SERVER_SERVER_STORE_H
#define CANDLEWICK_REGISTRY_SERVER_SERVER_STORE_H

#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

struct server_store;

/* NULL: ERROR_FATAL, names the file. A database of another program is refused. */
NODISCARD struct server_store *server_store_open(const char *path, struct error *error);
void server_store_close(struct server_store *store); /* NULL is allowed */

/* All that a request reads and writes is one transaction. While the file was removed or replaced
 * (see base/sqlite_files.h) the one that is open is still read, and nothing is written: a begin
 * that `writes` fails, and so does an end that keeps what would be lost. */
NODISCARD bool server_store_begin(struct server_store *store, bool writes, struct error *error);
NODISCARD bool server_store_end(struct server_store *store, bool keep, struct error *error);

/* Whether what is written would be in the file of that name. Outside a transaction. */
NODISCARD bool server_store_whole(struct server_store *store, struct error *error);

/* Ids count up to 2^31-1, as a message carries them, and are never given again; then
 * server_store_add_schema fails. `canonical` tells whether two schemas are the same; *id
 * is -1 when there is none. `text` is what is handed out. */
NODISCARD bool server_store_find_schema(struct server_store *store, const char *canonical,
                                        int32_t *id, struct error *error);
NODISCARD bool server_store_add_schema(struct server_store *store, const char *canonical,
                                       const char *text, int32_t *id, struct error *error);
/* *text is NULL when there is no such id; free() it. */
NODISCARD bool server_store_schema_text(struct server_store *store, int32_t id, char **text,
                                        struct error *error);

struct subject_version {
    char *subject;
    int64_t version;
    int32_t schema_id;
    bool deleted;
};
struct version_list {
    struct subject_version *items;
    size_t count;
    size_t capacity;
};
void version_list_free(struct version_list *list);

struct version_filter {
    struct str subject; /* data NULL: any */
    int64_t version;    /* 0: any */
    int32_t schema_id;  /* 0: any */
    bool deleted;       /* those, too */
    bool deleted_only;  /* goes before `deleted` */
};
/* By subject and version. Free the list, on failure too. */
NODISCARD bool server_store_versions(struct server_store *store,
                                     const struct version_filter *filter, struct version_list *list,
                                     struct error *error);
/* The next number of the subject counts the deleted ones. */
NODISCARD bool server_store_next_version(struct server_store *store, struct str subject,
                                         int64_t *version, struct error *error);
NODISCARD bool server_store_add_version(struct server_store *store, struct str subject,
                                        int32_t schema_id, struct error *error);
/* Hides a version, or all of the subject (0). */
NODISCARD bool server_store_delete(struct server_store *store, struct str subject, int64_t version,
                                   struct error *error);

/* The level of a subject; "" is the global one. *level is "" when none is set. */
enum { LEVEL_SIZE = 24 };
NODISCARD bool server_store_level(struct server_store *store, struct str subject,
                                  char level[LEVEL_SIZE], struct error *error);
/* NULL takes it away. */
NODISCARD bool server_store_set_level(struct server_store *store, struct str subject,
                                      const char *level, struct error *error);

#endif
