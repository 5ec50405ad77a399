/* What a client asks for over its connection. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/array.h"
#include "fake_exchange/fake_rest.h"
#include "fake_exchange/fake_session_parts.h"

enum { CHANNELS_LIMIT = 1000, SNAPSHOT_TRADES = 30 };

/* Codes of Bitfinex's events of the kind error. */
enum {
    UNKNOWN_EVENT = 10000,
    UNKNOWN_PAIR = 10001,
    SUBSCRIPTION_FAILED = 10300,
    ALREADY_SUBSCRIBED = 10301,
    UNKNOWN_CHANNEL = 10302,
    CHANNEL_LIMIT = 10305,
    NOT_SUBSCRIBED = 10401,
};

static struct str text_of(const json_t *message, const char *name)
{
    const json_t *value = json_object_get(message, name);
    return json_is_string(value) ? (struct str){json_string_value(value), json_string_length(value)}
                                 : (struct str){"", 0};
}

static void append_text(struct strbuf *frames, const char *name, struct str value)
{
    strbuf_append_format(frames, ",\"%s\":", name);
    strbuf_append_json_string(frames, value);
}

/* Repeats the client's own name of the subscription, a text or a number. */
static void append_sub_id(struct strbuf *frames, const json_t *message)
{
    const json_t *id = json_object_get(message, "subId");
    if (json_is_string(id)) {
        append_text(frames, "subId", text_of(message, "subId"));
    } else if (json_is_integer(id)) {
        strbuf_append_format(frames, ",\"subId\":%lld", (long long)json_integer_value(id));
    }
}

/* Answers with an error, as Bitfinex does. Its pair is the symbol without its first letter,
 * whatever that is: "btceth" gives "tceth". */
static void refuse(struct fake_session *session, const json_t *message, int code, const char *why)
{
    struct strbuf *frames = &session->frames;
    struct str symbol = text_of(message, "symbol");
    strbuf_append_text(frames, "{\"event\":\"error\"");
    append_text(frames, "msg", str_from(why));
    strbuf_append_format(frames, ",\"code\":%d", code);
    if (json_is_string(json_object_get(message, "channel"))) {
        append_text(frames, "channel", text_of(message, "channel"));
    }
    if (symbol.length > 0) {
        append_text(frames, "symbol", symbol);
        append_text(frames, "pair", (struct str){symbol.data + 1, symbol.length - 1});
    }
    append_sub_id(frames, message);
    strbuf_append_text(frames, "}\n");
}

static bool add_channel(struct fake_session *session, size_t coin)
{
    struct fake_channel *larger = array_room(session->channels, session->channel_count,
                                             &session->channel_capacity, sizeof *larger);
    if (larger == NULL) {
        return false;
    }
    session->channels = larger;
    session->channels[session->channel_count++] =
        (struct fake_channel){coin, ++session->last_channel_id};
    session->channel_of_coin[coin] = session->channel_count;
    return true;
}

static void add_snapshot(struct fake_session *session, const struct fake_channel *channel,
                         const struct fake_moment *now)
{
    struct strbuf *frames = &session->frames;
    struct fake_cursor cursor =
        fake_market_newest(session->config.market, channel->coin, session->next, SNAPSHOT_TRADES);
    strbuf_append_format(frames, "[%lld,[", (long long)channel->id);
    const struct fake_trade *trade;
    for (bool first = true; (trade = fake_cursor_next(&cursor)) != NULL; first = false) {
        strbuf_append_text(frames, first ? "" : ",");
        fake_rest_trade_row(trade, frames);
    }
    strbuf_append_char(frames, ']');
    fake_session_end_frame(session, now);
}

/* Returns the code of the refusal, and why; 0: the coin can be subscribed to. */
static int check_subscription(const struct fake_session *session, const json_t *message,
                              size_t coin, const char **why)
{
    size_t most = session->config.channels_max;
    if (!str_equal_text(text_of(message, "channel"), "trades")) {
        *why = "unknown channel";
        return UNKNOWN_CHANNEL;
    }
    if (coin == FAKE_UNKNOWN_COIN) {
        *why = "symbol: invalid";
        return SUBSCRIPTION_FAILED;
    }
    if (fake_session_channel(session, coin) != NULL) {
        *why = "subscribe: dup";
        return ALREADY_SUBSCRIBED;
    }
    if (session->channel_count >= (most > 0 ? most : CHANNELS_LIMIT)) {
        *why = "Reached limit of open channels";
        return CHANNEL_LIMIT;
    }
    return 0;
}

