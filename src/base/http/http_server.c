#include "base/http/http_server.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/http/http_connections.h"
#include "base/http/http_host.h"
#include "base/http/http_listen.h"
#include "base/http/http_reply.h"

enum {
    DEFAULT_BODY_LIMIT = 1 << 20,
    DEFAULT_CONNECTION_LIMIT = 64,
    DEFAULT_BODIES_LIMIT = 64 << 20,
    DEFAULT_IDLE_TIMEOUT_S = 15,
    ANSWER_IDLE_TIMES = 4, /* how many idle time-outs a client has to read an answer */
};

struct http_server {
    struct MHD_Daemon *daemon;
    struct http_connections *connections;
    char address[HTTP_ADDRESS_SIZE];
    char own_host[HTTP_ADDRESS_SIZE]; /* host of the configured address; empty: any Host is
                                         accepted */
    size_t body_limit;
    unsigned connection_limit;
    struct http_bodies bodies;
    int64_t idle_ms;
    bool upgrades;
    http_handler handler;
    void *context; /* borrowed */
};

/* One request while it is received. */
struct request {
    char *target; /* the request's target as sent; NULL: out of memory */
    bool begun;   /* the head was handled */
    struct strbuf body;
    struct http_upgrade upgrade; /* copied from the reply */
};

const char *http_exchange_query(const struct http_exchange *exchange, const char *name)
{
    const char *value = NULL;
    if (MHD_lookup_connection_value_n(exchange->connection, MHD_GET_ARGUMENT_KIND, name,
                                      strlen(name), &value, NULL) == MHD_NO) {
        return NULL;
    }
    return value != NULL ? value : "";
}

const char *http_exchange_header(const struct http_exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

static struct http_connection *connection_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

static int socket_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info != NULL ? info->connect_fd : -1;
}

static void allow(struct http_server *server, struct MHD_Connection *connection, int64_t within_ms)
{
    struct http_connection *known = connection_of(connection);
    if (known != NULL) {
        http_connections_allow(server->connections, known, within_ms);
    }
}

static void await_request(struct http_server *server, struct MHD_Connection *connection)
{
    struct http_connection *known = connection_of(connection);
    if (known != NULL) {
        http_connections_await(server->connections, known, server->idle_ms);
    }
}

