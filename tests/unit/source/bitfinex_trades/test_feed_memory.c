/*
 * The feed's memory over many messages of ten coins: te and tu of each trade, heartbeats, jumps in
 * the sequence, lost connections, snapshots and pages of history. What it keeps is bounded, so the
 * last tenth of them needs no more than the first.
 *
 * FEED_MESSAGES sets how many (2000000: a day); resident memory is told, too, then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "source/bitfinex/bitfinex_json.h"
#include "source/bitfinex_trades/trade_feed.h"

#define BEGIN_MS INT64_C(1764504000000)

enum {
    COINS = 10,
    MESSAGES = 60000,
    MESSAGE_LIMIT = 8000,
    LOST_EACH = 9000, /* messages: the connection is lost then, or a message before */
    JUMP_EACH = 7001,
    SNAPSHOT = 30,
};

struct day {
    struct trade_feed feed;
    struct feed_time now;
    int64_t messages, sequence, next_id, channel;
    int64_t trades, events, pages; /* what came out, and how many pages were asked for */
    struct strbuf text;
    struct source_batch batch;
};

static void take_all(struct day *day)
{
    while (!outbox_is_empty(&day->feed.outbox)) {
        assert_true(outbox_take(&day->feed.outbox, &day->batch));
        *(day->batch.kind == &trade_kind ? &day->trades : &day->events) +=
            (int64_t)day->batch.count;
    }
}

/* Reads day->text. */
static enum feed_action read_text(struct day *day)
{
    char why[FEED_WHY_MAX + 1];
    day->messages++;
    day->now.wall_ns += 43 * NS_PER_MS; /* 2 million messages a day */
    day->now.steady_ns += 43 * NS_PER_MS;
    enum feed_action action = trade_feed_read(&day->feed, 0, strbuf_str(&day->text), day->now, why);
    if (action != FEED_GO_ON) {
        trade_feed_drop(&day->feed, 0, why, day->now);
    }
    trade_feed_tick(&day->feed, day->now);
    take_all(day);
    return action;
}

static int64_t now_ms(const struct day *day)
{
    return day->now.wall_ns / NS_PER_MS;
}

static void append_row(struct day *day, int64_t id, int64_t time_ms)
{
    strbuf_append_format(&day->text, "[%lld,%lld,0.25,%lld.5]", (long long)id, (long long)time_ms,
                         (long long)(30000 + id % 100));
}

/* A message of data, with the sequence number that follows. */
static enum feed_action read_row(struct day *day, size_t coin, const char *what, int64_t id)
{
    strbuf_clear(&day->text);
    strbuf_append_format(&day->text, "[%lld,\"%s\",", (long long)(day->channel + (int64_t)coin),
                         what);
    append_row(day, id, BEGIN_MS + id);
    strbuf_append_format(&day->text, ",%lld,%lld]", (long long)++day->sequence,
                         (long long)now_ms(day));
    return read_text(day);
}

static void read_event(struct day *day, const char *text)
{
    strbuf_clear(&day->text);
    strbuf_append_text(&day->text, text);
    assert_int_equal(read_text(day), FEED_GO_ON);
}

/* Connects: other channels, and snapshots that do not reach back to each coin's last trade. */
static void connect(struct day *day)
{
    struct strbuf asked = strbuf_new(MESSAGE_LIMIT);
    day->sequence = 0;
    day->channel = day->messages;
    day->next_id += 10 * SNAPSHOT; /* trades that were missed */
    read_event(day, "{\"event\":\"info\",\"version\":2,\"platform\":{\"status\":1}}");
    while (trade_feed_ask(&day->feed, 0, day->now, &asked)) {
        strbuf_clear(&asked);
    }
    strbuf_free(&asked);
    read_event(day, "{\"event\":\"conf\",\"status\":\"OK\",\"flags\":98304}");
    for (size_t coin = 0; coin < COINS; coin++) {
        char text[200];
        (void)snprintf(text, sizeof text,
                       "{\"event\":\"subscribed\",\"channel\":\"trades\",\"chanId\":%lld,"
                       "\"symbol\":\"%s\",\"subId\":\"%zu\"}",
                       (long long)day->channel + (long long)coin, day->feed.coins[coin].symbol,
                       coin);
        read_event(day, text);
        strbuf_clear(&day->text);
        strbuf_append_format(&day->text, "[%lld,[", (long long)day->channel + (long long)coin);
        for (int64_t i = 0; i < SNAPSHOT; i++) {
            strbuf_append_text(&day->text, i > 0 ? "," : "");
            append_row(day, day->next_id + SNAPSHOT - i, BEGIN_MS + day->next_id + SNAPSHOT - i);
        }
        strbuf_append_format(&day->text, "],%lld,%lld]", (long long)++day->sequence,
                             (long long)now_ms(day));
        assert_int_equal(read_text(day), FEED_GO_ON);
        day->next_id += SNAPSHOT + 1;
    }
}

