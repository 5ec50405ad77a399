#include "source/bitfinex_trades/trade_row.h"

#include <math.h>

#include "base/clock.h"
#include "base/text/number.h"
#include "record/kind.h"

#define WHOLE_MAX 9007199254740992.0 /* 2^53 */

enum { AT_ID, AT_TIME, AT_AMOUNT, AT_PRICE, COLUMNS };

bool trade_row_whole(const json_t *json, int64_t *value)
{
    double number = json_number_value(json);
    if (!json_is_number(json) || !(fabs(number) <= WHOLE_MAX) || floor(number) < number) {
        return false;
    }
    *value = (int64_t)number;
    return true;
}

static bool time_valid(int64_t time_ms)
{
    const int64_t latest_ms = RECORD_TIME_END_NS / NS_PER_MS - 1;
    return time_ms >= 0 && time_ms <= latest_ms;
}

enum row_fault trade_row_check(const struct trade_row *row)
{
    if (row->id < 0) {
        return ROW_BAD_FIGURE;
    }
    if (!time_valid(row->time_ms)) {
        return ROW_BAD_TIME;
    }
    if (!isfinite(row->price) || row->price <= 0) {
        return ROW_BAD_PRICE;
    }
    bool has_amount = isfinite(row->amount) && fpclassify(row->amount) != FP_ZERO;
    return has_amount ? ROW_FAULTS : ROW_BAD_FIGURE;
}

enum row_fault trade_row_read(const json_t *json, struct trade_row *row)
{
    if (!json_is_array(json) || json_array_size(json) < COLUMNS) {
        return ROW_BAD_SHAPE;
    }
    const json_t *amount = json_array_get(json, AT_AMOUNT);
    const json_t *price = json_array_get(json, AT_PRICE);
    if (!trade_row_whole(json_array_get(json, AT_ID), &row->id)) {
        return ROW_BAD_FIGURE;
    }
    if (!trade_row_whole(json_array_get(json, AT_TIME), &row->time_ms)) {
        return ROW_BAD_TIME;
    }
    row->amount = json_number_value(amount); /* 0 if it is not a number */
    row->price = json_number_value(price);
    return trade_row_check(row);
}

bool trade_row_same(const struct trade_row *left, const struct trade_row *right)
{
    return left->id == right->id && left->time_ms == right->time_ms &&
           number_same_bits(left->amount, right->amount) &&
           number_same_bits(left->price, right->price);
}

int trade_row_compare(const void *left, const void *right)
{
    const struct trade_row *a = left, *b = right;
    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? -1 : 1;
    }
    return (a->id > b->id) - (a->id < b->id);
}