static enum MHD_Result send_reply(struct http_server *server, struct MHD_Connection *connection,
                                  struct http_reply *reply, bool head)
{
    bool stream = reply->stream_next != NULL && !head;
    bool endless = stream && reply->stream_endless;
    struct MHD_Response *response = stream ? http_reply_stream(reply, socket_of(connection))
                                           : http_reply_body(reply, &server->bodies);
    if (response == NULL) {
        return MHD_NO; /* closes the connection */
    }
    allow(server, connection, endless ? 0 : server->idle_ms * ANSWER_IDLE_TIMES);
    enum MHD_Result result = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

/* Runs upgrade.run on the connection's thread. */
static void run_upgraded(void *context, struct MHD_Connection *connection, void *request_context,
                         const char *early, size_t early_length, MHD_socket fd,
                         struct MHD_UpgradeResponseHandle *handle)
{
    struct http_server *server = context;
    const struct request *request = request_context;
    struct http_connection *known = connection_of(connection);
    if (known != NULL && http_connections_upgrade(server->connections, known)) {
        request->upgrade.run(request->upgrade.context, fd, (struct str){early, early_length});
        http_connections_upgrade_over(server->connections, known);
    }
    (void)MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

static enum MHD_Result send_upgrade(struct http_server *server, struct MHD_Connection *connection,
                                    struct http_reply *reply)
{
    struct MHD_Response *response = http_reply_upgrade(reply, run_upgraded, server);
    if (response == NULL) {
        return MHD_NO; /* closes the connection */
    }
    allow(server, connection, server->idle_ms * ANSWER_IDLE_TIMES);
    enum MHD_Result result = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static struct http_reply new_reply(unsigned status)
{
    return (struct http_reply){
        .status = status, .content_type = "application/json", .body = strbuf_new(HTTP_REPLY_LIMIT)};
}

static enum MHD_Result refuse_large(struct http_server *server, struct MHD_Connection *connection)
{
    struct http_reply reply = new_reply(MHD_HTTP_CONTENT_TOO_LARGE);
    strbuf_append_format(&reply.body, "{\"error\":\"the body is larger than %zu bytes\"}",
                         server->body_limit);
    return send_reply(server, connection, &reply, false);
}

static enum MHD_Result refuse_host(struct http_server *server, struct MHD_Connection *connection)
{
    struct http_reply reply = new_reply(MHD_HTTP_MISDIRECTED_REQUEST);
    strbuf_append_format(&reply.body,
                         "{\"error\":\"this is %s, and the request's Host is another: a proxy in "
                         "front has to send Host: %s\"}",
                         server->address, server->address);
    return send_reply(server, connection, &reply, false);
}

size_t http_unescape(char *text)
{
    return MHD_http_unescape(text);
}

/* Called with the first line of a request; the result becomes handle()'s *request_context. */
static void *note_target(void *context, const char *target, struct MHD_Connection *connection)
{
    (void)context;
    (void)connection;
    struct request *request = calloc(1, sizeof *request);
    if (request != NULL) {
        request->target = strdup(target);
    }
    return request;
}

/* libmicrohttpd ends path and query at an encoded NUL: what follows would be lost, and the handler
 * would answer another request than the one sent. */
static enum MHD_Result refuse_nul(struct http_server *server, struct MHD_Connection *connection)
{
    struct http_reply reply = new_reply(MHD_HTTP_BAD_REQUEST);
    strbuf_append_text(&reply.body, "{\"error\":\"the address has a NUL (%00): leave it out\"}");
    return send_reply(server, connection, &reply, false);
}

/* The fields of a request's head that say where the request ends and which host it is for. */
struct framing {
    unsigned hosts, lengths, codings; /* number of Host, Content-Length and Transfer-Encoding
                                         fields */
    bool other_coding;                /* a transfer coding that libmicrohttpd does not know */
    bool odd_name;                    /* a blank or a control character in a name */
};

static enum MHD_Result note_field(void *context, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    struct framing *framing = context;
    (void)kind;
    if (strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
        framing->hosts++;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
        framing->lengths++;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        framing->codings++;
        framing->other_coding = value == NULL || strcasecmp(value, "chunked") != 0;
    }
    for (const char *at = name; *at != '\0'; at++) {
        framing->odd_name = framing->odd_name || *at <= ' ';
    }
    return MHD_YES;
}

/* A proxy in front of this server may find another end of such a request than libmicrohttpd does:
 * it then forwards as one request what this server reads as two (request smuggling). RFC 9112 (3.2,
 * 5.1, 6.1, 6.3) requires a server to refuse them. */
static bool is_ambiguous(struct MHD_Connection *connection)
{
    struct framing framing = {.hosts = 0};
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, note_field, &framing);
    return framing.hosts > 1 || framing.lengths + framing.codings > 1 || framing.other_coding ||
           framing.odd_name;
}

static enum MHD_Result refuse_ambiguous(struct http_server *server,
                                        struct MHD_Connection *connection)
{
    struct http_reply reply = new_reply(MHD_HTTP_BAD_REQUEST);
    strbuf_append_text(&reply.body, "{\"error\":\"one Host, and one Content-Length or "
                                    "Transfer-Encoding: chunked, and no blank before a colon\"}");
    return send_reply(server, connection, &reply, false);
}

/* Handles the head of a request. One with a body above the limit is refused at once if the client
 * waits for permission (Expect: 100-continue). Any other body must be read to its end: otherwise
 * the client would get a broken pipe instead of the 413. */
static enum MHD_Result begin_request(struct http_server *server, struct MHD_Connection *connection,
                                     struct request *request)
{
    request->begun = true;
    request->body = strbuf_new(server->body_limit);
    await_request(server, connection);
    if (is_ambiguous(connection)) {
        return refuse_ambiguous(server, connection);
    }
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    const char *expect =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_EXPECT);
    int64_t bytes;
    if (expect != NULL && length != NULL && str_to_int64(str_from(length), &bytes) &&
        bytes > (int64_t)server->body_limit) {
        return refuse_large(server, connection);
    }
    return MHD_YES;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request_context)
{
    (void)version;
    struct http_server *server = context;
    struct request *request = *request_context;
    if (request == NULL || request->target == NULL) {
        return MHD_NO; /* out of memory: closes the connection */
    }
    if (!request->begun) {
        return begin_request(server, connection, request);
    }
    if (*upload_size > 0) {
        strbuf_append(&request->body, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    struct http_connection *known = connection_of(connection);
    unsigned serving = known != NULL ? http_connections_serve(server->connections, known) : 0;
    if (request->body.failed) {
        return refuse_large(server, connection);
    }
    const char *host =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
    if (server->own_host[0] != '\0' && !http_host_is_ours(host, server->own_host)) {
        return refuse_host(server, connection);
    }
    if (strstr(request->target, "%00") != NULL) {
        return refuse_nul(server, connection);
    }
    request->target[strcspn(request->target, "?")] = '\0';
    bool head = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    struct http_exchange exchange = {
        .method = head ? MHD_HTTP_METHOD_GET : method,
        .head = head,
        .path = url,
        .sent_path = request->target,
        .body = strbuf_str(&request->body),
        .serving = serving,
        .connection = connection,
    };
    struct http_reply reply = new_reply(MHD_HTTP_OK);
    server->handler(server->context, &exchange, &reply);
    request->upgrade = reply.upgrade;
    return reply.upgrade.run != NULL ? send_upgrade(server, connection, &reply)
                                     : send_reply(server, connection, &reply, head);
}

static void request_completed(void *context, struct MHD_Connection *connection,
                              void **request_context, enum MHD_RequestTerminationCode why)
{
    (void)why;
    struct http_server *server = context;
    struct request *request = *request_context;
    if (request != NULL) {
        if (request->upgrade.free_context != NULL) {
            request->upgrade.free_context(request->upgrade.context);
        }
        strbuf_free(&request->body);
        free(request->target);
        free(request);
        *request_context = NULL;
    }
    await_request(server, connection);
}

static void connection_changed(void *context, struct MHD_Connection *connection,
                               void **socket_context, enum MHD_ConnectionNotificationCode what)
{
    struct http_server *server = context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        int fd = socket_of(connection);
        *socket_context = http_connections_add(server->connections, fd, server->idle_ms);
        if (*socket_context == NULL) {
            (void)shutdown(fd, SHUT_RDWR);
        }
    } else if (*socket_context != NULL) {
        http_connections_remove(server->connections, *socket_context);
        *socket_context = NULL;
    }
}

static void copy_settings(struct http_server *server, const struct http_server_config *config)
{
    server->body_limit =
        config->body_limit_bytes > 0 ? config->body_limit_bytes : DEFAULT_BODY_LIMIT;
    server->bodies.limit_bytes =
        config->bodies_limit_bytes > 0 ? config->bodies_limit_bytes : DEFAULT_BODIES_LIMIT;
    server->connection_limit = config->connection_limit > 0 ? config->connection_limit
                                                            : (unsigned)DEFAULT_CONNECTION_LIMIT;
    server->idle_ms =
        (config->idle_timeout_s > 0 ? config->idle_timeout_s : DEFAULT_IDLE_TIMEOUT_S) *
        INT64_C(1000);
    server->upgrades = config->upgrades;
    server->handler = config->handler;
    server->context = config->context;
}

/* Takes ownership of the listening socket `fd`. */
static bool start_daemon(struct http_server *server, int fd, struct error *error)
{
    server->connections = http_connections_create(server->connection_limit, error);
    if (server->connections == NULL) {
        (void)close(fd);
        return false;
    }
    /* MHD_OPTION_CONNECTION_TIMEOUT is not set: http_connections has stricter deadlines, and
     * libmicrohttpd 0.9.75 would spin during the last second before each time-out. The limit is
     * doubled, because connections that are shut down for new ones need a moment to end, and
     * libmicrohttpd closes a connection beyond the limit without reading it. */
    server->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
            MHD_USE_ITC | (server->address[0] == '[' ? MHD_USE_IPv6 : MHD_NO_FLAG) |
            (server->upgrades ? MHD_ALLOW_UPGRADE : MHD_NO_FLAG),
        0, NULL, NULL, handle, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        2 * server->connection_limit, MHD_OPTION_URI_LOG_CALLBACK, note_target, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, request_completed, server, MHD_OPTION_NOTIFY_CONNECTION,
        connection_changed, server, MHD_OPTION_END);
    return server->daemon != NULL ||
           error_set(error, ERROR_FATAL,
                     "the HTTP server on %s cannot start: out of memory or threads?",
                     server->address);
}

struct http_server *http_server_create(const struct http_server_config *config, struct error *error)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for an HTTP server");
        return NULL;
    }
    copy_settings(server, config);
    unsigned short port;
    int fd = http_listen(config->listen, config->flag, server->address, error);
    if (fd < 0) {
        goto failed;
    }
    if (config->own_host_only && http_host_is_loopback(server->address) &&
        !http_parse_address(config->listen, server->own_host, sizeof server->own_host, &port,
                            error)) {
        (void)close(fd);
        goto failed;
    }
    if (!start_daemon(server, fd, error)) {
        goto failed;
    }
    return server;
failed:
    http_server_destroy(server);
    return NULL;
}

void http_server_destroy(struct http_server *server)
{
    if (server == NULL) {
        return;
    }
    if (server->daemon != NULL) {
        http_connections_end_upgraded(server->connections);
        MHD_stop_daemon(server->daemon);
    }
    http_connections_destroy(server->connections);
    free(server);
}

const char *http_server_address(const struct http_server *server)
{
    return server->address;
}
