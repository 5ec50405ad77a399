/*
 * What the exchange's messages and pages of history mean: which trades and events are to be sent,
 * in which order, and what the sockets have to do. It knows all coins and connections, and no
 * socket, clock or thread: the caller passes texts and times. Not thread-safe.
 *
 * The order that makes a refill safe (the outbox keeps it): a hole's event, a barrier, the first
 * trades after the hole; the last refilled trades, a barrier, the hole's closing. After a crash in
 * between, the next run finds the open hole in the log.
 */
#ifndef CANDLEWICK_SOURCE_BITFINEX_TRADES_TRADE_FEED_H
#define CANDLEWICK_SOURCE_BITFINEX_TRADES_TRADE_FEED_H

#include "base/text/strbuf.h"
#include "source/bitfinex/bitfinex_answer.h"
#include "source/bitfinex_trades/channels.h"
#include "source/bitfinex_trades/event_writer.h"
#include "source/bitfinex_trades/hole_book.h"
#include "source/bitfinex_trades/known_ids.h"
#include "source/bitfinex_trades/outbox.h"
#include "source/bitfinex_trades/refill.h"
#include "source/coins.h"

enum { FEED_WHY_MAX = 200 }; /* bytes that say why a connection was lost, or a hole opened */

struct feed_time {
    int64_t wall_ns;
    int64_t steady_ns; /* monotonic */
};

enum feed_coin_state {
    COIN_WAITS,      /* the subscription is to be sent on its connection */
    COIN_ASKED,      /* not answered yet */
    COIN_SUBSCRIBED, /* its snapshot has not come yet */
    COIN_LIVE,
    COIN_REFUSED, /* the exchange refused the subscription or ended it; subscribe again at `due_ns`
                   */
};

struct feed_coin {
    char symbol[RECORD_KEY_MAX + 1];
    enum feed_coin_state state;
    int64_t due_ns;   /* monotonic: when the subscription was sent, or when to send it again */
    int64_t retry_ns; /* wait after the last error; 0: there was none since the coin was live */
    /* The known trade with the greatest id; -1: none. */
    int64_t last_id, last_ms;
    char why[FEED_WHY_MAX + 1]; /* reason of the hole whose end is not known yet */
    /* Wall clock: begin of the live time that no event `covered` names yet; 0: the coin is not
     * live. */
    int64_t covered_from_ns;
    struct known_ids known;
    struct known_ids edge; /* the trades in the oldest ms of its last page of history */
};

struct feed_connection {
    bool greeted;           /* the connection's first message (the exchange's greeting) has come */
    bool configured;        /* the request that sets the flags was sent */
    bool maintenance;       /* the exchange has announced maintenance */
    int64_t maintenance_ns; /* monotonic time of that announcement */
    int64_t flags;          /* flags that the exchange has confirmed */
    int64_t sequence;       /* sequence number of the newest message that had one; 0: none */
    int64_t heard_ns;       /* wall clock: when the last message came */
    struct channel_map channels;
};

struct feed_counts {
    int64_t frames;
    int64_t errors;  /* error messages of the exchange */
    int64_t unknown; /* frames of channels or coins that are not known, or that say nothing known */
    int64_t
        repeats; /* trades that were known, as after a reconnect; but the tu behind a te is none */
    int64_t changed;  /* trades that came again with other figures, which are not sent */
    int64_t requests; /* pages of history that came */
    int64_t refilled; /* trades from them that were new */
};

struct trade_feed {
    struct feed_coin *coins; /* in the order of --coins; owned, like the other arrays */
    size_t coin_count;
    struct coin_places places;
    struct feed_connection *connections; /* places.count of them */
    size_t connection_capacity;
    struct hole_book holes;
    struct outbox outbox;
    struct event_writer events;
    struct strbuf names;     /* names of all coins, comma-separated */
    struct strbuf told_list; /* the newest list of coins in the log */
    int64_t told_list_ns;
    int64_t covered_ns; /* monotonic: when coverage was written last */
    int64_t refill_max_age_ns;
    struct feed_counts counts;
    struct row_counts rows; /* a trade that comes again unchanged is not counted */
    bool failed;            /* memory ran out */
};

/* The names in `wanted` are copied. Returns false when memory runs out. Free it in either case. */
NODISCARD bool trade_feed_init(struct trade_feed *feed, const struct coin_table *wanted,
                               int64_t refill_max_age_ns);
void trade_feed_free(struct trade_feed *feed);

/* Takes a trade or an event of the log, in the order of its partition; `texts` contain its long
 * texts. Call it before trade_feed_begin(). */
void trade_feed_tell(struct trade_feed *feed, const struct record_kind *kind, const void *record,
                     const struct text_arena *texts);

/* Opens a hole for each coin that the log has a trade of, or that it says was listened to. */
void trade_feed_begin(struct trade_feed *feed, struct feed_time now);

/* Returns whether a coin is subscribed on this connection, or is to be now. */
bool trade_feed_wants(const struct trade_feed *feed, size_t connection, struct feed_time now);

/* Appends the next message to send on an open connection. Returns false when there is none now. */
NODISCARD bool trade_feed_ask(struct trade_feed *feed, size_t connection, struct feed_time now,
                              struct strbuf *message);

enum feed_action {
    FEED_GO_ON,
    FEED_PAUSE,   /* maintenance: stay, however long the exchange is silent */
    FEED_RESTART, /* close, wait up to 2 s, connect: the exchange restarts */
    FEED_RENEW,   /* close and connect */
    FEED_REFUSE,  /* close, wait as after a failure, connect: the exchange does not do what it
                     should */
};

/* Reads a message of a connection; `now.wall_ns` is when it arrived. With any other action than
 * FEED_GO_ON and FEED_PAUSE the caller closes the connection, and why is in `why`. */
enum feed_action trade_feed_read(struct trade_feed *feed, size_t connection, struct str text,
                                 struct feed_time now, char why[FEED_WHY_MAX + 1]);

/* The connection is over, or was closed: its channels are forgotten, and each coin that it carried
 * has a hole from now on, if it ever had a trade. */
void trade_feed_drop(struct trade_feed *feed, size_t connection, const char *why,
                     struct feed_time now);

/* Time limits for a connection that is open and not silent. */
struct feed_patience {
    int64_t answer_ns; /* time for the answer to a subscription, unless there is maintenance */
    int64_t maintenance_ns;
};

/* Returns why the connection is to be given up although it is open and not silent; NULL: it is not.
 * The exchange may never say that its maintenance is over, and send heartbeats all the same. */
const char *trade_feed_fault(const struct trade_feed *feed, size_t connection,
                             const struct feed_patience *patience, struct feed_time now);

/* Chooses the next page of history. Returns false when none is needed now. */
NODISCARD bool trade_feed_next_page(struct trade_feed *feed, struct feed_time now,
                                    struct refill_page *page);

/* Takes a page's rows, an array that bitfinex_answer_read() returned. */
void trade_feed_take_page(struct trade_feed *feed, const struct refill_page *page,
                          const struct json_t *rows, struct feed_time now);

/* The exchange has no history of the page's coin: its holes are given up. */
void trade_feed_give_up(struct trade_feed *feed, const struct refill_page *page,
                        struct feed_time now);

/* Adds the events `covered` once a minute. */
void trade_feed_tick(struct trade_feed *feed, struct feed_time now);

/* Adds the last events: `covered` and `ended`. */
void trade_feed_end(struct trade_feed *feed, struct feed_time now);

#endif
