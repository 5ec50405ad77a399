#include "source/replay/replay_form.h"

#include <string.h>

#include "base/clock.h"
#include "record/bar.h"
#include "record/ticker.h"
#include "record/trade.h"

static const char *const none[] = {NULL};

static const char *const bar_marks[] = {"open", "high", "low", "close", NULL};
static const char *const bar_hints[] = {"timeframe", "interval", NULL};
static const char *const bar_optional[] = {"source", "revision", NULL};
static const struct form_word bar_same[] = {
    {"time", "open_time"}, {"interval", "timeframe"}, {NULL, NULL}};
static const struct form_word bar_words[] = {
    {"unix", "open_time"},
    {"unix timestamp", "open_time"},
    {"timestamp", "open_time"},
    {"open time", "open_time"},
    {"opentime", "open_time"},
    {"datetime", "open_time"},
    {"date", "open_time"},
    {"<date>", "open_time"},
    {"ts", "open_time"},
    {"<ticker>", "symbol"},
    {"ticker", "symbol"},
    {"coin", "symbol"},
    {"pair", "symbol"},
    {"instrument", "symbol"},
    {"market", "symbol"},
    {"index", "symbol"},
    {"currency", "symbol"},
    {"name", "symbol"},
    {"<per>", "timeframe"},
    {"period", "timeframe"},
    {"resolution", "timeframe"},
    {"tf", "timeframe"},
    {"<open>", "open"},
    {"<high>", "high"},
    {"<low>", "low"},
    {"<close>", "close"},
    {"<vol>", "volume"},
    {"vol", "volume"},
    {"volume_(btc)", "volume"},
    {"quote asset volume", "quote_volume"},
    {"quote_asset_volume", "quote_volume"},
    {"volume_(currency)", "quote_volume"},
    {"number of trades", "trades"},
    {"number_of_trades", "trades"},
    {"trade_count", "trades"},
    {"tradecount", "trades"},
    {"count", "trades"},
    {NULL, NULL},
};
static const struct form_word bar_others[] = {
    {"turnover", "quote_volume"},
    {"adjusted close", "close"},
    {NULL, NULL},
};

static const char *const trade_marks[] = {"trade_id", "price", "amount", NULL};
static const char *const trade_hints[] = {"trade_id", NULL};
static const char *const trade_optional[] = {"source", NULL};
static const struct form_word trade_same[] = {{"exchange_time", "time"}, {NULL, NULL}};
static const struct form_word trade_others[] = {
    {"timestamp", "time"},    {"date", "time"},
    {"datetime", "time"},     {"ts", "time"},
    {"mts", "time"},          {"local_timestamp", "time"},
    {"coin", "symbol"},       {"pair", "symbol"},
    {"ticker", "symbol"},     {"instrument", "symbol"},
    {"market", "symbol"},     {"id", "trade_id"},
    {"tid", "trade_id"},      {"tradeid", "trade_id"},
    {"trade id", "trade_id"}, {"rate", "price"},
    {"last_price", "price"},  {"qty", "amount"},
    {"quantity", "amount"},   {"size", "amount"},
    {"volume", "amount"},     {NULL, NULL},
};

static const struct form_word tick_others[] = {
    {"timestamp", "time"},        {"date", "time"},
    {"datetime", "time"},         {"ts", "time"},
    {"open_time", "time"},        {"event_time", "time"},
    {"coin", "symbol"},           {"pair", "symbol"},
    {"ticker", "symbol"},         {"instrument", "symbol"},
    {"market", "symbol"},         {"price", "last_price"},
    {"last", "last_price"},       {"close", "last_price"},
    {"rate", "last_price"},       {"lastprice", "last_price"},
    {"last price", "last_price"}, {NULL, NULL},
};
static const char *const tick_marks[] = {"last_price", NULL};
static const struct form_word no_words[] = {{NULL, NULL}};

/* Ticks come first: a file that has a last_price has ticks, whatever else it has. Events are in no
 * file: they say what happened here. */
