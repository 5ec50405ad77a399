#include "source/service/tick_json.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

#define EXACT_MOST 9007199254740992.0 /* 2^53: up to it a double is exact */

struct str tick_json_text(const json_t *json)
{
    return (struct str){.data = json_string_value(json), .length = json_string_length(json)};
}

int64_t tick_json_whole(const json_t *json)
{
    double value = json_number_value(json);
    return fabs(value) <= EXACT_MOST && value == trunc(value) ? (int64_t)value : 0;
}

enum row_fault tick_json_figure(const json_t *json, const struct tick_member *member,
                                struct ticker *tick)
{
    enum ticker_figure figure = member->figure;
    double value = json_number_value(json);
    if (json_is_null(json)) {
        return ROW_FAULTS;
    }
    if (!json_is_number(json) || !isfinite(value)) {
        return ROW_BAD_FIGURE;
    }
    tick->has[figure] = figure != TICKER_MARKET_CAP || value != 0;
    tick->figures[figure] = !tick->has[figure] ? 0 : member->per_cent ? value / 100 : value;
    return ROW_FAULTS;
}

enum row_fault tick_json_figures(const json_t *object, const struct tick_member *members,
                                 size_t count, struct ticker *tick)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *json = json_object_get(object, members[i].name);
        enum row_fault fault =
            json == NULL ? ROW_FAULTS : tick_json_figure(json, &members[i], tick);
        if (fault != ROW_FAULTS) {
            return fault;
        }
    }
    return ROW_FAULTS;
}

enum row_fault tick_json_price(const json_t *json, struct ticker *tick)
{
    tick->last_price = json_number_value(json);
    bool good = json_is_number(json) && isfinite(tick->last_price) && tick->last_price > 0;
    return good ? ROW_FAULTS : ROW_BAD_PRICE;
}

enum row_fault tick_json_time(const json_t *json, struct ticker *tick)
{
    bool good = json_is_string(json) &&
                clock_parse_time(tick_json_text(json), &tick->event_time_ns) &&
                record_time_valid(tick->event_time_ns);
    return good ? ROW_FAULTS : ROW_BAD_TIME;
}

enum row_fault tick_json_coin(const char *prefix, const json_t *json, struct ticker *tick)
{
    size_t length = strlen(prefix);
    (void)str_copy(str_from(prefix), tick->symbol, sizeof tick->symbol);
    bool good =
        json_is_string(json) && json_string_length(json) > 0 &&
        str_copy(tick_json_text(json), tick->symbol + length, sizeof tick->symbol - length) &&
        strlen(tick->symbol) == length + json_string_length(json) && /* no NUL is in it */
        ticker_kind.tags[0].valid(str_from(tick->symbol));
    return good ? ROW_FAULTS : ROW_BAD_SYMBOL;
}

static bool keep(struct tick_rows *rows, const struct ticker *tick)
{
    struct ticker *added = source_batch_add(rows->batch);
    if (added == NULL ||
        (rows->one_a_coin && coin_table_add(&rows->seen, str_from(tick->symbol)) == NULL)) {
        return false;
    }
    *added = *tick;
    return true;
}

void tick_rows_take(struct tick_rows *rows, enum row_fault fault, const struct ticker *tick)
{
    rows->counts.rows++;
    if (fault == ROW_FAULTS && coin_table_find(&rows->seen, str_from(tick->symbol)) != NULL) {
        fault = ROW_DUPLICATE;
    }
    if (fault != ROW_FAULTS) {
        rows->counts.rejected[fault]++;
    } else if (!rows->failed) {
        rows->failed = !keep(rows, tick);
    }
}

bool tick_rows_end(struct tick_rows *rows, struct row_counts *counts)
{
    coin_table_free(&rows->seen);
    if (rows->failed) {
        rows->batch->count = 0;
        return false;
    }
    counts->rows += rows->counts.rows;
    for (size_t i = 0; i < ROW_FAULTS; i++) {
        counts->rejected[i] += rows->counts.rejected[i];
    }
    return true;
}
