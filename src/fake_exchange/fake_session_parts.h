/* The session, shared by fake_session.c, which streams, and fake_session_ask.c, which answers. */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_SESSION_PARTS_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_SESSION_PARTS_H

#include "fake_exchange/fake_session.h"

enum {
    FAKE_TIMESTAMP = 32768, /* flags of conf */
    FAKE_SEQ_ALL = 65536,
    FAKE_PENDING_MAX = 64,
    FAKE_LATE_MAX = 64,
};
#define FAKE_NO_INDEX SIZE_MAX

struct fake_channel {
    size_t coin;
    int64_t id;
};

/* A trade that comes later than it happened. */
struct fake_late {
    size_t trade;
    int64_t due_ms; /* by real_ms */
};

/* Trades are indexes into the book. */
struct fake_session {
    struct fake_session_config config;
    struct fake_channel *channels;
    size_t channel_count, channel_capacity;
    size_t *channel_of_coin; /* its place in `channels` + 1; 0: the coin is not subscribed */
    int64_t last_channel_id;
    int64_t flags;
    int64_t seq;          /* of the last frame */
    size_t next;          /* the first trade that was not looked at yet */
    bool next_judged;     /* a fault has happened to that trade, and no other one will */
    size_t behind;        /* a trade that comes after the next one; FAKE_NO_INDEX: none */
    int64_t losing;       /* how many more trades are lost */
    struct strbuf frames; /* unsent, each with a line feed behind it */
    size_t frames_sent;   /* bytes of them */
    int64_t heartbeat_ms, drop_ms, silent_ms; /* real ms: when the heartbeat is due, the
                                                 connection is cut, the silence ends */
    bool in_maintenance;                      /* the client was told 20060 */
    size_t pending[FAKE_PENDING_MAX];         /* trades whose tu is to follow */
    size_t pending_count;
    struct fake_late late[FAKE_LATE_MAX];
    size_t late_count;
};

/* Returns the channel of a coin, borrowed until one is added or removed; NULL: none. */
struct fake_channel *fake_session_channel(const struct fake_session *session, size_t coin);

/* Ends a frame that is a list, [CHANNEL,…, with its number and time if the flags say so. */
void fake_session_end_frame(struct fake_session *session, const struct fake_moment *now);

/* Adds [CHANNEL,"hb"]. */
void fake_session_heartbeat(struct fake_session *session, int64_t channel_id,
                            const struct fake_moment *now);

/* Adds {"event":"info","code":CODE,"msg":…}. */
void fake_session_info(struct fake_session *session, int code, const char *message);

#endif
