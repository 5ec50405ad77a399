#include "registry/client/client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/waiting.h"
#include "registry/client/answer.h"
#include "registry/client/endpoints.h"
#include "registry/client/plan_cache.h"

#define REGISTRY_JSON "application/vnd.schemaregistry.v1+json"

enum {
    DEFAULT_TIMEOUT_MS = 10000,
    BODY_LIMIT = 3 * SCHEMA_TEXT_LIMIT, /* a schema is longer once it is escaped in JSON */
    REQUEST_LIMIT = 1 << 20,
};

const struct registry_limits registry_member_limits = {
    .missing_after_ms = 10000,
    .ask_again_ms = 30000,
    .waiting_ms = 60000,
    .waiting_window_ms = 3600000,
    .none_known_ms = 300000,
};
/* With these limits a command waits for all unknown ids of a topic together only as long as for
 * one. */
const struct registry_limits registry_reader_limits = {
    .missing_after_ms = 10000,
    .ask_again_ms = 30000,
    .waiting_ms = 10000,
    .waiting_window_ms = 3600000,
};

struct registry_client {
    struct schema *reader;
    const struct column *columns; /* borrowed */

    pthread_mutex_t register_lock; /* protects `poster` */
    struct endpoints *poster;

    struct endpoints *getter; /* only the fetch thread uses it */
    struct stop *ending;      /* stops the fetch thread and its request */
    pthread_t thread;
    bool thread_runs;
    /* Only the fetch thread uses these. */
    bool away;           /* the last fetch failed; logged once */
    int64_t answered_ns; /* when the server last sent an answer that only a registry sends */
    int64_t doubt_ns;    /* for how long after answered_ns the server counts as a registry */

    pthread_mutex_t lock;  /* protects `cache` */
    pthread_cond_t wanted; /* signalled when an id is queued or the client is destroyed */
    struct plan_cache *cache;
    struct guid_table guids; /* also protected by `lock` */
};

static int or_default(int value, int fallback)
{
    return value > 0 ? value : fallback;
}

/* Compiles the answer's schema text to a plan; if that fails, `error` says why. */
static enum fetch_result compile(const struct registry_client *client, const char *text,
                                 struct decode_plan **plan, struct error *error)
{
    struct schema *writer = schema_parse(str_from(text), error);
    if (writer != NULL) {
        *plan = decode_plan_compile(writer, client->reader, client->columns, error);
    }
    schema_destroy(writer);
    if (*plan != NULL) {
        return FETCH_PLAN;
    }
    /* Any other failure, such as a lack of memory, is not the schema's fault: fetch it again
     * later. */
    return error->kind == ERROR_REJECT ? FETCH_UNUSABLE : FETCH_LATER;
}

/* A 404 means "no such id" only if the server answers other registry requests: a web server at a
 * wrong address, or a proxy whose registry is down, answers 404 to all of them. */
static bool answers_others(struct registry_client *client, struct http_response *response)
{
    static const char *const paths[] = {"/schemas/types", "/config"};
    int64_t now_ns = clock_monotonic_ns();
    bool proved = client->answered_ns != 0 && now_ns - client->answered_ns < client->doubt_ns;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0] && !proved; i++) {
        struct http_request request = {.path = paths[i],
                                       .accept = REGISTRY_JSON ", application/json"};
        proved = endpoints_send(client->getter, &request, response, NULL) &&
                 answer_is_of_registry(response->status, strbuf_str(&response->body));
        client->answered_ns = proved ? now_ns : client->answered_ns;
    }
    return proved;
}

static enum fetch_result doubt_unknown(struct registry_client *client,
                                       struct http_response *response, struct error *error)
{
    if (answers_others(client, response)) {
        return FETCH_UNKNOWN;
    }
    error_set(error, ERROR_RETRY,
              "%.80s: not found, nor are /schemas/types and /config: is --registry a registry's "
              "address?",
              endpoints_url(client->getter));
    return FETCH_LATER;
}

/* Returns the path from which to fetch the schema. It is empty if the number stands for a GUID that
 * was dropped: /schemas/ids cannot answer for that. */
