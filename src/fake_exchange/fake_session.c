#include "fake_exchange/fake_session.h"

#include <stdlib.h>
#include <string.h>

#include "fake_exchange/fake_rest.h"
#include "fake_exchange/fake_session_parts.h"

enum {
    UNSENT_ENOUGH = 64 << 10,
    UNSENT_LIMIT = 4 << 20, /* limit in bytes, for a client that sends requests and does not read */
    FIRST_CHANNEL_ID = 200001,
};

struct fake_session *fake_session_create(const struct fake_session_config *config,
                                         const struct fake_moment *now)
{
    struct fake_session *session = calloc(1, sizeof *session);
    if (session == NULL) {
        return NULL;
    }
    session->config = *config;
    session->frames = strbuf_new(UNSENT_LIMIT);
    session->last_channel_id = FIRST_CHANNEL_ID - 1;
    session->next = fake_market_until(config->market, now->exchange_ms);
    session->behind = FAKE_NO_INDEX;
    session->heartbeat_ms = now->real_ms + config->heartbeat_ms;
    session->drop_ms = INT64_MAX;
    session->in_maintenance = now->maintenance;
    session->channel_of_coin =
        calloc(config->market->coins.count + 1, sizeof *session->channel_of_coin);
    if (session->channel_of_coin == NULL) {
        fake_session_destroy(session);
        return NULL;
    }
    strbuf_append_format(&session->frames,
                         "{\"event\":\"info\",\"version\":2,\"serverId\":\"fake-%lld\","
                         "\"platform\":{\"status\":%d}}\n",
                         (long long)config->connection, now->maintenance ? 0 : 1);
    return session;
}

void fake_session_destroy(struct fake_session *session)
{
    if (session == NULL) {
        return;
    }
    free(session->channels);
    free(session->channel_of_coin);
    strbuf_free(&session->frames);
    free(session);
}

size_t fake_session_channels(const struct fake_session *session)
{
    return session->channel_count;
}

struct fake_channel *fake_session_channel(const struct fake_session *session, size_t coin)
{
    size_t place = session->channel_of_coin[coin];
    return place > 0 ? &session->channels[place - 1] : NULL;
}

struct str fake_session_unsent(const struct fake_session *session)
{
    struct str rest = strbuf_str(&session->frames);
    rest.data += session->frames_sent;
    rest.length -= session->frames_sent;
    struct str frame = {0};
    (void)str_split(&rest, '\n', &frame);
    return frame;
}

void fake_session_sent(struct fake_session *session)
{
    struct strbuf *frames = &session->frames;
    session->frames_sent += fake_session_unsent(session).length + 1;
    if (session->frames_sent >= frames->length) {
        strbuf_clear(frames);
        session->frames_sent = 0;
    } else if (session->frames_sent >= UNSENT_ENOUGH) { /* not after each frame, because removing
                                                           them moves the remaining bytes */
        frames->length -= session->frames_sent;
        memmove(frames->data, frames->data + session->frames_sent, frames->length + 1);
        session->frames_sent = 0;
    }
}

void fake_session_end_frame(struct fake_session *session, const struct fake_moment *now)
{
    if (session->flags & FAKE_SEQ_ALL) {
        strbuf_append_char(&session->frames, ',');
        strbuf_append_int64(&session->frames, ++session->seq);
    }
    if (session->flags & FAKE_TIMESTAMP) {
        strbuf_append_char(&session->frames, ',');
        strbuf_append_int64(&session->frames, now->exchange_ms);
    }
    strbuf_append_text(&session->frames, "]\n");
}

void fake_session_heartbeat(struct fake_session *session, int64_t channel_id,
                            const struct fake_moment *now)
{
    strbuf_append_format(&session->frames, "[%lld,\"hb\"", (long long)channel_id);
    fake_session_end_frame(session, now);
}

void fake_session_info(struct fake_session *session, int code, const char *message)
{
    strbuf_append_format(&session->frames, "{\"event\":\"info\",\"code\":%d,\"msg\":\"%s\"}\n",
                         code, message);
}

/* Adds [CHANNEL,"te",[…]] or the same with "tu"; nothing when the coin is no longer subscribed. */
static void add_trade(struct fake_session *session, const char *kind,
                      const struct fake_trade *trade, const struct fake_moment *now)
{
    const struct fake_channel *channel = fake_session_channel(session, trade->coin);
    if (channel != NULL) {
        strbuf_append_char(&session->frames, '[');
        strbuf_append_int64(&session->frames, channel->id);
        strbuf_append_format(&session->frames, ",\"%s\",", kind);
        fake_rest_trade_row(trade, &session->frames);
        fake_session_end_frame(session, now);
    }
}

