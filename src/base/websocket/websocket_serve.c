#include "base/websocket/websocket_serve.h"

#include <stdlib.h>
#include <string.h>

#include "base/websocket/websocket_handshake.h"
#include "base/websocket/websocket_parts.h"

/* What is kept of an accepted request until its WebSocket ends. */
struct acceptance {
    struct websocket_serve_config config;
    char accept[WEBSOCKET_ACCEPT_SIZE];
    char *path;
};

static void free_acceptance(void *context)
{
    struct acceptance *acceptance = context;
    free(acceptance->path);
    free(acceptance);
}

/* Creates the WebSocket on a connection whose handshake is complete. Returns NULL when memory runs
 * out. */
static struct websocket *take_over(const struct websocket_serve_config *config, int fd,
                                   struct str early)
{
    struct websocket *websocket = calloc(1, sizeof *websocket);
    if (websocket == NULL) {
        return NULL;
    }
    websocket->fd = fd;
    websocket->shown = strbuf_new(32);
    strbuf_append_text(&websocket->shown, "WebSocket");
    websocket->head = strbuf_new(early.length);
    strbuf_append_str(&websocket->head, early);
    if (websocket->shown.failed || websocket->head.failed ||
        !websocket_make_frames(websocket, WEBSOCKET_SERVER, config->message_limit_bytes,
                               config->unsent_limit_bytes, NULL)) {
        websocket_destroy(websocket);
        return NULL;
    }
    websocket->read_ns = clock_monotonic_ns();
    websocket->read_wall_ns = clock_wall_ns();
    websocket_set_silence_timeout(websocket, config->silence_timeout_ms);
    return websocket;
}

static void run_service(void *context, int fd, struct str early)
{
    struct acceptance *acceptance = context;
    struct websocket *websocket = take_over(&acceptance->config, fd, early);
    if (websocket != NULL) {
        acceptance->config.service(acceptance->config.context, websocket, acceptance->path);
        websocket_destroy(websocket);
    }
}

static bool refuse(struct http_reply *reply, unsigned status, const char *why)
{
    reply->status = status;
    reply->headers[0][0] = "Sec-WebSocket-Version";
    reply->headers[0][1] = "13";
    strbuf_append_format(&reply->body, "{\"error\":\"%s\"}", why);
    return false;
}

static bool has_token(const struct http_exchange *exchange, const char *header, const char *token)
{
    const char *value = http_exchange_header(exchange, header);
    return value != NULL && websocket_has_token(str_from(value), token);
}

/* Returns whether `key` has the form of a key: 16 bytes as base64 (RFC 4648, 4). */
static bool is_key(const char *key)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return key != NULL && strlen(key) == WEBSOCKET_KEY_SIZE - 1 && strspn(key, digits) == 22 &&
           strcmp(key + 22, "==") == 0;
}

bool websocket_serve(const struct websocket_serve_config *config,
                     const struct http_exchange *exchange, struct http_reply *reply)
{
    const char *version = http_exchange_header(exchange, "Sec-WebSocket-Version");
    const char *key = http_exchange_header(exchange, "Sec-WebSocket-Key");
    if (!has_token(exchange, "Upgrade", "websocket") ||
        !has_token(exchange, "Connection", "upgrade") || strcmp(exchange->method, "GET") != 0 ||
        exchange->head) {
        return refuse(reply, 426, "this address is for WebSockets");
    }
    if (version == NULL || strcmp(version, "13") != 0) {
        return refuse(reply, 426, "only version 13 of the WebSocket protocol is spoken here");
    }
    if (!is_key(key)) {
        return refuse(reply, 400, "Sec-WebSocket-Key has to be 16 bytes as base64");
    }
    struct acceptance *acceptance = calloc(1, sizeof *acceptance);
    if (acceptance != NULL) {
        acceptance->config = *config;
        acceptance->path = strdup(exchange->path);
    }
    if (acceptance == NULL || acceptance->path == NULL ||
        !websocket_make_accept(key, acceptance->accept, NULL)) {
        free(acceptance != NULL ? acceptance->path : NULL);
        free(acceptance);
        return refuse(reply, 500, "no memory");
    }
    reply->status = 101;
    reply->content_type = NULL;
    reply->headers[0][0] = "Upgrade";
    reply->headers[0][1] = "websocket";
    reply->headers[1][0] = "Sec-WebSocket-Accept";
    reply->headers[1][1] = acceptance->accept; /* libmicrohttpd copies it before the service runs */
    reply->upgrade = (struct http_upgrade){run_service, free_acceptance, acceptance};
    return true;
}
