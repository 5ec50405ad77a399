/*
 * The source of CryptoPanic's posts: asks for the newest page. The key is in the request's query
 * and in the answer, so neither is ever shown. What decides is pure (cryptopanic_parse.h,
 * news_intake.h, service_schedule.h); here are the socket, the clock and the log.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/log.h"
#include "base/secret_file.h"
#include "base/stop.h"
#include "source/news/cryptopanic_parse.h"
#include "source/news/feed_url.h"
#include "source/service/poll_floor.h"
#include "source/service/service_health.h"
#include "source/service/service_schedule.h"
#include "source/sources.h"

enum {
    BODY_LIMIT = 4 << 20,
    PATH_LIMIT = 8 << 10,
    TIMEOUT_MS = 30000,
    WAIT_MS = 200,            /* at most, in one call of `next` (source.h, `pushed`) */
    FAILED_MOST_MS = 3600000, /* the longest wait after a failure that asks for none */
};

struct cryptopanic {
    struct cryptopanic_config config;
    struct feed_url url;
    char *key;
    struct strbuf path; /* with the key */
    struct http_client *client;
    struct http_response response;
    struct news_intake intake;
    struct service_schedule schedule;
    bool answered; /* an answer has come before: what is new in the next one is news of now */
    struct service_health health;
    _Atomic int64_t changed; /* titles, since they were sent */
};

static void destroy(void *state)
{
    struct cryptopanic *service = state;
    http_client_destroy(service->client);
    http_response_free(&service->response);
    news_intake_free(&service->intake);
    assets_destroy(service->config.assets);
    secret_free(service->key);
    if (service->path.data != NULL) {
        explicit_bzero(service->path.data, service->path.capacity);
    }
    strbuf_free(&service->path);
    service_health_free(&service->health);
    free(service);
}

static bool tell(void *state, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts)
{
    struct cryptopanic *service = state;
    const struct news *news = record;
    return kind != &news_kind || strcmp(news->source, CRYPTOPANIC_HOST) != 0 ||
           news_intake_tell(&service->intake, news, texts);
}

static bool explain(const struct http_response *response, struct error *error)
{
    long status = response->status;
    const char *why = status == 401 ? "it does not know the key: see --cryptopanic-key-file"
                      : status == 403
                          ? "the key's plan does not allow that, or its requests are used up"
                      : status == 404 ? "there is no such service: see --cryptopanic-url"
                      : status == 429 ? "it is asked too often: see --poll-interval cryptopanic"
                      : status >= 500 ? "the service is in trouble"
                                      : "see --cryptopanic-url";
    (void)error_set(error, ERROR_RETRY, "it answers %ld: %s", status, why);
    error->retry_after_ms = response->retry_after_ms;
    return false;
}

/* Sends the request. Returns false with `error` filled if there is no answer of use. */
static bool ask(struct cryptopanic *service, struct source_batch *batch, struct row_counts *counts,
                struct error *error)
{
    const struct http_request request = {.path = strbuf_text(&service->path),
                                         .accept = "application/json"};
    service_health_asked(&service->health);
    if (!http_client_send(service->client, &request, &service->response, error)) {
        return false;
    }
    if (service->response.status != 200) {
        return explain(&service->response, error);
    }
    const struct cryptopanic_answer answer = {.body = strbuf_str(&service->response.body),
                                              .key = service->key,
                                              .now_ns = service->config.wall_ns()};
    int64_t changed = service->intake.changed;
    if (!cryptopanic_parse(&answer, &service->intake, batch, counts, error)) {
        return false;
    }
    for (size_t i = 0; service->answered && i < batch->count; i++) {
        batch->arrived_ns[i] = answer.now_ns;
    }
    service->answered = true;
    changed = service->intake.changed - changed;
    if (changed > 0) {
        log_info("news_changed", log_text("source", CRYPTOPANIC_NAME), log_int("items", changed));
    }
    service->changed += changed;
    return true;
}

