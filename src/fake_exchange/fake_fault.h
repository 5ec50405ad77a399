/*
 * Which faults fake-exchange makes, and where: "429@3,5-7;trades/slow=2s@10;drop@1/500". Without a
 * clock or a socket; the same text and seed give the same faults at the same places.
 */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_FAULT_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/strbuf.h"

/* What is counted, each from 1. The place of a fault is a number in one of these counts. */
enum fake_scope {
    FAKE_TICKERS,   /* requests for tickers */
    FAKE_TRADES,    /* requests for the history of trades */
    FAKE_CANDLES,   /* requests for candles */
    FAKE_CONNECT,   /* requests for a WebSocket */
    FAKE_SUBSCRIBE, /* subscriptions to a coin's trades */
    FAKE_STREAM,    /* trades that are streamed, over all connections */
    FAKE_SCOPES,
};
/* "tickers", "trades", "candles", "connect", "subscribe", "stream". */
extern const char *const fake_scope_names[FAKE_SCOPES];

enum fake_fault {
    FAKE_NONE,
    /* of requests */
    FAKE_429,         /* one of the three rate limit bodies in turn */
    FAKE_408,         /* connect only: request timeout */
    FAKE_500,         /* HTTP 500 with an error body */
    FAKE_MAINTENANCE, /* HTTP 503 ["error",20060,"maintenance"] */
    FAKE_HTML,        /* HTTP 502 with a page */
    FAKE_TRUNCATED,   /* the connection is cut in the middle of the body */
    FAKE_SLOW,        /* the right body, in pieces, during VALUE (3s) */
    FAKE_CHANGED_BAR, /* candles: the newest finished one lacks its last trade this time */
    /* of subscriptions */
    FAKE_HB_EARLY, /* a heartbeat of the channel comes before `subscribed` */
    FAKE_10300,    /* refused, "symbol: invalid" */
    FAKE_10001,    /* refused, "unknown pair" */
    /* Faults of a streamed trade, on the connection on which it is streamed. */
    FAKE_DROP,   /* the connection breaks before it */
    FAKE_SILENT, /* nothing is sent for VALUE (60s), not even a pong; then everything that was held
                    back */
    FAKE_SEQ_JUMP,  /* it and VALUE - 1 (0) more are lost; their frames have sequence numbers */
    FAKE_DUPLICATE, /* its te and tu come twice */
    FAKE_REORDER,   /* it comes after the other trades of its millisecond; if there are none, its tu
                       comes before its te */
    FAKE_20051,     /* "stopping, please reconnect" before it; cut after VALUE (5s) */
    FAKE_20060,     /* maintenance of the whole exchange for VALUE (5s), then 20061; what happens
                       meanwhile is in the history only */
    FAKE_LATE,      /* it comes VALUE (2s) later, with its own, older time */
    FAKE_MISSED,    /* it is not streamed: in the history only */
    FAKE_TU_ALONE,  /* its te is left out */
    FAKE_TU_CHANGED, /* its tu has another amount than its te and the history */
    FAKE_FAULTS,     /* the number of kinds */
};

/* "none", "429", …, as a user writes them. */
const char *fake_fault_name(enum fake_fault fault);

enum { FAKE_RANGES = 100 };

enum fake_place {
    FAKE_AT_NUMBER,     /* the places `first` to `last` */
    FAKE_BY_CHANCE,     /* one in `first` */
    FAKE_AT_TIME,       /* the first one `first` ms or later after the exchange's start */
    FAKE_ON_CONNECTION, /* the first one on connection `first` */
};

struct fake_range {
    enum fake_fault fault;
    enum fake_scope scope;
    enum fake_place place;
    int64_t first, last;
    int64_t value; /* ms, or how many: see above */
    bool done;     /* the fault has happened; it happens only once */
};

/* A plain value: faults, and how many of everything there were. */
struct fake_faults {
    struct fake_range ranges[FAKE_RANGES];
    size_t count;
    uint64_t seed;
    int64_t numbers[FAKE_SCOPES];
    int64_t happened[FAKE_FAULTS];
};

/* Parses [SCOPE/]KIND[=VALUE]@PLACES, several separated by ';'. Without SCOPE a fault has the first
 * scope that its kind can have: "429" is that of tickers. PLACES, separated by commas: N, N-M, N-
 * without an end, 1/N for one in N at random, a time such as 90s, cN for the first one on
 * connection N. Blanks are ignored; NULL and "" mean no faults. Fails with ERROR_USAGE, naming the
 * invalid part and what is allowed. */
NODISCARD bool fake_faults_parse(const char *text, uint64_t seed, struct fake_faults *faults,
                                 struct error *error);

struct fake_hit {
    enum fake_fault fault; /* FAKE_NONE: all is well */
    int64_t value;
    int64_t number; /* of the scope */
};

/* Counts one more of the scope, and decides what happens to it; where several faults match, the
 * first that was named. `connection`: its number from 1, 0 where there is none; `elapsed_ms`: since
 * the exchange's start. */
struct fake_hit fake_faults_next(struct fake_faults *faults, enum fake_scope scope,
                                 int64_t connection, int64_t elapsed_ms);

/* Appends {"drop":2,"silent":1}: how often each has happened. */
void fake_faults_append(const struct fake_faults *faults, struct strbuf *json);

#endif
