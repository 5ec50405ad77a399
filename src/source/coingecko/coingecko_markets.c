#include "source/coingecko/coingecko_markets.h"

#include <math.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"

enum {
    UNAUTHORIZED = 401,
    FORBIDDEN = 403,
    TOO_MANY = 429,
    CODE_NO_KEY = 10002,
    CODE_WRONG_KEY_HOST = 10010, /* a key of the Pro service at the host of the Demo service; */
    CODE_WRONG_HOST_KEY = 10011, /* and the other way round */
    CODE_RANGE = 10012,
    RATE_LIMIT_MS = 60000,
    SHOWN_BYTES = 120,
};

/* The figures of a tick, and the members that have them. The change "percentage" comes in per
 * cent. */
static const struct {
    enum ticker_figure figure;
    const char *member;
} figures[] = {
    {TICKER_DAILY_CHANGE, "price_change_24h"},
    {TICKER_DAILY_CHANGE_RELATIVE, "price_change_percentage_24h"},
    {TICKER_VOLUME, "total_volume"},
    {TICKER_HIGH, "high_24h"},
    {TICKER_LOW, "low_24h"},
    {TICKER_MARKET_CAP, "market_cap"},
};

static struct str text_of(const json_t *json)
{
    return (struct str){.data = json_string_value(json), .length = json_string_length(json)};
}

static enum row_fault read_figures(const json_t *row, struct ticker *tick)
{
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        const json_t *json = json_object_get(row, figures[i].member);
        enum ticker_figure figure = figures[i].figure;
        double value = json_number_value(json);
        if (json == NULL || json_is_null(json)) {
            continue;
        }
        if (!json_is_number(json) || !isfinite(value)) {
            return ROW_BAD_FIGURE;
        }
        tick->has[figure] = figure != TICKER_MARKET_CAP || value != 0;
        tick->figures[figure] = !tick->has[figure]                       ? 0
                                : figure == TICKER_DAILY_CHANGE_RELATIVE ? value / 100
                                                                         : value;
    }
    return ROW_FAULTS;
}

/* Writes "cg:ID". Returns false for an id that cannot be in a coin's name. */
static bool read_symbol(const json_t *id, struct ticker *tick)
{
    size_t prefix = strlen(COINGECKO_PREFIX);
    (void)str_copy(str_from(COINGECKO_PREFIX), tick->symbol, sizeof tick->symbol);
    return json_is_string(id) && json_string_length(id) > 0 &&
           str_copy(text_of(id), tick->symbol + prefix, sizeof tick->symbol - prefix) &&
           ticker_kind.tags[0].valid(str_from(tick->symbol));
}

/* Returns ROW_FAULTS when the row is good. */
static enum row_fault read_row(const json_t *row, const struct coin_table *wanted,
                               struct ticker *tick)
{
    *tick = (struct ticker){.source = COINGECKO_NAME};
    const json_t *price = json_object_get(row, "current_price");
    const json_t *updated = json_object_get(row, "last_updated");
    if (!json_is_object(row)) {
        return ROW_BAD_SHAPE;
    }
    if (!read_symbol(json_object_get(row, "id"), tick)) {
        return ROW_BAD_SYMBOL;
    }
    if (wanted != NULL && coin_table_find(wanted, str_from(tick->symbol)) == NULL) {
        return ROW_UNKNOWN_COIN;
    }
    tick->last_price = json_number_value(price);
    if (!json_is_number(price) || !isfinite(tick->last_price) || tick->last_price <= 0) {
        return ROW_BAD_PRICE;
    }
    if (!json_is_string(updated) || !clock_parse_time(text_of(updated), &tick->event_time_ns) ||
        !record_time_valid(tick->event_time_ns)) {
        return ROW_BAD_TIME;
    }
    return read_figures(row, tick);
}

/* Returns false when memory runs out. */
static bool read_rows(const json_t *rows, const struct coin_table *wanted,
                      struct source_batch *batch, struct row_counts *counts)
{
    struct coin_table seen = {.count = 0};
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(rows); i++) {
        struct ticker tick;
        enum row_fault fault = read_row(json_array_get(rows, i), wanted, &tick);
        counts->rows++;
        if (fault == ROW_FAULTS && coin_table_find(&seen, str_from(tick.symbol)) != NULL) {
            fault = ROW_DUPLICATE;
        }
        if (fault != ROW_FAULTS) {
            counts->rejected[fault]++;
            continue;
        }
        struct ticker *added = source_batch_add(batch);
        ok = added != NULL && coin_table_add(&seen, str_from(tick.symbol)) != NULL;
        if (ok) {
            *added = tick;
        }
    }
    coin_table_free(&seen);
    return ok;
}

