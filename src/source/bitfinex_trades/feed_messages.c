/* The feed's connections: what is sent on them, and what their messages mean. */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "source/bitfinex_trades/bitfinex_frame.h"
#include "source/bitfinex_trades/trade_feed_parts.h"

enum { VERSION = 2, WORDS_MAX = 200 };

/* How long a refused subscription waits: for a coin that the exchange does not know; after any
 * other error for the first time; and at most, when that is doubled with each further error. */
#define REFUSED_NS (3600 * NS_PER_SECOND)
#define RETRY_FIRST_NS (5 * NS_PER_SECOND)
#define RETRY_MOST_NS (600 * NS_PER_SECOND)

/* A message that is being read. */
struct reading {
    struct trade_feed *feed;
    size_t connection;
    const struct bitfinex_frame *frame;
    struct feed_time now;
    char *why; /* FEED_WHY_MAX + 1 bytes */
};

static struct feed_connection *connection_of(const struct reading *reading)
{
    return &reading->feed->connections[reading->connection];
}

static bool is_due(const struct feed_coin *coin, struct feed_time now)
{
    return coin->state == COIN_WAITS ||
           (coin->state == COIN_REFUSED && now.steady_ns >= coin->due_ns);
}

bool trade_feed_wants(const struct trade_feed *feed, size_t connection, struct feed_time now)
{
    for (size_t i = 0; i < feed->coin_count; i++) {
        const struct feed_coin *coin = &feed->coins[i];
        if (feed->places.connections[i] == connection &&
            (coin->state != COIN_REFUSED || is_due(coin, now))) {
            return true;
        }
    }
    return false;
}

bool trade_feed_ask(struct trade_feed *feed, size_t connection, struct feed_time now,
                    struct strbuf *message)
{
    struct feed_connection *state = &feed->connections[connection];
    if (!state->greeted || state->maintenance) {
        return false;
    }
    if (!state->configured) {
        state->configured = true;
        strbuf_append_format(message, "{\"event\":\"conf\",\"flags\":%d}",
                             FRAME_FLAG_SEQ_ALL | FRAME_FLAG_TIMESTAMP);
        return true;
    }
    for (size_t i = 0; i < feed->coin_count; i++) {
        struct feed_coin *coin = &feed->coins[i];
        if (feed->places.connections[i] == connection && is_due(coin, now)) {
            coin->state = COIN_ASKED;
            coin->due_ns = now.steady_ns;
            strbuf_append_format(message,
                                 "{\"event\":\"subscribe\",\"channel\":\"trades\","
                                 "\"symbol\":\"%s\",\"subId\":\"%zu\"}",
                                 coin->symbol, i);
            return true;
        }
    }
    return false;
}

const char *trade_feed_fault(const struct trade_feed *feed, size_t connection,
                             const struct feed_patience *patience, struct feed_time now)
{
    const struct feed_connection *state = &feed->connections[connection];
    if (state->maintenance) {
        bool over = now.steady_ns - state->maintenance_ns > patience->maintenance_ns;
        return over ? "the exchange does not say that its maintenance is over" : NULL;
    }
    for (size_t i = 0; i < feed->coin_count; i++) {
        const struct feed_coin *coin = &feed->coins[i];
        if (feed->places.connections[i] == connection && coin->state == COIN_ASKED &&
            now.steady_ns - coin->due_ns > patience->answer_ns) {
            return "the exchange does not answer a subscription";
        }
    }
    return NULL;
}

static enum feed_action act(struct reading *reading, enum feed_action action, const char *why)
{
    (void)str_copy(str_from(why), reading->why, FEED_WHY_MAX + 1);
    return action;
}

static enum feed_action unknown(struct reading *reading)
{
    reading->feed->counts.unknown++;
    return FEED_GO_ON;
}

/* Ends the coverage of the connection's coins, and opens a hole for each of them that had a
 * trade. */
static void open_holes(struct trade_feed *feed, size_t connection, const char *why,
                       struct feed_time now)
{
    feed_write_covered(feed, connection, true, now);
    for (size_t i = 0; i < feed->coin_count; i++) {
        if (feed->places.connections[i] == connection) {
            feed_open_hole(feed, i, why, now);
        }
    }
    outbox_settle(&feed->outbox);
}

static enum feed_action pause(struct reading *reading)
{
    struct feed_connection *state = connection_of(reading);
    state->maintenance_ns = state->maintenance ? state->maintenance_ns : reading->now.steady_ns;
    state->maintenance = true;
    open_holes(reading->feed, reading->connection, "maintenance", reading->now);
    return act(reading, FEED_PAUSE, "maintenance");
}

static enum feed_action read_greeting(struct reading *reading)
{
    connection_of(reading)->greeted = true;
    if (reading->frame->number != VERSION) {
        return act(reading, FEED_REFUSE,
                   "the exchange speaks another version than 2 of its interface");
    }
    return reading->frame->maintenance ? pause(reading) : FEED_GO_ON;
}

