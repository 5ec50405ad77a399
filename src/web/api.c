#include "web/api.h"

#include "base/clock.h"
#include "web/answer.h"
#include "web/candle_answer.h"
#include "web/events.h"
#include "web/metrics.h"
#include "web/origin.h"
#include "web/parameters.h"

enum { HEALTH_LIMIT = 128 << 10 };

#define MINUTE_NS (60 * NS_PER_SECOND)

void api_not_here(const struct http_exchange *exchange, struct http_reply *reply)
{
    answer_error(reply, 404, "%s is not offered by this process", exchange->path);
}

void api_plain(bool (*ask)(void *context, struct strbuf *json, struct error *error),
               const struct api *api, const struct http_exchange *exchange,
               struct http_reply *reply)
{
    struct error error = {0};
    if (ask == NULL) {
        api_not_here(exchange, reply);
    } else if (!ask(api->config->backend.context, &reply->body, &error)) {
        answer_failure(reply, &error);
    }
}

void api_info(const struct api *api, const struct http_exchange *exchange, struct http_reply *reply)
{
    api_plain(api->config->backend.info, api, exchange, reply);
}

void api_coins(const struct api *api, const struct http_exchange *exchange,
               struct http_reply *reply)
{
    api_plain(api->config->backend.coins, api, exchange, reply);
}

void api_markets(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply)
{
    api_plain(api->config->backend.markets, api, exchange, reply);
}

void api_news(const struct api *api, const struct http_exchange *exchange, struct http_reply *reply)
{
    const struct web_backend *backend = &api->config->backend;
    struct error error = {0};
    int64_t limit = WEB_NEWS_DEFAULT;
    struct web_news_wanted wanted = {.before_ns = INT64_MAX};
    if (backend->news == NULL) {
        api_not_here(exchange, reply);
    } else if (!parameter_coins(exchange, &wanted.coins, &error) ||
               !parameter_whole(exchange, "limit", 1, WEB_NEWS_MOST, &limit, &error) ||
               !parameter_time(exchange, "before", &wanted.before_ns, &error)) {
        answer_failure(reply, &error);
    } else {
        wanted.limit = (size_t)limit;
        if (!backend->news(backend->context, &wanted, &reply->body, &error)) {
            answer_failure(reply, &error);
        }
    }
}

void api_history(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply)
{
    const struct web_backend *backend = &api->config->backend;
    struct error error = {0};
    int64_t limit = WEB_HISTORY_DEFAULT;
    struct web_history_wanted wanted = {.from_ns = INT64_MIN, .to_ns = INT64_MAX};
    if (backend->history == NULL) {
        api_not_here(exchange, reply);
    } else if ((http_exchange_query(exchange, "coin") != NULL &&
                !parameter_coin(exchange, &wanted.coin, &error)) ||
               !parameter_time(exchange, "from", &wanted.from_ns, &error) ||
               !parameter_time(exchange, "to", &wanted.to_ns, &error) ||
               !parameter_whole(exchange, "limit", 1, WEB_HISTORY_MOST, &limit, &error)) {
        answer_failure(reply, &error);
    } else if (wanted.from_ns >= wanted.to_ns) {
        answer_error(reply, 400, "from must lie before to");
    } else {
        wanted.limit = (size_t)limit;
        if (!backend->history(backend->context, &wanted, &reply->body, &error)) {
            answer_failure(reply, &error);
        }
    }
}

void api_verify(const struct api *api, const struct http_exchange *exchange,
                struct http_reply *reply)
{
    api_plain(api->config->backend.verify, api, exchange, reply);
}

/* Returns `seconds` as text, rounded up to tens. */
static const char *wait_text(int seconds)
{
    static const char *const tens[] = {"10", "20", "30", "40", "50", "60"};
    const int most = (int)(sizeof tens / sizeof tens[0]) - 1;
    int place = seconds > 0 ? (seconds - 1) / 10 : 0;
    return tens[place < most ? place : most];
}

void api_verify_start(const struct api *api, const struct http_exchange *exchange,
                      struct http_reply *reply)
{
    const struct web_backend *backend = &api->config->backend;
    struct error error = {0};
    int wait_s = 0;
    if (backend->verify_start == NULL) {
        api_not_here(exchange, reply);
    } else if (!origin_is_own(http_exchange_header(exchange, "Origin"),
                              http_exchange_header(exchange, "Host"),
                              http_exchange_header(exchange, "Sec-Fetch-Site"))) {
        answer_error(reply, 403, "only this page itself may start a proof: Origin must name it");
    } else if (!backend->verify_start(backend->context, &wait_s, &reply->body, &error)) {
        answer_failure(reply, &error);
    } else if (wait_s > 0) {
        answer_header(reply, "Retry-After", wait_text(wait_s));
        answer_error(reply, 429, "one proof a minute may start: ask again in %d s", wait_s);
    } else {
        reply->status = 202;
    }
}

void api_status(const struct api *api, const struct http_exchange *exchange,
                struct http_reply *reply)
{
    api_plain(api->config->backend.status, api, exchange, reply);
}

