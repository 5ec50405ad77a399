#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/stop.h"
#include "base/websocket/websocket_handshake.h"
#include "base/websocket/websocket_parts.h"

enum {
    DEFAULT_CONNECT_TIMEOUT_MS = 10000,
    DEFAULT_SILENCE_TIMEOUT_MS = 30000,
    URL_LIMIT = 16 << 10,
    READ_BYTES = 4096,
};

/* Fills `shown` and `address`. */
static bool set_address(struct websocket *websocket, const char *path, struct error *error)
{
    const char *url = websocket->transport.base.url;
    path = path != NULL ? path : "";
    if (websocket->transport.base.username != NULL) {
        return error_set(error, ERROR_USAGE, "user and password are not sent to %s: leave them out",
                         url);
    }
    for (const char *c = path; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~') {
            return error_set(error, ERROR_USAGE, "a path behind %s that is not escaped", url);
        }
    }
    strbuf_append_format(&websocket->shown, "%s%.*s", url, (int)strcspn(path, "?"), path);
    strbuf_append_format(&websocket->address, "http%s%s", url + strlen("ws"), path);
    return (!websocket->shown.failed && !websocket->address.failed) ||
           error_set(error, ERROR_USAGE, "the address is longer than %d bytes", URL_LIMIT);
}

/* Opens the TCP and TLS connection, until `deadline_ns` at the latest. */
static bool dial(struct websocket *websocket, int64_t deadline_ns, struct error *error)
{
    websocket->easy = curl_easy_init();
    int64_t left_ms = (deadline_ns - clock_monotonic_ns()) / NS_PER_MS;
    if (websocket->easy == NULL || !http_transport_apply(&websocket->transport, websocket->easy) ||
        curl_easy_setopt(websocket->easy, CURLOPT_URL, strbuf_text(&websocket->address)) !=
            CURLE_OK ||
        curl_easy_setopt(websocket->easy, CURLOPT_TIMEOUT_MS, (long)(left_ms > 1 ? left_ms : 1)) !=
            CURLE_OK ||
        curl_easy_setopt(websocket->easy, CURLOPT_CONNECT_ONLY, 1L) != CURLE_OK) {
        return error_set(error, ERROR_FATAL, "no memory for a WebSocket");
    }
    CURLcode code = curl_easy_perform(websocket->easy);
    if (code != CURLE_OK) {
        return http_transport_explain(&websocket->transport, websocket->easy, code, false, error);
    }
    code = curl_easy_getinfo(websocket->easy, CURLINFO_ACTIVESOCKET, &websocket->fd);
    return (code == CURLE_OK && websocket->fd != CURL_SOCKET_BAD) ||
           error_set(error, ERROR_RETRY, "the connection is gone as soon as it was made");
}

/* Returns whether the handshake may continue: no stop is requested, and its deadline has not
 * passed. */
static bool in_time(const struct websocket *websocket, int64_t deadline_ns, struct error *error)
{
    const struct stop *stop = websocket->transport.stop;
    if (stop != NULL && stop_requested(stop)) {
        return error_set(error, ERROR_RETRY, "given up, because a stop was requested");
    }
    return clock_monotonic_ns() < deadline_ns ||
           error_set(error, ERROR_RETRY, "no whole answer to the WebSocket handshake in time");
}

/* Handles the result of a libcurl call during the handshake: waits for `events` after CURLE_AGAIN,
 * and fails for any other error. */
static bool go_on(struct websocket *websocket, CURLcode code, short events, int64_t deadline_ns,
                  struct error *error)
{
    if (code == CURLE_AGAIN) {
        (void)stop_wait_fd(websocket->transport.stop, websocket->fd, events, deadline_ns);
    } else if (code != CURLE_OK) {
        return http_transport_explain(&websocket->transport, websocket->easy, code,
                                      websocket->head.length > 0, error);
    }
    return in_time(websocket, deadline_ns, error);
}

static bool send_request(struct websocket *websocket, const char *key, int64_t deadline_ns,
                         struct error *error)
{
    struct strbuf request = strbuf_new(2 * URL_LIMIT);
    char *authority = http_url_authority(strbuf_text(&websocket->address));
    const char *host = strstr(strbuf_text(&websocket->address), "://") + strlen("://");
    const char *target = host + strcspn(host, "/?");
    bool done = authority != NULL;
    if (done) {
        websocket_append_request(&request, str_from(authority), str_from(target), key);
        done = !request.failed;
    }
    if (!done) {
        (void)error_set(error, ERROR_FATAL, "no memory for a WebSocket");
    }
    size_t sent = 0;
    while (done && sent < request.length) {
        size_t more = 0;
        CURLcode code =
            curl_easy_send(websocket->easy, request.data + sent, request.length - sent, &more);
        sent += more;
        done = go_on(websocket, code, POLLOUT, deadline_ns, error);
    }
    strbuf_free(&request);
    free(authority);
    return done;
}

