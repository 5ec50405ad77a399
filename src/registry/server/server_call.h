/* One request to the embedded registry, and the functions that answer it; for this folder only. */
#ifndef CANDLEWICK_REGISTRY_SERVER_SERVER_CALL_H
#define CANDLEWICK_REGISTRY_SERVER_SERVER_CALL_H

#include <jansson.h>

#include "base/http/http_server.h"
#include "registry/server/compatibility.h"
#include "registry/server/server_store.h"

enum { CALL_ARGUMENTS = 2 };

struct call {
    struct server_store *store; /* in a transaction, which is committed if the answer is a 200 */
    const struct http_exchange *exchange;
    struct http_reply *reply;
    struct str arguments[CALL_ARGUMENTS]; /* the path's segments at the route's '*' */
};

typedef void (*call_handler)(struct call *call);

/* Those error codes of Confluent's registry that this server uses. */
enum call_error {
    CALL_NOT_FOUND = 404,
    CALL_CONFLICT = 409,
    CALL_BAD_BODY = 422,
    CALL_NO_SUBJECT = 40401,
    CALL_NO_VERSION = 40402,
    CALL_NO_SCHEMA = 40403,
    CALL_SUBJECT_DELETED = 40404,
    CALL_NO_LEVEL = 40408,
    CALL_BAD_SCHEMA = 42201,
    CALL_BAD_VERSION = 42202,
    CALL_BAD_LEVEL = 42203,
    CALL_NOT_PERMITTED = 42205,
    CALL_BAD_SUBJECT = 42208,
    CALL_STORE_FAILED = 50001,
};

/* Answers {"error_code":40401,"message":"…"}; the HTTP status is the code's first three digits.
 * Returns false. */
PRINTF_LIKE(3, 4)
bool call_refuse(struct call *call, enum call_error code, const char *format, ...);
bool call_store_failed(struct call *call, const struct error *error);

/* Answers as Confluent's registry does if the body is not JSON or not of the expected form. Returns
 * false. */
bool call_bad_body(struct call *call, const char *message);

/* Parses the body as a JSON object, which the caller releases with json_decref(). Returns NULL if
 * the request was refused. */
NODISCARD json_t *call_read_body(struct call *call);

/* Appends "guid":"…" of the schema with that id and the text that the registry serves. */
void call_append_guid(struct strbuf *body, int32_t id, const char *text);

/* Returns whether a member of the body has a meaning: some clients send null and empty objects or
 * lists for members that they do not use. NULL is allowed. */
bool call_is_given(const json_t *value);

/* Parses the schema in the body ({"schema":"…"}). Returns NULL if the request was refused. */
NODISCARD struct schema *call_read_schema(struct call *call);

/* The id or version for which the body of a registration asks; -1: it does not ask. */
struct wish {
    int64_t id;
    int64_t version;
};
NODISCARD struct schema *call_read_wish(struct call *call, struct wish *wish);

/* Checks that the route's first '*' can be a subject's name. Returns false if the request was
 * refused. */
NODISCARD bool call_check_subject(struct call *call);

/* Reads the text of a schema that exists; the caller frees it. Returns NULL if the request was
 * refused. */
NODISCARD char *call_schema_text(struct call *call, int32_t id);

/* Reads "latest", "-1" or a number; *version is 0 for the latest. Returns false if the request was
 * refused. */
NODISCARD bool call_read_version(struct call *call, struct str text, int64_t *version);

/* Lists the subject's versions that the query asks for (see server_query.h), at least one. Returns
 * false if the request was refused. */
NODISCARD bool call_list_subject(struct call *call, struct version_list *list);
/* Picks a version from the list (0: the latest). Returns NULL if the request was refused because
 * there is no such version. */
NODISCARD const struct subject_version *
call_pick_version(struct call *call, const struct version_list *list, int64_t version);

/* Returns the subject's own level, or the global one if it has none; NULL if the request was
 * refused. */
NODISCARD const struct compatibility *call_level(struct call *call, struct str subject);

/* Finds the first version that the new schema is incompatible with, among those that the level
 * covers (all, or only the last). *misfit is NULL if there is none; otherwise `error` says why.
 * Returns false if the request was refused. */
NODISCARD bool call_find_misfit(struct call *call, const struct version_list *list,
                                const struct compatibility *level, const struct schema *newer,
                                const struct subject_version **misfit, struct error *error);

/* The routes of server_subjects.c, server_schemas.c and server_config.c. */
struct route {
    const char *method;
    const char *pattern; /* '*' matches one segment, the call's next argument */
    call_handler handler;
    unsigned honours; /* the parameters (enum query_parameter) that the route applies; other
                         parameters that change the answer are refused */
};
extern const struct route subject_routes[];
extern const struct route schema_routes[];
extern const struct route config_routes[]; /* each array ends with a NULL method */

#endif
