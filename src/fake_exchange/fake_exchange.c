#include "fake_exchange/fake_exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fake_exchange/fake_parts.h"
#include "fake_exchange/fake_reply.h"

enum { DEFAULT_HEARTBEAT_MS = 15000, DEFAULT_STALL_MS = 10000 };

int64_t fake_real_ms(void)
{
    return clock_monotonic_ns() / NS_PER_MS;
}

bool fake_in_maintenance(struct fake_exchange *exchange)
{
    (void)pthread_mutex_lock(&exchange->lock);
    bool maintenance = fake_real_ms() < exchange->maintenance_until_ms;
    (void)pthread_mutex_unlock(&exchange->lock);
    return maintenance;
}

struct fake_hit fake_judge(struct fake_exchange *exchange, enum fake_scope scope,
                           int64_t connection)
{
    int64_t elapsed_ms = (clock_monotonic_ns() - exchange->start_ns) / NS_PER_MS;
    (void)pthread_mutex_lock(&exchange->lock);
    struct fake_hit hit = fake_faults_next(&exchange->faults, scope, connection, elapsed_ms);
    if (hit.fault == FAKE_20060) {
        exchange->maintenance_until_ms = fake_real_ms() + hit.value;
    }
    (void)pthread_mutex_unlock(&exchange->lock);
    return hit;
}

bool fake_take(struct fake_exchange *exchange, enum fake_limit limit, struct http_reply *reply)
{
    const int64_t *most = exchange->limits.most;
    (void)pthread_mutex_lock(&exchange->lock);
    bool taken = fake_rate_take(&exchange->rates[limit], most[limit], most[FAKE_LIMIT_BLOCK] * 1000,
                                fake_real_ms());
    exchange->refused += !taken;
    (void)pthread_mutex_unlock(&exchange->lock);
    if (!taken) {
        fake_reply_json(reply, 429, "{\"error\":\"ERR_RATE_LIMIT\"}");
    }
    return taken;
}

/* Answers from the file of tickers. */
static void give_tickers(struct fake_exchange *exchange, struct str symbols, bool use_up,
                         struct http_reply *reply)
{
    (void)pthread_mutex_lock(&exchange->lock);
    bool refused = exchange->refuse_unknown && !fake_data_knows(exchange->data, symbols);
    if (!refused) {
        fake_data_answer(exchange->data, symbols, use_up, &reply->body);
    }
    (void)pthread_mutex_unlock(&exchange->lock);
    if (refused) {
        fake_reply_json(reply, 500, "[\"error\",10020,\"symbol: invalid\"]");
    } else {
        fake_reply_json(reply, 200, "");
    }
}

static void answer_tickers(struct fake_exchange *exchange, const struct http_exchange *asked,
                           struct http_reply *reply)
{
    const char *symbols = http_exchange_query(asked, "symbols");
    struct fake_hit hit = {0};
    if (!asked->head) {
        hit = fake_judge(exchange, FAKE_TICKERS, 0);
    }
    if (symbols == NULL || *symbols == '\0') {
        fake_reply_json(reply, 500, "[\"error\",10020,\"symbols: invalid\"]");
        return;
    }
    bool use_up = !asked->head && (hit.fault == FAKE_NONE || hit.fault == FAKE_SLOW);
    give_tickers(exchange, str_from(symbols), use_up, reply);
    fake_reply_fault(reply, hit);
}

static void answer_progress(struct fake_exchange *exchange, struct http_reply *reply)
{
    struct fake_exchange_progress progress;
    fake_exchange_progress(exchange, &progress);
    strbuf_append_text(&reply->body, "{\"requests\":");
    strbuf_append_int64(&reply->body, progress.requests);
    strbuf_append_text(&reply->body, ",\"rows\":");
    strbuf_append_int64(&reply->body, progress.rows);
    strbuf_append_text(&reply->body, ",\"served\":");
    strbuf_append_int64(&reply->body, progress.served);
    strbuf_append_text(&reply->body, ",\"repeated\":");
    strbuf_append_int64(&reply->body, progress.repeated);
    strbuf_append_text(&reply->body, ",\"rejected\":");
    strbuf_append_int64(&reply->body, progress.rejected);
    strbuf_append_format(&reply->body, ",\"used_up\":%s}\n", progress.used_up ? "true" : "false");
}

static void answer_status(struct fake_exchange *exchange, struct http_reply *reply)
{
    fake_reply_json(reply, 200, fake_in_maintenance(exchange) ? "[0]" : "[1]");
}

static void answer(void *context, const struct http_exchange *asked, struct http_reply *reply)
{
    struct fake_exchange *exchange = context;
    bool get = strcmp(asked->method, "GET") == 0;
    if (get && strcmp(asked->path, "/v2/platform/status") == 0) {
        answer_status(exchange, reply);
    } else if (get && exchange->data == NULL && fake_answer_market(exchange, asked, reply)) {
        return;
    } else if (get && exchange->data != NULL && strcmp(asked->path, "/v2/tickers") == 0) {
        answer_tickers(exchange, asked, reply);
    } else if (get && exchange->data != NULL && strcmp(asked->path, "/candlewick/progress") == 0) {
        answer_progress(exchange, reply);
    } else {
        fake_reply_no_path(reply);
    }
}