static struct strbuf schema_path(const struct registry_client *client, int32_t schema_id)
{
    char text[GUID_TEXT_SIZE];
    struct strbuf path = strbuf_new(64);
    const struct guid *guid = guid_table_find(&client->guids, schema_id);
    if (guid != NULL) {
        guid_format(guid, text);
        strbuf_append_format(&path, "/schemas/guids/%s", text);
    } else if (schema_id >= 0) {
        strbuf_append_format(&path, "/schemas/ids/%d", schema_id);
    }
    return path;
}

static enum fetch_result fetch(struct registry_client *client, const struct strbuf *path,
                               struct http_response *response, struct decode_plan **plan,
                               struct error *error)
{
    struct http_request request = {.path = strbuf_text(path),
                                   .accept = REGISTRY_JSON ", application/json"};
    if (!endpoints_send(client->getter, &request, response, error)) {
        if (!response->body.failed) {
            return FETCH_LATER;
        }
        (void)error_prefix(error, "the schema is larger than %d bytes", SCHEMA_TEXT_LIMIT);
        return FETCH_TOO_LARGE;
    }
    char *text = NULL;
    enum fetch_result result = FETCH_LATER;
    switch (answer_read_schema(response->status, strbuf_str(&response->body), &text, error)) {
    case ANSWER_SCHEMA:
        client->answered_ns = clock_monotonic_ns();
        result = compile(client, text, plan, error);
        break;
    case ANSWER_UNKNOWN:
        result = doubt_unknown(client, response, error);
        break;
    case ANSWER_UNUSABLE:
        result = FETCH_UNUSABLE;
        break;
    case ANSWER_LATER:
        (void)error_prefix(error, "%.100s", endpoints_url(client->getter));
        error->retry_after_ms = response->retry_after_ms;
        break;
    }
    free(text);
    return result;
}

/* Logs one line when the registry becomes unreachable, and one when it is back. What became of a
 * schema id is logged by the caller of registry_lookup(). */
static void log_fetch(struct registry_client *client, int32_t schema_id, enum fetch_result result,
                      const struct error *error)
{
    bool away = result == FETCH_LATER;
    if (away && !client->away) {
        log_warn("registry_away", log_int("schema_id", schema_id), log_text("reason", error->text));
    } else if (!away && client->away) {
        log_info("registry_back", log_int("schema_id", schema_id));
    }
    client->away = away;
    log_debug("schema_fetch", log_int("schema_id", schema_id),
              log_text("outcome", result == FETCH_PLAN ? "ready" : error->text));
}

/* The caller holds the lock. It is released during the request. */
static void fetch_and_store(struct registry_client *client, int32_t schema_id,
                            struct http_response *response)
{
    struct decode_plan *plan = NULL;
    struct error error = {0};
    struct strbuf path = schema_path(client, schema_id);
    (void)pthread_mutex_unlock(&client->lock);
    bool forgotten = path.length == 0 && !path.failed;
    enum fetch_result result =
        forgotten ? FETCH_FORGOTTEN : fetch(client, &path, response, &plan, &error);
    strbuf_free(&path);
    if (!forgotten && !stop_requested(client->ending)) {
        log_fetch(client, schema_id, result, &error);
    }
    (void)pthread_mutex_lock(&client->lock);
    plan_cache_store(client->cache, schema_id, result, plan, &error, clock_monotonic_ns());
}

static void *fetch_loop(void *argument)
{
    struct registry_client *client = argument;
    struct http_response response = {0};
    (void)pthread_mutex_lock(&client->lock);
    while (!stop_requested(client->ending)) {
        int32_t schema_id;
        int64_t due_ns;
        if (plan_cache_next(client->cache, clock_monotonic_ns(), &schema_id, &due_ns)) {
            fetch_and_store(client, schema_id, &response);
        } else {
            (void)waiting_until(&client->wanted, &client->lock, due_ns);
        }
    }
    (void)pthread_mutex_unlock(&client->lock);
    http_response_free(&response);
    return NULL;
}

/* Checks the reader's schema and columns. Both belong to this program, so a mismatch is
 * ERROR_USAGE. */
