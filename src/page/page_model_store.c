#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "market/day.h"
#include "page/page_model_parts.h"
#include "record/ticker.h"

enum { CACHE_MS = 1000 }; /* for this long, one query of the store answers all browsers */
#define MINUTE_NS (60 * NS_PER_SECOND)

bool page_model_candles(void *context, const char *coin, int64_t interval_ns, int64_t from_ns,
                        int64_t to_ns, size_t limit, struct candle_list *candles,
                        struct error *error)
{
    struct page_model *model = context;
    struct candle_query query = {
        .kind = &ticker_kind,
        .series = coin,
        .interval_ns = interval_ns,
        .from_ns = from_ns,
        .to_ns = to_ns,
        .limit = limit,
    };
    enum store_lane lane = store_pool_lane(&query);
    struct store *store = store_pool_take(model->stores, lane, error);
    if (store == NULL) {
        return false;
    }
    bool answered = store_candles(store, &query, candles, error);
    store_pool_give(model->stores, lane, store);
    return answered;
}

static int64_t last_time_ns(const struct series_summary *coin)
{
    return column_int64(ticker_kind.time, &coin->last);
}

static double last_price(const struct series_summary *coin)
{
    return column_double(ticker_kind.price, &coin->last);
}

/* Computes a coin's last 24 hours from stored ticks, to the minute, for sources that do not report
 * such figures. */
static bool day_from_store(struct store *store, const struct series_summary *coin, struct day *day,
                           struct error *error)
{
    int64_t from_ns = last_time_ns(coin) - NS_PER_DAY;
    double before = 0;
    bool found = false;
    if (!store_price_at(store, &ticker_kind, coin->series, from_ns, &before, &found, error)) {
        return false;
    }
    if (found) {
        day_set_change(day, before, last_price(coin));
    }
    struct candle_list minutes = {0};
    struct candle_query query = {
        .kind = &ticker_kind,
        .series = coin->series,
        .interval_ns = MINUTE_NS,
        .from_ns = from_ns,
        .to_ns = last_time_ns(coin) + 1,
    };
    bool answered = store_candles(store, &query, &minutes, error);
    for (size_t i = 0; answered && i < minutes.count; i++) {
        day_add_candle(day, &minutes.items[i]);
    }
    candle_list_free(&minutes);
    return answered;
}

static bool find_day(struct store *store, const struct series_summary *coin, struct day *day,
                     struct error *error)
{
    *day = (struct day){.has_change = false};
    return day_reported((const void *)&coin->last, day) || day_from_store(store, coin, day, error);
}

static void append_number(struct strbuf *json, const char *name, bool known, double value)
{
    strbuf_append_format(json, ",\"%s\":", name);
    strbuf_append_json_double(json, known ? value : NAN);
}

static void append_time(struct strbuf *json, const char *name, int64_t time_ns)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(time_ns, text);
    strbuf_append_format(json, ",\"%s\":\"%s\"", name, text);
}

static void append_coin(struct strbuf *json, const struct series_summary *coin,
                        const struct day *day)
{
    char name[SYMBOL_MAX + 2];
    symbol_display(coin->series, name);
    strbuf_append_text(json, "{\"coin\":");
    strbuf_append_json_string(json, str_from(coin->series));
    strbuf_append_text(json, ",\"name\":");
    strbuf_append_json_string(json, str_from(name));
    append_number(json, "last", true, last_price(coin));
    append_time(json, "time", last_time_ns(coin));
    append_time(json, "first_time", coin->first_time_ns);
    append_number(json, "change_24h", day->has_change, day->change);
    append_number(json, "change_24h_relative", day->has_change, day->change_relative);
    append_number(json, "high_24h", day->has_range, day->high);
    append_number(json, "low_24h", day->has_range, day->low);
    strbuf_append_char(json, '}');
}

static bool ask_coins(struct store *store, struct strbuf *json, struct error *error)
{
    struct series_summary *coins = NULL;
    size_t count = 0;
    if (!store_list_series(store, &ticker_kind, &coins, &count, error)) {
        return false;
    }
    bool answered = true;
    strbuf_clear(json);
    strbuf_append_char(json, '[');
    for (size_t i = 0; answered && i < count; i++) {
        struct day day;
        answered = find_day(store, &coins[i], &day, error);
        if (i > 0) {
            strbuf_append_char(json, ',');
        }
        append_coin(json, &coins[i], &day);
    }
    strbuf_append_char(json, ']');
    free(coins);
    return answered &&
           (!json->failed ||
            error_set(error, ERROR_FATAL, "the coins' figures are over %d bytes", PAGE_JSON_LIMIT));
}

/* Queries the coins again. The caller holds the lock. A failure is cached as long as an answer is:
 * otherwise each waiting request would query again. */
static void renew_coins(struct page_model *model)
{
    struct error *error = &model->coins_error;
    struct store *store = store_pool_take(model->stores, STORE_QUICK, error);
    if (store != NULL && ask_coins(store, &model->coins_json, error)) {
        *error = (struct error){.kind = ERROR_NONE};
    }
    if (store != NULL) {
        store_pool_give(model->stores, STORE_QUICK, store);
    }
    model->coins_until_ns = clock_monotonic_ns() + CACHE_MS * NS_PER_MS;
}

bool page_model_has_coins(struct page_model *model)
{
    pthread_mutex_lock(&model->coins_lock);
    if (clock_monotonic_ns() >= model->coins_until_ns) {
        renew_coins(model);
    }
    bool some = model->coins_error.kind == ERROR_NONE && model->coins_json.length > strlen("[]");
    pthread_mutex_unlock(&model->coins_lock);
    return some;
}

bool page_model_coins(void *context, struct strbuf *json, struct error *error)
{
    struct page_model *model = context;
    pthread_mutex_lock(&model->coins_lock);
    if (clock_monotonic_ns() >= model->coins_until_ns) {
        renew_coins(model);
    }
    bool answered = model->coins_error.kind == ERROR_NONE;
    if (answered) {
        strbuf_append_str(json, strbuf_str(&model->coins_json));
    } else {
        *error = model->coins_error;
    }
    pthread_mutex_unlock(&model->coins_lock);
    return answered;
}

void page_model_replay_range(struct page_model *model, struct strbuf *json)
{
    struct series_summary *coins = NULL;
    size_t count = 0;
    struct error error;
    struct store *store = store_pool_take(model->stores, STORE_QUICK, &error);
    bool answered = store != NULL && store_list_series(store, &ticker_kind, &coins, &count, &error);
    if (store != NULL) {
        store_pool_give(model->stores, STORE_QUICK, store);
    }
    if (answered && count > 0) {
        int64_t first_ns = coins[0].first_time_ns, last_ns = last_time_ns(&coins[0]);
        for (size_t i = 1; i < count; i++) {
            const struct series_summary *coin = &coins[i];
            first_ns = coin->first_time_ns < first_ns ? coin->first_time_ns : first_ns;
            last_ns = last_time_ns(coin) > last_ns ? last_time_ns(coin) : last_ns;
        }
        append_time(json, "replay_from", first_ns);
        if (atomic_load(&model->source_done)) {
            append_time(json, "replay_to", last_ns);
        } else {
            strbuf_append_text(json, ",\"replay_to\":null");
        }
    }
    free(coins);
}