static enum feed_action read_info(struct reading *reading)
{
    switch (reading->frame->number) {
    case INFO_RESTART:
        return act(reading, FEED_RESTART, "the exchange restarts");
    case INFO_MAINTENANCE:
        return pause(reading);
    case INFO_MAINTENANCE_OVER:
        return act(reading, FEED_RENEW, "maintenance is over");
    default:
        return FEED_GO_ON;
    }
}

/* Finds the coin that a subscription's answer is for. In errors the exchange may write the symbol
 * in another way, but it returns our own number. */
static bool find_asked(const struct reading *reading, size_t *coin)
{
    const struct trade_feed *feed = reading->feed;
    int64_t index = -1;
    if (str_to_int64(reading->frame->sub_id, &index) && index >= 0 &&
        (uint64_t)index < feed->coin_count) {
        *coin = (size_t)index;
        return feed->places.connections[*coin] == reading->connection;
    }
    for (size_t i = 0; i < feed->coin_count; i++) {
        if (feed->places.connections[i] == reading->connection &&
            str_equal_text(reading->frame->symbol, feed->coins[i].symbol)) {
            *coin = i;
            return true;
        }
    }
    return false;
}

static enum feed_action read_subscribed(struct reading *reading)
{
    size_t index = 0;
    if (!find_asked(reading, &index)) {
        return unknown(reading);
    }
    struct feed_coin *coin = &reading->feed->coins[index];
    bool same =
        reading->frame->symbol.length == 0 || str_equal_text(reading->frame->symbol, coin->symbol);
    if (!same ||
        !channel_map_put(&connection_of(reading)->channels, reading->frame->channel, index)) {
        return unknown(reading);
    }
    coin->state = COIN_SUBSCRIBED;
    return FEED_GO_ON;
}

/* Leaves the coin out, and subscribes to it again after the wait. */
static void leave_out(const struct reading *reading, struct feed_coin *coin, int64_t wait_ns)
{
    coin->state = COIN_REFUSED;
    coin->due_ns = reading->now.steady_ns + wait_ns;
}

static void retry_coin(const struct reading *reading, struct feed_coin *coin, const char *why)
{
    int64_t wait_ns = coin->retry_ns > 0 ? 2 * coin->retry_ns : RETRY_FIRST_NS;
    coin->retry_ns = wait_ns < RETRY_MOST_NS ? wait_ns : RETRY_MOST_NS;
    leave_out(reading, coin, coin->retry_ns);
    log_warn("subscribe_retry", log_text("coin", coin->symbol),
             log_int("wait_ms", coin->retry_ns / NS_PER_MS), log_text("reason", why));
}

/* Called when the exchange does not know the coin. */
static void refuse_coin(const struct reading *reading, struct feed_coin *coin, const char *why)
{
    leave_out(reading, coin, REFUSED_NS);
    log_warn("coin_refused", log_text("coin", coin->symbol), log_text("reason", why),
             log_text("remedy", "asked for again each hour; check --coins"));
    event_write(&reading->feed->events, reading->now.wall_ns, "refused", coin->symbol, why);
}

/* Called when the exchange begins to push the coin's trades, from `from_ms` on. */
static void go_live(const struct reading *reading, struct feed_coin *coin, int64_t from_ms)
{
    coin->state = COIN_LIVE;
    coin->retry_ns = 0;
    coin->covered_from_ns = connection_of(reading)->maintenance ? 0 : from_ms * NS_PER_MS;
}

/* Makes room for the connections that a move of coins has added. */
static bool add_connections(struct trade_feed *feed, size_t before)
{
    for (size_t count = before; count < feed->places.count; count++) {
        struct feed_connection *connections =
            array_room(feed->connections, count, &feed->connection_capacity, sizeof *connections);
        if (connections == NULL) {
            feed->failed = true;
            return false;
        }
        feed->connections = connections;
        connections[count] = (struct feed_connection){0};
    }
    return true;
}

static enum feed_action read_refusal(struct reading *reading)
{
    struct trade_feed *feed = reading->feed;
    size_t index = 0, before = feed->places.count;
    int64_t code = reading->frame->number;
    struct str words = reading->frame->text;
    char why[WORDS_MAX + 60];
    (void)snprintf(why, sizeof why, "error %lld of the exchange: %.*s", (long long)code,
                   words.length < WORDS_MAX ? (int)words.length : WORDS_MAX, words.data);
    feed->counts.errors++;
    if (!find_asked(reading, &index) || feed->coins[index].state != COIN_ASKED ||
        code == REFUSED_SUBSCRIBED_ALREADY) {
        log_warn("exchange_error", log_text("reason", why));
        return FEED_GO_ON;
    }
    struct feed_coin *coin = &feed->coins[index];
    if (code == REFUSED_CHANNEL_LIMIT &&
        coin_places_move(&feed->places, index, connection_of(reading)->channels.count)) {
        coin->state = COIN_WAITS;
        (void)add_connections(feed, before);
    } else if (code == REFUSED_SUBSCRIPTION || code == REFUSED_UNKNOWN_PAIR) {
        refuse_coin(reading, coin, why);
    } else {
        retry_coin(reading, coin, why);
    }
    return FEED_GO_ON;
}

