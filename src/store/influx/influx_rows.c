#include "store/influx/influx_rows.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

json_t *influx_rows_parse(struct str text)
{
    json_t *rows = json_loadb(text.data, text.length, 0, NULL);
    bool fits = json_is_array(rows);
    for (size_t i = 0; fits && i < json_array_size(rows); i++) {
        fits = json_is_object(json_array_get(rows, i));
    }
    if (!fits) {
        json_decref(rows);
        return NULL;
    }
    return rows;
}

const char *influx_row_text(const json_t *row, const char *name)
{
    return json_string_value(json_object_get(row, name));
}

bool influx_row_time(const json_t *row, const char *name, int64_t *time_ns)
{
    const char *value = influx_row_text(row, name);
    if (value == NULL) {
        return false;
    }
    struct str text = str_from(value);
    if (clock_parse_time(text, time_ns)) {
        return true;
    }
    /* Timestamps are UTC, but say so only in some versions. */
    char zoned[CLOCK_TEXT_SIZE];
    if (!str_copy(text, zoned, sizeof zoned - 1)) {
        return false;
    }
    zoned[text.length] = 'Z';
    zoned[text.length + 1] = '\0';
    return clock_parse_time(str_from(zoned), time_ns);
}

bool influx_row_double(const json_t *row, const char *name, double *value)
{
    const json_t *number = json_object_get(row, name);
    double read = json_number_value(number);
    if (!json_is_number(number) || !isfinite(read)) {
        return false;
    }
    *value = read;
    return true;
}

bool influx_row_int64(const json_t *row, const char *name, int64_t *value)
{
    const json_t *number = json_object_get(row, name);
    if (!json_is_integer(number)) {
        return false;
    }
    *value = (int64_t)json_integer_value(number);
    return true;
}

bool influx_row_candle(const json_t *row, struct candle *candle)
{
    return influx_row_time(row, "time", &candle->time_ns) &&
           influx_row_double(row, "open", &candle->open) &&
           influx_row_double(row, "high", &candle->high) &&
           influx_row_double(row, "low", &candle->low) &&
           influx_row_double(row, "close", &candle->close) &&
           influx_row_int64(row, "ticks", &candle->ticks);
}

bool influx_row_tick(const json_t *row, struct ticker *tick)
{
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        const json_t *figure = json_object_get(row, ticker_figure_names[i]);
        tick->has[i] = figure != NULL && !json_is_null(figure);
        tick->figures[i] = 0;
        if (tick->has[i] && !influx_row_double(row, ticker_figure_names[i], &tick->figures[i])) {
            return false;
        }
    }
    return influx_row_time(row, "time", &tick->event_time_ns) &&
           influx_row_double(row, "last_price", &tick->last_price) &&
           influx_row_int64(row, "seq", &tick->seq) &&
           influx_row_int64(row, "run_id", &tick->run_id);
}
