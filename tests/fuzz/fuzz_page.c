/*
 * Requests to the page's server, over real connections. Input: a byte that says what it is. 0:
 * bytes that are sent as they are. 3: a byte for an operator's question, then its query. Others: a
 * byte for another question of the API, then its query.
 *
 * To anything there is an answer or an end of the connection within the time of a unit. The backend
 * is asked only what its contract allows: a valid coin, an interval above 0, from before to, limits
 * and places within their range. Any query gets JSON of the announced length (or a stream of
 * events), with 200 or with 400 and the reason, never 500.
 */
#include <jansson.h>

#include "base/http/http_client.h"
#include "base/log.h"
#include "fuzz/fuzz.h"
#include "fuzz/sockets.h"
#include "record/names.h"
#include "web/server.h"

enum { ANSWER_LIMIT = 1 << 20 };

static bool plain(void *context, struct strbuf *json, struct error *error)
{
    (void)context;
    (void)error;
    strbuf_append_text(json, "{}");
    return true;
}

static void check_wanted(const struct web_candles_wanted *wanted)
{
    MUST(record_symbol_valid(str_from(wanted->coin)) && wanted->interval_ns > 0);
    MUST(wanted->source == NULL || record_source_valid(str_from(wanted->source)));
    MUST(wanted->from_ns < wanted->to_ns && wanted->limit <= WEB_CANDLES_MOST);
}

static bool candles(void *context, const struct web_candles_wanted *wanted,
                    struct candle_list *list, struct coverage *coverage, struct error *error)
{
    (void)context;
    (void)list;
    (void)coverage;
    (void)error;
    check_wanted(wanted);
    MUST(strcmp(wanted->of, "ticker") == 0 || strcmp(wanted->of, "trade") == 0 ||
         strcmp(wanted->of, "bar") == 0);
    return true;
}

static bool compare(void *context, const struct web_candles_wanted *wanted, struct strbuf *json,
                    struct error *error)
{
    check_wanted(wanted);
    MUST((wanted->to_ns - wanted->from_ns) / wanted->interval_ns <= WEB_CANDLES_MOST);
    return plain(context, json, error);
}

static bool messages(void *context, const char *topic, int32_t partition, int64_t offset, int limit,
                     struct strbuf *json, struct error *error)
{
    (void)context;
    (void)topic;
    (void)error;
    MUST(partition >= 0 && offset >= -1 && limit >= 1 && limit <= WEB_MESSAGES_MOST);
    strbuf_append_text(json, "[]");
    return true;
}

static bool search(void *context, const struct web_search_wanted *wanted, struct strbuf *json,
                   struct error *error)
{
    MUST(wanted->partition >= 0 || (wanted->partition == -1 && wanted->key != NULL));
    MUST(wanted->from >= -1 && wanted->before >= -1);
    MUST(wanted->before < 0 || (wanted->from < 0 && wanted->since_ns == INT64_MIN));
    MUST(wanted->limit >= 1 && wanted->limit <= WEB_MESSAGES_MOST);
    MUST(wanted->key == NULL ||
         (wanted->key[0] != '\0' && strlen(wanted->key) <= WEB_SEARCH_KEY_MAX));
    MUST(wanted->contains == NULL ||
         (wanted->contains[0] != '\0' && strlen(wanted->contains) <= WEB_SEARCH_TEXT_MAX));
    return plain(context, json, error);
}

static bool predict(void *context, const struct web_predict_wanted *wanted, struct strbuf *json,
                    struct error *error)
{
    MUST(wanted->strategies != NULL && wanted->members >= 1);
    MUST(wanted->members <= WEB_PREDICT_MEMBERS_MOST);
    MUST(wanted->member >= 1 && wanted->member <= wanted->members);
    MUST(wanted->change != WEB_PREDICT_LEAVE || wanted->members > 1);
    return plain(context, json, error);
}

static void metrics(void *context, struct strbuf *text)
{
    (void)context;
    strbuf_append_text(text, "candlewick_up 1\n");
}

