#include "source/bitfinex_trades/trade_feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "source/bitfinex_trades/trade_feed_parts.h"

enum { NAMES_LIMIT = 1 << 20 };

#define COVERED_EVERY_NS (60 * NS_PER_SECOND)
/* A run writes an event each minute. Trades that it sent up to this long before its newest event in
 * the log may have failed to reach Kafka. */
#define UNTOLD_NS (10 * COVERED_EVERY_NS)

static bool add_coins(struct trade_feed *feed, const struct coin_table *wanted)
{
    feed->coins = calloc(wanted->count > 0 ? wanted->count : 1, sizeof *feed->coins);
    if (feed->coins == NULL) {
        return false;
    }
    feed->coin_count = wanted->count;
    for (size_t i = 0; i < wanted->count; i++) {
        struct feed_coin *coin = &feed->coins[i];
        *coin = (struct feed_coin){.last_id = -1};
        (void)str_copy(str_from(wanted->coins[i].symbol), coin->symbol, sizeof coin->symbol);
        strbuf_append_text(&feed->names, i > 0 ? "," : "");
        strbuf_append_text(&feed->names, coin->symbol);
    }
    return !feed->names.failed;
}

static bool add_connections(struct trade_feed *feed)
{
    size_t count = feed->places.count;
    feed->connections = calloc(count > 0 ? count : 1, sizeof *feed->connections);
    feed->connection_capacity = count;
    return feed->connections != NULL;
}

bool trade_feed_init(struct trade_feed *feed, const struct coin_table *wanted,
                     int64_t refill_max_age_ns)
{
    *feed = (struct trade_feed){.names = strbuf_new(NAMES_LIMIT),
                                .told_list = strbuf_new(NAMES_LIMIT),
                                .refill_max_age_ns = refill_max_age_ns};
    feed->events =
        (struct event_writer){.outbox = &feed->outbox, .run = {.source = BITFINEX_TRADES_NAME}};
    return add_coins(feed, wanted) && coin_places_init(&feed->places, wanted->count) &&
           add_connections(feed);
}

void trade_feed_free(struct trade_feed *feed)
{
    for (size_t i = 0; i < feed->coin_count; i++) {
        known_ids_free(&feed->coins[i].known);
        known_ids_free(&feed->coins[i].edge);
    }
    free(feed->coins);
    coin_places_free(&feed->places);
    free(feed->connections);
    hole_book_free(&feed->holes);
    outbox_free(&feed->outbox);
    strbuf_free(&feed->names);
    strbuf_free(&feed->told_list);
    *feed = (struct trade_feed){0};
}

/* Returns the index of a coin; the number of coins: it is not ours. */
static size_t index_of(const struct trade_feed *feed, const char *symbol)
{
    size_t i = 0;
    while (i < feed->coin_count && strcmp(feed->coins[i].symbol, symbol) != 0) {
        i++;
    }
    return i;
}

static void tell_trade(struct trade_feed *feed, const struct trade *trade)
{
    size_t index = index_of(feed, trade->symbol);
    if (index == feed->coin_count || strcmp(trade->source, "bitfinex") != 0) {
        return;
    }
    struct feed_coin *coin = &feed->coins[index];
    struct trade_row row = {trade->trade_id, trade->exchange_time_ns / NS_PER_MS, trade->amount,
                            trade->price};
    if (known_ids_find(&coin->known, row.id) == NULL) {
        feed->failed = !known_ids_add(&coin->known, &row) || feed->failed;
    }
    if (row.id > coin->last_id) {
        coin->last_id = row.id;
        coin->last_ms = row.time_ms;
    }
}

static void tell_list(struct trade_feed *feed, const struct event *event, struct str names)
{
    if (event->number == 0) {
        strbuf_clear(&feed->told_list);
        feed->told_list_ns = event->time_ns;
    } else {
        strbuf_append_char(&feed->told_list, ',');
    }
    strbuf_append_str(&feed->told_list, names);
}

static void tell_hole(struct trade_feed *feed, size_t coin, const struct event *event,
                      struct str why)
{
    int64_t begin_ms = event->begin_ns / NS_PER_MS;
    int64_t end_ms = event->has_end_ns ? event->end_ns / NS_PER_MS : HOLE_LASTS;
    if (strcmp(event->what, "hole_closed") == 0) {
        hole_book_close(&feed->holes, coin, begin_ms);
    } else if (strcmp(event->what, "hole") == 0 && event->has_begin_ns) {
        int64_t last_id = event->has_number ? event->number : -1;
        (void)str_copy(why, feed->coins[coin].why, FEED_WHY_MAX + 1);
        feed->failed =
            !hole_book_open(&feed->holes, coin, begin_ms, end_ms, last_id) || feed->failed;
    }
}