static bool read_wanted(const struct http_exchange *exchange, struct web_candles_wanted *wanted,
                        struct error *error)
{
    return parameter_coin(exchange, &wanted->coin, error) &&
           parameter_source(exchange, &wanted->source, error) &&
           parameter_interval(exchange, &wanted->interval_ns, error) &&
           parameter_time(exchange, "from", &wanted->from_ns, error) &&
           parameter_time(exchange, "to", &wanted->to_ns, error);
}

static bool read_candles_wanted(const struct http_exchange *exchange,
                                struct web_candles_wanted *wanted, struct error *error)
{
    static const char *const kinds[] = {"ticker", "trade", "bar", NULL};
    static const char *const fills[] = {"bar", NULL};
    const char *fill = NULL;
    int64_t limit = 0;
    *wanted = (struct web_candles_wanted){
        .of = kinds[0], .interval_ns = MINUTE_NS, .from_ns = INT64_MIN, .to_ns = INT64_MAX};
    if (!read_wanted(exchange, wanted, error) ||
        !parameter_word(exchange, "of", kinds, &wanted->of, error) ||
        !parameter_word(exchange, "fill", fills, &fill, error) ||
        !parameter_whole(exchange, "limit", 1, WEB_CANDLES_MOST, &limit, error)) {
        return false;
    }
    wanted->limit = (size_t)limit;
    wanted->fill = fill != NULL;
    return wanted->from_ns < wanted->to_ns ||
           error_set(error, ERROR_REJECT, "from must lie before to");
}

void api_candles(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply)
{
    const struct web_backend *backend = &api->config->backend;
    struct web_candles_wanted wanted;
    struct candle_answer *answer = NULL;
    struct error error = {0};
    if (backend->candles == NULL) {
        api_not_here(exchange, reply);
        return;
    }
    if (!read_candles_wanted(exchange, &wanted, &error) ||
        (answer = candle_answer_create(api->candle_room, &wanted, &error)) == NULL ||
        !backend->candles(backend->context, &wanted, candle_answer_list(answer),
                          candle_answer_coverage(answer), &error)) {
        candle_answer_destroy(answer);
        answer_failure(reply, &error);
        return;
    }
    candle_answer_send(answer, reply);
}

static bool read_compare_wanted(const struct http_exchange *exchange,
                                struct web_candles_wanted *wanted, struct error *error)
{
    *wanted = (struct web_candles_wanted){
        .interval_ns = MINUTE_NS, .from_ns = INT64_MIN, .to_ns = clock_wall_ns()};
    if (!read_wanted(exchange, wanted, error)) {
        return false;
    }
    if (wanted->from_ns == INT64_MIN) {
        wanted->from_ns = wanted->to_ns > NS_PER_DAY ? wanted->to_ns - NS_PER_DAY : 0;
    }
    if (wanted->from_ns >= wanted->to_ns) {
        return error_set(error, ERROR_REJECT, "from must lie before to");
    }
    int64_t length_ns = 0;
    return (!__builtin_sub_overflow(wanted->to_ns, wanted->from_ns, &length_ns) &&
            length_ns / wanted->interval_ns <= WEB_CANDLES_MOST) ||
           error_set(error, ERROR_REJECT,
                     "from and to must have at most %d candles of the interval between them",
                     WEB_CANDLES_MOST);
}

void api_compare(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply)
{
    const struct web_backend *backend = &api->config->backend;
    struct web_candles_wanted wanted;
    struct error error = {0};
    if (backend->compare == NULL) {
        api_not_here(exchange, reply);
    } else if (!read_compare_wanted(exchange, &wanted, &error) ||
               !backend->compare(backend->context, &wanted, &reply->body, &error)) {
        answer_failure(reply, &error);
    }
}

void api_events(const struct api *api, const struct http_exchange *exchange,
                struct http_reply *reply)
{
    if (api->config->events == NULL) {
        api_not_here(exchange, reply);
        return;
    }
    struct error error = {0};
    struct event_stream *stream = event_stream_create(
        api->config->events, api->config->streams_most, api->config->heartbeat_ms,
        http_exchange_header(exchange, "Last-Event-ID"), &error);
    if (stream == NULL) {
        answer_failure(reply, &error);
        return;
    }
    reply->content_type = "text/event-stream";
    reply->stream_next = event_stream_next;
    reply->stream_free = event_stream_destroy;
    reply->stream_context = stream;
    reply->stream_endless = true;
}

void api_metrics(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply)
{
    if (api->config->backend.metrics == NULL) {
        api_not_here(exchange, reply);
        return;
    }
    reply->content_type = METRICS_CONTENT_TYPE;
    api->config->backend.metrics(api->config->backend.context, &reply->body);
}

void api_healthz(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply)
{
    if (api->config->backend.healthy == NULL) {
        api_not_here(exchange, reply);
        return;
    }
    struct strbuf lines = strbuf_new(HEALTH_LIMIT);
    bool healthy = api->config->backend.healthy(api->config->backend.context, &lines);
    reply->status = healthy ? reply->status : 503;
    reply->content_type = "text/plain; charset=utf-8";
    strbuf_append_text(&reply->body, healthy ? "ok\n" : "");
    strbuf_append_str(&reply->body, strbuf_str(&lines));
    strbuf_free(&lines);
}
