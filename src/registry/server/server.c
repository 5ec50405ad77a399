#include "registry/server/server.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "registry/server/server_query.h"

#define REGISTRY_JSON "application/vnd.schemaregistry.v1+json"

enum { BODY_LIMIT = 3 * SCHEMA_TEXT_LIMIT }; /* a schema is longer once it is escaped in JSON */

struct registry_server {
    struct server_store *store;
    pthread_mutex_t lock; /* protects `store`: one request at a time */
    struct http_server *http;
    char *url;
};

enum { PIECES = 8 }; /* limit for the segments of a path; every route has fewer */

/* The segments of a path, decoded: a subject may itself contain a slash. */
struct pieces {
    struct str items[PIECES];
    size_t count;
};

/* `path` is modified and borrowed. Returns false if it has more than PIECES segments. */
static bool split_path(char *path, struct pieces *pieces)
{
    pieces->count = 0;
    for (char *next = path; next != NULL; pieces->count++) {
        char *piece = next;
        next = strchr(piece, '/');
        if (next != NULL) {
            *next++ = '\0';
        }
        if (pieces->count == PIECES) {
            return false;
        }
        pieces->items[pieces->count].length = http_unescape(piece);
        pieces->items[pieces->count].data = piece;
    }
    /* "/subjects/" means the same as "/subjects". */
    pieces->count -= pieces->count > 2 && pieces->items[pieces->count - 1].length == 0 ? 1 : 0;
    return true;
}

/* Compares "/subjects/tickers-value/versions" with "/subjects/<star>/versions", segment by
 * segment. */
static bool matches(const char *pattern, const struct pieces *pieces, struct str *arguments)
{
    struct str rest = str_from(pattern);
    struct str want;
    size_t taken = 0;
    size_t i = 0;
    for (; str_split(&rest, '/', &want); i++) {
        if (i == pieces->count) {
            return false;
        }
        struct str got = pieces->items[i];
        if (str_equal_text(want, "*")) {
            if (got.length == 0 || taken == CALL_ARGUMENTS) {
                return false;
            }
            arguments[taken++] = got;
        } else if (!str_equal(want, got)) {
            return false;
        }
    }
    return i == pieces->count;
}

/* Returns NULL if no route fits; *known says whether the path has a route for another method. The
 * call's arguments borrow from `path`, which is modified. */
static const struct route *find_route(struct call *call, char *path, bool *known)
{
    static const struct route *const tables[] = {subject_routes, schema_routes, config_routes};
    struct pieces pieces;
    *known = false;
    if (!split_path(path, &pieces)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        for (const struct route *route = tables[i]; route->method != NULL; route++) {
            if (matches(route->pattern, &pieces, call->arguments)) {
                *known = true;
                if (strcmp(route->method, call->exchange->method) == 0) {
                    return route;
                }
            }
        }
    }
    return NULL;
}

/* Returns whether the body has one of the registry's content types. They are required even where
 * the body could be read without them: a browser's form or script on another site cannot send these
 * types without a preflight request. */
static bool is_json(const struct http_exchange *exchange)
{
    static const char *const types[] = {REGISTRY_JSON, "application/vnd.schemaregistry+json",
                                        "application/json"};
    const char *header = http_exchange_header(exchange, "Content-Type");
    struct str rest = str_from(header != NULL ? header : "");
    struct str type = {0};
    (void)str_split(&rest, ';', &type);
    type = str_trim(type);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (type.length == strlen(types[i]) && strncasecmp(type.data, types[i], type.length) == 0) {
            return true;
        }
    }
    return false;
}

static void send_plain_error(struct call *call, unsigned status, const char *body)
{
    call->reply->status = status;
    strbuf_append_text(&call->reply->body, body);
}

static void run_in_transaction(struct call *call, const struct route *route)
{
    struct error error;
    bool writes = strcmp(route->method, "GET") != 0;
    if (!server_store_begin(call->store, writes, &error)) {
        (void)call_store_failed(call, &error);
        return;
    }
    route->handler(call);
    if (!server_store_end(call->store, call->reply->status == 200, &error)) {
        (void)call_store_failed(call, &error);
    }
    if (call->reply->status >= 500) {
        log_error("registry_failed", log_text("path", call->exchange->path),
                  log_text("answer", strbuf_text(&call->reply->body)));
    }
}

static void handle(void *context, const struct http_exchange *exchange, struct http_reply *reply)
{
    struct registry_server *server = context;
    struct call call = {.store = server->store, .exchange = exchange, .reply = reply};
    reply->content_type = REGISTRY_JSON;
    char *path = strdup(exchange->sent_path);
    bool known = false;
    const struct route *route = path != NULL ? find_route(&call, path, &known) : NULL;
    if (path == NULL) {
        (void)call_refuse(&call, CALL_STORE_FAILED, "out of memory");
    } else if (route == NULL && known) {
        send_plain_error(&call, 405,
                         "{\"error_code\":405,\"message\":\"HTTP 405 Method Not Allowed\"}");
    } else if (route == NULL) {
        (void)call_refuse(&call, CALL_NOT_FOUND, "HTTP 404 Not Found");
    } else if ((strcmp(route->method, "POST") == 0 || strcmp(route->method, "PUT") == 0) &&
               !is_json(exchange)) {
        send_plain_error(&call, 415, "{\"message\":\"HTTP 415 Unsupported Media Type\"}");
    } else if (query_check(&call, route->honours)) {
        (void)pthread_mutex_lock(&server->lock);
        run_in_transaction(&call, route);
        (void)pthread_mutex_unlock(&server->lock);
    }
    free(path);
}

static bool make_url(struct registry_server *server, struct error *error)
{
    struct strbuf url = strbuf_new(512);
    strbuf_append_text(&url, "http://");
    strbuf_append_text(&url, http_server_address(server->http));
    server->url = strbuf_take(&url);
    return server->url != NULL || error_set(error, ERROR_FATAL, "out of memory for a registry");
}

struct registry_server *registry_server_create(const struct registry_server_config *config,
                                               struct error *error)
{
    struct registry_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        error_set(error, ERROR_FATAL, "out of memory for a registry");
        return NULL;
    }
    (void)pthread_mutex_init(&server->lock, NULL);
    server->store = server_store_open(config->path, error);
    if (server->store != NULL) {
        server->http =
            http_server_create(&(struct http_server_config){.listen = config->listen,
                                                            .body_limit_bytes = BODY_LIMIT,
                                                            .own_host_only = true,
                                                            .handler = handle,
                                                            .context = server},
                               error);
    }
    if (server->http == NULL || !make_url(server, error)) {
        registry_server_destroy(server);
        return NULL;
    }
    return server;
}

void registry_server_destroy(struct registry_server *server)
{
    if (server == NULL) {
        return;
    }
    http_server_destroy(server->http);
    server_store_close(server->store);
    (void)pthread_mutex_destroy(&server->lock);
    free(server->url);
    free(server);
}

const char *registry_server_url(const struct registry_server *server)
{
    return server->url;
}