static bool parse_reader(struct registry_client *client, const char *text, struct error *error)
{
    client->reader = schema_parse(str_from(text), error);
    if (client->reader != NULL) {
        struct decode_plan *plan =
            decode_plan_compile(client->reader, client->reader, client->columns, error);
        decode_plan_destroy(plan);
        if (plan != NULL) {
            return true;
        }
    }
    error->kind = error->kind == ERROR_REJECT ? ERROR_USAGE : error->kind;
    return error_prefix(error, "the reader's schema");
}

static bool open_connections(struct registry_client *client, const struct registry_config *config,
                             struct error *error)
{
    struct http_client_config http = {
        .base_url = config->url,
        .option = "--registry",
        .connect_timeout_ms = or_default(config->timeout_ms, DEFAULT_TIMEOUT_MS),
        .timeout_ms = or_default(config->timeout_ms, DEFAULT_TIMEOUT_MS),
        .body_limit_bytes = BODY_LIMIT,
        .username = config->username,
        .password = config->password,
        .ca_file = config->ca_file,
        .cert_file = config->cert_file,
        .key_file = config->key_file,
        .stop = config->stop,
    };
    client->poster = endpoints_create(&http, error);
    client->ending = stop_create(error);
    http.stop = client->ending;
    client->getter = client->poster != NULL ? endpoints_create(&http, error) : NULL;
    return client->getter != NULL && client->ending != NULL;
}

static bool start_thread(struct registry_client *client, struct error *error)
{
    int failed = pthread_create(&client->thread, NULL, fetch_loop, client);
    client->thread_runs = failed == 0;
    return failed == 0 ||
           error_set(error, ERROR_FATAL, "no thread for the registry: %s", strerror(failed));
}

static void init_locks(struct registry_client *client)
{
    waiting_init(&client->wanted);
    (void)pthread_mutex_init(&client->lock, NULL);
    (void)pthread_mutex_init(&client->register_lock, NULL);
}

struct registry_client *registry_client_create(const struct registry_config *config,
                                               struct error *error)
{
    struct registry_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        error_set(error, ERROR_FATAL, "out of memory for a registry client");
        return NULL;
    }
    struct error own; /* parse_reader() reads the error's kind, but the caller's `error` may be
                         NULL */
    init_locks(client);
    client->columns = config->columns;
    const struct registry_limits *limits =
        config->limits != NULL ? config->limits : &registry_member_limits;
    client->doubt_ns = limits->missing_after_ms * NS_PER_MS / 2;
    client->cache = plan_cache_create(limits, random_from_system());
    if (client->cache == NULL) {
        error_set(&own, ERROR_FATAL, "out of memory for a registry client");
    }
    if (client->cache == NULL || !parse_reader(client, config->reader_schema, &own) ||
        !open_connections(client, config, &own) || !start_thread(client, &own)) {
        if (error != NULL) {
            *error = own;
        }
        registry_client_destroy(client);
        return NULL;
    }
    return client;
}

void registry_client_destroy(struct registry_client *client)
{
    if (client == NULL) {
        return;
    }
    if (client->thread_runs) {
        (void)pthread_mutex_lock(&client->lock);
        stop_request(client->ending);
        (void)pthread_cond_signal(&client->wanted);
        (void)pthread_mutex_unlock(&client->lock);
        (void)pthread_join(client->thread, NULL);
    }
    (void)pthread_mutex_destroy(&client->register_lock);
    (void)pthread_mutex_destroy(&client->lock);
    (void)pthread_cond_destroy(&client->wanted);
    endpoints_destroy(client->poster);
    endpoints_destroy(client->getter);
    stop_destroy(client->ending);
    plan_cache_destroy(client->cache);
    schema_destroy(client->reader);
    free(client);
}

