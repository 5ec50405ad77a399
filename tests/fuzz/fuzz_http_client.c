/*
 * An HTTP server's answers, as bytes on a real connection, to our client. Input: what the server
 * sends before it ends the connection.
 *
 * A request comes to an end, with an answer or with ERROR_RETRY and one line of words. An answer
 * has a status of three digits, a body within its limit, ended texts, and a wait and a date that
 * are none or after 1970. The next request, to a server that behaves, works.
 */
#include "base/http/http_client.h"
#include "fuzz/fuzz.h"
#include "fuzz/sockets.h"

enum { BODY_LIMIT = 64 << 10 };

static struct http_client *connect_client(void)
{
    char url[64];
    struct error error = {0};
    MUST(http_client_global_init(&error));
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", (unsigned)socket_answer_start());
    struct http_client_config config = {
        .base_url = url, .timeout_ms = SOCKET_PATIENCE_MS, .body_limit_bytes = BODY_LIMIT};
    struct http_client *client = http_client_create(&config, &error);
    MUST(client != NULL);
    return client;
}

/* A server that behaves. */
static void ask_well(struct http_client *client, struct http_response *response)
{
    static const char good[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    struct http_request request = {.path = "/"};
    struct error error = {0};
    socket_answer_set(str_from(good));
    MUST(http_client_send(client, &request, response, &error));
    MUST(response->status == 200 && str_equal_text(strbuf_str(&response->body), "ok"));
    MUST(response->retry_after_ms == 0 && response->date_ns == 0);
}

static void check_response(const struct http_response *response)
{
    MUST(response->status >= 100 && response->status <= 999);
    MUST(response->body.length <= BODY_LIMIT && !response->body.failed);
    MUST(memchr(response->content_type, '\0', sizeof response->content_type) != NULL);
    MUST(response->retry_after_ms >= 0 && response->date_ns >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_client *client;
    struct http_request request = {.path = "/"};
    struct http_response response = {0};
    struct error error = {0};
    if (client == NULL) { /* whatever comes first, something has come before */
        client = connect_client();
        ask_well(client, &response);
    }
    socket_answer_set((struct str){(const char *)data, size});
    if (http_client_send(client, &request, &response, &error)) {
        check_response(&response);
    } else {
        MUST(error.kind == ERROR_RETRY && error.text[0] != '\0');
        MUST(strchr(error.text, '\n') == NULL && response.body.length <= BODY_LIMIT);
    }
    ask_well(client, &response);
    http_response_free(&response);
    return 0;
}
