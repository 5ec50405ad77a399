#include "live_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "news_cases.h"
#include "record/event.h"
#include "record/series.h"
#include "record/trade.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define T0 (INT64_C(1767225600) * NS_PER_SECOND) /* 2026-01-01 */

enum { TRADES = 60, EVENTS = 8 };

/* Trade `number` of a coin: three in each millisecond, whose ids fall. */
static struct trade trade_of(const char *symbol, int number)
{
    struct trade trade = {.source = "bitfinex",
                          .trade_id = 5000000 + (number % 3 == 0 ? 2000 - number : number),
                          .exchange_time_ns = T0 + number / 3 * NS_PER_MS,
                          .price = 30000.1 + number / 7.0,
                          .amount = (number % 2 == 0 ? -0.1 : 1e-8) * (number + 1)};
    assert_true(str_copy(str_from(symbol), trade.symbol, sizeof trade.symbol));
    record_complete(&trade_kind, &trade);
    assert_int_equal(trade_check(&trade), TRADE_OK);
    return trade;
}

static struct event event_of(int number, struct text_arena *texts)
{
    static const char *const details[EVENTS] = {"connection lost",
                                                NULL,
                                                "sequence 17 after 15",
                                                "a \"quoted\" \\ word, = and 'more'",
                                                "Br\xC3\xBC"
                                                "cke",
                                                NULL,
                                                "x",
                                                NULL};
    struct event event = {.subject = "bitfinex-trades/0",
                          .what = "hole",
                          .time_ns = T0 + number * NS_PER_MS + number % 2,
                          .source = "bitfinex-trades",
                          .has_begin_ns = number % 2 == 0,
                          .has_end_ns = number % 4 == 0,
                          .has_number = number % 3 == 0};
    event.begin_ns = event.has_begin_ns ? T0 - 1 - number : 0;
    event.end_ns = event.has_end_ns ? T0 + number : 0;
    event.number = event.has_number ? INT64_MAX - number : 0;
    static char longest[LONG_TEXT_MAX];
    memset(longest, '"', sizeof longest); /* the longest line */
    struct str detail = number == 6 ? (struct str){longest, sizeof longest}
                                    : str_from(details[number] != NULL ? details[number] : "");
    assert_true(event_set_detail(&event, texts, detail));
    assert_int_equal(event_check(&event, texts), EVENT_OK);
    return event;
}

static void write_all(struct store *store, const struct record_kind *kind, const void *items,
                      size_t count, const struct text_arena *texts)
{
    const struct record_set records = {kind, items, count, texts};
    struct rejected_list rejected = {0};
    struct error error = {0};
    bool written = store_write(store, &records, &rejected, &error);
    assert_string_equal(error.text, "");
    assert_true(written);
    assert_int_equal(rejected.count, 0);
    rejected_list_free(&rejected);
}

/* Records in the order of their stored times. */
struct expected {
    const struct record_kind *kind;
    const char *items;
    const struct text_arena *texts;
    size_t next;
};

static bool same(const struct column *column, const void *left, const struct text_arena *left_texts,
                 const void *right, const struct text_arena *right_texts)
{
    if (column->type == COLUMN_LONG_TEXT) {
        return str_equal(column_long_text(column, left, left_texts),
                         column_long_text(column, right, right_texts));
    }
    return column->type == COLUMN_TEXT
               ? str_equal(column_text(column, left), column_text(column, right))
               : memcmp((const char *)left + column->offset, (const char *)right + column->offset,
                        column->size) == 0;
}

static bool compare(void *context, const void *point, const struct text_arena *texts,
                    const char *odd)
{
    struct expected *expected = context;
    const void *want = expected->items + expected->next++ * expected->kind->size;
    assert_null(odd);
    for (const struct column *column = expected->kind->columns; column->name != NULL; column++) {
        if (column_present(column, point) != column_present(column, want) ||
            !same(column, point, texts, want, expected->texts)) {
            fail_msg("point %zu has another %s", expected->next - 1, column->name);
        }
    }
    return true;
}

static void check_series(struct store *store, const struct record_kind *kind, const void *sorted,
                         size_t count, const struct text_arena *texts)
{
    char name[RECORD_SERIES_MAX + 1];
    struct expected expected = {.kind = kind, .items = sorted, .texts = texts};
    struct error error = {0};
    int64_t points = 0;
    series_of(kind, sorted, name);
    bool scanned =
        store_scan(store, kind, name, T0, T0 + NS_PER_SECOND, compare, &expected, &error);
    assert_string_equal(error.text, "");
    assert_true(scanned);
    assert_int_equal(expected.next, count);
    assert_true(store_count_between(store, kind, name, T0, T0 + NS_PER_SECOND, &points, &error));
    assert_int_equal(points, count);
}

