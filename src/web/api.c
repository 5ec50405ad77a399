#include "web/api.h"

#include "base/clock.h"
#include "market/json.h"
#include "web/answer.h"
#include "web/events.h"
#include "web/metrics.h"
#include "web/parameters.h"

#define MINUTE_NS (60 * NS_PER_SECOND)

static void not_here(const struct http_exchange *exchange, struct http_reply *reply)
{
    answer_error(reply, 404, "%s is not offered by this process", exchange->path);
}

/* A backend's function that takes nothing but where to write. */
static void plain(bool (*ask)(void *context, struct strbuf *json, struct error *error),
                  const struct web_server_config *config, const struct http_exchange *exchange,
                  struct http_reply *reply)
{
    struct error error = {0};
    if (ask == NULL) {
        not_here(exchange, reply);
    } else if (!ask(config->backend.context, &reply->body, &error)) {
        answer_failure(reply, &error);
    }
}

void api_info(const struct web_server_config *config, const struct http_exchange *exchange,
              struct http_reply *reply)
{
    plain(config->backend.info, config, exchange, reply);
}

void api_coins(const struct web_server_config *config, const struct http_exchange *exchange,
               struct http_reply *reply)
{
    plain(config->backend.coins, config, exchange, reply);
}

void api_status(const struct web_server_config *config, const struct http_exchange *exchange,
                struct http_reply *reply)
{
    plain(config->backend.status, config, exchange, reply);
}

struct candle_question {
    const char *coin;
    int64_t interval_ns;
    int64_t from_ns;
    int64_t to_ns;
    int64_t limit;
};

static bool read_candle_question(const struct http_exchange *exchange,
                                 struct candle_question *question, struct error *error)
{
    *question = (struct candle_question){
        .interval_ns = MINUTE_NS, .from_ns = INT64_MIN, .to_ns = INT64_MAX};
    if (!parameter_coin(exchange, &question->coin, error) ||
        !parameter_interval(exchange, &question->interval_ns, error) ||
        !parameter_time(exchange, "from", &question->from_ns, error) ||
        !parameter_time(exchange, "to", &question->to_ns, error) ||
        !parameter_whole(exchange, "limit", 1, WEB_CANDLES_MOST, &question->limit, error)) {
        return false;
    }
    if (question->from_ns >= question->to_ns) {
        return error_set(error, ERROR_REJECT, "from must lie before to");
    }
    return true;
}

void api_candles(const struct web_server_config *config, const struct http_exchange *exchange,
                 struct http_reply *reply)
{
    const struct web_backend *backend = &config->backend;
    struct candle_question question;
    struct candle_list candles = {0};
    struct error error = {0};
    if (backend->candles == NULL) {
        not_here(exchange, reply);
    } else if (read_candle_question(exchange, &question, &error) &&
               backend->candles(backend->context, question.coin, question.interval_ns,
                                question.from_ns, question.to_ns, (size_t)question.limit, &candles,
                                &error)) {
        candles_to_json(&candles, question.coin, &reply->body);
    } else {
        answer_failure(reply, &error);
    }
    candle_list_free(&candles);
}

void api_messages(const struct web_server_config *config, const struct http_exchange *exchange,
                  struct http_reply *reply)
{
    const struct web_backend *backend = &config->backend;
    struct error error = {0};
    int64_t partition = -1;
    int64_t offset = -1;
    int64_t limit = WEB_MESSAGES_DEFAULT;
    if (backend->messages == NULL) {
        not_here(exchange, reply);
    } else if (!parameter_whole(exchange, "partition", 0, INT32_MAX, &partition, &error) ||
               !parameter_whole(exchange, "offset", -1, INT64_MAX, &offset, &error) ||
               !parameter_whole(exchange, "limit", 1, WEB_MESSAGES_MOST, &limit, &error)) {
        answer_failure(reply, &error);
    } else if (partition < 0) {
        answer_error(reply, 400, "partition is missing: name one, such as partition=0");
    } else if (!backend->messages(backend->context, (int32_t)partition, offset, (int)limit,
                                  &reply->body, &error)) {
        answer_failure(reply, &error);
    }
}

void api_events(const struct web_server_config *config, const struct http_exchange *exchange,
                struct http_reply *reply)
{
    if (config->events == NULL) {
        not_here(exchange, reply);
        return;
    }
    struct event_stream *stream = event_stream_create(
        config->events, config->heartbeat_ms, http_exchange_header(exchange, "Last-Event-ID"));
    if (stream == NULL) {
        answer_error(reply, 503, "no memory for another reader of events");
        return;
    }
    reply->content_type = "text/event-stream";
    reply->stream_next = event_stream_next;
    reply->stream_free = event_stream_destroy;
    reply->stream_context = stream;
}

void api_metrics(const struct web_server_config *config, const struct http_exchange *exchange,
                 struct http_reply *reply)
{
    if (config->backend.metrics == NULL) {
        not_here(exchange, reply);
        return;
    }
    reply->content_type = METRICS_CONTENT_TYPE;
    config->backend.metrics(config->backend.context, &reply->body);
}

void api_healthz(const struct web_server_config *config, const struct http_exchange *exchange,
                 struct http_reply *reply)
{
    char reason[256] = "";
    if (config->backend.healthy == NULL) {
        not_here(exchange, reply);
    } else if (config->backend.healthy(config->backend.context, reason)) {
        reply->content_type = "text/plain; charset=utf-8";
        strbuf_append_text(&reply->body, "ok\n");
        if (reason[0] != '\0') {
            strbuf_append_format(&reply->body, "notice: %s\n", reason);
        }
    } else {
        reply->status = 503;
        reply->content_type = "text/plain; charset=utf-8";
        strbuf_append_format(&reply->body, "not ready: %s\n", reason);
    }
}
