/* What the files of the source of trades share: its state, and its links. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_TRADES_BITFINEX_TRADES_PARTS_H
#define CANDLEWICK_SOURCE_BITFINEX_TRADES_BITFINEX_TRADES_PARTS_H

#include <poll.h>
#include <pthread.h>

#include "base/backoff.h"
#include "base/websocket/websocket.h"
#include "source/bitfinex/bitfinex_rest.h"
#include "source/bitfinex_trades/errand.h"
#include "source/bitfinex_trades/trade_feed.h"
#include "source/reconnect.h"
#include "source/request_budget.h"
#include "source/sources.h"

/* The socket of one of the feed's connections. */
struct link {
    struct websocket *websocket; /* NULL: it is down */
    int64_t due_ns;              /* monotonic: when to connect */
    struct reconnect reconnect;
};

/* Input and result of the errand that connects. */
struct connecting {
    struct websocket_config config;
    size_t link;
    struct websocket *websocket;
    struct error error;
};

/* Input and result of the errand that asks for history. */
struct asking {
    struct bitfinex_rest rest;
    struct refill_page page;
    bool answered;
    struct error error;
};

struct bitfinex_trades {
    struct bitfinex_trades_config config; /* with the defaults filled in; its texts are not used */
    char *ws_url, *ca_file;
    struct trade_feed feed;
    struct link *links;
    size_t link_count, link_capacity;
    struct pollfd *fds;
    int64_t request_errors;          /* failed requests for history */
    char trouble[ERROR_REASON_SIZE]; /* why the newest loss of a connection happened; "": all
                                        connections are open */
    struct request_budget connects, requests;
    struct random random;
    struct connecting connecting;
    struct errand *connector;
    struct asking asking;
    struct errand *asker;
    int64_t ask_due_ns; /* monotonic: no request for history before this time */
    struct backoff ask_backoff;
    int64_t told_holes;   /* number of open holes in the newest log line about them */
    int64_t told_ns;      /* monotonic time of that log line */
    bool ended;           /* the events of the end are written */
    struct error failure; /* why the source failed for good; kind ERROR_NONE: it has not */
    pthread_mutex_t lock; /* protects `report` */
    struct source_report report;
};

struct feed_time links_time(void); /* now */

/* Connects; runs on the errand's thread. */
void links_connect(void *connecting);

/* Makes links for connections that the feed has added; says in `failure` that memory runs out. */
void links_add(struct bitfinex_trades *trades);

/* Takes the connection that was made, or why it was not, and starts to make the next one. */
void links_renew(struct bitfinex_trades *trades);

/* Reads what has arrived on all connections. Returns whether there may be more. */
bool links_read(struct bitfinex_trades *trades);

/* Sends what the feed asks for. */
void links_ask(struct bitfinex_trades *trades);

size_t links_open(const struct bitfinex_trades *trades); /* returns how many connections are open */

void links_close(struct bitfinex_trades *trades);

#endif
