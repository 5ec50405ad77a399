#include "source/service/tick_service.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/http/http_url.h"
#include "base/log.h"
#include "base/secret_file.h"
#include "base/stop.h"
#include "record/ticker.h"
#include "source/service/backfill.h"
#include "source/service/poll_floor.h"
#include "source/service/sent_ticks.h"
#include "source/service/service_health.h"
#include "source/service/service_schedule.h"

enum {
    PATH_LIMIT = 64 << 10,
    BODY_LIMIT = 8 << 20,
    TIMEOUT_MS = 20000,
    WAIT_MS = 200,           /* at most, in one call of `next` (source.h, `pushed`) */
    KEY_LOOKED_FOR = 8,      /* bytes: a shorter one may be in an answer by chance */
    FAILED_MOST_MS = 600000, /* the longest wait after a failure that asks for none */
};
/* What may be between the time of a tick and when it was written to the log. */
#define WRITTEN_WITHIN_NS (3600 * NS_PER_SECOND)
/* A tick that is further ahead of the clock is not sent: members take none that is
 * (pipeline/record_decoder.h), and the right ones after it would be out of order. */
#define AHEAD_NS (3600 * NS_PER_SECOND)

struct tick_service {
    const struct tick_service_reader *reader;
    void *service;
    struct http_client *client;
    struct http_response response;
    struct strbuf path;
    char *key; /* NULL: none */
    const char *key_header;
    const struct coin_table *wanted;
    struct stop *stop;
    int64_t (*wall_ns)(void);
    struct service_schedule prices, past;
    struct sent_ticks sent;
    struct backfill backfill;
    struct service_health health;
    bool answered; /* an answer has come before: what is new in the next one is of now */
};

static void destroy(void *state)
{
    struct tick_service *ticks = state;
    http_client_destroy(ticks->client);
    http_response_free(&ticks->response);
    strbuf_free(&ticks->path);
    sent_ticks_free(&ticks->sent);
    backfill_free(&ticks->backfill);
    service_health_free(&ticks->health);
    secret_free(ticks->key);
    ticks->reader->free_service(ticks->service);
    free(ticks);
}

static bool tell(void *state, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts)
{
    struct tick_service *ticks = state;
    const struct ticker *tick = record;
    (void)texts;
    return kind != &ticker_kind ||
           (strcmp(tick->source, ticks->reader->name) != 0 &&
            strcmp(tick->source, ticks->reader->past_name) != 0) ||
           (sent_ticks_keep(&ticks->sent, tick) && backfill_keep(&ticks->backfill, tick));
}

/* Keeps in the batch the ticks that were not sent before, and counts each tick. Returns false when
 * memory runs out. */
static bool choose(struct tick_service *ticks, struct source_batch *batch,
                   struct row_counts *counts)
{
    size_t kept = 0;
    for (size_t i = 0; i < batch->count; i++) {
        const struct ticker tick = *(const struct ticker *)source_batch_at(batch, i);
        bool ahead = tick.event_time_ns > ticks->wall_ns() + AHEAD_NS;
        enum row_fault fault = ahead ? ROW_BAD_TIME : sent_ticks_look(&ticks->sent, &tick);
        if (fault != ROW_FAULTS) {
            counts->rejected[fault]++;
            continue;
        }
        if (!sent_ticks_keep(&ticks->sent, &tick) || !backfill_keep(&ticks->backfill, &tick)) {
            return false;
        }
        counts->records++;
        batch->arrived_ns[kept] = ticks->answered ? ticks->wall_ns() : 0;
        *(struct ticker *)source_batch_at(batch, kept++) = tick;
    }
    batch->count = kept;
    return true;
}

/* As choose(), of the past of one coin. */
static bool choose_past(struct tick_service *ticks, struct source_batch *batch,
                        struct row_counts *counts)
{
    if (!backfill_choose(&ticks->backfill, batch, counts)) {
        return false;
    }
    for (size_t i = 0; i < batch->count; i++) {
        if (!sent_ticks_keep(&ticks->sent, source_batch_at(batch, i))) {
            return false;
        }
    }
    return true;
}

static bool no_memory(struct tick_service *ticks, struct source_batch *batch, struct error *error)
{
    batch->count = 0;
    return error_set(error, ERROR_FATAL, "no memory for the ticks of %s", ticks->reader->name);
}

