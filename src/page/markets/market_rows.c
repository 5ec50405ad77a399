#include "page/markets/market_rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "market/day.h"
#include "market/providers.h"
#include "page/markets/market_figures.h"
#include "record/names.h"
#include "record/series.h"
#include "record/trade.h"

#define HOUR_NS (3600 * NS_PER_SECOND)
#define MONTH_NS (30 * NS_PER_DAY) /* about as long as a bar of a month */

/* The kinds that have prices, the first choice first. */
enum { TICKS, TRADES, BARS, KINDS };
static const struct record_kind *const kinds[KINDS] = {&ticker_kind, &trade_kind, &bar_kind};

/* A stored series from which a coin's row can be made. */
struct candidate {
    const struct series_summary *series; /* borrowed from the listing */
    int kind;                            /* index in `kinds` */
    int64_t length_ns;                   /* of bars */
    int64_t time_ns;                     /* of its last price */
};

struct candidates {
    struct candidate *items;
    size_t count, capacity;
    struct series_summary *listings[KINDS];
};

static struct str coin_of(const struct candidate *candidate)
{
    return column_text(kinds[candidate->kind]->key, &candidate->series->last);
}

static int64_t length_of(const struct series_summary *series)
{
    int64_t length_ns = 0;
    const struct bar *bar = (const void *)&series->last;
    bool known = bar_timeframe_find(str_from(bar->timeframe), &length_ns);
    return known && length_ns > 0 ? length_ns : MONTH_NS;
}

static bool add_candidates(struct candidates *candidates, int kind, size_t count,
                           struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        const struct series_summary *series = &candidates->listings[kind][i];
        struct candidate candidate = {.series = series, .kind = kind};
        candidate.length_ns = kind == BARS ? length_of(series) : 0;
        candidate.time_ns = column_int64(kinds[kind]->moment, &series->last) + candidate.length_ns;
        struct candidate *grown =
            array_room(candidates->items, candidates->count, &candidates->capacity, sizeof *grown);
        if (grown == NULL) {
            return error_set(error, ERROR_RETRY, "no memory for the markets");
        }
        candidates->items = grown;
        candidates->items[candidates->count++] = candidate;
    }
    return true;
}

/* Orders by coin, then by kind, then bars of the shortest timeframe first, then the newest
 * first. */
static int compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;
    struct str one = coin_of(a), other = coin_of(b);
    size_t common = one.length < other.length ? one.length : other.length;
    int order = memcmp(one.data, other.data, common);
    if (order != 0 || one.length != other.length) {
        return order != 0 ? order : (one.length > other.length) - (one.length < other.length);
    }
    if (a->kind != b->kind) {
        return a->kind - b->kind;
    }
    if (a->length_ns != b->length_ns) {
        return a->length_ns < b->length_ns ? -1 : 1;
    }
    return (a->time_ns < b->time_ns) - (a->time_ns > b->time_ns);
}

static bool list_candidates(struct store *store, const struct market_facts *facts,
                            struct candidates *candidates, struct error *error)
{
    for (int kind = 0; kind < KINDS; kind++) {
        size_t count = 0;
        if (stream_of_kind(facts->streams, facts->stream_count, kinds[kind]) != NULL &&
            (!store_list_series(store, kinds[kind], &candidates->listings[kind], &count, error) ||
             !add_candidates(candidates, kind, count, error))) {
            return false;
        }
    }
    if (candidates->count > 0) {
        qsort(candidates->items, candidates->count, sizeof *candidates->items, compare_candidates);
    }
    return true;
}

static void free_candidates(struct candidates *candidates)
{
    for (int kind = 0; kind < KINDS; kind++) {
        free(candidates->listings[kind]);
    }
    free(candidates->items);
}

/* Returns the series from which the price is taken: the first one whose last price is at most an
 * hour older than the newest of all. */
static const struct candidate *choose(const struct candidate *of_coin, size_t count)
{
    int64_t newest_ns = of_coin[0].time_ns;
    for (size_t i = 1; i < count; i++) {
        newest_ns = of_coin[i].time_ns > newest_ns ? of_coin[i].time_ns : newest_ns;
    }
    size_t chosen = 0;
    while (of_coin[chosen].time_ns < newest_ns - HOUR_NS) {
        chosen++;
    }
    return &of_coin[chosen];
}

static void set_source(const struct market_facts *facts, const struct candidate *candidate,
                       char source[SOURCE_MAX + 1])
{
    struct str coin = coin_of(candidate);
    const char *named =
        facts->ticks_source != NULL ? facts->ticks_source : provider_service_of_coin(coin);
    struct str text = candidate->kind == TICKS
                          ? str_from(named != NULL ? named : "")
                          : column_text(kinds[candidate->kind]->source, &candidate->series->last);
    (void)str_copy(text, source, SOURCE_MAX + 1);
}

/* Sets the currencies: of a coin that is in the table of assets those of its service, otherwise
 * those that the coin's name says. */