void trade_feed_tell(struct trade_feed *feed, const struct record_kind *kind, const void *record,
                     const struct text_arena *texts)
{
    if (kind == &trade_kind) {
        tell_trade(feed, record);
        return;
    }
    const struct event *event = record;
    size_t coin = index_of(feed, event->subject);
    if (kind != &event_kind || strcmp(event->source, BITFINEX_TRADES_NAME) != 0) {
        return;
    }
    run_events_tell(&feed->events.run, event);
    if (strcmp(event->what, "coins") == 0) {
        tell_list(feed, event, event_detail(event, texts));
    } else if (coin < feed->coin_count) {
        tell_hole(feed, coin, event, event_detail(event, texts));
    }
}

/* Returns whether the newest list of coins in the log has this one. */
static bool was_listed(const struct trade_feed *feed, const char *symbol)
{
    struct str rest = strbuf_str(&feed->told_list), name = {0};
    bool listed = false;
    while (!listed && str_split(&rest, ',', &name)) {
        listed = str_equal_text(name, symbol);
    }
    return listed;
}

/* Opens the hole since the previous run. The log may not have told of any trade of a quiet coin: if
 * that run listened to the coin, the hole begins when the run surely still had its trades. */
static void open_restart_hole(struct trade_feed *feed, size_t coin, int64_t told_ns,
                              struct feed_time now)
{
    feed_open_hole(feed, coin, "restart", now);
    if (was_listed(feed, feed->coins[coin].symbol)) {
        feed_open_hole_since(feed, coin, (told_ns - UNTOLD_NS) / NS_PER_MS, "restart", now);
    }
}

void trade_feed_begin(struct trade_feed *feed, struct feed_time now)
{
    int64_t told_ns = feed->events.run.clock.newest_ns;
    event_write(&feed->events, now.wall_ns, "started", BITFINEX_TRADES_NAME, NULL);
    if (str_equal(strbuf_str(&feed->told_list), strbuf_str(&feed->names))) {
        feed->events.run.list_ns = feed->told_list_ns;
    } else {
        event_write_coins(&feed->events, now.wall_ns, strbuf_str(&feed->names));
    }
    for (size_t i = 0; i < feed->coin_count; i++) {
        open_restart_hole(feed, i, told_ns, now);
    }
    outbox_settle(&feed->outbox);
    feed->covered_ns = now.steady_ns;
}

/* Returns whether both coins are on the connection and covered since the same time. */
static bool covered_alike(const struct trade_feed *feed, size_t connection, size_t left,
                          size_t right)
{
    return feed->places.connections[right] == connection &&
           feed->coins[left].covered_from_ns == feed->coins[right].covered_from_ns;
}

void feed_write_covered(struct trade_feed *feed, size_t connection, bool over, struct feed_time now)
{
    int64_t until_ns = feed->connections[connection].heard_ns;
    size_t next = 0;
    for (size_t first = 0; first < feed->coin_count; first = next) {
        int64_t from_ns = feed->coins[first].covered_from_ns;
        next = first + 1;
        if (feed->places.connections[first] != connection || from_ns == 0) {
            continue;
        }
        while (next < feed->coin_count && covered_alike(feed, connection, first, next)) {
            next++;
        }
        if (until_ns > from_ns) {
            event_write_covered(&feed->events, now.wall_ns, connection, from_ns, until_ns, first,
                                next - 1);
        }
        for (size_t i = first; i < next; i++) {
            int64_t later_ns = until_ns > from_ns ? until_ns : from_ns;
            feed->coins[i].covered_from_ns = over ? 0 : later_ns;
        }
    }
}

void trade_feed_tick(struct trade_feed *feed, struct feed_time now)
{
    if (now.steady_ns - feed->covered_ns < COVERED_EVERY_NS) {
        return;
    }
    feed->covered_ns = now.steady_ns;
    for (size_t i = 0; i < feed->places.count; i++) {
        feed_write_covered(feed, i, false, now);
    }
}

void trade_feed_end(struct trade_feed *feed, struct feed_time now)
{
    for (size_t i = 0; i < feed->places.count; i++) {
        feed_write_covered(feed, i, true, now);
    }
    event_write(&feed->events, now.wall_ns, "ended", BITFINEX_TRADES_NAME, NULL);
    outbox_settle(&feed->outbox);
}
