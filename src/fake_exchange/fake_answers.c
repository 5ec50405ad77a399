/* The fake exchange's answers over HTTP from its market. */
#include <stdlib.h>
#include <string.h>

#include "fake_exchange/fake_parts.h"
#include "fake_exchange/fake_reply.h"
#include "fake_exchange/fake_rest.h"

enum { BOOK_PIECE = 2000 }; /* trades */

/* Answers 503 and returns true during maintenance. */
static bool is_away(struct fake_exchange *exchange, struct http_reply *reply)
{
    bool away = fake_in_maintenance(exchange);
    if (away) {
        fake_reply_json(reply, 503, "[\"error\",20060,\"maintenance\"]");
    }
    return away;
}

/* Counts a request. Answers it and returns false if it is over a limit, or during maintenance. */
static bool admit(struct fake_exchange *exchange, enum fake_limit limit, enum fake_scope scope,
                  struct fake_hit *hit, struct http_reply *reply)
{
    if (!fake_take(exchange, limit, reply)) {
        return false;
    }
    *hit = fake_judge(exchange, scope, 0);
    return !is_away(exchange, reply);
}

static void answer_tickers(struct fake_exchange *exchange, const struct http_exchange *asked,
                           struct http_reply *reply)
{
    const char *symbols = http_exchange_query(asked, "symbols");
    struct fake_hit hit;
    if (!admit(exchange, FAKE_LIMIT_TICKERS, FAKE_TICKERS, &hit, reply)) {
        return;
    }
    if (symbols == NULL || *symbols == '\0') {
        fake_reply_json(reply, 500, "[\"error\",10020,\"symbols: invalid\"]");
    } else {
        fake_rest_tickers(&exchange->market, str_from(symbols), fake_time_ms(&exchange->time),
                          &reply->body);
        fake_reply_json(reply, 200, "");
    }
    fake_reply_fault(reply, hit);
}

/* Returns what is between `before` and `behind` in the path; data NULL: the path is another one. */
static struct str between(const char *path, const char *before, const char *behind)
{
    struct str whole = str_from(path);
    size_t first = strlen(before), last = strlen(behind);
    bool matches = whole.length > first + last && strncmp(path, before, first) == 0 &&
                   strcmp(path + whole.length - last, behind) == 0;
    return matches ? (struct str){path + first, whole.length - first - last} : (struct str){0};
}

static struct fake_params params_of(const struct http_exchange *asked)
{
    return (struct fake_params){.limit = http_exchange_query(asked, "limit"),
                                .start = http_exchange_query(asked, "start"),
                                .end = http_exchange_query(asked, "end"),
                                .sort = http_exchange_query(asked, "sort")};
}

static void answer_trades(struct fake_exchange *exchange, const struct http_exchange *asked,
                          struct str symbol, struct http_reply *reply)
{
    struct fake_hit hit;
    if (admit(exchange, FAKE_LIMIT_TRADES, FAKE_TRADES, &hit, reply)) {
        struct fake_params params = params_of(asked);
        unsigned status = fake_rest_trades(&exchange->market, symbol, &params,
                                           fake_time_ms(&exchange->time), &reply->body);
        fake_reply_json(reply, status, "");
        fake_reply_fault(reply, hit);
    }
}

static void answer_candles(struct fake_exchange *exchange, const struct http_exchange *asked,
                           struct str key, struct http_reply *reply)
{
    struct fake_hit hit;
    if (admit(exchange, FAKE_LIMIT_CANDLES, FAKE_CANDLES, &hit, reply)) {
        struct fake_params params = params_of(asked);
        unsigned status =
            fake_rest_candles(&exchange->market, key, &params, fake_time_ms(&exchange->time),
                              hit.fault == FAKE_CHANGED_BAR, &reply->body);
        fake_reply_json(reply, status, "");
        fake_reply_fault(reply, hit);
    }
}

/* A book of trades that is being sent to a client. */
struct book_answer {
    const struct fake_market *market;
    size_t coin; /* FAKE_UNKNOWN_COIN: the trades of all coins */
    size_t next, end;
};

static bool next_of_book(void *context, struct strbuf *chunk)
{
    struct book_answer *answer = context;
    return fake_rest_book(answer->market, answer->coin, &answer->next, answer->end, BOOK_PIECE,
                          chunk);
}

static void answer_book(struct fake_exchange *exchange, const struct http_exchange *asked,
                        struct http_reply *reply)
{
    const char *symbol = http_exchange_query(asked, "symbol");
    size_t coin =
        symbol != NULL ? fake_market_coin(&exchange->market, str_from(symbol)) : FAKE_UNKNOWN_COIN;
    struct book_answer *answer = calloc(1, sizeof *answer);
    if (answer == NULL || (symbol != NULL && coin == FAKE_UNKNOWN_COIN)) {
        free(answer);
        fake_reply_give(reply, 404, "text/plain", "no such symbol\n");
        return;
    }
    *answer = (struct book_answer){
        .market = &exchange->market,
        .coin = coin,
        .end = fake_market_until(&exchange->market, fake_time_ms(&exchange->time)),
    };
    reply->content_type = "text/csv";
    reply->stream_next = next_of_book;
    reply->stream_free = free;
    reply->stream_context = answer;
}

static void answer_progress(struct fake_exchange *exchange, struct http_reply *reply)
{
    struct fake_exchange_progress progress;
    fake_exchange_progress(exchange, &progress);
    const struct {
        const char *name;
        int64_t value;
    } figures[] = {
        {"requests", progress.requests},
        {"trade_requests", progress.trade_requests},
        {"candle_requests", progress.candle_requests},
        {"refused", progress.refused},
        {"connections", progress.connections},
        {"open", progress.open},
        {"channels", progress.channels},
        {"streamed", progress.streamed},
        {"stalled", progress.stalled},
        {"trades", progress.trades},
        {"happened", progress.happened},
        {"time_ms", progress.time_ms},
    };
    strbuf_append_char(&reply->body, '{');
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        strbuf_append_format(&reply->body, "\"%s\":%lld,", figures[i].name,
                             (long long)figures[i].value);
    }
    strbuf_append_text(&reply->body, "\"faults\":");
    (void)pthread_mutex_lock(&exchange->lock);
    fake_faults_append(&exchange->faults, &reply->body);
    (void)pthread_mutex_unlock(&exchange->lock);
    strbuf_append_text(&reply->body, "}\n");
}

bool fake_answer_market(struct fake_exchange *exchange, const struct http_exchange *asked,
                        struct http_reply *reply)
{
    struct str symbol = between(asked->path, "/v2/trades/", "/hist");
    struct str key = between(asked->path, "/v2/candles/", "/hist");
    bool known = true;
    if (strcmp(asked->path, "/ws/2") == 0) {
        fake_answer_socket(exchange, asked, reply);
    } else if (strcmp(asked->path, "/v2/tickers") == 0) {
        answer_tickers(exchange, asked, reply);
    } else if (symbol.data != NULL) {
        answer_trades(exchange, asked, symbol, reply);
    } else if (key.data != NULL) {
        answer_candles(exchange, asked, key, reply);
    } else if (strcmp(asked->path, "/candlewick/trades") == 0) {
        answer_book(exchange, asked, reply);
    } else if (strcmp(asked->path, "/candlewick/progress") == 0) {
        answer_progress(exchange, reply);
    } else {
        known = false;
    }
    return known;
}