/* Answers all pages that the feed wants: each reaches back. */
static void refill(struct day *day)
{
    struct refill_page page;
    while (trade_feed_next_page(&day->feed, day->now, &page)) {
        strbuf_clear(&day->text);
        strbuf_append_text(&day->text, "[");
        append_row(day, page.end_ms - BEGIN_MS, page.end_ms);
        strbuf_append_text(&day->text, ",");
        append_row(day, page.start_ms - BEGIN_MS, page.start_ms);
        strbuf_append_text(&day->text, "]");
        json_t *rows = bitfinex_json_load(strbuf_str(&day->text), NULL);
        trade_feed_take_page(&day->feed, &page, rows, day->now);
        json_decref(rows);
        take_all(day);
        day->pages++;
    }
}

static void play(struct day *day, int64_t until)
{
    while (day->messages < until) {
        size_t coin = (size_t)(day->next_id % COINS);
        int64_t id = day->next_id++;
        bool lost = day->messages % LOST_EACH < 2, jump = day->messages % JUMP_EACH < 2;
        day->sequence += jump ? 5 : 0;
        if (read_row(day, coin, "te", id) != FEED_GO_ON) {
            connect(day);
        } else if (lost) {
            trade_feed_drop(&day->feed, 0, "connection lost", day->now);
            connect(day);
        } else {
            (void)read_row(day, coin, "tu", id);
        }
        refill(day);
    }
}

/* Bytes that the feed holds. */
static size_t held(const struct trade_feed *feed)
{
    const struct outbox *outbox = &feed->outbox;
    size_t bytes = feed->holes.capacity * sizeof(struct hole);
    for (size_t i = 0; i < feed->coin_count; i++) {
        bytes += (feed->coins[i].known.capacity + feed->coins[i].edge.capacity) *
                 sizeof(struct trade_row);
    }
    bytes += outbox->run_capacity * sizeof(void *) + outbox->trade_capacity * sizeof(struct trade);
    bytes += outbox->events.capacity * sizeof(struct event) + outbox->events.texts.capacity;
    return bytes;
}

static long resident_kib(void)
{
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &pages, &resident) != 2) {
        resident = 0;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void what_is_kept_over_a_day_is_bounded(void **state)
{
    (void)state;
    struct coin_table wanted = {0};
    bool all = false;
    const char *more = getenv("FEED_MESSAGES");
    int64_t messages = more != NULL ? strtoll(more, NULL, 10) : MESSAGES;
    struct day day = {.text = strbuf_new(MESSAGE_LIMIT), .next_id = 100000};
    day.now = (struct feed_time){BEGIN_MS * NS_PER_MS, NS_PER_SECOND};
    assert_true(coins_parse("tA0USD,tA1USD,tA2USD,tA3USD,tA4USD,tA5USD,tA6USD,tA7USD,tA8USD,tA9USD",
                            &trade_kind, &wanted, &all, NULL));
    assert_true(trade_feed_init(&day.feed, &wanted, NS_PER_DAY));
    trade_feed_begin(&day.feed, day.now);
    connect(&day);
    play(&day, messages / 2);
    size_t half = held(&day.feed);
    long half_kib = resident_kib();
    int64_t begin_ns = clock_monotonic_ns();
    play(&day, messages);
    if (more != NULL) {
        print_message(
            "%lld messages, %lld trades, %lld events, %lld pages: the feed holds %zu KiB; "
            "resident at half of them %ld KiB, at the end %ld KiB; the second half took "
            "%.2f s\n",
            (long long)day.messages, (long long)day.trades, (long long)day.events,
            (long long)day.pages, held(&day.feed) / 1024, half_kib, resident_kib(),
            (double)(clock_monotonic_ns() - begin_ns) / 1e9);
    }
    assert_false(day.feed.failed);
    assert_true(held(&day.feed) <= half + (16 << 10)); /* the outbox may have grown a little */
    assert_true(half <= COINS * 3 * (size_t)KNOWN_IDS_MAX * sizeof(struct trade_row) + (1 << 16));
    assert_true(day.trades > messages / 3 && day.pages >= messages / JUMP_EACH);
    assert_true(day.feed.holes.count == 0);
    trade_feed_free(&day.feed);
    coin_table_free(&wanted);
    strbuf_free(&day.text);
    source_batch_free(&day.batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_over_a_day_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
