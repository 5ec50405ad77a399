/* InfluxDB 3: the connection, the token, and the database and tables, which are created before the
 * first write. */
#include "store/influx/influx.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret_file.h"

enum {
    /* Enough for 100,000 candles of some 250 bytes each, or for as many refused lines. */
    ANSWER_LIMIT = 32 << 20,
    DATABASE_NAME_MAX = 64,
};

/* Limit for the lines of one batch: --batch-bytes allows 1 GiB of messages, and each byte of a text
 * may become two. */
#define BATCH_LIMIT ((size_t)3 << 30)

#define DATABASE_PATH "/api/v3/configure/database"

/* Overwrites the token where an answer contains it, so that no error text does. */
static void blank_token(struct influx *influx)
{
    size_t length = influx->token != NULL ? strlen(influx->token) : 0;
    char *at = influx->response.body.data;
    size_t left = length > 0 ? influx->response.body.length : 0;
    char *found = NULL;
    while (left > 0 && (found = memmem(at, left, influx->token, length)) != NULL) {
        memset(found, '*', length);
        left -= (size_t)(found - at) + length;
        at = found + length;
    }
}

static bool send_once(struct influx *influx, const struct http_request *request,
                      struct error *error)
{
    struct http_request with_token = *request;
    with_token.bearer_token = influx->token;
    if (!http_client_send(influx->http, &with_token, &influx->response, error)) {
        /* The HTTP client reports some failures as permanent; for a store all of them are
         * retried. */
        if (error != NULL) {
            error->kind = ERROR_RETRY;
        }
        return false;
    }
    blank_token(influx);
    return true;
}

/* Returns true when the file holds another token than the one in use. */
static bool renew_token(struct influx *influx)
{
    if (influx->token_file == NULL) {
        return false;
    }
    struct error error = {.kind = ERROR_NONE};
    char *token = secret_file_read_token(influx->token_file, &error);
    if (token == NULL) {
        log_warn("store_token_unreadable", log_text("reason", error.text));
        return false;
    }
    bool changed = influx->token == NULL || strcmp(token, influx->token) != 0;
    secret_free(influx->token);
    influx->token = token;
    return changed;
}

bool influx_send(struct influx *influx, const struct http_request *request, struct error *error)
{
    if (!send_once(influx, request, error)) {
        return false;
    }
    bool refused = influx->response.status == 401 || influx->response.status == 403;
    return (!(refused && renew_token(influx)) || send_once(influx, request, error)) &&
           http_client_refuse_redirect(influx->http, &influx->response, "--store", error);
}

bool influx_send_json(struct influx *influx, const char *method, const char *path,
                      struct strbuf *json, struct error *error)
{
    const struct http_request request = {.method = method,
                                         .path = path,
                                         .content_type = "application/json",
                                         .accept = "application/json",
                                         .body = strbuf_str(json)};
    bool sent = json->failed ? store_no_memory(error) : influx_send(influx, &request, error);
    strbuf_free(json);
    return sent;
}

static void influx_close(struct store *store)
{
    struct influx *influx = (struct influx *)store;
    http_client_destroy(influx->http);
    http_response_free(&influx->response);
    secret_free(influx->token);
    strbuf_free(&influx->body);
    free(influx->lines);
    free(influx->token_file);
    free(influx->write_path);
    free(influx->database);
    free(influx);
}

static bool refused(struct influx *influx, const char *path, struct error *error)
{
    const struct http_response *response = &influx->response;
    (void)influx_answer_error(response->status, strbuf_str(&response->body), error);
    if (error != NULL) {
        error->retry_after_ms = response->retry_after_ms;
    }
    return error_prefix(error, "%s: %s", influx->store.name, path);
}

/* Creates a database or table with one POST. Returns true if it exists now; *existed says whether
 * it did before. */
static bool make_sure(struct influx *influx, const char *path, struct strbuf *json, bool *existed,
                      struct error *error)
{
    if (!influx_send_json(influx, "POST", path, json, error)) {
        return false;
    }
    long status = influx->response.status;
    *existed = status == 409 || (status >= 400 && status < 500 &&
                                 strstr(strbuf_text(&influx->response.body), "already exists"));
    if (*existed || (status >= 200 && status < 300)) {
        return true;
    }
    if (status == 404 || status == 405) {
        /* Older servers do not have this call; they create the database and the table at the first
         * write. */
        log_warn("store_prepare_unknown", log_text("path", path), log_int("status", status));
        return true;
    }
    return refused(influx, path, error);
}

/* Returns {"db":"market","retention_period":"86400s"}; without the second member if there is no
 * retention. */
static struct strbuf describe_database(const struct influx *influx)
{
    struct strbuf json = strbuf_new(1024);
    strbuf_append_format(&json, "{\"db\":\"%s\"", influx->database);
    if (influx->retention_ns > 0) {
        /* InfluxDB's unit is the second. Round up: rather keep points a little longer than lose
         * them. */
        int64_t seconds = (influx->retention_ns - 1) / NS_PER_SECOND + 1;
        strbuf_append_text(&json, ",\"retention_period\":\"");
        strbuf_append_int64(&json, seconds);
        strbuf_append_text(&json, "s\"");
    }
    strbuf_append_char(&json, '}');
    return json;
}

/* Sets the retention of a database that existed already, or that a write has just created. Needs
 * InfluxDB 3.10. */
static bool set_retention(struct influx *influx, struct error *error)
{
    struct strbuf json = describe_database(influx);
    if (!influx_send_json(influx, "PUT", DATABASE_PATH, &json, error)) {
        return false;
    }
    long status = influx->response.status;
    if (status == 404 || status == 405) {
        log_warn("store_retention_kept", log_text("database", influx->database),
                 log_text("reason", "InfluxDB before 3.10 sets it only when it makes a database"));
        return true;
    }
    return (status >= 200 && status < 300) || refused(influx, DATABASE_PATH, error);
}

