#include "source/coingecko/coingecko_markets.h"

#include "source/service/tick_json.h"

static const struct tick_member members[] = {
    {"price_change_24h", TICKER_DAILY_CHANGE, false},
    {"price_change_percentage_24h", TICKER_DAILY_CHANGE_RELATIVE, true},
    {"total_volume", TICKER_VOLUME, false},
    {"high_24h", TICKER_HIGH, false},
    {"low_24h", TICKER_LOW, false},
    {"market_cap", TICKER_MARKET_CAP, false},
};

/* Returns ROW_FAULTS when the row is good. */
static enum row_fault read_row(const json_t *row, const struct coin_table *wanted,
                               struct ticker *tick)
{
    if (!json_is_object(row)) {
        return ROW_BAD_SHAPE;
    }
    enum row_fault fault = tick_json_coin(COINGECKO_PREFIX, json_object_get(row, "id"), tick);
    if (fault != ROW_FAULTS) {
        return fault;
    }
    if (wanted != NULL && coin_table_find(wanted, str_from(tick->symbol)) == NULL) {
        return ROW_UNKNOWN_COIN;
    }
    fault = tick_json_price(json_object_get(row, "current_price"), tick);
    if (fault == ROW_FAULTS) {
        fault = tick_json_time(json_object_get(row, "last_updated"), tick);
    }
    return fault != ROW_FAULTS
               ? fault
               : tick_json_figures(row, members, sizeof members / sizeof members[0], tick);
}

bool coingecko_markets_read(const struct service_answer *answer, const struct coin_table *wanted,
                            struct source_batch *batch, struct row_counts *counts,
                            struct service_refusal *refusal, struct error *error)
{
    json_error_t why;
    const char *text = answer->body.data != NULL ? answer->body.data : "";
    bool read = false;
    source_batch_begin(batch, &ticker_kind, true);
    json_t *json = json_loadb(text, answer->body.length, TICK_JSON_FLAGS, &why);
    if (answer->status < 200 || answer->status > 299 || !json_is_array(json)) {
        read = coingecko_refuse(answer, json, refusal, error);
    } else {
        struct tick_rows rows = {.batch = batch, .one_a_coin = true};
        for (size_t i = 0; i < json_array_size(json); i++) {
            struct ticker tick = {.source = COINGECKO_NAME};
            enum row_fault fault = read_row(json_array_get(json, i), wanted, &tick);
            tick_rows_take(&rows, fault, &tick);
        }
        read = tick_rows_end(&rows, counts) ||
               error_set(error, ERROR_FATAL, "no memory for the answer of %s", COINGECKO_NAME);
    }
    json_decref(json);
    return read;
}
