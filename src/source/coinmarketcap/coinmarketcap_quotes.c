#include "source/coinmarketcap/coinmarketcap_quotes.h"

#include <string.h>

#include "source/service/tick_json.h"

static const struct tick_member members[] = {
    {"volume_24h", TICKER_VOLUME, false},
    {"percent_change_24h", TICKER_DAILY_CHANGE_RELATIVE, true},
    {"market_cap", TICKER_MARKET_CAP, false},
};

/* Reads {"USD":{"price":…,"last_updated" or "timestamp":…}}. */
static enum row_fault read_quote(const json_t *quote, const char *time_member, struct ticker *tick)
{
    const json_t *usd = json_object_get(quote, "USD");
    if (!json_is_object(usd)) {
        return ROW_BAD_SHAPE;
    }
    enum row_fault fault = tick_json_price(json_object_get(usd, "price"), tick);
    if (fault == ROW_FAULTS) {
        fault = tick_json_time(json_object_get(usd, time_member), tick);
    }
    return fault != ROW_FAULTS
               ? fault
               : tick_json_figures(usd, members, sizeof members / sizeof members[0], tick);
}

/* Sets the tick's coin. */
static enum row_fault read_coin(const json_t *row, struct coinmarketcap_coins *coins,
                                struct ticker *tick)
{
    const json_t *id = json_object_get(row, "id");
    enum row_fault fault = tick_json_coin(COINMARKETCAP_PREFIX, json_object_get(row, "slug"), tick);
    if (fault != ROW_FAULTS || tick_json_whole(id) <= 0) {
        return ROW_BAD_SYMBOL;
    }
    const char *name = coinmarketcap_coins_learn(coins, tick->symbol, tick_json_whole(id));
    if (name == NULL) {
        return ROW_UNKNOWN_COIN;
    }
    (void)str_copy(str_from(name), tick->symbol, sizeof tick->symbol);
    return ROW_FAULTS;
}

static void take_coin(const json_t *row, const struct coinmarketcap_reading *reading,
                      struct tick_rows *rows)
{
    struct ticker tick = {.source = COINMARKETCAP_NAME};
    enum row_fault fault =
        json_is_object(row) ? read_coin(row, reading->coins, &tick) : ROW_BAD_SHAPE;
    if (fault == ROW_FAULTS) {
        fault = read_quote(json_object_get(row, "quote"), "last_updated", &tick);
    }
    tick_rows_take(rows, fault, &tick);
}

/* Takes the quotes of a coin of the past, which is to be the one that was asked for. */
static void take_past(const json_t *row, const struct coinmarketcap_reading *reading,
                      struct tick_rows *rows)
{
    const json_t *quotes = json_object_get(row, "quotes");
    bool other = tick_json_whole(json_object_get(row, "id")) !=
                 coinmarketcap_coins_id(reading->coins, reading->past_of);
    int64_t newest_ns = INT64_MIN;
    if (!json_is_array(quotes)) {
        tick_rows_take(rows, ROW_BAD_SHAPE, NULL);
    }
    for (size_t i = 0; i < json_array_size(quotes); i++) {
        struct ticker tick = {.source = COINMARKETCAP_PAST};
        (void)str_copy(str_from(reading->past_of), tick.symbol, sizeof tick.symbol);
        enum row_fault fault =
            read_quote(json_object_get(json_array_get(quotes, i), "quote"), "timestamp", &tick);
        if (other) {
            fault = ROW_UNKNOWN_COIN;
        } else if (fault == ROW_FAULTS && tick.event_time_ns <= newest_ns) {
            fault = tick.event_time_ns < newest_ns ? ROW_OUT_OF_ORDER : ROW_DUPLICATE;
        }
        newest_ns = fault == ROW_FAULTS ? tick.event_time_ns : newest_ns;
        tick_rows_take(rows, fault, &tick);
    }
}

static void take(const json_t *row, const struct coinmarketcap_reading *reading,
                 struct tick_rows *rows)
{
    if (reading->past_of != NULL) {
        take_past(row, reading, rows);
    } else {
        take_coin(row, reading, rows);
    }
}

static void take_array(const json_t *array, const struct coinmarketcap_reading *reading,
                       struct tick_rows *rows)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        take(json_array_get(array, i), reading, rows);
    }
}

/* Returns whether `data` is itself the coin of the past, and not an object of coins. */
static bool is_one_coin(const json_t *data)
{
    return json_is_array(json_object_get(data, "quotes")) &&
           tick_json_whole(json_object_get(data, "id")) > 0;
}

static void read_data(json_t *data, const struct coinmarketcap_reading *reading,
                      struct tick_rows *rows)
{
    const char *name = NULL;
    json_t *member = NULL;
    if (reading->past_of != NULL && is_one_coin(data)) {
        take(data, reading, rows);
        return;
    }
    take_array(data, reading, rows);
    json_object_foreach(data, name, member)
    {
        if (json_is_array(member)) {
            take_array(member, reading, rows);
        } else {
            take(member, reading, rows);
        }
    }
}

bool coinmarketcap_quotes_read(const struct coinmarketcap_reading *reading,
                               struct source_batch *batch, struct row_counts *counts,
                               int64_t *credits, struct service_refusal *refusal,
                               struct error *error)
{
    int64_t cost = 0;
    source_batch_begin(batch, &ticker_kind, true);
    json_t *json = coinmarketcap_answer_open(reading->answer, &cost, refusal, error);
    json_t *data = json_object_get(json, "data");
    struct tick_rows rows = {.batch = batch, .one_a_coin = reading->past_of == NULL};
    *credits += cost;
    if (json == NULL) {
        return false;
    }
    bool read = false;
    if (!json_is_array(data) && !json_is_object(data)) {
        (void)error_set(error, ERROR_RETRY,
                        "the answer has no coins: is --coinmarketcap-url "
                        "right?");
    } else {
        read_data(data, reading, &rows);
        read = tick_rows_end(&rows, counts) ||
               error_set(error, ERROR_FATAL, "no memory for the coins of %s", COINMARKETCAP_NAME);
    }
    json_decref(json);
    return read;
}