/* Reads until `head` contains a whole head; it may then also contain bytes that follow the head. */
static bool read_head(struct websocket *websocket, int64_t deadline_ns, struct error *error)
{
    char bytes[READ_BYTES];
    while (websocket_head_length(strbuf_str(&websocket->head)) == 0) {
        size_t got = 0;
        CURLcode code = curl_easy_recv(websocket->easy, bytes, sizeof bytes, &got);
        code = code == CURLE_OK && got == 0 ? CURLE_GOT_NOTHING : code;
        if (!go_on(websocket, code, POLLIN, deadline_ns, error)) {
            return false;
        }
        strbuf_append(&websocket->head, bytes, got);
        if (websocket->head.failed) {
            return error_set(error, ERROR_RETRY,
                             "the answer to the WebSocket handshake is larger than %d bytes",
                             WEBSOCKET_HEAD_LIMIT);
        }
    }
    return true;
}

/* Removes the response head from the front of `head`, which then holds only the bytes that were
 * read behind it. */
static void drop_head(struct websocket *websocket)
{
    size_t length = websocket_head_length(strbuf_str(&websocket->head));
    websocket->head.length -= length;
    memmove(websocket->head.data, websocket->head.data + length, websocket->head.length);
}

/* Reads the final answer, and skips interim ones (1xx). */
static bool read_answer(struct websocket *websocket, int64_t deadline_ns, struct str *head,
                        struct error *error)
{
    for (;;) {
        if (!read_head(websocket, deadline_ns, error)) {
            return false;
        }
        *head = strbuf_str(&websocket->head);
        head->length = websocket_head_length(*head);
        if (!websocket_is_interim(*head)) {
            return true;
        }
        drop_head(websocket);
    }
}

static bool shake_hands(struct websocket *websocket, int64_t deadline_ns, struct error *error)
{
    char key[WEBSOCKET_KEY_SIZE];
    char accept[WEBSOCKET_ACCEPT_SIZE];
    struct str head;
    if (!websocket_make_key(key, error) || !websocket_make_accept(key, accept, error) ||
        !send_request(websocket, key, deadline_ns, error) ||
        !read_answer(websocket, deadline_ns, &head, error)) {
        return false;
    }
    struct str body = {head.data + head.length, websocket->head.length - head.length};
    if (!websocket_check_answer(head, body, accept, strbuf_text(&websocket->address),
                                websocket->transport.option, error)) {
        return false;
    }
    drop_head(websocket);
    return true;
}

static bool open_connection(struct websocket *websocket, const struct websocket_config *config,
                            struct error *error)
{
    int timeout_ms =
        config->connect_timeout_ms > 0 ? config->connect_timeout_ms : DEFAULT_CONNECT_TIMEOUT_MS;
    int64_t deadline_ns = websocket_deadline_ns(timeout_ms);
    if (!dial(websocket, deadline_ns, error) || !shake_hands(websocket, deadline_ns, error)) {
        return error_prefix(error, "%s", strbuf_text(&websocket->shown));
    }
    websocket->read_ns = clock_monotonic_ns();
    websocket->read_wall_ns = clock_wall_ns();
    websocket_set_silence_timeout(websocket, config->silence_timeout_ms > 0
                                                 ? config->silence_timeout_ms
                                                 : DEFAULT_SILENCE_TIMEOUT_MS);
    return true;
}

struct websocket *websocket_connect(const struct websocket_config *config, struct error *error)
{
    const struct http_client_config transport = {
        .base_url = config->base_url,
        .option = config->option,
        .connect_timeout_ms = config->connect_timeout_ms > 0 ? config->connect_timeout_ms
                                                             : DEFAULT_CONNECT_TIMEOUT_MS,
        .ca_file = config->ca_file,
        .stop = config->stop,
    };
    struct websocket *websocket = calloc(1, sizeof *websocket);
    if (websocket == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for a WebSocket");
        return NULL;
    }
    websocket->shown = strbuf_new(URL_LIMIT);
    websocket->address = strbuf_new(URL_LIMIT);
    websocket->head = strbuf_new(WEBSOCKET_HEAD_LIMIT + READ_BYTES);
    if (!http_transport_init(&websocket->transport, "ws", &transport, error) ||
        !set_address(websocket, config->path, error) ||
        !websocket_make_frames(websocket, WEBSOCKET_CLIENT, config->message_limit_bytes,
                               config->unsent_limit_bytes, error) ||
        !open_connection(websocket, config, error)) {
        websocket_destroy(websocket);
        return NULL;
    }
    return websocket;
}