static void set_currencies(struct market_row *row)
{
    char name[SYMBOL_MAX + 2];
    symbol_display(row->coin, name);
    const char *slash = strchr(name, '/');
    const char *quote = slash != NULL ? slash + 1 : "";
    for (int i = 0; row->asset != NULL && i < ASSET_SERVICES; i++) {
        const char *coin = row->asset->coins[i];
        quote = coin != NULL && strcmp(coin, row->coin) == 0 ? asset_services[i].currency : quote;
    }
    quote = strcmp(quote, "UST") == 0 ? "USDT" : quote; /* Bitfinex's name for it */
    (void)str_copy(str_from(quote), row->quote, sizeof row->quote);
    struct str base = {.data = name, .length = slash != NULL ? (size_t)(slash - name) : 0};
    (void)str_copy(row->asset != NULL ? str_from(row->asset->ticker) : base, row->base,
                   sizeof row->base);
}

/* Takes the figures that a tick brings: volume and market cap. */
static void take_figures(const struct market_facts *facts, const struct candidate *of_coin,
                         int64_t newest_ns, struct market_row *row)
{
    if (of_coin->kind != TICKS) {
        return;
    }
    double volume = day_reported_volume(&of_coin->series->last);
    char source[SOURCE_MAX + 1];
    set_source(facts, of_coin, source);
    if (!isnan(volume) && of_coin->time_ns >= newest_ns - HOUR_NS) {
        row->volume = volume;
        (void)str_copy(str_from(source), row->volume_source, sizeof row->volume_source);
        row->volume_in_quote =
            strcmp(source, "coingecko") == 0 || strcmp(source, "coinmarketcap") == 0;
    }
    row->cap = day_reported_cap(&of_coin->series->last);
    if (!isnan(row->cap)) {
        row->cap_time_ns = of_coin->time_ns;
        (void)str_copy(str_from(source), row->cap_source, sizeof row->cap_source);
    }
}

static bool add_row(const struct market_facts *facts, const struct candidate *of_coin, size_t count,
                    struct market_rows *rows, struct error *error)
{
    const struct candidate *chosen = choose(of_coin, count);
    struct market_row *grown = array_room(rows->items, rows->count, &rows->capacity, sizeof *grown);
    if (grown == NULL) {
        return error_set(error, ERROR_RETRY, "no memory for the markets");
    }
    rows->items = grown;
    struct market_row *row = &rows->items[rows->count++];
    const struct record_kind *kind = kinds[chosen->kind];
    *row = (struct market_row){.kind = kind,
                               .length_ns = chosen->length_ns,
                               .price = column_double(kind->price, &chosen->series->last),
                               .time_ns = chosen->time_ns,
                               .volume = NAN,
                               .cap = NAN};
    (void)str_copy(coin_of(chosen), row->coin, sizeof row->coin);
    (void)str_copy(str_from(chosen->series->series), row->series, sizeof row->series);
    if (chosen->kind == BARS) {
        const struct bar *bar = (const void *)&chosen->series->last;
        (void)str_copy(str_from(bar->timeframe), row->timeframe, sizeof row->timeframe);
    }
    row->asset = assets_of_coin(facts->assets, str_from(row->coin));
    row->made_up = str_starts_with(str_from(row->coin), "tDRILL");
    set_source(facts, chosen, row->source);
    row->synthetic = record_made_up(str_from(row->source)) != NULL;
    set_currencies(row);
    take_figures(facts, of_coin, chosen->time_ns, row); /* the coin's ticks come first */
    return true;
}

static bool add_rows(const struct market_facts *facts, const struct candidates *candidates,
                     struct market_rows *rows, struct error *error)
{
    for (size_t first = 0, end = 0; first < candidates->count; first = end) {
        const struct candidate *of_coin = &candidates->items[first];
        end = first + 1;
        while (end < candidates->count &&
               str_equal(coin_of(of_coin), coin_of(&candidates->items[end]))) {
            end++;
        }
        if (!add_row(facts, of_coin, end - first, rows, error)) {
            return false;
        }
    }
    return true;
}

/* Finds for each row the market cap that is shown: its own, or the newest of its asset. */
static void join_caps(struct market_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct market_row *row = &rows->items[i];
        row->cap_from = isnan(row->cap) ? NULL : row;
        for (size_t k = 0; isnan(row->cap) && row->asset != NULL && k < rows->count; k++) {
            const struct market_row *other = &rows->items[k];
            if (other->asset == row->asset && !isnan(other->cap) &&
                (row->cap_from == NULL || other->cap_time_ns > row->cap_from->cap_time_ns)) {
                row->cap_from = other;
            }
        }
    }
}

bool market_rows_read(struct store *store, const struct market_facts *facts,
                      struct market_rows *rows, struct error *error)
{
    struct candidates candidates = {.count = 0};
    bool read = list_candidates(store, facts, &candidates, error) &&
                add_rows(facts, &candidates, rows, error);
    free_candidates(&candidates);
    if (!read) {
        return false;
    }
    int64_t now_ns = clock_wall_ns();
    for (size_t i = 0; i < rows->count; i++) {
        int64_t time_ns = rows->items[i].time_ns < now_ns ? rows->items[i].time_ns : now_ns;
        rows->as_of_ns = time_ns > rows->as_of_ns ? time_ns : rows->as_of_ns;
    }
    join_caps(rows);
    return market_figures_read(store, rows, error);
}

void market_rows_free(struct market_rows *rows)
{
    free(rows->items);
    *rows = (struct market_rows){.count = 0};
}
