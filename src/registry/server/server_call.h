/* One request to the embedded registry, and the ways to answer it; for this folder only. */
#ifndef CANDLEWICK_REGISTRY_SERVER_SERVER_CALL_H
#define CANDLEWICK_REGISTRY_SERVER_SERVER_CALL_H

#include <jansson.h>

#include "base/http/http_server.h"
#include "registry/server/compatibility.h"
#include "registry/server/server_store.h"

enum { CALL_ARGUMENTS = 2 };

struct call {
    struct server_store *store; /* in a transaction, which stays when the answer is a 200 */
    const struct http_exchange *exchange;
    struct http_reply *reply;
    struct str arguments[CALL_ARGUMENTS]; /* what stands for the route's '*' */
};

typedef void (*call_handler)(struct call *call);

/* The error codes of Confluent's registry that are sent here. */
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

/* {"error_code":40401,"message":"…"}; the HTTP status is the code's first three digits. Returns
 * false. */
PRINTF_LIKE(3, 4)
bool call_refuse(struct call *call, enum call_error code, const char *format, ...);
bool call_store_failed(struct call *call, const struct error *error);

/* The shape that a body gets which is no JSON, or not what was asked for. Returns false. */
bool call_bad_body(struct call *call, const char *message);

/* The body as a JSON object, to json_decref(). NULL: refused. */
NODISCARD json_t *call_read_body(struct call *call);

/* "guid":"…", of the schema with that id and the text that the registry hands out. */
void call_append_guid(struct strbuf *body, int32_t id, const char *text);

/* Does a value of the body ask for something? Some clients send null and empty shapes. NULL is
 * allowed. */
bool call_is_given(const json_t *value);

/* The schema in the body ({"schema":"…"}). NULL: refused. */
NODISCARD struct schema *call_read_schema(struct call *call);

/* A body that asks for an id or a version of its own, too; each -1 when it does not. */
struct wish {
    int64_t id;
    int64_t version;
};
NODISCARD struct schema *call_read_wish(struct call *call, struct wish *wish);

/* Can the route's first '*' be a subject's name? False: refused. */
NODISCARD bool call_check_subject(struct call *call);

/* The text of a schema that is known to be there, to free(). NULL: refused. */
NODISCARD char *call_schema_text(struct call *call, int32_t id);

/* "latest", "-1" or a number; 0 for the latest. False: refused. */
NODISCARD bool call_read_version(struct call *call, struct str text, int64_t *version);

/* The subject's versions that the query asks for (see server_query.h), at least one. False:
 * refused. */
NODISCARD bool call_list_subject(struct call *call, struct version_list *list);
/* Of these the asked one (0: the latest). NULL: refused. */
NODISCARD const struct subject_version *
call_pick_version(struct call *call, const struct version_list *list, int64_t version);

/* The subject's own level, or else the global one. NULL: refused. */
NODISCARD const struct compatibility *call_level(struct call *call, struct str subject);

/* Of the versions that the level names (all, or the last one), the first that the new schema does
 * not fit, and why; *misfit is NULL when it fits them all. False: refused. */
NODISCARD bool call_find_misfit(struct call *call, const struct version_list *list,
                                const struct compatibility *level, const struct schema *newer,
                                const struct subject_version **misfit, struct error *error);

/* The routes of server_subjects.c, server_schemas.c and server_config.c. */
struct route {
    const char *method;
    const char *pattern; /* '*' is one segment, the call's next argument */
    call_handler handler;
    unsigned honours; /* enum query_parameter: others that change the answer are refused */
};
extern const struct route subject_routes[];
extern const struct route schema_routes[];
extern const struct route config_routes[]; /* each ended by a NULL method */

#endif