/* The exchange has ended a subscription, which we never ask for: the coin has a hole. */
static enum feed_action read_unsubscribed(struct reading *reading)
{
    static const char why[] = "the exchange ended the subscription";
    struct trade_feed *feed = reading->feed;
    size_t index = 0;
    if (!channel_map_take(&connection_of(reading)->channels, reading->frame->channel, &index)) {
        return unknown(reading);
    }
    feed_write_covered(feed, reading->connection, false, reading->now);
    feed->coins[index].covered_from_ns = 0;
    feed_open_hole(feed, index, why, reading->now);
    outbox_settle(&feed->outbox);
    retry_coin(reading, &feed->coins[index], why);
    return FEED_GO_ON;
}

static void read_trade(struct reading *reading, size_t index)
{
    struct trade_feed *feed = reading->feed;
    struct feed_coin *coin = &feed->coins[index];
    struct trade_row row = reading->frame->row;
    enum row_fault fault =
        reading->frame->has_row ? ROW_FAULTS : trade_row_read(reading->frame->rows, &row);
    if (fault != ROW_FAULTS) {
        feed->rows.rows++;
        feed->rows.rejected[fault]++;
        return;
    }
    if (coin->state == COIN_SUBSCRIBED) { /* without a snapshot */
        feed_end_hole(feed, index, row.time_ms, reading->now);
        go_live(reading, coin, row.time_ms);
    }
    bool final = reading->frame->what == FRAME_UPDATED;
    (void)feed_take_trade(feed, coin, &row, final, reading->now.wall_ns, reading->now);
}

static enum feed_action read_channel(struct reading *reading)
{
    struct trade_feed *feed = reading->feed;
    size_t coin = 0;
    if (!channel_map_find(&connection_of(reading)->channels, reading->frame->channel, &coin)) {
        return unknown(reading);
    }
    switch (reading->frame->what) {
    case FRAME_HEARTBEAT:
        return FEED_GO_ON;
    case FRAME_SNAPSHOT: {
        int64_t from_ms = feed_take_snapshot(feed, coin, reading->frame->rows, reading->now);
        go_live(reading, &feed->coins[coin], from_ms);
        return FEED_GO_ON;
    }
    case FRAME_EXECUTED:
    case FRAME_UPDATED:
        read_trade(reading, coin);
        return FEED_GO_ON;
    case FRAME_FUNDING:
        feed->rows.rows++;
        feed->rows.rejected[ROW_FUNDING]++;
        return FEED_GO_ON;
    default:
        return unknown(reading);
    }
}

static enum feed_action read_meaning(struct reading *reading)
{
    switch (reading->frame->what) {
    case FRAME_GREETING:
        return read_greeting(reading);
    case FRAME_INFO:
        return read_info(reading);
    case FRAME_CONF:
        connection_of(reading)->flags = reading->frame->number;
        return FEED_GO_ON;
    case FRAME_SUBSCRIBED:
        return read_subscribed(reading);
    case FRAME_REFUSED:
        return read_refusal(reading);
    case FRAME_UNSUBSCRIBED:
        return read_unsubscribed(reading);
    case FRAME_OTHER_EVENT:
        return FEED_GO_ON;
    case FRAME_UNREADABLE:
        return unknown(reading);
    default:
        return read_channel(reading);
    }
}

/* Returns whether no message is missing before this one. */
static bool follows(struct feed_connection *state, const struct bitfinex_frame *frame, char *why)
{
    if (!frame->has_sequence) {
        return true;
    }
    if (state->sequence > 0 && frame->sequence > state->sequence + 1) {
        (void)snprintf(why, FEED_WHY_MAX + 1, "sequence %lld after %lld",
                       (long long)frame->sequence, (long long)state->sequence);
        return false;
    }
    state->sequence = frame->sequence > state->sequence ? frame->sequence : state->sequence;
    return true;
}

enum feed_action trade_feed_read(struct trade_feed *feed, size_t connection, struct str text,
                                 struct feed_time now, char why[FEED_WHY_MAX + 1])
{
    struct feed_connection *state = &feed->connections[connection];
    struct bitfinex_frame frame;
    enum feed_action action = FEED_RENEW;
    why[0] = '\0';
    bitfinex_frame_read(text, state->flags, &frame);
    feed->counts.frames++;
    if (follows(state, &frame, why)) {
        state->heard_ns = now.wall_ns;
        struct reading reading = {feed, connection, &frame, now, why};
        action = read_meaning(&reading);
    }
    bitfinex_frame_free(&frame);
    return action;
}

void trade_feed_drop(struct trade_feed *feed, size_t connection, const char *why,
                     struct feed_time now)
{
    open_holes(feed, connection, why, now);
    feed->connections[connection] = (struct feed_connection){0};
    for (size_t i = 0; i < feed->coin_count; i++) {
        struct feed_coin *coin = &feed->coins[i];
        if (feed->places.connections[i] == connection && coin->state != COIN_REFUSED) {
            coin->state = COIN_WAITS;
        }
    }
}
