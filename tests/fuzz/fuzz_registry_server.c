/*
 * Requests to the embedded registry, over real connections; each input gets a registry of its own.
 * Input: up to four requests, each with a byte that says what it is. 0: bytes up to a NUL, sent as
 * they are. Others: a byte for the method, the path up to a NUL, and a body up to a NUL, sent as it
 * is or as the text of {"schema": …}; such a request is well-formed whatever the pieces are.
 *
 * To anything there is an answer or an end of the connection within the time of a unit. A
 * well-formed request gets JSON of the announced length and a status that the API has, never 500;
 * a schema that was taken is there under its id afterwards, as the one that was sent. In the end
 * the registry still lists its subjects.
 */
#include <jansson.h>

#include "base/http/http_client.h"
#include "base/log.h"
#include "fuzz/fuzz.h"
#include "fuzz/sockets.h"
#include "registry/codec/schema.h"
#include "registry/server/server.h"

enum { REQUESTS = 4, ANSWER_LIMIT = 1 << 20 };

static unsigned short port_of(const struct registry_server *server)
{
    return (unsigned short)strtoul(strrchr(registry_server_url(server), ':') + 1, NULL, 10);
}

/* A well-formed answer's body as JSON, and its status. */
static json_t *read_answer(const struct strbuf *answer, long *status)
{
    const char *text = strbuf_text(answer);
    const char *length = strcasestr(text, "\r\nContent-Length: ");
    const char *end = strstr(text, "\r\n\r\n");
    MUST(strncmp(text, "HTTP/1.1 ", 9) == 0 && length != NULL && end != NULL && length < end);
    MUST(strcasestr(text, "\r\nContent-Type: application/vnd.schemaregistry.v1+json\r\n") != NULL);
    *status = strtol(text + 9, NULL, 10);
    struct str body = {end + 4, answer->length - (size_t)(end + 4 - text)};
    MUST(strtoul(length + 18, NULL, 10) == body.length);
    json_t *json = json_loadb(body.data, body.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    MUST(json != NULL || body.length == 0);
    return json;
}

/* Bytes that a request line must not have are escaped; '&' and '=' keep their meaning. */
static void append_query(struct strbuf *request, struct str query)
{
    for (size_t i = 0; i < query.length; i++) {
        struct str byte = {.data = query.data + i, .length = 1};
        if (query.data[i] == '&' || query.data[i] == '=') {
            strbuf_append_str(request, byte);
        } else {
            http_append_escaped(request, byte);
        }
    }
}

/* `path` with its query. Free the JSON. */
static json_t *ask(unsigned short port, const char *method, struct str path, struct str body,
                   long *status)
{
    struct strbuf request = strbuf_new(ANSWER_LIMIT);
    struct strbuf answer = strbuf_new(ANSWER_LIMIT);
    struct str query = path;
    (void)str_split(&query, '?', &path);
    strbuf_append_text(&request, method);
    strbuf_append_text(&request, " /");
    while (path.length > 0) {
        struct str piece = {0};
        bool more = str_split(&path, '/', &piece);
        MUST(more);
        http_append_escaped(&request, piece);
        strbuf_append_text(&request, path.length > 0 ? "/" : "");
    }
    strbuf_append_text(&request, "?");
    append_query(&request, query);
    strbuf_append_format(&request,
                         " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                         "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                         body.length);
    strbuf_append_str(&request, body);
    MUST(!request.failed);
    socket_exchange(port, strbuf_str(&request), &answer);
    json_t *json = read_answer(&answer, status);
    strbuf_free(&request);
    strbuf_free(&answer);
    return json;
}

/* What was taken is kept. */
static void check_kept(unsigned short port, const json_t *taken, struct str body)
{
    char path[64];
    long status = 0;
    struct error error = {0};
    json_int_t id = json_integer_value(json_object_get(taken, "id"));
    (void)snprintf(path, sizeof path, "schemas/ids/%lld", (long long)id);
    json_t *kept = ask(port, "GET", str_from(path), str_from(""), &status);
    const char *text = json_string_value(json_object_get(kept, "schema"));
    MUST(id > 0 && status == 200 && text != NULL);
    json_t *request = json_loadb(body.data, body.length, 0, NULL);
    const char *sent = json_string_value(json_object_get(request, "schema"));
    MUST(sent != NULL);
    struct schema *ours = schema_parse(str_from(sent), &error);
    struct schema *theirs = schema_parse(str_from(text), &error);
    MUST(theirs != NULL && ours != NULL && schema_same(ours, theirs));
    schema_destroy(ours);
    schema_destroy(theirs);
    json_decref(request);
    json_decref(kept);
}

static bool is_new_version(const char *method, struct str path)
{
    const char *end = "/versions";
    struct str rest = path;
    (void)str_split(&rest, '?', &path);
    size_t length = strlen(end);
    return strcmp(method, "POST") == 0 && path.length > length &&
           str_starts_with(path, "subjects/") &&
           memcmp(path.data + path.length - length, end, length) == 0;
}

static void send_request(unsigned short port, struct fuzz_input *in, bool wrap)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
    static const long statuses[] = {200, 404, 405, 409, 413, 415, 422};
    const char *method = methods[fuzz_byte(in) % 4];
    struct str path = fuzz_piece(in);
    struct str text = fuzz_piece(in);
    struct strbuf body = strbuf_new(ANSWER_LIMIT);
    long status = 0;
    bool known = false;
    if (wrap) {
        strbuf_append_text(&body, "{\"schema\":");
        strbuf_append_json_string(&body, text);
        strbuf_append_text(&body, "}");
    } else {
        strbuf_append_str(&body, text);
    }
    json_t *json = ask(port, method, path, strbuf_str(&body), &status);
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        known = known || status == statuses[i];
    }
    MUST(known);
    MUST(status < 400 || json_is_string(json_object_get(json, "message")) ||
         json_is_array(json_object_get(json, "message")) || status == 413);
    if (status == 200 && wrap && is_new_version(method, path)) {
        check_kept(port, json, strbuf_str(&body));
    }
    json_decref(json);
    strbuf_free(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct error error = {0};
    struct registry_server_config config = {.listen = "127.0.0.1:0", .path = ":memory:"};
    log_set_level(LOG_OFF);
    struct registry_server *server = registry_server_create(&config, &error);
    MUST(server != NULL);
    unsigned short port = port_of(server);
    for (int i = 0; i < REQUESTS && in.left > 0; i++) {
        unsigned kind = fuzz_byte(&in) % 3;
        if (kind == 0) {
            struct strbuf answer = strbuf_new(ANSWER_LIMIT);
            socket_exchange(port, fuzz_piece(&in), &answer);
            MUST(answer.length == 0 || strncmp(strbuf_text(&answer), "HTTP/1.", 7) == 0);
            strbuf_free(&answer);
        } else {
            send_request(port, &in, kind == 1);
        }
    }
    long status = 0;
    json_t *subjects = ask(port, "GET", str_from("subjects"), str_from(""), &status);
    MUST(status == 200 && json_is_array(subjects));
    json_decref(subjects);
    registry_server_destroy(server);
    return 0;
}
