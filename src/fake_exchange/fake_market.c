#include "fake_exchange/fake_market.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"

enum { DAY_MS = 86400000 };

void fake_market_free(struct fake_market *market)
{
    for (size_t i = 0; market->by_coin != NULL && i < market->coins.count; i++) {
        free(market->by_coin[i].at);
    }
    free(market->by_coin);
    free(market->trades);
    coin_table_free(&market->coins);
    *market = (struct fake_market){0};
}

size_t fake_market_coin(const struct fake_market *market, struct str symbol)
{
    const struct coin *coin = coin_table_find(&market->coins, symbol);
    return coin != NULL ? (size_t)(coin - market->coins.coins) : FAKE_UNKNOWN_COIN;
}

const char *fake_market_symbol(const struct fake_market *market, size_t coin)
{
    return market->coins.coins[coin].symbol;
}

bool fake_market_add(struct fake_market *market, const struct fake_trade *trade)
{
    struct fake_trade *larger =
        array_room(market->trades, market->count, &market->capacity, sizeof *larger);
    if (larger == NULL) {
        return false;
    }
    market->trades = larger;
    market->trades[market->count++] = *trade;
    return true;
}

/* Merges two neighbouring sorted runs of `from` into `to`; of equal times the left comes first. */
static void merge(const struct fake_trade *from, size_t left, size_t middle, size_t end,
                  struct fake_trade *to)
{
    size_t right = middle;
    for (size_t i = left, out = left; out < end; out++) {
        bool take_left = i < middle && (right == end || from[i].time_ms <= from[right].time_ms);
        to[out] = from[take_left ? i++ : right++];
    }
}

/* A merge sort, since the order of equal times has to stay, which qsort(3) does not promise. */
static bool sort_by_time(struct fake_market *market)
{
    struct fake_trade *other = calloc(market->count + 1, sizeof *other);
    if (other == NULL) {
        return false;
    }
    size_t count = market->count;
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t left = 0; left < count; left += 2 * run) {
            size_t middle = left + run < count ? left + run : count;
            size_t end = left + 2 * run < count ? left + 2 * run : count;
            merge(market->trades, left, middle, end, other);
        }
        struct fake_trade *sorted = other;
        other = market->trades;
        market->trades = sorted;
        market->capacity = count;
    }
    free(other);
    return true;
}

static bool is_sorted(const struct fake_market *market)
{
    for (size_t i = 1; i < market->count; i++) {
        if (market->trades[i].time_ms < market->trades[i - 1].time_ms) {
            return false;
        }
    }
    return true;
}

static bool index_coins(struct fake_market *market)
{
    size_t coins = market->coins.count;
    market->by_coin = calloc(coins + 1, sizeof *market->by_coin);
    if (market->by_coin == NULL) {
        return false;
    }
    for (size_t i = 0; i < market->count; i++) {
        market->by_coin[market->trades[i].coin].count++;
    }
    for (size_t coin = 0; coin < coins; coin++) {
        struct fake_coin_trades *trades = &market->by_coin[coin];
        trades->at = calloc(trades->count + 1, sizeof *trades->at);
        if (trades->at == NULL) {
            return false;
        }
        trades->count = 0;
    }
    for (size_t i = 0; i < market->count; i++) {
        struct fake_coin_trades *trades = &market->by_coin[market->trades[i].coin];
        trades->at[trades->count++] = i;
    }
    return true;
}

bool fake_market_finish(struct fake_market *market, struct error *error)
{
    return ((is_sorted(market) || sort_by_time(market)) && index_coins(market)) ||
           error_set(error, ERROR_FATAL, "no memory for %zu trades", market->count);
}

