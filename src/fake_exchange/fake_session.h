/*
 * One WebSocket connection to the fake exchange as Bitfinex's protocol version 2 has it (channel
 * trades), on text in memory: no socket and no clock, the caller says what time it is. What happens
 * in the book while a coin is subscribed is streamed in the book's order, te then tu; the session
 * keeps only its place in the book, so memory is bounded however slowly the client reads. Not
 * thread-safe.
 *
 *   {"event":"info","version":2,"serverId":"…","platform":{"status":1}}     at first
 *   {"event":"conf","flags":98304}                  TIMESTAMP (32768) and SEQ_ALL (65536)
 *   {"event":"subscribe","channel":"trades","symbol":"tBTCUSD","subId":"x"}
 *   {"event":"unsubscribe","chanId":17}
 *   {"event":"ping","cid":1}
 */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_SESSION_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_SESSION_H

#include "fake_exchange/fake_fault.h"
#include "fake_exchange/fake_market.h"

struct fake_session;

struct fake_session_config {
    const struct fake_market *market; /* borrowed */
    int64_t connection;               /* its number, from 1 */
    size_t channels_max;              /* 0: no limit but 1,000 */
    int64_t heartbeat_ms;             /* between two heartbeats of all channels */
    /* Counts one more subscription or streamed trade, and says what happens to it. */
    struct fake_hit (*judge)(void *context, enum fake_scope scope, int64_t connection);
    void *context;
};

/* What time it is. */
struct fake_moment {
    int64_t exchange_ms; /* since 1970: the trades up to then have happened */
    int64_t real_ms;     /* time of a monotonic clock, for heartbeats and faults */
    bool maintenance;    /* nothing is streamed */
};

/* Returns NULL when memory runs out. The first message is to be sent then. */
NODISCARD struct fake_session *fake_session_create(const struct fake_session_config *config,
                                                   const struct fake_moment *now);
void fake_session_destroy(struct fake_session *session); /* NULL is allowed */

/* Takes one message of the client. */
void fake_session_receive(struct fake_session *session, struct str text,
                          const struct fake_moment *now);

enum fake_session_state {
    FAKE_SESSION_GOES_ON,
    FAKE_SESSION_SILENT, /* send nothing, and read nothing, until fake_session_silent_until() */
    FAKE_SESSION_DROP,   /* send nothing more: the connection is to break */
};

/* Adds frames for what has happened since, as long as less than 64 KiB are unsent. */
enum fake_session_state fake_session_pump(struct fake_session *session,
                                          const struct fake_moment *now);
int64_t fake_session_silent_until(const struct fake_session *session); /* returns real_ms */

/* The next message to send; "" if there is none. Borrowed until the next call. */
struct str fake_session_unsent(const struct fake_session *session);
/* Reports that the message which fake_session_unsent() returned has been sent. */
void fake_session_sent(struct fake_session *session);

/* Returns a time of the exchange's clock before which no trade of a subscribed coin happens;
 * INT64_MAX: none will happen. */
int64_t fake_session_next_trade_ms(const struct fake_session *session);
/* Returns when the session must be served again at the latest for anything but a trade, such as a
 * heartbeat, in real ms. */
int64_t fake_session_next_real_ms(const struct fake_session *session);

size_t fake_session_channels(const struct fake_session *session);

#endif