/* Reads the file or makes the book from which the exchange answers. */
static bool load(struct fake_exchange *exchange, const struct fake_exchange_config *config,
                 struct error *error)
{
    bool has_data = config->data != NULL && *config->data != '\0';
    if (has_data && fake_market_is_file(config->data)) {
        return fake_market_load(&exchange->market, config->data, error);
    }
    if (has_data || config->trades_per_minute == 0) {
        exchange->data = fake_data_load(config->data, config->repeat, error);
        return exchange->data != NULL;
    }
    const struct fake_seed seed = {
        .coins = config->coins,
        .seed = config->seed,
        .begin_ms = exchange->time.origin_ms - config->history_ms,
        .end_ms = exchange->time.origin_ms + config->length_ms,
        .trades_per_minute = config->trades_per_minute,
    };
    return fake_market_seed(&exchange->market, &seed, error);
}

static bool set_up(struct fake_exchange *exchange, const struct fake_exchange_config *config,
                   struct error *error)
{
    int64_t now_ms = clock_wall_ns() / NS_PER_MS;
    fake_time_init(&exchange->time, config->start_ms != 0 ? config->start_ms : now_ms,
                   config->speed > 0 ? config->speed : 1, true);
    exchange->refuse_unknown = config->refuse_unknown;
    exchange->heartbeat_ms = config->heartbeat_ms > 0 ? config->heartbeat_ms : DEFAULT_HEARTBEAT_MS;
    exchange->stall_ms = config->stall_ms > 0 ? config->stall_ms : DEFAULT_STALL_MS;
    exchange->start_channels = config->start_channels;
    exchange->stop = stop_create(error);
    return exchange->stop != NULL &&
           fake_faults_parse(config->faults, config->seed, &exchange->faults, error) &&
           fake_limits_parse(config->limits, &exchange->limits, error) &&
           load(exchange, config, error);
}

struct fake_exchange *fake_exchange_create(const struct fake_exchange_config *config,
                                           struct error *error)
{
    struct fake_exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL || pthread_mutex_init(&exchange->lock, NULL) != 0) {
        free(exchange);
        (void)error_set(error, ERROR_FATAL, "no memory for a fake exchange");
        return NULL;
    }
    if (set_up(exchange, config, error)) {
        exchange->start_ns = clock_monotonic_ns();
        /* Start the clock only now, because making a large book takes long. */
        if (config->start_channels == 0) {
            fake_time_release(&exchange->time);
        }
        exchange->server = http_server_create(&(struct http_server_config){.listen = config->listen,
                                                                           .own_host_only = true,
                                                                           .upgrades = true,
                                                                           .handler = answer,
                                                                           .context = exchange},
                                              error);
    }
    if (exchange->server == NULL) {
        fake_exchange_destroy(exchange);
        return NULL;
    }
    (void)snprintf(exchange->url, sizeof exchange->url, "http://%s",
                   http_server_address(exchange->server));
    (void)snprintf(exchange->ws_url, sizeof exchange->ws_url, "ws://%s",
                   http_server_address(exchange->server));
    return exchange;
}

void fake_exchange_destroy(struct fake_exchange *exchange)
{
    if (exchange == NULL) {
        return;
    }
    if (exchange->stop != NULL) {
        stop_request(exchange->stop); /* ends the wait of a connection that a fault keeps silent */
    }
    http_server_destroy(exchange->server);
    fake_data_free(exchange->data);
    fake_market_free(&exchange->market);
    for (int i = 0; i < FAKE_LIMIT_RATES; i++) {
        fake_rate_free(&exchange->rates[i]);
    }
    stop_destroy(exchange->stop);
    (void)pthread_mutex_destroy(&exchange->lock);
    free(exchange);
}

const char *fake_exchange_url(const struct fake_exchange *exchange)
{
    return exchange->url;
}

const char *fake_exchange_ws_url(const struct fake_exchange *exchange)
{
    return exchange->ws_url;
}

const struct fake_market *fake_exchange_market(const struct fake_exchange *exchange)
{
    return &exchange->market;
}

void fake_exchange_set_time(struct fake_exchange *exchange, int64_t now_ms)
{
    fake_time_set(&exchange->time, now_ms);
}

int64_t fake_exchange_time(struct fake_exchange *exchange)
{
    return fake_time_ms(&exchange->time);
}

void fake_exchange_progress(struct fake_exchange *exchange, struct fake_exchange_progress *progress)
{
    *progress = (struct fake_exchange_progress){0};
    int64_t now_ms = fake_time_ms(&exchange->time);
    (void)pthread_mutex_lock(&exchange->lock);
    if (exchange->data != NULL) {
        fake_data_progress(exchange->data, progress);
    }
    const int64_t *numbers = exchange->faults.numbers;
    progress->requests = numbers[FAKE_TICKERS];
    progress->trade_requests = numbers[FAKE_TRADES];
    progress->candle_requests = numbers[FAKE_CANDLES];
    progress->connections = exchange->connections;
    progress->streamed = numbers[FAKE_STREAM];
    progress->open = exchange->open;
    progress->channels = exchange->channels;
    progress->refused = exchange->refused;
    progress->stalled = exchange->stalled;
    for (int i = 0; i < FAKE_FAULTS; i++) {
        progress->faults += exchange->faults.happened[i];
    }
    (void)pthread_mutex_unlock(&exchange->lock);
    progress->time_ms = now_ms;
    progress->trades = (int64_t)exchange->market.count;
    progress->happened = (int64_t)fake_market_until(&exchange->market, now_ms);
}
