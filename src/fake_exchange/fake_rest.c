#include "fake_exchange/fake_rest.h"

#include "base/clock.h"
#include "fake_exchange/fake_candle.h"
#include "source/bitfinex/bitfinex_pairs.h"
#include "source/bitfinex/bitfinex_row.h"

enum { ROWS_MAX = 10000, TRADES_USUAL = 125, CANDLES_USUAL = 100 };

static unsigned refuse(struct strbuf *body, const char *what)
{
    strbuf_append_format(body, "[\"error\",10020,\"%s: invalid\"]", what);
    return 500;
}

static void append_comma(struct strbuf *body)
{
    if (strbuf_text(body)[body->length - 1] != '[') {
        strbuf_append_char(body, ',');
    }
}

void fake_rest_tickers(const struct fake_market *market, struct str symbols, int64_t now_ms,
                       struct strbuf *body)
{
    bool all = coins_is_all(symbols);
    size_t coin = 0;
    struct str symbol;
    strbuf_append_char(body, '[');
    while (all ? coin < market->coins.count : str_split(&symbols, ',', &symbol)) {
        size_t asked = all ? coin++ : fake_market_coin(market, symbol);
        struct ticker tick;
        if (asked != FAKE_UNKNOWN_COIN && fake_market_ticker(market, asked, now_ms, &tick)) {
            append_comma(body);
            bitfinex_row_append(&tick, body);
        }
    }
    strbuf_append_char(body, ']');
}

/* Reads a whole number. Returns false for text that is none; `value` stays for NULL. */
static bool read_number(const char *text, int64_t *value)
{
    return text == NULL || str_to_int64(str_from(text), value);
}

/* Returns what is invalid; NULL: nothing. */
static const char *read_params(const struct fake_params *params, int64_t usual_limit,
                               int64_t now_ms, struct fake_query *query)
{
    int64_t limit = usual_limit, sort = -1;
    *query = (struct fake_query){.from_ms = INT64_MIN, .to_ms = INT64_MAX};
    if (!read_number(params->limit, &limit) || limit < 1 || limit > ROWS_MAX) {
        return "limit";
    }
    if (!read_number(params->start, &query->from_ms)) {
        return "start";
    }
    if (!read_number(params->end, &query->to_ms)) {
        return "end";
    }
    if (!read_number(params->sort, &sort) || (sort != 1 && sort != -1)) {
        return "sort";
    }
    query->to_ms = query->to_ms < now_ms ? query->to_ms : now_ms;
    query->limit = (size_t)limit;
    query->oldest_first = sort == 1;
    return NULL;
}

static bool is_symbol(struct str symbol)
{
    return bitfinex_symbol_valid(symbol);
}

void fake_rest_trade_row(const struct fake_trade *trade, struct strbuf *body)
{
    strbuf_append_char(body, '[');
    strbuf_append_int64(body, trade->id);
    strbuf_append_char(body, ',');
    strbuf_append_int64(body, trade->time_ms);
    strbuf_append_char(body, ',');
    fake_decimal_append(body, trade->amount_e8);
    strbuf_append_char(body, ',');
    fake_decimal_append(body, trade->price_e8);
    strbuf_append_char(body, ']');
}

unsigned fake_rest_trades(const struct fake_market *market, struct str symbol,
                          const struct fake_params *params, int64_t now_ms, struct strbuf *body)
{
    struct fake_query query;
    const char *wrong =
        is_symbol(symbol) ? read_params(params, TRADES_USUAL, now_ms, &query) : "symbol";
    if (wrong != NULL) {
        return refuse(body, wrong);
    }
    strbuf_append_char(body, '[');
    size_t coin = fake_market_coin(market, symbol);
    if (coin != FAKE_UNKNOWN_COIN) {
        struct fake_cursor cursor = fake_market_select(market, coin, &query);
        const struct fake_trade *trade;
        while ((trade = fake_cursor_next(&cursor)) != NULL) {
            append_comma(body);
            fake_rest_trade_row(trade, body);
        }
    }
    strbuf_append_char(body, ']');
    return 200;
}

