#include "fake_exchange/fake_exchange.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/http/http_server.h"
#include "base/log.h"
#include "fake_exchange/fake_data.h"
#include "fake_exchange/fake_fault.h"

enum {
    DEFAULT_SLOW_MS = 3000,
    SLOW_PIECES = 10,
    BODY_LIMIT = 16 << 20,
};

struct fake_exchange {
    struct http_server *server;
    char url[160];
    struct fake_faults faults;
    int slow_ms;
    bool refuse_unknown;
    pthread_mutex_t lock; /* protects the two fields below */
    struct fake_data *data;
    int64_t requests;
};

/* A body that is sent in pieces. */
struct pieces {
    struct strbuf body;
    size_t sent;
    size_t piece;
    int64_t pause_ms;
    size_t cut; /* offset at which the connection is cut; SIZE_MAX: never */
};

static bool next_piece(void *context, struct strbuf *chunk)
{
    struct pieces *pieces = context;
    size_t end = pieces->cut < pieces->body.length ? pieces->cut : pieces->body.length;
    if (pieces->sent == end) {
        chunk->failed = end == pieces->cut;
        return false;
    }
    if (pieces->pause_ms > 0) {
        struct timespec pause = {.tv_sec = pieces->pause_ms / 1000,
                                 .tv_nsec = pieces->pause_ms % 1000 * NS_PER_MS};
        (void)nanosleep(&pause, NULL);
    }
    size_t left = end - pieces->sent;
    size_t length = left < pieces->piece ? left : pieces->piece;
    strbuf_append(chunk, pieces->body.data + pieces->sent, length);
    pieces->sent += length;
    return true;
}

static void free_pieces(void *context)
{
    struct pieces *pieces = context;
    strbuf_free(&pieces->body);
    free(pieces);
}

/* Sends the body of `reply` in pieces, or whole if memory runs out. */
static void send_in_pieces(struct http_reply *reply, size_t count, int64_t pause_ms, size_t cut)
{
    struct pieces *pieces = calloc(1, sizeof *pieces);
    if (pieces == NULL) {
        return;
    }
    *pieces = (struct pieces){
        .body = reply->body,
        .piece = reply->body.length / count + 1,
        .pause_ms = pause_ms,
        .cut = cut,
    };
    reply->body = strbuf_new(BODY_LIMIT);
    reply->stream_next = next_piece;
    reply->stream_free = free_pieces;
    reply->stream_context = pieces;
}

static void give(struct http_reply *reply, unsigned status, const char *type, const char *body)
{
    reply->status = status;
    reply->content_type = type;
    strbuf_append_text(&reply->body, body);
}

static void give_json(struct http_reply *reply, unsigned status, const char *body)
{
    give(reply, status, "application/json; charset=utf-8", body);
}

/* Answers in one of the three forms in which Bitfinex reports a rate limit. */
static void give_rate_limit(struct http_reply *reply, int64_t request)
{
    switch (request % 3) {
    case 0:
        give_json(reply, 429, "{\"error\":\"ERR_RATE_LIMIT\"}");
        break;
    case 1:
        give_json(reply, 429, "[\"error\",11010,\"ratelimit: error\"]");
        break;
    default:
        give_json(reply, 200, "[\"error\", 11010, \"ratelimit: error\"]");
        break;
    }
}

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
        give_json(reply, 500, "[\"error\",10020,\"symbol: invalid\"]");
    } else {
        give_json(reply, 200, "");
    }
}

static void give_fault(struct fake_exchange *exchange, enum fake_fault fault, int64_t request,
                       struct str symbols, struct http_reply *reply)
{
    switch (fault) {
    case FAKE_429:
        give_rate_limit(reply, request);
        break;
    case FAKE_500:
        give_json(reply, 500, "[\"error\",10001,\"unknown error\"]");
        break;
    case FAKE_MAINTENANCE:
        give_json(reply, 503, "[\"error\",20060,\"maintenance\"]");
        break;
    case FAKE_HTML:
        give(reply, 502, "text/html",
             "<!DOCTYPE html>\n<html><head><title>502 Bad gateway</title></head>"
             "<body><h1>Bad gateway</h1></body></html>\n");
        break;
    case FAKE_TRUNCATED:
        give_tickers(exchange, symbols, false, reply);
        send_in_pieces(reply, 1, 0, reply->body.length / 2);
        break;
    case FAKE_SLOW:
        give_tickers(exchange, symbols, true, reply);
        send_in_pieces(reply, SLOW_PIECES, exchange->slow_ms / SLOW_PIECES, SIZE_MAX);
        break;
    case FAKE_NONE:
    case FAKE_FAULTS:
        give_tickers(exchange, symbols, true, reply);
        break;
    }
}

static void answer_tickers(struct fake_exchange *exchange, const struct http_exchange *asked,
                           struct http_reply *reply)
{
    (void)pthread_mutex_lock(&exchange->lock);
    exchange->requests += !asked->head;
    int64_t request = exchange->requests;
    (void)pthread_mutex_unlock(&exchange->lock);
    const char *symbols = http_exchange_query(asked, "symbols");
    if (symbols == NULL || *symbols == '\0') {
        give_json(reply, 500, "[\"error\",10020,\"symbols: invalid\"]");
        return;
    }
    enum fake_fault fault = fake_fault_at(&exchange->faults, request);
    if (asked->head) {
        give_tickers(exchange, str_from(symbols), false, reply);
        return;
    }
    if (fault != FAKE_NONE) {
        log_info("fault", log_text("kind", fake_fault_names[fault]), log_int("request", request));
    }
    give_fault(exchange, fault, request, str_from(symbols), reply);
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

static void answer(void *context, const struct http_exchange *asked, struct http_reply *reply)
{
    struct fake_exchange *exchange = context;
    bool get = strcmp(asked->method, "GET") == 0;
    if (get && strcmp(asked->path, "/v2/tickers") == 0) {
        answer_tickers(exchange, asked, reply);
    } else if (get && strcmp(asked->path, "/v2/platform/status") == 0) {
        give_json(reply, 200, "[1]");
    } else if (get && strcmp(asked->path, "/candlewick/progress") == 0) {
        answer_progress(exchange, reply);
    } else {
        give(reply, 404, "text/html",
             "<!DOCTYPE html>\n<html><body><pre>No such path</pre></body>"
             "</html>\n");
    }
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
    exchange->slow_ms = config->slow_ms > 0 ? config->slow_ms : DEFAULT_SLOW_MS;
    exchange->refuse_unknown = config->refuse_unknown;
    if (fake_faults_parse(config->faults, &exchange->faults, error)) {
        exchange->data = fake_data_load(config->data, config->repeat, error);
    }
    if (exchange->data != NULL) {
        exchange->server = http_server_create(&(struct http_server_config){.listen = config->listen,
                                                                           .own_host_only = true,
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
    return exchange;
}

void fake_exchange_destroy(struct fake_exchange *exchange)
{
    if (exchange == NULL) {
        return;
    }
    http_server_destroy(exchange->server);
    fake_data_free(exchange->data);
    (void)pthread_mutex_destroy(&exchange->lock);
    free(exchange);
}

const char *fake_exchange_url(const struct fake_exchange *exchange)
{
    return exchange->url;
}

void fake_exchange_progress(struct fake_exchange *exchange, struct fake_exchange_progress *progress)
{
    (void)pthread_mutex_lock(&exchange->lock);
    fake_data_progress(exchange->data, progress);
    progress->requests = exchange->requests;
    (void)pthread_mutex_unlock(&exchange->lock);
}
