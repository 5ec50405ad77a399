#include "source/binance/binance_answer.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum {
    TOO_MANY = 429,
    BANNED = 418,
    FORBIDDEN = 403,
    RESTRICTED = 451,
    CODE_WEIGHT = -1003,
    CODE_SYMBOL = -1121,
    TOO_MANY_MS = 60000,
    BANNED_MS = 120000, /* the shortest ban */
    RESTRICTED_MS = 300000,
    SHOWN_BYTES = 100,
};

static enum binance_answer away(struct error *error, int wait_ms)
{
    if (error != NULL) {
        error->retry_after_ms = wait_ms;
    }
    return BINANCE_AWAY;
}

/* Returns how long a ban lasts: its end is in the text, in ms ("IP banned until 1620286253180").
 * 0: it is not. */
static int ban_ms(const char *words, int64_t now_ns)
{
    const char *until = strstr(words, "until ");
    int64_t end_ms = until != NULL ? strtoll(until + strlen("until "), NULL, 10) : 0;
    int64_t now_ms = now_ns / NS_PER_MS;
    if (end_ms <= now_ms) {
        return 0;
    }
    return end_ms - now_ms > INT_MAX ? INT_MAX : (int)(end_ms - now_ms);
}

static enum binance_answer rate_limited(const struct binance_reply *reply, const char *words,
                                        struct error *error)
{
    bool banned = reply->status == BANNED;
    int wait_ms = reply->retry_after_ms > 0 ? reply->retry_after_ms : ban_ms(words, reply->now_ns);
    wait_ms = wait_ms > 0 ? wait_ms : banned ? BANNED_MS : TOO_MANY_MS;
    (void)error_set(error, ERROR_RETRY,
                    "%s (HTTP %ld): waiting %d s; every program at this address counts, so ask for "
                    "fewer coins or less --history, or lower --requests-per-minute",
                    banned ? "the exchange has banned this address for a while"
                           : "rate limit: this address has used its weight of requests",
                    reply->status, 1 + (wait_ms - 1) / 1000);
    return away(error, wait_ms);
}

static enum binance_answer restricted(struct error *error)
{
    (void)error_set(error, ERROR_RETRY,
                    "the exchange serves no data to this location (HTTP 451): set --binance-url "
                    "and --binance-ws-url to hosts that do, such as "
                    "https://data-api.binance.vision, or https://api.binance.us in the USA");
    return away(error, RESTRICTED_MS);
}

/* Classifies, by its status, an answer whose body says nothing of use. */
static enum binance_answer bare_status(const struct binance_reply *reply, struct error *error)
{
    struct str start = str_trim(reply->body);
    bool page = start.length > 0 && start.data[0] == '<';
    const char *advice = "the exchange is away";
    if (reply->status >= 200 && reply->status < 300) {
        (void)error_set(error, ERROR_RETRY, "the answer is %s: is --binance-url right?",
                        page                ? "an HTML page, not JSON"
                        : start.length == 0 ? "empty"
                                            : "not klines in JSON");
        return away(error, reply->retry_after_ms);
    }
    if (reply->status == FORBIDDEN) {
        advice = "a firewall of the exchange refuses us";
    } else if (reply->status >= 400 && reply->status < 500) {
        advice = reply->status == 404 ? "no such path: check --binance-url" : "it refuses us";
    }
    (void)error_set(error, ERROR_RETRY, "HTTP %ld: %s", reply->status, advice);
    return away(error, reply->retry_after_ms);
}

/* Reads {"code":…,"msg":…}; a code of 0 is no success. */
static enum binance_answer read_error(const struct binance_reply *reply, const json_t *json,
                                      struct error *error)
{
    int64_t code = json_integer_value(json_object_get(json, "code"));
    const char *words = json_string_value(json_object_get(json, "msg"));
    words = words != NULL ? words : "";
    if (reply->status == TOO_MANY || reply->status == BANNED || code == CODE_WEIGHT) {
        return rate_limited(reply, words, error);
    }
    if (reply->status == RESTRICTED) {
        return restricted(error);
    }
    if (!json_is_integer(json_object_get(json, "code"))) {
        return bare_status(reply, error);
    }
    (void)error_set(error, ERROR_RETRY, "the exchange answered error %lld: %.*s (HTTP %ld)",
                    (long long)code, SHOWN_BYTES, words, reply->status);
    return code == CODE_SYMBOL ? BINANCE_UNKNOWN_SYMBOL : away(error, reply->retry_after_ms);
}

/* Returns false when memory runs out. */
static bool read_rows(const json_t *rows, const struct binance_bars *bars, const char *symbol,
                      struct source_batch *batch, struct row_counts *counts)
{
    int64_t newest_ns = INT64_MIN;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        struct bar bar;
        enum row_fault fault = binance_kline_row(json_array_get(rows, i), bars, symbol, &bar);
        if (fault == ROW_FAULTS && bar.open_time_ns <= newest_ns) {
            fault = bar.open_time_ns == newest_ns ? ROW_DUPLICATE : ROW_OUT_OF_ORDER;
        }
        counts->rows++;
        if (fault != ROW_FAULTS) {
            counts->rejected[fault]++;
            continue;
        }
        struct bar *added = source_batch_add(batch);
        if (added == NULL) {
            return false;
        }
        *added = bar;
        newest_ns = bar.open_time_ns;
    }
    return true;
}

static enum binance_answer take_rows(const json_t *rows, const struct binance_bars *bars,
                                     const char *symbol, struct source_batch *batch,
                                     struct row_counts *counts, struct error *error)
{
    struct row_counts fresh = {0};
    if (!read_rows(rows, bars, symbol, batch, &fresh)) {
        batch->count = 0;
        (void)error_set(error, ERROR_FATAL, "no memory for an answer of %zu klines",
                        json_array_size(rows));
        return BINANCE_NO_MEMORY;
    }
    counts->rows += fresh.rows;
    for (size_t i = 0; i < ROW_FAULTS; i++) {
        counts->rejected[i] += fresh.rejected[i];
    }
    return BINANCE_ROWS;
}

enum binance_answer binance_answer_read(const struct binance_reply *reply,
                                        const struct binance_bars *bars, const char *symbol,
                                        struct source_batch *batch, struct row_counts *counts,
                                        struct error *error)
{
    json_error_t why;
    const char *text = reply->body.data != NULL ? reply->body.data : "";
    json_t *json = json_loadb(text, reply->body.length, 0, &why);
    bool success = reply->status >= 200 && reply->status < 300;
    enum binance_answer answer;
    source_batch_begin(batch, &bar_kind, true);
    if (json_is_object(json)) {
        answer = read_error(reply, json, error);
    } else if (reply->status == TOO_MANY || reply->status == BANNED) {
        answer = rate_limited(reply, "", error);
    } else if (reply->status == RESTRICTED) {
        answer = restricted(error);
    } else if (success && json_is_array(json)) {
        answer = take_rows(json, bars, symbol, batch, counts, error);
    } else {
        answer = bare_status(reply, error);
    }
    json_decref(json);
    return answer;
}
