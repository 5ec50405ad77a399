#include "source/bitfinex/bitfinex_parse.h"

#include <math.h>
#include <string.h>

#include "record/ticker.h"
#include "source/bitfinex/bitfinex_json.h"

enum {
    COLUMN_SYMBOL = 0,
    COLUMN_LAST_PRICE = 7,
    TRADING_COLUMNS = 11,
    ERROR_RATE_LIMIT = 11010,
    ERROR_MAINTENANCE = 20060,
    ERROR_PARAMETER = 10020,
    SHOWN_BYTES = 80,
};

static const unsigned char figure_columns[] = {
    [TICKER_BID] = 1,      [TICKER_BID_SIZE] = 2,     [TICKER_ASK] = 3,
    [TICKER_ASK_SIZE] = 4, [TICKER_DAILY_CHANGE] = 5, [TICKER_DAILY_CHANGE_RELATIVE] = 6,
    [TICKER_VOLUME] = 8,   [TICKER_HIGH] = 9,         [TICKER_LOW] = 10,
};

static struct str json_str(const json_t *json)
{
    return (struct str){json_string_value(json), json_string_length(json)};
}

/* Fills price and figures of a trading row's tick. Returns ROW_FAULTS when the row is good. */
static enum row_fault read_figures(const json_t *row, struct ticker *tick)
{
    if (json_array_size(row) < TRADING_COLUMNS) {
        return ROW_BAD_SHAPE;
    }
    const json_t *price = json_array_get(row, COLUMN_LAST_PRICE);
    tick->last_price = json_number_value(price);
    if (!json_is_number(price) || !isfinite(tick->last_price) || tick->last_price <= 0) {
        return ROW_BAD_PRICE;
    }
    for (size_t i = 0; i < sizeof figure_columns; ++i) {
        const json_t *figure = json_array_get(row, figure_columns[i]);
        if (json_is_null(figure)) {
            continue;
        }
        double value = json_number_value(figure);
        if (!json_is_number(figure) || !isfinite(value)) {
            return ROW_BAD_FIGURE;
        }
        tick->figures[i] = value;
        tick->has[i] = true;
    }
    return ROW_FAULTS;
}

/* Returns ROW_FAULTS when the row's coin is wanted and is not yet in this answer. */
static enum row_fault read_symbol(const json_t *row, const struct coin_table *wanted,
                                  const struct coin_table *seen, struct str *symbol)
{
    const json_t *first = json_array_get(row, COLUMN_SYMBOL); /* NULL when the row is no array */
    if (!json_is_string(first)) {
        return ROW_BAD_SHAPE;
    }
    *symbol = json_str(first);
    if (!symbol_valid(*symbol) || (symbol->data[0] != 't' && symbol->data[0] != 'f')) {
        return ROW_BAD_SYMBOL;
    }
    if (symbol->data[0] == 'f') {
        return ROW_FUNDING;
    }
    if (wanted != NULL && coin_table_find(wanted, *symbol) == NULL) {
        return ROW_UNKNOWN_COIN;
    }
    return coin_table_find(seen, *symbol) != NULL ? ROW_DUPLICATE : ROW_FAULTS;
}

/* Adds the row's tick to the batch or counts its fault. Returns false when memory runs out. */
static bool read_row(const json_t *row, const struct coin_table *wanted, struct coin_table *seen,
                     struct source_batch *batch, struct row_counts *counts)
{
    struct str symbol = {0};
    struct ticker tick = {.source = "bitfinex"};
    enum row_fault fault = read_symbol(row, wanted, seen, &symbol);
    if (fault == ROW_FAULTS) {
        if (coin_table_add(seen, symbol) == NULL) {
            return false;
        }
        fault = read_figures(row, &tick);
    }
    counts->rows++;
    if (fault != ROW_FAULTS) {
        counts->rejected[fault]++;
        return true;
    }
    struct ticker *added = source_batch_add(batch);
    if (added == NULL) {
        return false;
    }
    memcpy(tick.symbol, symbol.data, symbol.length); /* at most SYMBOL_MAX bytes; NULs follow */
    *added = tick;
    counts->records++;
    return true;
}

static enum bitfinex_answer read_rows(const json_t *rows, const struct coin_table *wanted,
                                      struct coin_table *seen, struct source_batch *batch,
                                      struct row_counts *counts, struct error *error)
{
    struct row_counts fresh = {0};
    size_t before = batch->count;
    for (size_t i = 0; i < json_array_size(rows); ++i) {
        if (!read_row(json_array_get(rows, i), wanted, seen, batch, &fresh)) {
            batch->count = before;
            (void)error_set(error, ERROR_FATAL, "no memory for an answer of %zu rows",
                            json_array_size(rows));
            return BITFINEX_NO_MEMORY;
        }
    }
    counts->rows += fresh.rows;
    counts->records += fresh.records;
    for (size_t i = 0; i < ROW_FAULTS; ++i) {
        counts->rejected[i] += fresh.rejected[i];
    }
    return BITFINEX_ROWS;
}

