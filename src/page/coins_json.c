#include "page/coins_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "market/day.h"
#include "market/providers.h"
#include "record/bar.h"
#include "record/series.h"
#include "record/ticker.h"
#include "record/trade.h"

#define MINUTE_NS (60 * NS_PER_SECOND)

/* The kinds from which candles are made, the best first. */
enum { TRADES, TICKS, BARS, KINDS };
static const struct record_kind *const kinds[KINDS] = {&trade_kind, &ticker_kind, &bar_kind};
/* The coins are listed kind by kind, in this order. */
static const int order[KINDS] = {TICKS, TRADES, BARS};

/* All stored series of one kind, in the order of their tags, so that those of a coin are
 * neighbours. */
struct listing {
    const struct record_kind *kind;
    struct series_summary *items;
    size_t count;
};

/* The series of one coin in a listing. */
struct range {
    const struct series_summary *items;
    size_t count;
};

static struct str coin_of(const struct listing *listing, size_t index)
{
    return column_text(listing->kind->key, &listing->items[index].last);
}

static int compare_names(struct str a, struct str b)
{
    int order_of_common = memcmp(a.data, b.data, a.length < b.length ? a.length : b.length);
    return order_of_common != 0 ? order_of_common : (a.length > b.length) - (a.length < b.length);
}

static struct range find_coin(const struct listing *listing, struct str coin)
{
    size_t low = 0, high = listing->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_names(coin_of(listing, middle), coin) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    struct range range = {.items = listing->items + low};
    while (low + range.count < listing->count &&
           str_equal(coin_of(listing, low + range.count), coin)) {
        range.count++;
    }
    return range;
}

/* Returns the series whose figures are shown: the one with the newest record. */
static const struct series_summary *newest_of(const struct record_kind *kind, struct range range)
{
    const struct series_summary *newest = &range.items[0];
    for (size_t i = 1; i < range.count; i++) {
        if (column_int64(kind->moment, &range.items[i].last) >
            column_int64(kind->moment, &newest->last)) {
            newest = &range.items[i];
        }
    }
    return newest;
}

static double last_price(const struct record_kind *kind, const struct series_summary *series)
{
    return column_double(kind->price, &series->last);
}

/* Computes the figures of the 24 hours up to a series' last record, to the minute, for sources that
 * do not report such figures. */
static bool day_from_store(struct store *store, const struct record_kind *kind,
                           const struct series_summary *series, struct day *day,
                           struct error *error)
{
    int64_t last_ns = column_int64(kind->time, &series->last);
    int64_t from_ns = last_ns - NS_PER_DAY;
    double before = 0;
    bool found = false;
    if (!store_price_at(store, kind, series->series, from_ns, &before, &found, error)) {
        return false;
    }
    if (found) {
        day_set_change(day, before, last_price(kind, series));
    }
    struct candle_list minutes = {0};
    struct candle_query query = {
        .kind = kind,
        .series = series->series,
        .interval_ns = MINUTE_NS,
        .from_ns = from_ns,
        .to_ns = last_ns + 1,
    };
    bool answered = store_candles(store, &query, &minutes, error);
    for (size_t i = 0; answered && i < minutes.count; i++) {
        day_add_candle(day, &minutes.items[i]);
    }
    candle_list_free(&minutes);
    return answered;
}

static bool find_day(struct store *store, const struct record_kind *kind,
                     const struct series_summary *series, struct day *day, struct error *error)
{
    *day = (struct day){.has_change = false};
    return !kind_folds(kind) ||
           (kind == &ticker_kind && day_reported((const void *)&series->last, day)) ||
           day_from_store(store, kind, series, day, error);
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

/* Appends what a tick reports of its market beside the price; other kinds report nothing of it. */
static void append_market(struct strbuf *json, const struct record_kind *kind, const void *record)
{
    static const struct {
        const char *name;
        enum ticker_figure figure;
    } members[] = {{"bid", TICKER_BID}, {"ask", TICKER_ASK}, {"volume_24h", TICKER_VOLUME}};
    const struct ticker *tick = record;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        bool known = kind == &ticker_kind && tick->has[members[i].figure];
        append_number(json, members[i].name, known, known ? tick->figures[members[i].figure] : 0);
    }
}