size_t fake_market_until(const struct fake_market *market, int64_t time_ms)
{
    size_t low = 0, high = market->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (market->trades[middle].time_ms <= time_ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Returns how many trades of the coin are before `time_ms`. */
static size_t coin_trades_before(const struct fake_market *market,
                                 const struct fake_coin_trades *trades, int64_t time_ms)
{
    size_t low = 0, high = trades->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (market->trades[trades->at[middle]].time_ms < time_ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct fake_cursor fake_market_select(const struct fake_market *market, size_t coin,
                                      const struct fake_query *query)
{
    const struct fake_coin_trades *trades = &market->by_coin[coin];
    size_t first = coin_trades_before(market, trades, query->from_ms);
    size_t end = query->to_ms == INT64_MAX ? trades->count
                                           : coin_trades_before(market, trades, query->to_ms + 1);
    size_t count = end > first ? end - first : 0;
    return (struct fake_cursor){
        .market = market,
        .trades = trades,
        .at = query->oldest_first ? first : first + count - (count > 0),
        .left = count < query->limit ? count : query->limit,
        .oldest_first = query->oldest_first,
    };
}

struct fake_cursor fake_market_newest(const struct fake_market *market, size_t coin, size_t count,
                                      size_t limit)
{
    const struct fake_coin_trades *trades = &market->by_coin[coin];
    size_t low = 0, high = trades->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (trades->at[middle] < count) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (struct fake_cursor){
        .market = market,
        .trades = trades,
        .at = low - (low > 0),
        .left = low < limit ? low : limit,
        .oldest_first = false,
    };
}

const struct fake_trade *fake_cursor_peek(const struct fake_cursor *cursor)
{
    return cursor->left > 0 ? &cursor->market->trades[cursor->trades->at[cursor->at]] : NULL;
}

const struct fake_trade *fake_cursor_next(struct fake_cursor *cursor)
{
    const struct fake_trade *trade = fake_cursor_peek(cursor);
    if (trade != NULL) {
        cursor->left--;
        cursor->at += cursor->oldest_first ? 1 : 0;
        cursor->at -= !cursor->oldest_first && cursor->left > 0 ? 1 : 0;
    }
    return trade;
}

static void set_figure(struct ticker *tick, enum ticker_figure figure, double value)
{
    tick->figures[figure] = value;
    tick->has[figure] = true;
}

/* The day that ends at `now_ms`, folded. */
struct day {
    int64_t open_e8, high_e8, low_e8, last_e8, volume_e8;
    int64_t last_amount_e8;
};

static bool fold_day(const struct fake_market *market, size_t coin, int64_t now_ms, struct day *day)
{
    struct fake_query newest = {INT64_MIN, now_ms, 1, false};
    struct fake_cursor cursor = fake_market_select(market, coin, &newest);
    const struct fake_trade *trade = fake_cursor_next(&cursor);
    if (trade == NULL) {
        return false;
    }
    *day = (struct day){trade->price_e8, trade->price_e8, trade->price_e8, trade->price_e8, 0,
                        trade->amount_e8};
    cursor = fake_market_select(market, coin,
                                &(struct fake_query){now_ms - DAY_MS + 1, now_ms, SIZE_MAX, true});
    for (bool first = true; (trade = fake_cursor_next(&cursor)) != NULL; first = false) {
        day->open_e8 = first ? trade->price_e8 : day->open_e8;
        day->high_e8 = trade->price_e8 > day->high_e8 ? trade->price_e8 : day->high_e8;
        day->low_e8 = trade->price_e8 < day->low_e8 ? trade->price_e8 : day->low_e8;
        day->volume_e8 += llabs(trade->amount_e8);
    }
    return true;
}

bool fake_market_ticker(const struct fake_market *market, size_t coin, int64_t now_ms,
                        struct ticker *tick)
{
    struct day day;
    if (!fold_day(market, coin, now_ms, &day)) {
        return false;
    }
    *tick = (struct ticker){.last_price = fake_decimal_value(day.last_e8)};
    (void)str_copy(str_from(fake_market_symbol(market, coin)), tick->symbol, sizeof tick->symbol);
    int64_t spread_e8 = day.last_e8 / 10000 + 1;
    double size = fake_decimal_value(llabs(day.last_amount_e8));
    set_figure(tick, TICKER_BID, fake_decimal_value(day.last_e8 - spread_e8 / 2));
    set_figure(tick, TICKER_BID_SIZE, size);
    set_figure(tick, TICKER_ASK, fake_decimal_value(day.last_e8 + spread_e8 / 2 + 1));
    set_figure(tick, TICKER_ASK_SIZE, size);
    set_figure(tick, TICKER_DAILY_CHANGE, fake_decimal_value(day.last_e8 - day.open_e8));
    set_figure(tick, TICKER_DAILY_CHANGE_RELATIVE,
               (double)(day.last_e8 - day.open_e8) / (double)day.open_e8);
    set_figure(tick, TICKER_VOLUME, fake_decimal_value(day.volume_e8));
    set_figure(tick, TICKER_HIGH, fake_decimal_value(day.high_e8));
    set_figure(tick, TICKER_LOW, fake_decimal_value(day.low_e8));
    return true;
}
