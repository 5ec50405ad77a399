/* The fake exchange's WebSockets: each connection on its own thread, which the HTTP server gives.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/websocket/websocket_serve.h"
#include "fake_exchange/fake_parts.h"
#include "fake_exchange/fake_reply.h"
#include "fake_exchange/fake_session.h"

enum {
    LOOK_MS = 200, /* how long a connection waits at most before it looks again */
    FULL_MS = 2,   /* how long it waits while the client does not read */
    MESSAGE_LIMIT = 16 << 10,
};

/* One connection. */
struct talk {
    struct fake_exchange *exchange;
    struct websocket *websocket;
    struct fake_session *session;
    size_t channels; /* how many of them the exchange has counted */
    int64_t full_ms; /* since when the client has not read; 0: it reads */
};

static struct fake_moment moment_of(struct fake_exchange *exchange)
{
    return (struct fake_moment){.exchange_ms = fake_time_ms(&exchange->time),
                                .real_ms = fake_real_ms(),
                                .maintenance = fake_in_maintenance(exchange)};
}

static struct fake_hit judge(void *context, enum fake_scope scope, int64_t connection)
{
    struct talk *talk = context;
    return fake_judge(talk->exchange, scope, connection);
}

/* Tells the exchange how many channels there are, and lets its clock go when there are enough. */
static void count_channels(struct talk *talk)
{
    struct fake_exchange *exchange = talk->exchange;
    size_t channels = fake_session_channels(talk->session);
    if (channels == talk->channels) {
        return;
    }
    (void)pthread_mutex_lock(&exchange->lock);
    exchange->channels += (int64_t)channels - (int64_t)talk->channels;
    bool enough = exchange->channels >= (int64_t)exchange->start_channels;
    (void)pthread_mutex_unlock(&exchange->lock);
    talk->channels = channels;
    if (enough) {
        fake_time_release(&exchange->time);
    }
}

/* Sends what is unsent, as far as the connection takes it. Returns false when it is over, or has
 * taken nothing for too long. */
static bool send_unsent(struct talk *talk, int64_t now_ms)
{
    struct error error = {0};
    struct str frame = fake_session_unsent(talk->session);
    while (frame.length > 0 && websocket_send(talk->websocket, frame, &error)) {
        fake_session_sent(talk->session);
        talk->full_ms = 0;
        frame = fake_session_unsent(talk->session);
    }
    if (frame.length == 0) {
        return true;
    }
    if (websocket_end(talk->websocket).code != 0) {
        return false;
    }
    talk->full_ms = talk->full_ms != 0 ? talk->full_ms : now_ms;
    return now_ms - talk->full_ms < talk->exchange->stall_ms;
}

static void count_stalled(struct talk *talk)
{
    (void)pthread_mutex_lock(&talk->exchange->lock);
    talk->exchange->stalled++;
    (void)pthread_mutex_unlock(&talk->exchange->lock);
    log_info("cut", log_text("why", "the client does not read"));
}

static int wait_ms(struct talk *talk, const struct fake_moment *now)
{
    if (talk->full_ms != 0) {
        return FULL_MS;
    }
    int64_t real_ms = fake_session_next_real_ms(talk->session) - now->real_ms;
    int most_ms = real_ms < 0 ? 0 : real_ms < LOOK_MS ? (int)real_ms : LOOK_MS;
    return fake_time_wait_ms(&talk->exchange->time, fake_session_next_trade_ms(talk->session),
                             most_ms);
}

/* Waits for a message, and takes it. Returns false when the connection is over. */
static bool listen_to(struct talk *talk, int timeout_ms)
{
    struct error error = {0};
    struct websocket_message message;
    enum websocket_next next = websocket_next(talk->websocket, timeout_ms, &message, &error);
    if (next == WEBSOCKET_MESSAGE) {
        struct fake_moment now = moment_of(talk->exchange);
        fake_session_receive(talk->session, message.text, &now);
        count_channels(talk);
    }
    return next != WEBSOCKET_OVER;
}

/* Streams, sends and listens once. Returns whether the connection goes on. */
static bool go_on(struct talk *talk)
{
    struct fake_moment now = moment_of(talk->exchange);
    enum fake_session_state state = fake_session_pump(talk->session, &now);
    if (!send_unsent(talk, now.real_ms)) {
        if (websocket_end(talk->websocket).code == 0) {
            count_stalled(talk);
        }
        return false;
    }
    bool goes_on = false;
    switch (state) {
    case FAKE_SESSION_GOES_ON:
        goes_on = listen_to(talk, wait_ms(talk, &now));
        break;
    case FAKE_SESSION_SILENT: /* reads nothing either: not even pings are answered */
        goes_on = !stop_wait_ms(talk->exchange->stop,
                                fake_session_silent_until(talk->session) - now.real_ms);
        break;
    case FAKE_SESSION_DROP:
        break;
    }
    return goes_on;
}

static void talk_on(void *context, struct websocket *websocket, const char *path)
{
    (void)path;
    struct talk talk = {.exchange = context, .websocket = websocket};
    (void)pthread_mutex_lock(&talk.exchange->lock);
    int64_t connection = ++talk.exchange->connections;
    talk.exchange->open++;
    (void)pthread_mutex_unlock(&talk.exchange->lock);
    struct fake_moment now = moment_of(talk.exchange);
    const struct fake_session_config config = {
        .market = &talk.exchange->market,
        .connection = connection,
        .channels_max = (size_t)talk.exchange->limits.most[FAKE_LIMIT_CHANNELS],
        .heartbeat_ms = talk.exchange->heartbeat_ms,
        .judge = judge,
        .context = &talk,
    };
    talk.session = fake_session_create(&config, &now);
    while (talk.session != NULL && go_on(&talk)) {
    }
    (void)pthread_mutex_lock(&talk.exchange->lock);
    talk.exchange->open--;
    talk.exchange->channels -= (int64_t)talk.channels;
    (void)pthread_mutex_unlock(&talk.exchange->lock);
    fake_session_destroy(talk.session);
}

void fake_answer_socket(struct fake_exchange *exchange, const struct http_exchange *asked,
                        struct http_reply *reply)
{
    if (!fake_take(exchange, FAKE_LIMIT_CONNECTS, reply)) {
        return;
    }
    struct fake_hit hit = fake_judge(exchange, FAKE_CONNECT, 0);
    if (hit.fault != FAKE_NONE) {
        fake_reply_fault(reply, hit);
        reply->status = hit.fault == FAKE_429 ? 429 : reply->status;
        return;
    }
    (void)websocket_serve(&(struct websocket_serve_config){.message_limit_bytes = MESSAGE_LIMIT,
                                                           .service = talk_on,
                                                           .context = exchange},
                          asked, reply);
}