static const struct fake_trade *trade_at(const struct fake_session *session, size_t index)
{
    return &session->config.market->trades[index];
}

/* Adds the tus that belong to the tes so far. */
static void flush_pending(struct fake_session *session, const struct fake_moment *now)
{
    for (size_t i = 0; i < session->pending_count; i++) {
        add_trade(session, "tu", trade_at(session, session->pending[i]), now);
    }
    session->pending_count = 0;
}

static bool same_moment(const struct fake_session *session, size_t left, size_t right)
{
    const struct fake_trade *a = trade_at(session, left), *b = trade_at(session, right);
    return a->coin == b->coin && a->time_ms == b->time_ms;
}

/* Adds a trade's te; its tu follows those of the other trades of its moment. */
static void stream_trade(struct fake_session *session, size_t index, const struct fake_moment *now)
{
    if (session->pending_count == FAKE_PENDING_MAX ||
        (session->pending_count > 0 && !same_moment(session, session->pending[0], index))) {
        flush_pending(session, now);
    }
    add_trade(session, "te", trade_at(session, index), now);
    session->pending[session->pending_count++] = index;
}

static void stream_changed(struct fake_session *session, size_t index,
                           const struct fake_moment *now)
{
    struct fake_trade changed = *trade_at(session, index);
    add_trade(session, "te", &changed, now);
    changed.amount_e8 += changed.amount_e8 > 0 ? 1 : -1;
    add_trade(session, "tu", &changed, now);
}

/* Lets the next trade come before this one, if it is of the same moment; otherwise adds this one's
 * tu before its te. */
static void reorder(struct fake_session *session, size_t index, size_t happened,
                    const struct fake_moment *now)
{
    if (index + 1 < happened && same_moment(session, index, index + 1)) {
        session->behind = index;
        return;
    }
    add_trade(session, "tu", trade_at(session, index), now);
    add_trade(session, "te", trade_at(session, index), now);
}

static void postpone(struct fake_session *session, size_t index, int64_t due_ms,
                     const struct fake_moment *now)
{
    if (session->late_count == FAKE_LATE_MAX) {
        stream_trade(session, index, now);
        return;
    }
    session->late[session->late_count++] = (struct fake_late){index, due_ms};
}

/* Does what a fault says that does not end or silence the connection at once. */
static void stream_with_fault(struct fake_session *session, size_t index, size_t happened,
                              struct fake_hit hit, const struct fake_moment *now)
{
    flush_pending(session, now);
    switch ((int)hit.fault) {
    case FAKE_SEQ_JUMP:
        session->losing = hit.value;
        break;
    case FAKE_DUPLICATE:
        for (int i = 0; i < 2; i++) {
            stream_trade(session, index, now);
            flush_pending(session, now);
        }
        break;
    case FAKE_REORDER:
        reorder(session, index, happened, now);
        break;
    case FAKE_20051:
        fake_session_info(session, 20051, "Stopping. Please try to reconnect");
        session->drop_ms = now->real_ms + hit.value;
        stream_trade(session, index, now);
        break;
    case FAKE_LATE:
        postpone(session, index, now->real_ms + hit.value, now);
        break;
    case FAKE_TU_ALONE:
        add_trade(session, "tu", trade_at(session, index), now);
        break;
    case FAKE_TU_CHANGED:
        stream_changed(session, index, now);
        break;
    default: /* FAKE_MISSED, FAKE_20060: the trade is not streamed */
        break;
    }
}

/* Loses a trade: its two frames get sequence numbers, but are never sent. */
static void lose_trade(struct fake_session *session)
{
    session->losing--;
    session->seq += session->flags & FAKE_SEQ_ALL ? 2 : 0;
}

/* Streams the next trade, or whatever happens to it. */
static enum fake_session_state take_trade(struct fake_session *session, size_t happened,
                                          const struct fake_moment *now)
{
    size_t index = session->next;
    struct fake_hit hit = {0};
    if (!session->next_judged && session->losing == 0) {
        hit =
            session->config.judge(session->config.context, FAKE_STREAM, session->config.connection);
    }
    if (hit.fault == FAKE_DROP) {
        return FAKE_SESSION_DROP;
    }
    if (hit.fault == FAKE_SILENT) {
        session->silent_ms = now->real_ms + hit.value;
        session->next_judged = true;
        return FAKE_SESSION_SILENT;
    }
    session->next++;
    session->next_judged = false;
    size_t behind = session->behind;
    session->behind = FAKE_NO_INDEX;
    if (hit.fault != FAKE_NONE) {
        stream_with_fault(session, index, happened, hit, now);
    } else if (session->losing == 0) {
        stream_trade(session, index, now);
    }
    if (hit.fault == FAKE_20060) { /* what has happened by now is not streamed either */
        session->next = happened;
    }
    if (session->losing > 0) {
        lose_trade(session);
    }
    if (behind != FAKE_NO_INDEX) {
        stream_trade(session, behind, now);
    }
    return FAKE_SESSION_GOES_ON;
}

