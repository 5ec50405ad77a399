#include "source/bitfinex/bitfinex_parse.h"

#include <math.h>
#include <string.h>

#include <jansson.h>

#include "record/ticker.h"
#include "source/bitfinex/bitfinex_pairs.h"

enum {
    COLUMN_SYMBOL = 0,
    COLUMN_LAST_PRICE = 7,
    TRADING_COLUMNS = 11,
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
    if (!bitfinex_symbol_valid(*symbol)) {
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

enum bitfinex_answer bitfinex_parse(long status, struct str body, const struct coin_table *wanted,
                                    struct coin_table *seen, struct source_batch *batch,
                                    struct row_counts *counts, struct error *error)
{
    json_t *rows = NULL;
    enum bitfinex_answer answer = bitfinex_answer_read(status, body, "tickers", &rows, error);
    if (answer == BITFINEX_ROWS) {
        answer = read_rows(rows, wanted, seen, batch, counts, error);
    }
    json_decref(rows);
    return answer;
}