static void subscribe(struct fake_session *session, const json_t *message,
                      const struct fake_moment *now)
{
    struct str symbol = text_of(message, "symbol");
    size_t coin = fake_market_coin(session->config.market, symbol);
    const char *why = NULL;
    int code = check_subscription(session, message, coin, &why);
    if (code != 0) {
        refuse(session, message, code, why);
        return;
    }
    struct fake_hit hit =
        session->config.judge(session->config.context, FAKE_SUBSCRIBE, session->config.connection);
    if (hit.fault == FAKE_10300 || hit.fault == FAKE_10001) {
        bool invalid = hit.fault == FAKE_10300;
        refuse(session, message, invalid ? SUBSCRIPTION_FAILED : UNKNOWN_PAIR,
               invalid ? "symbol: invalid" : "unknown pair");
        return;
    }
    if (session->channel_count == 0) {
        session->next = fake_market_until(session->config.market, now->exchange_ms);
    }
    if (!add_channel(session, coin)) {
        refuse(session, message, SUBSCRIPTION_FAILED, "no memory");
        return;
    }
    const struct fake_channel *channel = fake_session_channel(session, coin);
    if (hit.fault == FAKE_HB_EARLY) {
        fake_session_heartbeat(session, channel->id, now);
    }
    strbuf_append_format(&session->frames,
                         "{\"event\":\"subscribed\",\"channel\":\"trades\",\"chanId\":%lld",
                         (long long)channel->id);
    append_text(&session->frames, "symbol", symbol);
    append_sub_id(&session->frames, message);
    append_text(&session->frames, "pair", (struct str){symbol.data + 1, symbol.length - 1});
    strbuf_append_text(&session->frames, "}\n");
    add_snapshot(session, channel, now);
}

static void unsubscribe(struct fake_session *session, const json_t *message)
{
    int64_t id = json_integer_value(json_object_get(message, "chanId"));
    for (size_t i = 0; i < session->channel_count; i++) {
        if (session->channels[i].id == id) {
            session->channel_of_coin[session->channels[i].coin] = 0;
            session->channels[i] = session->channels[--session->channel_count];
            if (i < session->channel_count) {
                session->channel_of_coin[session->channels[i].coin] = i + 1;
            }
            strbuf_append_format(&session->frames,
                                 "{\"event\":\"unsubscribed\",\"status\":\"OK\",\"chanId\":%lld}\n",
                                 (long long)id);
            return;
        }
    }
    refuse(session, message, NOT_SUBSCRIBED, "not subscribed");
}

void fake_session_receive(struct fake_session *session, struct str text,
                          const struct fake_moment *now)
{
    json_t *message = json_loadb(text.data, text.length, 0, NULL);
    struct str event = text_of(message, "event");
    if (str_equal_text(event, "subscribe")) {
        subscribe(session, message, now);
    } else if (str_equal_text(event, "unsubscribe")) {
        unsubscribe(session, message);
    } else if (str_equal_text(event, "conf")) {
        session->flags = json_integer_value(json_object_get(message, "flags"));
        strbuf_append_format(&session->frames,
                             "{\"event\":\"conf\",\"status\":\"OK\",\"flags\":%lld}\n",
                             (long long)session->flags);
    } else if (str_equal_text(event, "ping")) {
        strbuf_append_text(&session->frames, "{\"event\":\"pong\"");
        const json_t *cid = json_object_get(message, "cid");
        if (json_is_integer(cid)) {
            strbuf_append_format(&session->frames, ",\"cid\":%lld",
                                 (long long)json_integer_value(cid));
        }
        strbuf_append_format(&session->frames, ",\"ts\":%lld}\n", (long long)now->exchange_ms);
    } else {
        refuse(session, message, UNKNOWN_EVENT, "unknown event");
    }
    json_decref(message);
}