static void append_figures(struct strbuf *json, const struct record_kind *kind,
                           const struct series_summary *series, const struct day *day)
{
    char name[SYMBOL_MAX + 2], coin[RECORD_KEY_MAX + 1];
    (void)str_copy(column_text(kind->key, &series->last), coin, sizeof coin);
    symbol_display(coin, name);
    strbuf_append_text(json, "{\"coin\":");
    strbuf_append_json_string(json, str_from(coin));
    strbuf_append_text(json, ",\"name\":");
    strbuf_append_json_string(json, str_from(name));
    const char *service = provider_service_of_coin(str_from(coin));
    strbuf_append_text(json, ",\"service\":");
    if (service != NULL) {
        strbuf_append_json_string(json, str_from(service));
    } else {
        strbuf_append_text(json, "null");
    }
    append_number(json, "last", true, last_price(kind, series));
    append_time(json, "time", column_int64(kind->moment, &series->last));
    append_time(json, "first_time", series->first_time_ns);
    append_number(json, "change_24h", day->has_change, day->change);
    append_number(json, "change_24h_relative", day->has_change, day->change_relative);
    append_number(json, "high_24h", day->has_range, day->high);
    append_number(json, "low_24h", day->has_range, day->low);
    append_market(json, kind, &series->last);
}

/* Appends an entry for each series of the range: with `live` for those of live sources, else for
 * the others. */
static void append_series(struct strbuf *json, const struct record_kind *kind, struct range range,
                          bool live, const char **separator)
{
    for (size_t i = 0; i < range.count; i++) {
        const void *record = &range.items[i].last;
        if (record_is_live(kind, record) != live) {
            continue;
        }
        strbuf_append_format(json, "%s{\"of\":\"%s\"", *separator, kind->name);
        if (kind != &ticker_kind) {
            strbuf_append_text(json, ",\"source\":");
            strbuf_append_json_string(json, column_text(kind->source, record));
        }
        if (kind == &bar_kind) {
            strbuf_append_format(json, ",\"timeframe\":\"%s\"",
                                 ((const struct bar *)record)->timeframe);
        }
        strbuf_append_char(json, '}');
        *separator = ",";
    }
}

/* Appends the coin with the figures of its newest series of kinds[figures]. */
static bool append_coin(struct store *store, const struct listing listings[KINDS], int figures,
                        struct str coin, struct strbuf *json, struct error *error)
{
    const struct record_kind *kind = kinds[figures];
    const struct series_summary *series = newest_of(kind, find_coin(&listings[figures], coin));
    const char *separator = "";
    struct day day;
    if (!find_day(store, kind, series, &day, error)) {
        return false;
    }
    append_figures(json, kind, series, &day);
    strbuf_append_text(json, ",\"candles\":[");
    for (int i = 0; i < KINDS; i++) {
        struct range range = find_coin(&listings[i], coin);
        append_series(json, kinds[i], range, true, &separator);
        append_series(json, kinds[i], range, false, &separator);
    }
    strbuf_append_text(json, "]}");
    return true;
}

/* Returns whether a kind that precedes `place` in the order has the coin. */
static bool listed_before(const struct listing listings[KINDS], int place, struct str coin)
{
    for (int i = 0; i < place; i++) {
        if (find_coin(&listings[order[i]], coin).count > 0) {
            return true;
        }
    }
    return false;
}

/* Appends those coins of the kind order[place] that no kind before it in the order has. */
static bool append_coins(struct store *store, const struct listing listings[KINDS], int place,
                         struct strbuf *json, struct error *error)
{
    const struct listing *listing = &listings[order[place]];
    bool answered = true;
    for (size_t i = 0; answered && i < listing->count; i++) {
        struct str coin = coin_of(listing, i);
        bool again = i > 0 && str_equal(coin_of(listing, i - 1), coin);
        if (!again && !listed_before(listings, place, coin)) {
            strbuf_append_text(json, json->length > strlen("[") ? "," : "");
            answered = append_coin(store, listings, order[place], coin, json, error);
        }
    }
    return answered;
}

bool coins_to_json(struct store *store, const struct stream *streams, size_t count,
                   struct strbuf *json, struct error *error)
{
    struct listing listings[KINDS] = {{.count = 0}};
    bool answered = true;
    for (int i = 0; answered && i < KINDS; i++) {
        listings[i].kind = kinds[i];
        answered =
            stream_of_kind(streams, count, kinds[i]) == NULL ||
            store_list_series(store, kinds[i], &listings[i].items, &listings[i].count, error);
    }
    strbuf_clear(json);
    strbuf_append_char(json, '[');
    for (int place = 0; answered && place < KINDS; place++) {
        answered = append_coins(store, listings, place, json, error);
    }
    strbuf_append_char(json, ']');
    for (int i = 0; i < KINDS; i++) {
        free(listings[i].items);
    }
    return answered && (!json->failed || error_set(error, ERROR_FATAL,
                                                   "the coins' figures are over the limit of "
                                                   "an answer"));
}