/* Appends [MTS,OPEN,CLOSE,HIGH,LOW,VOLUME]. */
static void append_candle(const struct fake_candle *candle, struct strbuf *body)
{
    const int64_t figures[] = {candle->open_e8, candle->close_e8, candle->high_e8, candle->low_e8,
                               candle->volume_e8};
    append_comma(body);
    strbuf_append_char(body, '[');
    strbuf_append_int64(body, candle->time_ms);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        strbuf_append_char(body, ',');
        fake_decimal_append(body, figures[i]);
    }
    strbuf_append_char(body, ']');
}

/* Returns the id of the newest trade of the newest candle that has ended; -1: there is none. */
static int64_t last_of_finished(const struct fake_market *market, size_t coin, int64_t interval_ns,
                                int64_t now_ms)
{
    struct fake_query finished = {INT64_MIN, fake_candle_start(now_ms, interval_ns) - 1, 1, false};
    struct fake_cursor cursor = fake_market_select(market, coin, &finished);
    const struct fake_trade *trade = fake_cursor_next(&cursor);
    return trade != NULL ? trade->id : -1;
}

/* Splits "trade:1m:tDOGE:USD". Returns what is invalid; NULL: nothing. */
static const char *split_key(struct str key, int64_t *interval_ns, struct str *symbol)
{
    struct str section, timeframe;
    if (!str_split(&key, ':', &section) || !str_equal_text(section, "trade") ||
        !str_split(&key, ':', &timeframe)) {
        return "key";
    }
    *symbol = key;
    return !fake_timeframe_find(timeframe, interval_ns) ? "timeframe"
           : !is_symbol(*symbol)                        ? "symbol"
                                                        : NULL;
}

unsigned fake_rest_candles(const struct fake_market *market, struct str key,
                           const struct fake_params *params, int64_t now_ms, bool changed,
                           struct strbuf *body)
{
    int64_t interval_ns = 0;
    struct str symbol = {0};
    struct fake_query query;
    const char *wrong = split_key(key, &interval_ns, &symbol);
    wrong = wrong != NULL ? wrong : read_params(params, CANDLES_USUAL, now_ms, &query);
    if (wrong != NULL) {
        return refuse(body, wrong);
    }
    strbuf_append_char(body, '[');
    size_t coin = fake_market_coin(market, symbol);
    if (coin != FAKE_UNKNOWN_COIN) {
        struct fake_query trades = fake_candle_trades(&query, interval_ns, now_ms);
        struct fake_cursor cursor = fake_market_select(market, coin, &trades);
        int64_t skip_id = changed ? last_of_finished(market, coin, interval_ns, now_ms) : -1;
        struct fake_candle candle;
        for (size_t left = query.limit;
             left > 0 && fake_candle_next(&cursor, interval_ns, skip_id, &candle); left--) {
            append_candle(&candle, body);
        }
    }
    strbuf_append_char(body, ']');
    return 200;
}

bool fake_rest_book(const struct fake_market *market, size_t coin, size_t *next, size_t end,
                    size_t most, struct strbuf *body)
{
    size_t before = body->length;
    for (size_t given = 0; given < most && *next < end; ++*next) {
        const struct fake_trade *trade = &market->trades[*next];
        if (coin != FAKE_UNKNOWN_COIN && trade->coin != coin) {
            continue;
        }
        strbuf_append_int64(body, trade->id);
        strbuf_append_char(body, ',');
        strbuf_append_int64(body, trade->time_ms);
        strbuf_append_format(body, ",%s,", fake_market_symbol(market, trade->coin));
        fake_decimal_append(body, trade->amount_e8);
        strbuf_append_char(body, ',');
        fake_decimal_append(body, trade->price_e8);
        strbuf_append_char(body, '\n');
        given++;
    }
    return body->length > before;
}
