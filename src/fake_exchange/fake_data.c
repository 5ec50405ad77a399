#include "fake_exchange/fake_data.h"

#include <stdlib.h>

#include "fake_exchange/fake_rows.h"

#define NO_ROW SIZE_MAX

struct fake_data {
    struct fake_rows rows;
    bool repeat;
    size_t *after; /* by row: the next row of the same coin */
    size_t *next;  /* by coin: the row to serve next; NO_ROW: none left */
    size_t *last;  /* by coin: the row served last; NO_ROW: none yet */
    bool *asked;   /* by coin: whether the current request asks for it */
    bool *given;   /* by row: whether it was served before */
    int64_t served;
    int64_t repeated;
};

/* Links the rows of each coin. */
static void chain_rows(struct fake_data *data)
{
    for (size_t i = 0; i < data->rows.coins.count; ++i) {
        data->next[i] = NO_ROW;
        data->last[i] = NO_ROW;
    }
    for (size_t i = data->rows.count; i-- > 0;) {
        size_t coin = data->rows.rows[i].coin;
        data->after[i] = NO_ROW;
        if (coin != FAKE_NO_COIN) {
            data->after[i] = data->next[coin];
            data->next[coin] = i;
        }
    }
}

struct fake_data *fake_data_load(const char *path, bool repeat, struct error *error)
{
    struct fake_data *data = calloc(1, sizeof *data);
    if (data == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for %s", path);
        return NULL;
    }
    data->repeat = repeat;
    if (!fake_rows_load(&data->rows, path, error)) {
        fake_data_free(data);
        return NULL;
    }
    size_t rows = data->rows.count + 1; /* one more, since calloc(0) may return NULL */
    size_t coins = data->rows.coins.count + 1;
    data->after = calloc(rows, sizeof *data->after);
    data->given = calloc(rows, sizeof *data->given);
    data->next = calloc(coins, sizeof *data->next);
    data->last = calloc(coins, sizeof *data->last);
    data->asked = calloc(coins, sizeof *data->asked);
    if (data->after == NULL || data->given == NULL || data->next == NULL || data->last == NULL ||
        data->asked == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for the rows of %s", path);
        fake_data_free(data);
        return NULL;
    }
    chain_rows(data);
    return data;
}

void fake_data_free(struct fake_data *data)
{
    if (data == NULL) {
        return;
    }
    fake_rows_free(&data->rows);
    free(data->after);
    free(data->given);
    free(data->next);
    free(data->last);
    free(data->asked);
    free(data);
}

bool fake_data_knows(const struct fake_data *data, struct str symbols)
{
    struct str symbol;
    bool known = true;
    while (known && !data->rows.whole && !coins_is_all(symbols) &&
           str_split(&symbols, ',', &symbol)) {
        known = coin_table_find(&data->rows.coins, symbol) != NULL;
    }
    return known;
}

static void mark_asked(struct fake_data *data, struct str symbols)
{
    bool all = coins_is_all(symbols);
    for (size_t i = 0; i < data->rows.coins.count; ++i) {
        data->asked[i] = all;
    }
    struct str symbol;
    while (!all && str_split(&symbols, ',', &symbol)) {
        const struct coin *coin = coin_table_find(&data->rows.coins, symbol);
        if (coin != NULL) {
            data->asked[coin - data->rows.coins.coins] = true;
        }
    }
}

static void count_row(struct fake_data *data, size_t row)
{
    if (data->given[row]) {
        data->repeated++;
    } else {
        data->given[row] = true;
        data->served++;
    }
}

static void append_row(const struct fake_data *data, size_t row, struct strbuf *body)
{
    const struct fake_row *one = &data->rows.rows[row];
    if (strbuf_text(body)[body->length - 1] != '[') {
        strbuf_append_char(body, ',');
    }
    strbuf_append(body, data->rows.text.data + one->offset, one->length);
}

/* Answers from a recorded body: with the rows of the requested coins, or with the body unchanged if
 * all coins were requested. */
static void answer_recorded(struct fake_data *data, bool all, bool use_up, struct strbuf *body)
{
    strbuf_append_char(body, '[');
    for (size_t i = 0; i < data->rows.count; ++i) {
        size_t coin = data->rows.rows[i].coin;
        if (!all && (coin == FAKE_NO_COIN || !data->asked[coin])) {
            continue;
        }
        append_row(data, i, body);
        if (use_up) {
            count_row(data, i);
        }
    }
    strbuf_append_char(body, ']');
    if (all) {
        strbuf_clear(body);
        strbuf_append_str(body, strbuf_str(&data->rows.text));
    }
}

static void answer_next(struct fake_data *data, bool use_up, struct strbuf *body)
{
    strbuf_append_char(body, '[');
    for (size_t coin = 0; coin < data->rows.coins.count; ++coin) {
        size_t row =
            data->next[coin] != NO_ROW || !data->repeat ? data->next[coin] : data->last[coin];
        if (!data->asked[coin] || row == NO_ROW) {
            continue;
        }
        append_row(data, row, body);
        if (use_up) {
            count_row(data, row);
            data->last[coin] = row;
            data->next[coin] = data->after[row];
        }
    }
    strbuf_append_char(body, ']');
}

void fake_data_answer(struct fake_data *data, struct str symbols, bool use_up, struct strbuf *body)
{
    mark_asked(data, symbols);
    if (data->rows.recorded) {
        answer_recorded(data, data->rows.whole || coins_is_all(symbols), use_up, body);
    } else {
        answer_next(data, use_up, body);
    }
}

void fake_data_progress(const struct fake_data *data, struct fake_exchange_progress *progress)
{
    progress->rows = (int64_t)data->rows.count;
    progress->served = data->served;
    progress->repeated = data->repeated;
    progress->rejected = data->rows.rejected;
    progress->used_up = progress->served == progress->rows;
}