static bool healthy(void *context, struct strbuf *lines)
{
    (void)context;
    (void)lines;
    return true;
}

static unsigned short start_server(void)
{
    struct error error = {0};
    struct web_events *events = web_events_create(8, &error);
    MUST(events != NULL);
    web_events_publish(events, "tick", str_from("{\"seq\":1}"));
    web_events_publish(events, "status", str_from("{}"));
    web_events_close(events); /* a stream ends after these two */
    struct web_server_config config = {.listen = "127.0.0.1:0",
                                       .backend = {.info = plain,
                                                   .coins = plain,
                                                   .candles = candles,
                                                   .compare = compare,
                                                   .status = plain,
                                                   .messages = messages,
                                                   .search = search,
                                                   .predict = predict,
                                                   .metrics = metrics,
                                                   .healthy = healthy},
                                       .events = events};
    log_set_level(LOG_OFF);
    struct web_server *server = web_server_create(&config, &error);
    MUST(server != NULL);
    return (unsigned short)strtoul(strrchr(web_server_address(server), ':') + 1, NULL, 10);
}

static void check_body(const struct strbuf *answer, long status)
{
    const char *text = strbuf_text(answer);
    const char *length = strcasestr(text, "\r\nContent-Length: ");
    const char *end = strstr(text, "\r\n\r\n");
    MUST(length != NULL && end != NULL && length < end);
    struct str body = {end + 4, answer->length - (size_t)(end + 4 - text)};
    MUST(strtoul(length + 18, NULL, 10) == body.length);
    json_t *json = json_loadb(body.data, body.length, JSON_ALLOW_NUL, NULL);
    MUST(json != NULL);
    MUST(status == 200 || json_is_string(json_object_get(json, "error")));
    json_decref(json);
}

/* '&' and '=' part the query, and '+' is a blank: they stay, as do escapes. */
static void append_query(struct strbuf *request, struct str query)
{
    for (size_t i = 0; i < query.length; i++) {
        struct str c = {query.data + i, 1};
        if (strchr("&=+%", *c.data) != NULL && *c.data != '\0') {
            strbuf_append_str(request, c);
        } else {
            http_append_escaped(request, c);
        }
    }
}

static void ask(unsigned short port, const char *path, struct str query)
{
    struct strbuf request = strbuf_new(ANSWER_LIMIT);
    struct strbuf answer = strbuf_new(ANSWER_LIMIT);
    strbuf_append_format(&request, "GET %s?", path);
    append_query(&request, query);
    strbuf_append_text(&request, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    socket_exchange(port, strbuf_str(&request), &answer);
    const char *text = strbuf_text(&answer);
    MUST(strncmp(text, "HTTP/1.1 ", 9) == 0);
    long status = strtol(text + 9, NULL, 10);
    MUST(status == 200 || status == 400);
    if (strcasestr(text, "\r\nContent-Type: application/json") != NULL) {
        check_body(&answer, status);
    } else {
        MUST(status == 200 && strcmp(path, "/api/events") == 0);
    }
    strbuf_free(&request);
    strbuf_free(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"/api/candles", "/api/messages", "/api/events",
                                        "/api/coins", "/api/compare"};
    static const char *const operator_paths[] = {"/api/messages/search", "/api/lab/predict"};
    static unsigned short port;
    struct fuzz_input in = {data, size};
    port = port != 0 ? port : start_server();
    uint8_t what = fuzz_byte(&in);
    if (what == 0) {
        struct strbuf answer = strbuf_new(ANSWER_LIMIT);
        socket_exchange(port, fuzz_rest(&in), &answer);
        MUST(answer.length == 0 || strncmp(strbuf_text(&answer), "HTTP/1.", 7) == 0);
        strbuf_free(&answer);
    } else if (what == 3) {
        const char *path = operator_paths[fuzz_byte(&in) % 2];
        ask(port, path, fuzz_rest(&in));
    } else {
        const char *path = paths[fuzz_byte(&in) % 5];
        ask(port, path, fuzz_rest(&in));
    }
    return 0;
}
