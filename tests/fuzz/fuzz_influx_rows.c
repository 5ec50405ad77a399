/*
 * InfluxDB's answers to a question. Input: the body.
 *
 * Rows come of an array of objects alone. A candle or tick that is read has the finite numbers and
 * the time that stand there; what is missing or of another form makes the row unreadable, never
 * another value: times that read are written back and read again as the same. What the page is
 * told of them is JSON with the same bits.
 */
#include "store/influx/influx_rows.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "fuzz/fuzz.h"
#include "market/json.h"
#include "record/record_json.h"
#include "record/series.h"
#include "record/ticker.h"

static double number_of(const json_t *object, const char *name)
{
    return json_number_value(json_object_get(object, name));
}

static void check_time(const json_t *row)
{
    char text[CLOCK_TEXT_SIZE];
    int64_t time_ns, again_ns;
    if (influx_row_time(row, "time", &time_ns)) {
        MUST(json_is_string(json_object_get(row, "time")));
        clock_format_rfc3339(time_ns, text);
        MUST(clock_parse_time(str_from(text), &again_ns) && again_ns == time_ns);
    }
}

static void check_candle_json(struct candle *candle)
{
    struct candle_list list = {.items = candle, .count = 1};
    struct strbuf json = strbuf_new(1 << 16);
    candles_to_json(&list, "tBTCUSD", NULL, &json);
    json_t *read = json_loadb(json.data, json.length, JSON_DECODE_INT_AS_REAL, NULL);
    const json_t *back = json_array_get(read, 0);
    MUST(same_bits(number_of(back, "open"), candle->open));
    MUST(same_bits(number_of(back, "high"), candle->high));
    MUST(same_bits(number_of(back, "low"), candle->low));
    MUST(same_bits(number_of(back, "close"), candle->close));
    MUST(same_bits(number_of(back, "ticks"), (double)candle->ticks));
    json_decref(read);
    strbuf_free(&json);
}

static void check_tick_json(const struct ticker *tick)
{
    struct strbuf json = strbuf_new(1 << 16);
    record_to_json(&ticker_kind, tick, NULL, &json);
    json_t *read = json_loadb(json.data, json.length, JSON_DECODE_INT_AS_REAL, NULL);
    MUST(same_bits(number_of(read, "last_price"), tick->last_price));
    for (int i = 0; i < TICKER_FIGURES; i++) {
        MUST(same_bits(number_of(read, ticker_figure_names[i]), tick->figures[i]));
        MUST(json_is_null(json_object_get(read, ticker_figure_names[i])) == !tick->has[i]);
    }
    json_decref(read);
    strbuf_free(&json);
}

static void check_candle(const json_t *row)
{
    struct candle candle;
    if (influx_row_candle(row, &candle)) {
        MUST(isfinite(candle.open) && isfinite(candle.high));
        MUST(isfinite(candle.low) && isfinite(candle.close));
        MUST(same_bits(candle.open, json_number_value(json_object_get(row, "open"))));
        MUST(json_integer_value(json_object_get(row, "ticks")) == candle.ticks);
        check_candle_json(&candle);
    }
}

static void check_tick(const json_t *row)
{
    struct ticker tick = {0};
    const char *odd = NULL;
    const struct stored_columns columns = kind_stored_columns(&ticker_kind);
    if (!influx_row_point(row, &columns, &tick, NULL, &odd) || odd != NULL) {
        return;
    }
    MUST(isfinite(tick.last_price));
    for (int i = 0; i < TICKER_FIGURES; i++) {
        const json_t *figure = json_object_get(row, ticker_figure_names[i]);
        MUST(isfinite(tick.figures[i]) && tick.has[i] == json_is_number(figure));
        MUST(same_bits(tick.figures[i], tick.has[i] ? json_number_value(figure) : 0));
    }
    MUST(json_integer_value(json_object_get(row, "seq")) == tick.seq);
    MUST(json_integer_value(json_object_get(row, "run_id")) == tick.run_id);
    check_tick_json(&tick);
}

/* Any tags give a name that fits, and one that is valid names the same tags. What is read without a
 * complaint has finite doubles, and exactly the nulls of the row. */
static void check_point(const json_t *row, const struct record_kind *kind)
{
    union record_room point = {.bytes = {0}}, named = {.bytes = {0}};
    struct str parts[KIND_TAGS_MAX];
    char name[RECORD_SERIES_MAX + 1];
    const char *odd = NULL;
    const struct stored_columns columns = kind_stored_columns(kind);
    struct text_arena texts = {0};
    const char *missing = influx_row_tags(row, kind, parts);
    series_join(kind, parts, name);
    MUST(strlen(name) <= RECORD_SERIES_MAX);
    if (series_set(kind, str_from(name), &named)) {
        MUST(missing == NULL);
        for (size_t i = 0; i < kind->tag_count; i++) {
            MUST(str_equal(parts[i], column_text(kind->tags[i].column, &named)));
        }
    }
    bool well = influx_row_point(row, &columns, &point, &texts, &odd) && odd == NULL;
    for (size_t i = 0; well && i < columns.count; i++) {
        const struct column *column = columns.items[i];
        const json_t *cell = json_object_get(row, column_stored_name(column));
        MUST(column_present(column, &point) == (cell != NULL && !json_is_null(cell)));
        MUST(column->type != COLUMN_DOUBLE || isfinite(column_double(column, &point)));
        MUST(column->type != COLUMN_LONG_TEXT ||
             long_text_valid(column_long_text(column, &point, &texts)));
    }
    text_arena_free(&texts);
}

/* Read one by one there are as many rows as at once, and what cannot be read at once cannot be read
 * so either. A NUL is no JSON: jansson passes over one behind a number, row by row it is refused.
 */
static void check_reader(struct str text, const json_t *rows)
{
    struct influx_row_reader reader = {.rest = text};
    size_t count = 0;
    json_t *row = NULL;
    bool read = influx_rows_next(&reader, &row);
    while (read && row != NULL) {
        MUST(rows == NULL || json_equal(row, json_array_get(rows, count)));
        count++;
        json_decref(row);
        read = influx_rows_next(&reader, &row);
    }
    bool has_nul = text.length > 0 && memchr(text.data, '\0', text.length) != NULL;
    MUST(!read || (rows != NULL && count == json_array_size(rows)));
    MUST(read || rows == NULL || has_nul);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *rows = influx_rows_parse((struct str){(const char *)data, size});
    MUST(rows == NULL || json_is_array(rows));
    check_reader((struct str){(const char *)data, size}, rows);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        MUST(json_is_object(row));
        check_time(row);
        check_candle(row);
        check_tick(row);
        for (size_t k = 0; k < RECORD_KINDS; k++) {
            check_point(row, record_kinds[k]);
        }
    }
    json_decref(rows);
    return 0;
}