static bool retry(struct error *error, int wait_ms)
{
    if (error != NULL) {
        error->retry_after_ms = wait_ms;
    }
    return false;
}

static bool rate_limited(const struct coingecko_reply *reply, struct error *error)
{
    int wait_ms = reply->retry_after_ms > 0 ? reply->retry_after_ms : RATE_LIMIT_MS;
    (void)error_set(error, ERROR_RETRY, "rate limit (HTTP 429): waiting %d s; %s",
                    (wait_ms + 999) / 1000,
                    reply->has_key ? "the key's plan allows no more"
                                   : "without a key all programs at this address share a few "
                                     "requests a minute: a free Demo key has its own "
                                     "(--coingecko-key-file)");
    return retry(error, wait_ms);
}

/* Returns what to do about an error code of the service; NULL: nothing is known. */
static const char *advice_of(int64_t code)
{
    switch (code) {
    case CODE_NO_KEY:
        return "a key is needed there: --coingecko-key-file";
    case CODE_WRONG_KEY_HOST:
    case CODE_WRONG_HOST_KEY:
        return "a Pro key goes with --coingecko-url https://pro-api.coingecko.com/api/v3, a Demo "
               "key with the usual address";
    case CODE_RANGE:
        return "the free service gives no data older than 365 days; the key is right";
    default:
        return NULL;
    }
}

/* Reads {"status":{…}}, {"error":{"status":{…}}}, {"error":"…"} or {"error_code":…}. */
static bool read_error(const struct coingecko_reply *reply, const json_t *json, struct error *error)
{
    const json_t *outer = json_object_get(json, "error");
    const json_t *status = json_object_get(json_is_object(outer) ? outer : json, "status");
    status = json_is_object(status) ? status : json;
    int64_t code = json_integer_value(json_object_get(status, "error_code"));
    const char *words = json_string_value(json_object_get(status, "error_message"));
    words = words != NULL ? words : json_is_string(outer) ? json_string_value(outer) : "";
    if (reply->status == TOO_MANY || code == TOO_MANY) {
        return rate_limited(reply, error);
    }
    const char *advice = advice_of(code);
    (void)error_set(error, ERROR_RETRY, "CoinGecko answered error %lld (HTTP %ld): %.*s",
                    (long long)code, reply->status, SHOWN_BYTES, advice != NULL ? advice : words);
    return retry(error, reply->retry_after_ms);
}

static bool bare_status(const struct coingecko_reply *reply, struct error *error)
{
    struct str start = str_trim(reply->body);
    bool page = start.length > 0 && start.data[0] == '<';
    if (reply->status >= 200 && reply->status < 300) {
        (void)error_set(error, ERROR_RETRY, "the answer is %s: is --coingecko-url right?",
                        page                ? "an HTML page, not JSON"
                        : start.length == 0 ? "empty"
                                            : "not a list of coins in JSON");
    } else {
        (void)error_set(error, ERROR_RETRY, "HTTP %ld: %s", reply->status,
                        reply->status == UNAUTHORIZED || reply->status == FORBIDDEN
                            ? "it refuses us: see --coingecko-key-file"
                        : reply->status == 404 ? "no such path: check --coingecko-url"
                                               : "CoinGecko is away");
    }
    return retry(error, reply->retry_after_ms);
}

bool coingecko_markets_read(const struct coingecko_reply *reply, const struct coin_table *wanted,
                            struct source_batch *batch, struct row_counts *counts,
                            struct error *error)
{
    json_error_t why;
    struct row_counts fresh = {0};
    const char *text = reply->body.data != NULL ? reply->body.data : "";
    bool success = reply->status >= 200 && reply->status < 300;
    bool read = false;
    source_batch_begin(batch, &ticker_kind, true);
    json_t *json = json_loadb(text, reply->body.length, 0, &why);
    if (json_is_object(json)) {
        read = read_error(reply, json, error);
    } else if (reply->status == TOO_MANY) {
        read = rate_limited(reply, error);
    } else if (!success || !json_is_array(json)) {
        read = bare_status(reply, error);
    } else if (read_rows(json, wanted, batch, &fresh)) {
        counts->rows += fresh.rows;
        for (size_t i = 0; i < ROW_FAULTS; i++) {
            counts->rejected[i] += fresh.rejected[i];
        }
        read = true;
    } else {
        batch->count = 0;
        (void)error_set(error, ERROR_FATAL, "no memory for the answer of %s", COINGECKO_NAME);
    }
    json_decref(json);
    return read;
}
