#include "source/coingecko/coingecko_chart.h"

#include <math.h>

#include "base/clock.h"
#include "source/service/tick_json.h"

/* Reads [milliseconds, value]. Returns ROW_FAULTS, or the fault of the point's shape or time. */
static enum row_fault read_point(const json_t *point, int64_t *time_ns, const json_t **value)
{
    const json_t *moment = json_array_get(point, 0);
    double ms = json_number_value(moment);
    *value = json_array_get(point, 1);
    if (*value == NULL || !json_is_number(moment)) {
        return ROW_BAD_SHAPE;
    }
    if (!(ms > 0 && ms < (double)RECORD_TIME_END_NS / NS_PER_MS) || ms != floor(ms)) {
        return ROW_BAD_TIME;
    }
    *time_ns = (int64_t)ms * NS_PER_MS;
    return record_time_valid(*time_ns) ? ROW_FAULTS : ROW_BAD_TIME;
}

/* An array beside that of prices, in the same order of time. */
struct beside {
    const json_t *points;
    size_t at; /* the first point that is not read yet */
    enum ticker_figure figure;
};

/* Counts the points before that time: no price is of their time. */
static void skip_to(struct beside *beside, int64_t until_ns, struct tick_rows *rows)
{
    int64_t time_ns = 0;
    const json_t *value = NULL;
    for (; beside->at < json_array_size(beside->points); beside->at++) {
        enum row_fault fault =
            read_point(json_array_get(beside->points, beside->at), &time_ns, &value);
        if (fault == ROW_FAULTS && time_ns >= until_ns) {
            return;
        }
        tick_rows_take(rows, fault == ROW_FAULTS ? ROW_NO_PRICE : fault, NULL);
    }
}

/* Reads the figure of the tick's time, if there is one. */
static enum row_fault read_beside(struct beside *beside, struct tick_rows *rows,
                                  struct ticker *tick)
{
    int64_t time_ns = 0;
    const json_t *value = NULL;
    skip_to(beside, tick->event_time_ns, rows);
    if (read_point(json_array_get(beside->points, beside->at), &time_ns, &value) != ROW_FAULTS ||
        time_ns != tick->event_time_ns) {
        return ROW_FAULTS;
    }
    beside->at++;
    return tick_json_figure(value, &(struct tick_member){.figure = beside->figure}, tick);
}

static enum row_fault read_tick(const json_t *point, int64_t newest_ns, struct beside besides[2],
                                struct tick_rows *rows, struct ticker *tick)
{
    const json_t *price = NULL;
    enum row_fault fault = read_point(point, &tick->event_time_ns, &price);
    if (fault != ROW_FAULTS) {
        return fault;
    }
    if (tick->event_time_ns <= newest_ns) {
        return tick->event_time_ns < newest_ns ? ROW_OUT_OF_ORDER : ROW_DUPLICATE;
    }
    for (size_t i = 0; i < 2; i++) {
        enum row_fault bad = read_beside(&besides[i], rows, tick);
        fault = fault == ROW_FAULTS ? bad : fault;
    }
    enum row_fault bad = tick_json_price(price, tick);
    return fault == ROW_FAULTS ? bad : fault;
}

static void read_points(const json_t *json, const char *coin, struct tick_rows *rows)
{
    const json_t *prices = json_object_get(json, "prices");
    struct beside besides[2] = {
        {.points = json_object_get(json, "market_caps"), .figure = TICKER_MARKET_CAP},
        {.points = json_object_get(json, "total_volumes"), .figure = TICKER_VOLUME},
    };
    int64_t newest_ns = INT64_MIN;
    size_t count = json_array_size(prices);
    for (size_t i = 0; i < count; i++) {
        struct ticker tick = {.source = COINGECKO_CHART};
        (void)str_copy(str_from(coin), tick.symbol, sizeof tick.symbol);
        enum row_fault fault =
            read_tick(json_array_get(prices, i), newest_ns, besides, rows, &tick);
        if (tick.event_time_ns > newest_ns && fault != ROW_BAD_SHAPE && fault != ROW_BAD_TIME) {
            newest_ns = tick.event_time_ns;
        }
        tick_rows_take(rows, fault == ROW_FAULTS && i + 1 == count ? ROW_NOW : fault, &tick);
    }
    skip_to(&besides[0], INT64_MAX, rows);
    skip_to(&besides[1], INT64_MAX, rows);
}

bool coingecko_chart_read(const struct service_answer *answer, const char *coin,
                          struct source_batch *batch, struct row_counts *counts,
                          struct service_refusal *refusal, struct error *error)
{
    json_error_t why;
    const char *text = answer->body.data != NULL ? answer->body.data : "";
    source_batch_begin(batch, &ticker_kind, true);
    json_t *json = json_loadb(text, answer->body.length, TICK_JSON_FLAGS, &why);
    bool read = false;
    if (answer->status < 200 || answer->status > 299 ||
        !json_is_array(json_object_get(json, "prices"))) {
        read = coingecko_refuse(answer, json, refusal, error);
    } else {
        struct tick_rows rows = {.batch = batch};
        read_points(json, coin, &rows);
        read = tick_rows_end(&rows, counts) ||
               error_set(error, ERROR_FATAL, "no memory for the chart of %s", coin);
    }
    json_decref(json);
    return read;
}
