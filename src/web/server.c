#include "web/server.h"

#include <stdlib.h>
#include <string.h>

#include "base/http/http_server.h"
#include "web/answer.h"
#include "web/api.h"
#include "web/compress.h"
#include "web/page_files.h"

enum {
    HEARTBEAT_MS = 15000,
    CONNECTIONS = 256,
    /* The server handles at most this many page requests at once; further connections are reserved
     * for /metrics and /healthz. */
    PAGES_MOST = 192,
    STREAMS_MOST = 128, /* how many of these requests may be event streams */
    /* The most memory for answers that clients are slow to read: */
    BODIES_BYTES = 16 << 20,
    CANDLES_BYTES = 40 << 20, /* for candles: enough for five answers of the largest size at once */
    CANDLES_KEPT = 4 << 20,   /* the part of it that is reserved for small answers, such as the
                                 page asks for */
};

struct web_server {
    struct web_server_config config;
    struct api api;
    struct page_files *files;
    struct http_server *http;
};

struct route {
    const char *path;
    web_handler handler;
    bool for_machines;   /* the route is for programs: PAGES_MOST does not limit it, and
                            metrics_only leaves it on */
    web_handler on_post; /* NULL: the route takes no POST */
};

/* All routes but the page's files. */
static const struct route routes[] = {
    {"/api/info", api_info, false, NULL},
    {"/api/coins", api_coins, false, NULL},
    {"/api/markets", api_markets, false, NULL},
    {"/api/news", api_news, false, NULL},
    {"/api/history", api_history, false, NULL},
    {"/api/verify", api_verify, false, api_verify_start},
    {"/api/candles", api_candles, false, NULL},
    {"/api/compare", api_compare, false, NULL},
    {"/api/status", api_status, false, NULL},
    {"/api/lag", api_lag, false, NULL},
    {"/api/lab/predict", api_predict, false, NULL},
    {"/api/lab/results", api_lab_results, false, NULL},
    {"/api/messages", api_messages, false, NULL},
    {"/api/messages/search", api_search, false, NULL},
    {"/api/partitions", api_partitions, false, NULL},
    {"/api/events", api_events, false, NULL},
    {"/metrics", api_metrics, true, NULL},
    {"/healthz", api_healthz, true, NULL},
};

static const struct route *find_route(const struct web_server *server, const char *path)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; ++i) {
        bool offered = !server->config.metrics_only || routes[i].for_machines;
        if (offered && strcmp(routes[i].path, path) == 0) {
            return &routes[i];
        }
    }
    return NULL;
}

static void answer_file(const struct page_file *file, const struct http_exchange *exchange,
                        struct http_reply *reply)
{
    /* "no-cache": the browser asks about the file every time, but gets its content only if that has
     * changed. So it never shows the page of an older build. */
    answer_header(reply, "Cache-Control", "no-cache");
    bool packed = file->gzip.bytes.length > 0 &&
                  compress_accepted(http_exchange_header(exchange, "Accept-Encoding"));
    const struct page_content *content = packed ? &file->gzip : &file->plain;
    answer_header(reply, "ETag", content->etag);
    reply->content_type = file->content_type;
    if (page_file_is_known(content->etag, http_exchange_header(exchange, "If-None-Match"))) {
        reply->status = 304;
        return;
    }
    reply->fixed_body = content->bytes;
    if (packed) {
        answer_header(reply, "Content-Encoding", "gzip");
    }
}

static void answer_route(const struct web_server *server, web_handler handler,
                         const struct http_exchange *exchange, struct http_reply *reply)
{
    answer_header(reply, "Cache-Control", "no-store");
    handler(&server->api, exchange, reply);
    if (reply->body.failed) {
        answer_error(reply, 500, "the answer is too large: ask for less (limit, from, to)");
    }
}

/* Returns what answers the method; NULL: it is not allowed here. */
static web_handler handler_for(const struct route *route, const char *method)
{
    return strcmp(method, "GET") == 0    ? route->handler
           : strcmp(method, "POST") == 0 ? route->on_post
                                         : NULL;
}

static void refuse_method(const struct route *route, const struct http_exchange *exchange,
                          struct http_reply *reply)
{
    bool posts = route != NULL && route->on_post != NULL;
    answer_header(reply, "Cache-Control", "no-store");
    answer_header(reply, "Allow", posts ? "GET, HEAD, POST" : "GET, HEAD");
    answer_error(reply, 405, "%s takes %s only", exchange->path,
                 posts ? "GET, HEAD and POST" : "GET and HEAD");
}

/* The HTTP server has already turned HEAD into GET. */
static void answer(void *context, const struct http_exchange *exchange, struct http_reply *reply)
{
    const struct web_server *server = context;
    const struct route *route = find_route(server, exchange->path);
    const struct page_file *file =
        server->config.metrics_only ? NULL : page_files_find(server->files, exchange->path);
    answer_secure(reply);
    if (exchange->serving > PAGES_MOST && (route == NULL || !route->for_machines)) {
        answer_header(reply, "Cache-Control", "no-store");
        answer_busy(reply, "too many requests at once: ask again in a few seconds");
    } else if (route == NULL && file == NULL) {
        answer_header(reply, "Cache-Control", "no-store");
        answer_error(reply, 404, "there is no %s here", exchange->path);
    } else if (route != NULL ? handler_for(route, exchange->method) == NULL
                             : strcmp(exchange->method, "GET") != 0) {
        refuse_method(route, exchange, reply);
    } else if (route != NULL) {
        answer_route(server, handler_for(route, exchange->method), exchange, reply);
    } else {
        answer_file(file, exchange, reply);
    }
    compress_reply(exchange, reply);
}

struct web_server *web_server_create(const struct web_server_config *config, struct error *error)
{
    struct web_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for the web server");
        return NULL;
    }
    server->config = *config;
    server->config.listen = NULL; /* borrowed from the caller for this call only */
    if (server->config.heartbeat_ms == 0) {
        server->config.heartbeat_ms = HEARTBEAT_MS;
    }
    if (server->config.streams_most == 0) {
        server->config.streams_most = STREAMS_MOST;
    }
    struct http_server_config http = {.listen = config->listen,
                                      .flag = config->metrics_only ? "--metrics" : NULL,
                                      .connection_limit = CONNECTIONS,
                                      .bodies_limit_bytes = BODIES_BYTES,
                                      .own_host_only = true,
                                      .handler = answer,
                                      .context = server};
    if (!config->metrics_only) {
        server->files = page_files_create(error);
    }
    server->api = (struct api){
        .config = &server->config,
        .candle_room = room_create(CANDLES_BYTES, CANDLES_KEPT, error),
    };
    if ((server->files != NULL || config->metrics_only) && server->api.candle_room != NULL) {
        server->http = http_server_create(&http, error);
    }
    if (server->http == NULL) {
        web_server_destroy(server);
        return NULL;
    }
    return server;
}

void web_server_destroy(struct web_server *server)
{
    if (server == NULL) {
        return;
    }
    http_server_destroy(server->http);
    page_files_destroy(server->files);
    room_destroy(server->api.candle_room);
    free(server);
}

const char *web_server_address(const struct web_server *server)
{
    return http_server_address(server->http);
}