static const struct replay_form forms[] = {
    {
        .kind = &ticker_kind,
        .time = "time",
        .example = "time,symbol,last_price",
        .marks = tick_marks,
        .hints = none,
        .optional = none,
        .same = no_words,
        .words = no_words,
        .others = tick_others,
        .remedies =
            {
                [ROW_BAD_SYMBOL] = "a symbol has letters, digits and : . _ - and no blank",
                [ROW_BAD_PRICE] = "last_price is a number above 0, with a point and no thousands",
                [ROW_BAD_FIGURE] = "the other columns are numbers, or empty",
                [ROW_BAD_SHAPE] = "each row has as many fields as the header",
                [ROW_BAD_TIME] = "time is like 2026-11-21 (not 20261121) or 2026-11-21T09:05:00Z, "
                                 "or a number since 1970",
                [ROW_OUT_OF_ORDER] = "sort it by time",
                [ROW_UNFINISHED] = "end the last line with a line end, if it is whole",
            },
    },
    {
        .kind = &trade_kind,
        .time = "time",
        .time_step_ns = NS_PER_MS,
        .example = "time,symbol,trade_id,price,amount",
        .marks = trade_marks,
        .hints = trade_hints,
        .optional = trade_optional,
        .same = trade_same,
        .words = no_words,
        .others = trade_others,
        .remedies =
            {
                [ROW_BAD_SYMBOL] = "a symbol has letters, digits and : . _ ^ = - and no blank",
                [ROW_BAD_SOURCE] = "a source has letters, digits and : . _ -, 15 at most",
                [ROW_BAD_TIME] = "time is like 2026-11-21T09:05:00.123Z, or a number since 1970",
                [ROW_BAD_TRADE_ID] = "a trade_id is a whole number of 0 or more",
                [ROW_BAD_PRICE] = "price is a number above 0, with a point and no thousands",
                [ROW_BAD_AMOUNT] = "amount is a number, above 0 for a buy and below it for a sell",
                [ROW_BAD_SHAPE] = "each row has as many fields as the header",
                [ROW_CONFLICT] =
                    "rows of one symbol, source, millisecond and trade_id differ: keep "
                    "the right one",
                [ROW_UNFINISHED] = "end the last line with a line end, if it is whole",
            },
    },
    {
        .kind = &bar_kind,
        .time = "open_time",
        .example = "open_time,symbol,timeframe,open,high,low,close",
        .marks = bar_marks,
        .hints = bar_hints,
        .optional = bar_optional,
        .same = bar_same,
        .words = bar_words,
        .empty_rows = true,
        .others = bar_others,
        .remedies =
            {
                [ROW_BAD_SYMBOL] = "a symbol has letters, digits and : . _ ^ = - and no blank",
                [ROW_BAD_SOURCE] = "a source has letters, digits and : . _ -, 15 at most",
                [ROW_BAD_TIMEFRAME] =
                    "a timeframe is one of 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d "
                    "3d 1w 1M",
                [ROW_BAD_TIME] =
                    "open_time is like 2026-11-21 (not 20261121) or 2026-11-21T09:05:00Z, or a "
                    "number since 1970, and a bar of its timeframe begins then (UTC; 1w: on a "
                    "Monday, 1M: on the first)",
                [ROW_BAD_PRICE] =
                    "open, high, low and close are numbers, 0 < low <= open and close "
                    "<= high, with a point and no thousands",
                [ROW_BAD_FIGURE] = "volumes and trades are numbers of 0 or more, or empty",
                [ROW_BAD_REVISION] = "a revision is a whole number of 0 or more, or empty",
                [ROW_BAD_SHAPE] = "each row has as many fields as the header",
                [ROW_OUT_OF_ORDER] = "sort it by open_time",
                [ROW_CONFLICT] = "rows of one symbol, source, timeframe and open_time differ: keep "
                                 "the right one",
                [ROW_UNFINISHED] = "end the last line with a line end, if it is whole",
            },
    },
};

const struct replay_form *replay_form_of(bool (*has)(void *context, const char *name),
                                         void *context)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        bool all = true;
        for (const char *const *mark = forms[i].marks; all && *mark != NULL; mark++) {
            all = has(context, *mark);
        }
        if (all) {
            return &forms[i];
        }
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        for (const char *const *hint = forms[i].hints; *hint != NULL; hint++) {
            if (has(context, *hint)) {
                return &forms[i];
            }
        }
    }
    return &forms[0];
}

static bool listed(const char *const *list, const char *name)
{
    while (*list != NULL && strcmp(*list, name) != 0) {
        list++;
    }
    return *list != NULL;
}

int replay_form_columns(const struct replay_form *form,
                        struct form_column columns[FORM_COLUMNS_MAX])
{
    int count = 0;
    for (const struct column *column = form->kind->columns; column->name != NULL; column++) {
        if (!column->derived && column->role != COLUMN_RUN && column->role != COLUMN_UNSTORED) {
            columns[count++] = (struct form_column){
                .name = column == form->kind->moment ? form->time : column->name,
                .column = column,
                .needed = column->present_offset == COLUMN_REQUIRED &&
                          !listed(form->optional, column->name),
            };
        }
    }
    return count;
}
_Static_assert(FORM_COLUMNS_MAX >= KIND_COLUMNS_MAX + 2, "a form has all columns of its kind");