static bool has_enough(const struct fake_session *session)
{
    return session->frames.length - session->frames_sent >= UNSENT_ENOUGH;
}

static enum fake_session_state stream(struct fake_session *session, const struct fake_moment *now)
{
    size_t happened = fake_market_until(session->config.market, now->exchange_ms);
    if (session->channel_count == 0) {
        session->next = happened;
    }
    enum fake_session_state state = FAKE_SESSION_GOES_ON;
    while (session->next < happened && !has_enough(session) && state == FAKE_SESSION_GOES_ON) {
        if (fake_session_channel(session, trade_at(session, session->next)->coin) == NULL) {
            session->next++;
        } else {
            state = take_trade(session, happened, now);
        }
    }
    if (state == FAKE_SESSION_GOES_ON) {
        flush_pending(session, now);
    }
    return state;
}

static void add_heartbeats(struct fake_session *session, const struct fake_moment *now)
{
    if (now->real_ms < session->heartbeat_ms) {
        return;
    }
    for (size_t i = 0; i < session->channel_count; i++) {
        fake_session_heartbeat(session, session->channels[i].id, now);
    }
    int64_t late_ms = now->real_ms - session->heartbeat_ms;
    session->heartbeat_ms +=
        (late_ms / session->config.heartbeat_ms + 1) * session->config.heartbeat_ms;
}

/* Streams the trades that a fault held back and that are due. */
static void add_late(struct fake_session *session, const struct fake_moment *now)
{
    size_t kept = 0;
    for (size_t i = 0; i < session->late_count; i++) {
        struct fake_late late = session->late[i];
        if (late.due_ms <= now->real_ms) {
            stream_trade(session, late.trade, now);
            flush_pending(session, now);
        } else {
            session->late[kept++] = late;
        }
    }
    session->late_count = kept;
}

/* Begins or ends the maintenance for this client. Nothing of what happens in it is streamed. */
static void mind_maintenance(struct fake_session *session, const struct fake_moment *now)
{
    if (now->maintenance && !session->in_maintenance) {
        flush_pending(session, now);
        fake_session_info(session, 20060, "Entering in Maintenance mode");
    } else if (!now->maintenance && session->in_maintenance) {
        fake_session_info(session, 20061, "Maintenance ended. You can resume normal activity");
        session->heartbeat_ms = now->real_ms + session->config.heartbeat_ms;
    }
    if (now->maintenance || session->in_maintenance) {
        session->next = fake_market_until(session->config.market, now->exchange_ms);
        session->next_judged = false;
        session->behind = FAKE_NO_INDEX;
        session->late_count = 0;
    }
    session->in_maintenance = now->maintenance;
}

enum fake_session_state fake_session_pump(struct fake_session *session,
                                          const struct fake_moment *now)
{
    if (session->silent_ms > now->real_ms) {
        return FAKE_SESSION_SILENT;
    }
    if (session->frames.failed || session->drop_ms <= now->real_ms) {
        return FAKE_SESSION_DROP;
    }
    mind_maintenance(session, now);
    if (now->maintenance) {
        return FAKE_SESSION_GOES_ON;
    }
    add_heartbeats(session, now);
    add_late(session, now);
    return stream(session, now);
}

int64_t fake_session_silent_until(const struct fake_session *session)
{
    return session->silent_ms;
}

int64_t fake_session_next_trade_ms(const struct fake_session *session)
{
    const struct fake_market *market = session->config.market;
    return session->channel_count > 0 && session->next < market->count
               ? market->trades[session->next].time_ms
               : INT64_MAX;
}

int64_t fake_session_next_real_ms(const struct fake_session *session)
{
    int64_t next_ms =
        session->heartbeat_ms < session->drop_ms ? session->heartbeat_ms : session->drop_ms;
    for (size_t i = 0; i < session->late_count; i++) {
        next_ms = session->late[i].due_ms < next_ms ? session->late[i].due_ms : next_ms;
    }
    return next_ms;
}