static int by_time(const void *left, const void *right)
{
    int64_t a = ((const struct trade *)left)->time_ns;
    int64_t b = ((const struct trade *)right)->time_ns;
    return (a > b) - (a < b);
}

/* The candles are those that the same fold makes of the trades in time order, to the bit. */
static void check_candles(struct store *store, const char *series, const struct trade *sorted)
{
    const struct candle_query query = {.kind = &trade_kind,
                                       .series = series,
                                       .interval_ns = 7 * NS_PER_MS,
                                       .from_ns = T0,
                                       .to_ns = T0 + NS_PER_SECOND};
    struct candle_list stored = {0}, want = {0};
    struct candle candle = {.ticks = 0};
    struct error error = {0};
    for (size_t i = 0; i < TRADES; i++) {
        const struct trade *trade = &sorted[i];
        while (candle_fold_trade(&candle, query.interval_ns, trade->time_ns, trade->price,
                                 trade->amount)) {
            assert_true(candle_list_add(&want, &candle));
            candle.ticks = 0;
        }
    }
    assert_true(candle_list_add(&want, &candle));
    bool read = store_candles(store, &query, &stored, &error);
    assert_string_equal(error.text, "");
    assert_true(read);
    assert_int_equal(stored.count, want.count);
    for (size_t i = 0; i < want.count; i++) {
        const struct candle *a = &stored.items[i], *b = &want.items[i];
        if (a->time_ns != b->time_ns || a->ticks != b->ticks || !a->has_volume ||
            a->open != b->open || a->high != b->high || a->low != b->low || a->close != b->close ||
            a->volume != b->volume) {
            fail_msg("candle %zu: volume %.17g, not %.17g", i, a->volume, b->volume);
        }
    }
    candle_list_free(&stored);
    candle_list_free(&want);
}

/* The last half comes first, as after a hole, and some of it again. */
static void check_trades(struct store *store)
{
    static const char *const coins[] = {"tBTCUSD", "tBTCF0:USTF0", "AAPL"};
    for (size_t i = 0; i < COUNT(coins); i++) {
        struct trade trades[TRADES];
        for (int k = 0; k < TRADES; k++) {
            trades[k] = trade_of(coins[i], k);
        }
        write_all(store, &trade_kind, &trades[TRADES / 2], TRADES / 2, NULL);
        write_all(store, &trade_kind, trades, TRADES / 2 + 9, NULL);
        qsort(trades, TRADES, sizeof trades[0], by_time);
        check_series(store, &trade_kind, trades, TRADES, NULL);
        char series[RECORD_SERIES_MAX + 1];
        series_of(&trade_kind, trades, series);
        check_candles(store, series, trades);
    }
    struct series_summary *list = NULL;
    size_t count = 0;
    struct error error = {0};
    assert_true(store_list_series(store, &trade_kind, &list, &count, &error));
    assert_int_equal(count, COUNT(coins));
    assert_string_equal(list[0].series, "AAPL bitfinex");
    assert_true(((const struct trade *)(const void *)&list[0].last)->price > 30000);
    free(list);
    double price = 0;
    bool found = false;
    assert_true(store_price_at(store, &trade_kind, "tBTCUSD bitfinex", T0 + NS_PER_SECOND, &price,
                               &found, &error));
    assert_true(found && price > 30000);
}

static void check_events(struct store *store)
{
    struct event events[EVENTS];
    struct text_arena texts = {0};
    for (int k = 0; k < EVENTS; k++) {
        events[k] = event_of(k, &texts);
    }
    write_all(store, &event_kind, events, EVENTS, &texts);
    write_all(store, &event_kind, events, EVENTS, &texts);
    check_series(store, &event_kind, events, EVENTS, &texts);
    text_arena_free(&texts);
    struct store_contents contents;
    struct error error = {0};
    assert_true(
        store_contents_begin(store, &event_kind, T0, T0 + NS_PER_SECOND, &contents, &error));
    assert_int_equal(contents.series_count, 1);
    assert_string_equal(contents.series[0].series, "bitfinex-trades/0 hole");
    assert_int_equal(contents.oddity_count, 0);
    assert_int_equal(contents.other_types, 0);
    store_contents_end(store, &contents);
}

void live_cases_run(struct store *store)
{
    check_trades(store);
    check_events(store);
    news_cases_run(store);
}