/* Sends the request of `path`. Returns false with `error` filled if there is no answer. */
static bool send_request(struct tick_service *ticks, struct service_answer *answer,
                         struct error *error)
{
    const struct http_request request = {.path = strbuf_text(&ticks->path),
                                         .accept = "application/json",
                                         .key_header = ticks->key_header,
                                         .key = ticks->key};
    service_health_asked(&ticks->health);
    if (!http_client_send(ticks->client, &request, &ticks->response, error) ||
        !http_client_refuse_redirect(ticks->client, &ticks->response, ticks->reader->url_option,
                                     error)) {
        return false;
    }
    struct str body = strbuf_str(&ticks->response.body);
    size_t length = ticks->key != NULL ? strlen(ticks->key) : 0;
    if (length >= KEY_LOOKED_FOR && body.length > 0 &&
        memmem(body.data, body.length, ticks->key, length) != NULL) {
        return error_set(error, ERROR_RETRY, "the answer (HTTP %ld) contains the key: not read",
                         ticks->response.status);
    }
    *answer = (struct service_answer){.status = ticks->response.status,
                                      .body = body,
                                      .retry_after_ms = ticks->response.retry_after_ms,
                                      .has_key = ticks->key != NULL,
                                      .now_ns = ticks->wall_ns()};
    return true;
}

static bool ask_prices(struct tick_service *ticks, struct source_batch *batch,
                       struct row_counts *counts, struct service_refusal *refusal,
                       struct error *error)
{
    struct service_answer answer;
    strbuf_clear(&ticks->path);
    ticks->reader->write_prices(ticks->service, &ticks->path);
    if (!send_request(ticks, &answer, error) ||
        !ticks->reader->read_prices(ticks->service, &answer, batch, counts, refusal, error)) {
        return false;
    }
    if (ticks->wanted->count > 0) {
        backfill_plan(&ticks->backfill, ticks->wanted);
    } else {
        backfill_plan_batch(&ticks->backfill, batch);
    }
    if (!choose(ticks, batch, counts)) {
        return no_memory(ticks, batch, error);
    }
    ticks->answered = true;
    return true;
}

/* Logs that the past of a coin, or of all, cannot be had, and asks for it no more. */
static void give_up_past(struct tick_service *ticks, const char *coin,
                         const struct service_refusal *refusal, const struct error *error)
{
    log_warn("no_history", log_text("source", ticks->reader->name),
             log_text("coin", refusal->of_plan ? "all" : coin), log_text("reason", error->text));
    if (refusal->of_plan) {
        service_health_notice(&ticks->health, error->text);
        backfill_end(&ticks->backfill);
    } else {
        backfill_done(&ticks->backfill);
    }
}

/* Asks for the past of a coin, whose path is written. */
static bool ask_past(struct tick_service *ticks, const char *coin, struct source_batch *batch,
                     struct row_counts *counts, struct service_refusal *refusal,
                     struct error *error)
{
    struct service_answer answer;
    if (!send_request(ticks, &answer, error)) {
        return false;
    }
    if (!ticks->reader->read_past(ticks->service, coin, &answer, batch, counts, refusal, error)) {
        if (!refusal->for_good && !refusal->of_plan) {
            return false;
        }
        give_up_past(ticks, coin, refusal, error);
        return true;
    }
    if (!choose_past(ticks, batch, counts)) {
        return no_memory(ticks, batch, error);
    }
    log_info("history", log_text("source", ticks->reader->name), log_text("coin", coin),
             log_int("ticks", (int64_t)batch->count));
    backfill_done(&ticks->backfill);
    return true;
}

/* Returns the coin whose past is asked for now, its path written; NULL: none. */
static const char *write_past(struct tick_service *ticks)
{
    struct backfill *backfill = &ticks->backfill;
    const char *coin = NULL;
    strbuf_clear(&ticks->path);
    while ((coin = backfill_coin(backfill)) != NULL &&
           !ticks->reader->write_past(ticks->service, coin, backfill->begin_ns, ticks->wall_ns(),
                                      backfill->step_ns, &ticks->path)) {
        backfill_done(backfill);
    }
    return coin;
}

static void wait_for(struct tick_service *ticks, int64_t due_ns)
{
    int64_t left_ms = (due_ns - clock_monotonic_ns()) / NS_PER_MS + 1;
    if (left_ms > 0) {
        (void)stop_wait_ms(ticks->stop, left_ms < WAIT_MS ? left_ms : WAIT_MS);
    }
}

/* After a failure no request of either kind is sent until the wait is over. */
static void fail(struct tick_service *ticks, struct service_schedule *asked,
                 const struct service_refusal *refusal, const struct error *error)
{
    int64_t now_ns = clock_monotonic_ns();
    service_schedule_failed(asked, now_ns, error->retry_after_ms);
    if (refusal->closed_ns > 0) {
        service_schedule_close(asked, now_ns + refusal->closed_ns);
    }
    service_schedule_close(&ticks->prices, asked->due_ns);
    service_schedule_close(&ticks->past, asked->due_ns);
    service_health_failed(&ticks->health, error->text);
}