static enum bitfinex_answer rate_limited(struct error *error)
{
    (void)error_set(error, ERROR_RETRY,
                    "rate limit: the exchange wants fewer requests a minute; waiting 60 s");
    if (error != NULL) {
        error->retry_after_ms = BITFINEX_RATE_LIMIT_MS;
    }
    return BITFINEX_AWAY;
}

/* Reads ["error", CODE, "text"], which arrives with any HTTP status. */
static enum bitfinex_answer read_error(const json_t *json, long status, struct error *error)
{
    double code = json_number_value(json_array_get(json, 1));
    const json_t *text = json_array_get(json, 2);
    const char *words = json_is_string(text) ? json_string_value(text) : "";
    if (code == ERROR_RATE_LIMIT || status == BITFINEX_TOO_MANY) {
        return rate_limited(error);
    }
    if (code == ERROR_MAINTENANCE) {
        (void)error_set(error, ERROR_RETRY, "the exchange is down for maintenance");
        return BITFINEX_AWAY;
    }
    (void)error_set(error, ERROR_RETRY, "the exchange answered error %.0f: %.*s (HTTP %ld)", code,
                    SHOWN_BYTES, words, status);
    bool symbol = code == ERROR_PARAMETER && strncmp(words, "symbol", strlen("symbol")) == 0;
    return symbol ? BITFINEX_UNKNOWN_SYMBOL : BITFINEX_AWAY;
}

/* An object is never a ticker: it is {"error":"ERR_RATE_LIMIT"} or an error as the API before v2
 * wrote it. */
static enum bitfinex_answer read_object(const json_t *json, long status, struct error *error)
{
    const json_t *text = json_object_get(json, "error");
    if (json_is_string(text) && strcmp(json_string_value(text), "ERR_RATE_LIMIT") == 0) {
        return rate_limited(error);
    }
    if (json_is_string(text)) {
        (void)error_set(error, ERROR_RETRY, "the exchange answered error %.*s (HTTP %ld)",
                        SHOWN_BYTES, json_string_value(text), status);
    } else {
        (void)error_set(
            error, ERROR_RETRY,
            "the answer is an object, not rows of tickers (HTTP %ld): is --exchange-url "
            "the base of Bitfinex's API v2?",
            status);
    }
    return BITFINEX_AWAY;
}

static bool is_error(const json_t *json)
{
    const json_t *first = json_array_get(json, 0);
    return json_is_string(first) && strcmp(json_string_value(first), "error") == 0;
}

/* Classifies, by its status alone, an answer whose body says nothing of use. */
static enum bitfinex_answer bare_status(long status, const json_t *json, struct error *error)
{
    const char *advice = "the exchange is away";
    if (status >= 200 && status < 300) {
        (void)error_set(error, ERROR_RETRY,
                        "the answer is %s, not rows of tickers: is --exchange-url the base of "
                        "Bitfinex's API v2?",
                        json_is_array(json) ? "one flat array" : "one single value");
        return BITFINEX_AWAY;
    }
    if (status >= 400 && status < 500) {
        advice = status == 404 ? "no such path: check --exchange-url" : "the exchange refuses us";
    }
    (void)error_set(error, ERROR_RETRY, "HTTP %ld: %s", status, advice);
    return BITFINEX_AWAY;
}

enum bitfinex_answer bitfinex_parse(long status, struct str body, const struct coin_table *wanted,
                                    struct coin_table *seen, struct source_batch *batch,
                                    struct row_counts *counts, struct error *error)
{
    struct error not_json = {0};
    json_t *json = bitfinex_json_load(body, &not_json);
    bool success = status >= 200 && status < 300;
    enum bitfinex_answer answer;
    if (json_is_array(json) && is_error(json)) {
        answer = read_error(json, status, error);
    } else if (status == BITFINEX_TOO_MANY) {
        answer = rate_limited(error);
    } else if (json_is_object(json)) {
        answer = read_object(json, status, error);
    } else if (success && json == NULL) {
        (void)error_set(error, ERROR_RETRY, "%s", not_json.text);
        answer = BITFINEX_AWAY;
    } else if (success && bitfinex_json_is_rows(json)) {
        answer = read_rows(json, wanted, seen, batch, counts, error);
    } else {
        answer = bare_status(status, json, error);
    }
    json_decref(json);
    return answer;
}
