/*
 * The embedded registry's schemas, subjects and levels in SQLite (WAL, fsync at each commit). For
 * one thread at a time. A bool function returns false with ERROR_RETRY and SQLite's message if
 * SQLite failed.
 */
#ifndef CANDLEWICK_REGISTRY_SERVER_SERVER_STORE_H
#define CANDLEWICK_REGISTRY_SERVER_SERVER_STORE_H

#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

struct server_store;

/* Returns NULL with ERROR_FATAL, naming the file. Another program's database is refused. */
NODISCARD struct server_store *server_store_open(const char *path, struct error *error);
void server_store_close(struct server_store *store); /* NULL is allowed */

/* Begins the transaction of one request. If the file was removed or replaced (see
 * base/sqlite_files.h), the open one can still be read but not written: a begin with `writes`
 * fails, and so does an end with `keep` whose changes would be lost. */
NODISCARD bool server_store_begin(struct server_store *store, bool writes, struct error *error);
NODISCARD bool server_store_end(struct server_store *store, bool keep, struct error *error);

/* Returns whether a write would reach the file at `path`. Call it outside a transaction. */
NODISCARD bool server_store_whole(struct server_store *store, struct error *error);

/* Finds the schema whose `canonical` text is equal; *id is -1 if there is none. Ids count up to
 * 2^31-1, since a message has four bytes for them, and are never reused; after that
 * server_store_add_schema() fails. `text` is what the registry serves. */
NODISCARD bool server_store_find_schema(struct server_store *store, const char *canonical,
                                        int32_t *id, struct error *error);
NODISCARD bool server_store_add_schema(struct server_store *store, const char *canonical,
                                       const char *text, int32_t *id, struct error *error);
/* Reads a schema's text, which the caller frees; *text is NULL if there is no such id. */
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
    struct str subject; /* NULL data: any */
    int64_t version;    /* 0: any */
    int32_t schema_id;  /* 0: any */
    bool deleted;       /* include deleted versions */
    bool deleted_only;  /* only deleted ones; overrides `deleted` */
};
/* Lists versions by subject and version. The caller frees the list, also on failure. */
NODISCARD bool server_store_versions(struct server_store *store,
                                     const struct version_filter *filter, struct version_list *list,
                                     struct error *error);
/* Returns the subject's next version number; deleted versions count. */
NODISCARD bool server_store_next_version(struct server_store *store, struct str subject,
                                         int64_t *version, struct error *error);
NODISCARD bool server_store_add_version(struct server_store *store, struct str subject,
                                        int32_t schema_id, struct error *error);
/* Marks a version as deleted; 0: all versions of the subject. */
NODISCARD bool server_store_delete(struct server_store *store, struct str subject, int64_t version,
                                   struct error *error);

/* Reads the level of a subject; "" is the global one. *level is "" if none is set. */
enum { LEVEL_SIZE = 24 };
NODISCARD bool server_store_level(struct server_store *store, struct str subject,
                                  char level[LEVEL_SIZE], struct error *error);
/* Sets the level; NULL removes it. */
NODISCARD bool server_store_set_level(struct server_store *store, struct str subject,
                                      const char *level, struct error *error);

#endif
