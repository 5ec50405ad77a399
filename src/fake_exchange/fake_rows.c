#include "fake_exchange/fake_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/whole_file.h"
#include "record/ticker.h"
#include "source/bitfinex/bitfinex_json.h"
#include "source/bitfinex/bitfinex_row.h"
#include "source/sources.h"

enum { JSON_LIMIT = 64 << 20, ROWS_LIMIT = 1 << 30 };

static bool no_memory(const char *path, struct error *error)
{
    return error_set(error, ERROR_FATAL, "no memory for the rows of %s", path);
}

/* Adds a row; symbol.data is NULL when the row has no symbol. */
static bool add_row(struct fake_rows *rows, size_t offset, size_t length, struct str symbol)
{
    struct fake_row *larger = array_room(rows->rows, rows->count, &rows->capacity, sizeof *larger);
    if (larger == NULL) {
        return false;
    }
    rows->rows = larger;
    size_t coin = FAKE_NO_COIN;
    if (symbol.data != NULL && symbol.length <= SYMBOL_MAX) {
        const struct coin *added = coin_table_add(&rows->coins, symbol);
        if (added == NULL) {
            return false;
        }
        coin = (size_t)(added - rows->coins.coins);
    }
    rows->rows[rows->count++] = (struct fake_row){offset, length, coin};
    return true;
}

static bool add_tick(struct fake_rows *rows, const void *tick)
{
    struct strbuf *text = &rows->text;
    size_t offset = text->length;
    bitfinex_row_append(tick, text);
    return !text->failed &&
           add_row(rows, offset, text->length - offset, column_text(ticker_kind.key, tick));
}

static bool load_csv(struct fake_rows *rows, const char *path, struct error *error)
{
    struct source *source =
        replay_source_create(&(struct replay_config){.path = path, .coins = "ALL"}, error);
    if (source == NULL) {
        return false;
    }
    if (source->kind != &ticker_kind) {
        error_set(error, ERROR_USAGE,
                  "%s has %s: an exchange answers ticks, time,symbol,last_price", path,
                  source->kind->records);
        source_destroy(source);
        return false;
    }
    struct source_batch batch = {0};
    struct row_counts counts = {0};
    enum source_next next;
    bool done = true;
    while ((next = source->next(source->state, &batch, &counts, error)) == SOURCE_BATCH && done) {
        for (size_t i = 0; done && i < batch.count; ++i) {
            done = add_tick(rows, source_batch_at(&batch, i));
        }
    }
    rows->rejected = counts.rows - counts.records;
    source_batch_free(&batch);
    source_destroy(source);
    return next == SOURCE_ERROR ? false : done || no_memory(path, error);
}

/* Returns the next element of a valid JSON array, from `at` on, which starts after the '['. */
static bool next_element(struct str text, size_t *at, struct str *element)
{
    size_t i = *at;
    while (strchr(" \t\r\n,", text.data[i]) != NULL) {
        ++i;
    }
    size_t start = i;
    for (int depth = 0; depth > 0 || strchr(",]", text.data[i]) == NULL; ++i) {
        char c = text.data[i];
        if (c == '"') {
            for (++i; text.data[i] != '"'; ++i) {
                i += text.data[i] == '\\';
            }
        }
        depth += (c == '[' || c == '{') - (c == ']' || c == '}');
    }
    *at = i;
    *element = str_trim((struct str){text.data + start, i - start});
    return element->length > 0;
}

/* Splits a recorded body into rows, which stay in place. */
static bool cut_rows(struct fake_rows *rows, const json_t *json)
{
    struct str text = strbuf_str(&rows->text);
    size_t at = (size_t)(strchr(text.data, '[') - text.data) + 1;
    struct str element;
    for (size_t i = 0; next_element(text, &at, &element); ++i) {
        const json_t *first = json_array_get(json_array_get(json, i), 0);
        struct str symbol = {0};
        if (json_is_string(first)) {
            symbol = (struct str){json_string_value(first), json_string_length(first)};
        }
        if (!add_row(rows, (size_t)(element.data - text.data), element.length, symbol)) {
            return false;
        }
    }
    return true;
}

static bool load_json(struct fake_rows *rows, const char *path, struct error *error)
{
    rows->recorded = true;
    struct error why = {0};
    json_t *json = bitfinex_json_load(strbuf_str(&rows->text), &why);
    if (json == NULL) {
        return error_set(error, ERROR_USAGE, "%s: %s", path, why.text);
    }
    rows->whole = !bitfinex_json_is_rows(json);
    bool done =
        rows->whole ? add_row(rows, 0, rows->text.length, (struct str){0}) : cut_rows(rows, json);
    json_decref(json);
    return done || no_memory(path, error);
}

static bool is_json(const struct strbuf *text)
{
    struct str start = str_trim(strbuf_str(text));
    return start.length > 0 && (start.data[0] == '[' || start.data[0] == '{');
}

bool fake_rows_load(struct fake_rows *rows, const char *path, struct error *error)
{
    *rows = (struct fake_rows){.text = strbuf_new(JSON_LIMIT)};
    if (path == NULL || *path == '\0') {
        return error_set(error, ERROR_USAGE, "no data: name a replay CSV or a JSON body");
    }
    if (!whole_file_read(path, &rows->text)) {
        return error_set(error, ERROR_USAGE, "cannot read %s: %s", path, strerror(errno));
    }
    if (is_json(&rows->text)) {
        return rows->text.failed ? error_set(error, ERROR_USAGE,
                                             "%s is larger than a recorded body may be: %d bytes",
                                             path, JSON_LIMIT)
                                 : load_json(rows, path, error);
    }
    strbuf_free(&rows->text);
    rows->text = strbuf_new(ROWS_LIMIT);
    return load_csv(rows, path, error);
}

void fake_rows_free(struct fake_rows *rows)
{
    strbuf_free(&rows->text);
    free(rows->rows);
    coin_table_free(&rows->coins);
    *rows = (struct fake_rows){0};
}