static bool prepare_database(struct influx *influx, struct error *error)
{
    struct strbuf json = describe_database(influx);
    bool existed = false;
    return make_sure(influx, DATABASE_PATH, &json, &existed, error) &&
           (!existed || influx->retention_ns <= 0 || set_retention(influx, error));
}

/* Fixes the column types in advance, so that a bad first line cannot give a column another type. */
static bool prepare_table(struct influx *influx, const struct record_kind *kind,
                          struct error *error)
{
    static const char *const types[] = {[COLUMN_TEXT] = "utf8",
                                        [COLUMN_INT64] = "int64",
                                        [COLUMN_DOUBLE] = "float64",
                                        [COLUMN_BOOL] = "bool",
                                        [COLUMN_LONG_TEXT] = "utf8"};
    struct stored_columns columns = kind_stored_columns(kind);
    struct strbuf json = strbuf_new(4096);
    strbuf_append_format(&json, "{\"db\":\"%s\",\"table\":\"%s\",\"tags\":[", influx->database,
                         kind->name);
    for (size_t i = 0; i < kind->tag_count; i++) {
        strbuf_append_format(&json, "%s\"%s\"", i > 0 ? "," : "",
                             column_stored_name(kind->tags[i].column));
    }
    strbuf_append_text(&json, "],\"fields\":[");
    for (size_t i = 0; i < columns.count; i++) {
        strbuf_append_format(&json, "%s{\"name\":\"%s\",\"type\":\"%s\"}", i > 0 ? "," : "",
                             column_stored_name(columns.items[i]), types[columns.items[i]->type]);
    }
    strbuf_append_text(&json, "]}");
    bool existed = false;
    return make_sure(influx, "/api/v3/configure/table", &json, &existed, error);
}

static bool influx_prepare(struct store *store, struct error *error)
{
    struct influx *influx = (struct influx *)store;
    bool prepared = prepare_database(influx, error);
    for (size_t i = 0; prepared && i < RECORD_KINDS; i++) {
        prepared = prepare_table(influx, record_kinds[i], error);
    }
    return prepared;
}

/* Checks the database's name by InfluxDB's own rule, which also makes the name safe in URLs, JSON
 * and SQL. */
static bool check_database(const char *name, struct error *error)
{
    size_t length =
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return (name[length] == '\0' && length <= DATABASE_NAME_MAX && isalnum((unsigned char)*name)) ||
           error_set(error, ERROR_USAGE,
                     "\"%.80s\" is no database name: letters, digits, _ and -, a letter or digit "
                     "first, at most %d",
                     name, DATABASE_NAME_MAX);
}

/* Refuses an address with credentials, because the address is shown to people and in logs. */
static bool check_address(const char *address, struct error *error)
{
    const char *host = strstr(address, "://") + 3;
    return memchr(host, '@', strcspn(host, "/?#")) == NULL ||
           error_set(error, ERROR_USAGE,
                     "the store's address holds a user or password: give a token by --token-file");
}

static bool copy_settings(struct influx *influx, const struct store_config *config,
                          const char *database, struct error *error)
{
    influx->retention_ns = config->retention_ns;
    influx->gzip = config->gzip;
    influx->database = strdup(database);
    influx->token_file = config->token_file != NULL ? strdup(config->token_file) : NULL;
    bool copied =
        influx->database != NULL && (config->token_file == NULL || influx->token_file != NULL) &&
        asprintf(&influx->write_path, "/api/v3/write_lp?db=%s&precision=nanosecond", database) >
            0 &&
        asprintf(&influx->store.name, "InfluxDB 3 at %s, database %s", config->address, database) >
            0;
    return copied || error_set(error, ERROR_FATAL, "no memory for a store");
}

static bool connect_settings(struct influx *influx, const struct store_config *config,
                             struct error *error)
{
    const struct http_client_config http = {.base_url = config->address,
                                            .option = "--store",
                                            .body_limit_bytes = ANSWER_LIMIT,
                                            .ca_file = config->ca_file,
                                            .stop = config->stop};
    influx->http = http_client_create(&http, error);
    if (influx->http == NULL) {
        return error_prefix(error, "--store");
    }
    if (influx->token_file != NULL) {
        influx->token = secret_file_read_token(influx->token_file, error);
        return influx->token != NULL;
    }
    return true;
}

static const struct store_backend influx_backend = {.close = influx_close,
                                                    .prepare = influx_prepare,
                                                    .write = influx_write,
                                                    .candles = influx_candles,
                                                    .list_series = influx_list_series,
                                                    .price_at = influx_price_at,
                                                    .closes = influx_closes,
                                                    .any = influx_any,
                                                    .count = influx_count,
                                                    .scan = influx_scan,
                                                    .count_between = influx_count_between,
                                                    .contents = influx_contents,
                                                    .contents_end = influx_contents_end};

struct store *influx_open(const struct store_config *config, struct error *error)
{
    const char *database = config->database != NULL ? config->database : "market";
    if (!check_address(config->address, error) || !check_database(database, error)) {
        return NULL;
    }
    struct influx *influx = calloc(1, sizeof *influx);
    if (influx == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for a store");
        return NULL;
    }
    influx->store.backend = &influx_backend;
    influx->store.read_only = config->read_only;
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        line_plan_init(&influx->line_plans[i], record_kinds[i]);
    }
    influx->body = strbuf_new(BATCH_LIMIT);
    if (!copy_settings(influx, config, database, error) ||
        !connect_settings(influx, config, error)) {
        store_close(&influx->store);
        return NULL;
    }
    return &influx->store;
}