static enum source_next next(void *state, struct source_batch *batch, struct row_counts *counts,
                             struct error *error)
{
    struct cryptopanic *service = state;
    source_batch_begin(batch, &news_kind, true);
    int64_t now_ns = clock_monotonic_ns();
    int64_t left_ns = service->schedule.due_ns - now_ns;
    if (left_ns > 0) {
        int64_t left_ms = left_ns / NS_PER_MS + 1;
        (void)stop_wait_ms(service->config.stop, left_ms < WAIT_MS ? left_ms : WAIT_MS);
        return SOURCE_BATCH;
    }
    struct error failure = {.kind = ERROR_NONE};
    if (ask(service, batch, counts, &failure)) {
        service_schedule_answered(&service->schedule, now_ns);
        service_health_answered(&service->health);
        return SOURCE_BATCH;
    }
    if (failure.kind == ERROR_FATAL) {
        *error = failure;
        return SOURCE_ERROR;
    }
    if (!stop_requested(service->config.stop)) { /* else the stop may have interrupted it */
        service_schedule_failed(&service->schedule, clock_monotonic_ns(), failure.retry_after_ms);
        service_health_failed(&service->health, failure.text);
    }
    return SOURCE_BATCH;
}

static void report(void *state, struct source_report *report)
{
    struct cryptopanic *service = state;
    service_health_report(&service->health, report);
    source_report_add(report, "news_changed", "Titles that have changed since they were sent.",
                      true, service->changed);
}

/* Makes the request's path: the newest public news. */
static bool make_path(struct cryptopanic *service)
{
    const char *path = feed_url_path(&service->url);
    size_t length = strcspn(path, "?");
    service->path = strbuf_new(PATH_LIMIT);
    strbuf_append(&service->path, path, length);
    if (length == 0 || path[length - 1] != '/') {
        strbuf_append_char(&service->path, '/');
    }
    strbuf_append_text(&service->path, "?public=true&kind=news&auth_token=");
    http_append_escaped(&service->path, str_from(service->key));
    return !service->path.failed;
}

static bool open_service(struct cryptopanic *service, struct error *error)
{
    static const struct poll_floor floor = {
        CRYPTOPANIC_NAME, 600 * NS_PER_SECOND,
        "its free plan allows 200 requests a day, one in 432s, and a restart needs one, too"};
    const struct cryptopanic_config *config = &service->config;
    if (config->key_file == NULL) {
        return error_set(error, ERROR_USAGE,
                         "cryptopanic needs a key: put the one that its site gives you into a file "
                         "that only you can read, and name it with --cryptopanic-key-file");
    }
    if (!feed_url_parse(str_from(config->url), &service->url, error)) {
        return error_prefix(error, "--cryptopanic-url");
    }
    if (!poll_floor_check(&floor, config->interval_ns, config->url, error)) {
        return false;
    }
    service->key = secret_file_read_token(config->key_file, error);
    if (service->key == NULL) {
        return error_prefix(error, "--cryptopanic-key-file");
    }
    service->client =
        http_client_create(&(struct http_client_config){.base_url = service->url.base,
                                                        .option = "--cryptopanic-url",
                                                        .timeout_ms = TIMEOUT_MS,
                                                        .body_limit_bytes = BODY_LIMIT,
                                                        .ca_file = config->ca_file,
                                                        .stop = config->stop},
                           error);
    return service->client != NULL &&
           (make_path(service) || error_set(error, ERROR_USAGE, "--cryptopanic-url is too long"));
}

struct source *cryptopanic_source_create(const struct cryptopanic_config *config,
                                         struct error *error)
{
    struct source *source = calloc(1, sizeof *source);
    struct cryptopanic *service = calloc(1, sizeof *service);
    if (source == NULL || service == NULL) {
        free(source);
        free(service);
        assets_destroy(config->assets);
        (void)error_set(error, ERROR_FATAL, "no memory for a source");
        return NULL;
    }
    service->config = *config;
    service->intake.max_age_ns = config->max_age_ns;
    service->intake.assets = config->assets;
    service->schedule =
        service_schedule_new(config->interval_ns, FAILED_MOST_MS, random_from_system());
    service_health_init(&service->health, CRYPTOPANIC_NAME, "news_failed", "news_back");
    if (service->config.wall_ns == NULL) {
        service->config.wall_ns = clock_wall_ns;
    }
    if (!open_service(service, error)) {
        destroy(service);
        free(source);
        return NULL;
    }
    *source = (struct source){.name = CRYPTOPANIC_NAME,
                              .kind = &news_kind,
                              .live = true,
                              .pushed = true,
                              .told_all = true,
                              .state = service,
                              .tell = tell,
                              .next = next,
                              .report = report,
                              .destroy = destroy};
    return source;
}
