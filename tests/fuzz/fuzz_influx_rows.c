/*
 * InfluxDB's answers to a question. Input: the body.
 *
 * Rows come of an array of objects alone. A candle or tick that is read has the finite numbers and
 * the time that stand there; what is missing or of another form makes the row unreadable, never
 * another value: times that read are written back and read again as the same.
 */
#include "store/influx_rows.h"

#include <math.h>

#include "base/clock.h"
#include "fuzz/fuzz.h"

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

static void check_candle(const json_t *row)
{
    struct candle candle;
    if (influx_row_candle(row, &candle)) {
        MUST(isfinite(candle.open) && isfinite(candle.high));
        MUST(isfinite(candle.low) && isfinite(candle.close));
        MUST(same_bits(candle.open, json_number_value(json_object_get(row, "open"))));
        MUST(json_integer_value(json_object_get(row, "ticks")) == candle.ticks);
    }
}

static void check_tick(const json_t *row)
{
    struct ticker tick = {0};
    if (!influx_row_tick(row, &tick)) {
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
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *rows = influx_rows_parse((struct str){(const char *)data, size});
    MUST(rows == NULL || json_is_array(rows));
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        MUST(json_is_object(row));
        check_time(row);
        check_candle(row);
        check_tick(row);
    }
    json_decref(rows);
    return 0;
}