static bool post(struct registry_client *client, const char *path, const struct strbuf *body,
                 int32_t *schema_id, struct error *error)
{
    struct http_response response = {0};
    struct http_request request = {.method = "POST",
                                   .path = path,
                                   .content_type = REGISTRY_JSON,
                                   .accept = REGISTRY_JSON ", application/json",
                                   .body = strbuf_str(body)};
    (void)pthread_mutex_lock(&client->register_lock);
    bool good = endpoints_send(client->poster, &request, &response, error);
    const char *url = endpoints_url(client->poster);
    (void)pthread_mutex_unlock(&client->register_lock);
    if (good) {
        good = answer_read_id(response.status, strbuf_str(&response.body), schema_id, error);
        if (!good) {
            (void)error_prefix(error, "%.100s", url);
        }
        if (!good && error != NULL && error->kind == ERROR_RETRY) {
            error->retry_after_ms = response.retry_after_ms;
        }
    }
    http_response_free(&response);
    return good;
}

void registry_value_subject(const char *topic, char subject[static REGISTRY_SUBJECT_SIZE])
{
    (void)snprintf(subject, REGISTRY_SUBJECT_SIZE, "%s-value", topic);
}

bool registry_register(struct registry_client *client, const char *subject, const char *schema_text,
                       int32_t *schema_id, struct error *error)
{
    struct strbuf path = strbuf_new(REQUEST_LIMIT);
    struct strbuf body = strbuf_new(REQUEST_LIMIT);
    strbuf_append_text(&path, "/subjects/");
    http_append_escaped(&path, str_from(subject));
    strbuf_append_text(&path, "/versions");
    strbuf_append_text(&body, "{\"schema\":");
    strbuf_append_json_string(&body, str_from(schema_text));
    strbuf_append_char(&body, '}');
    bool good = !path.failed && !body.failed
                    ? post(client, strbuf_text(&path), &body, schema_id, error)
                    : error_set(error, ERROR_FATAL, "the schema is too large to register");
    strbuf_free(&path);
    strbuf_free(&body);
    return good || error_prefix(error, "registering '%.80s'", subject);
}

enum registry_answer registry_lookup(struct registry_client *client, int32_t schema_id,
                                     const struct decode_plan **plan, struct error *error)
{
    bool queued = false;
    char guid_text[GUID_TEXT_SIZE];
    enum registry_answer answer = REGISTRY_PENDING;
    (void)pthread_mutex_lock(&client->lock);
    const struct guid *guid = guid_table_find(&client->guids, schema_id);
    if (schema_id >= 0 || guid != NULL) {
        answer =
            plan_cache_lookup(client->cache, schema_id, clock_monotonic_ns(), plan, &queued, error);
    } else {
        error_set(error, ERROR_RETRY, "the GUID of number %d was forgotten among many others",
                  schema_id);
    }
    if (guid != NULL && answer != REGISTRY_READY) {
        guid_format(guid, guid_text);
        (void)error_prefix(error, "GUID %s", guid_text);
    }
    if (queued) {
        (void)pthread_cond_signal(&client->wanted);
    }
    (void)pthread_mutex_unlock(&client->lock);
    return answer;
}

int32_t registry_guid_number(struct registry_client *client, const struct guid *guid)
{
    (void)pthread_mutex_lock(&client->lock);
    int32_t number = guid_table_number(&client->guids, guid);
    (void)pthread_mutex_unlock(&client->lock);
    return number;
}

void registry_release(struct registry_client *client, const struct decode_plan *plan)
{
    (void)pthread_mutex_lock(&client->lock);
    plan_cache_release(client->cache, plan);
    (void)pthread_mutex_unlock(&client->lock);
}

void registry_expect(struct registry_client *client, int32_t schema_id)
{
    (void)pthread_mutex_lock(&client->lock);
    bool known_kind = schema_id >= 0 || guid_table_find(&client->guids, schema_id) != NULL;
    if (known_kind && plan_cache_expect(client->cache, schema_id, clock_monotonic_ns())) {
        (void)pthread_cond_signal(&client->wanted);
    }
    (void)pthread_mutex_unlock(&client->lock);
}

void registry_saw(struct registry_client *client, int32_t schema_id, size_t messages)
{
    (void)pthread_mutex_lock(&client->lock);
    plan_cache_saw(client->cache, schema_id, messages);
    (void)pthread_mutex_unlock(&client->lock);
}