static enum source_next next(void *state, struct source_batch *batch, struct row_counts *counts,
                             struct error *error)
{
    struct tick_service *ticks = state;
    struct service_refusal refusal = {.closed_ns = 0};
    struct error failure = {.kind = ERROR_NONE};
    source_batch_begin(batch, &ticker_kind, true);
    int64_t now_ns = clock_monotonic_ns();
    /* What has been due for longer goes first, so that neither waits for ever at a slow service. */
    bool past_first = ticks->past.due_ns < ticks->prices.due_ns;
    const char *coin = past_first && ticks->past.due_ns <= now_ns ? write_past(ticks) : NULL;
    bool prices = coin == NULL;
    if (prices && ticks->prices.due_ns > now_ns) {
        wait_for(ticks, ticks->prices.due_ns);
        return SOURCE_BATCH;
    }
    struct service_schedule *asked = prices ? &ticks->prices : &ticks->past;
    bool answered = prices ? ask_prices(ticks, batch, counts, &refusal, &failure)
                           : ask_past(ticks, coin, batch, counts, &refusal, &failure);
    if (answered) {
        service_schedule_answered(asked, now_ns);
        service_health_answered(&ticks->health);
        return SOURCE_BATCH;
    }
    batch->count = 0;
    if (failure.kind != ERROR_RETRY) {
        *error = failure;
        return SOURCE_ERROR;
    }
    if (!stop_requested(ticks->stop)) { /* else the stop may have interrupted it */
        fail(ticks, asked, &refusal, &failure);
    }
    return SOURCE_BATCH;
}

static void report(void *state, struct source_report *report)
{
    struct tick_service *ticks = state;
    service_health_report(&ticks->health, report);
    if (ticks->reader->report != NULL) {
        ticks->reader->report(ticks->service, report);
    }
}

static int64_t longer(int64_t left_ns, int64_t right_ns)
{
    return left_ns > right_ns ? left_ns : right_ns;
}

static bool fill(struct tick_service *ticks, const struct tick_service_config *config,
                 struct error *error)
{
    ticks->wall_ns = config->wall_ns != NULL ? config->wall_ns : clock_wall_ns;
    ticks->path = strbuf_new(PATH_LIMIT);
    /* The requests of two schedules come together, so each may send half of the ceiling. */
    int64_t least_ns = 2 * 60 * NS_PER_SECOND / config->requests_per_minute;
    int64_t gap_ns = http_url_is_loopback(config->base_url) ? 0 : config->past_gap_ns;
    ticks->prices = service_schedule_new(longer(config->interval_ns, least_ns), FAILED_MOST_MS,
                                         random_from_system());
    ticks->past =
        service_schedule_new(longer(gap_ns, least_ns), FAILED_MOST_MS, random_from_system());
    ticks->backfill = backfill_new(config->history_ns, ticks->wall_ns());
    ticks->key = config->key_file != NULL ? secret_file_read_token(config->key_file, error) : NULL;
    if (config->key_file != NULL && ticks->key == NULL) {
        return false;
    }
    ticks->client =
        http_client_create(&(struct http_client_config){.base_url = config->base_url,
                                                        .option = config->reader->url_option,
                                                        .timeout_ms = TIMEOUT_MS,
                                                        .body_limit_bytes = BODY_LIMIT,
                                                        .ca_file = config->ca_file,
                                                        .stop = config->stop},
                           error);
    return ticks->client != NULL;
}

struct source *tick_service_create(const struct tick_service_config *config, struct error *error)
{
    struct source *source = calloc(1, sizeof *source);
    struct tick_service *ticks = calloc(1, sizeof *ticks);
    if (source == NULL || ticks == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for a source");
        config->reader->free_service(config->service);
        free(ticks);
        free(source);
        return NULL;
    }
    ticks->reader = config->reader;
    ticks->service = config->service;
    ticks->key_header = config->key_header;
    ticks->wanted = config->wanted;
    ticks->stop = config->stop;
    service_health_init(&ticks->health, config->reader->name, "service_failed", "service_back");
    if (!fill(ticks, config, error)) {
        destroy(ticks);
        free(source);
        return NULL;
    }
    *source = (struct source){.name = config->reader->name,
                              .kind = &ticker_kind,
                              .own_times = true,
                              .live = true,
                              .pushed = true,
                              .told_ns = config->history_ns > 0
                                             ? ticks->backfill.end_ns - ticks->backfill.begin_ns +
                                                   WRITTEN_WITHIN_NS
                                             : 0,
                              .state = ticks,
                              .tell = tell,
                              .next = next,
                              .report = report,
                              .destroy = destroy};
    return source;
}

bool tick_service_coins(const char *names, const char *prefix, const char *hint,
                        struct coin_table *wanted, bool *all, struct error *error)
{
    if (!coins_parse(names, &ticker_kind, wanted, all, error)) {
        return false;
    }
    for (size_t i = 0; i < wanted->count; i++) {
        const char *name = wanted->coins[i].symbol;
        if (!str_starts_with(str_from(name), prefix) || name[strlen(prefix)] == '\0') {
            return error_set(error, ERROR_USAGE, "%s is no coin of %s", name, hint);
        }
    }
    return true;
}
