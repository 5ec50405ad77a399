/* The fake exchange's own state, for the files that answer for it. */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_PARTS_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/http/http_server.h"
#include "base/stop.h"
#include "fake_exchange/fake_data.h"
#include "fake_exchange/fake_exchange.h"
#include "fake_exchange/fake_fault.h"
#include "fake_exchange/fake_limit.h"
#include "fake_exchange/fake_market.h"
#include "fake_exchange/fake_time.h"

struct fake_exchange {
    struct http_server *server;
    char url[160];
    char ws_url[160];
    bool refuse_unknown;
    struct fake_data *data;    /* tickers of a file; NULL: all is from the market */
    struct fake_market market; /* never changes */
    struct fake_time time;
    struct fake_limits limits;
    int64_t heartbeat_ms;
    int64_t stall_ms;
    int64_t start_ns;      /* monotonic: places of faults count from it */
    size_t start_channels; /* the exchange's clock stands still until this many channels are
                              subscribed */
    struct stop *stop;     /* requested when the exchange is destroyed */
    pthread_mutex_t lock;  /* protects what `data` has served, and all below */
    struct fake_faults faults;
    struct fake_rate rates[FAKE_LIMIT_RATES];
    int64_t maintenance_until_ms; /* by fake_real_ms() */
    int64_t refused;              /* requests over a limit */
    int64_t connections;          /* accepted so far: each has its number */
    int64_t open, channels;       /* connections and channels right now */
    int64_t stalled;              /* connections that were cut since their client did not read */
};

/* Returns the monotonic time in ms. */
int64_t fake_real_ms(void);

/* Returns whether the whole exchange is in maintenance. */
bool fake_in_maintenance(struct fake_exchange *exchange);

/* Counts one more of the scope, and decides which fault happens to it. FAKE_20060 begins the
 * maintenance here. */
struct fake_hit fake_judge(struct fake_exchange *exchange, enum fake_scope scope,
                           int64_t connection);

/* Takes one more request of that kind. Returns false, after it has answered 429, when that is one
 * too many. */
bool fake_take(struct fake_exchange *exchange, enum fake_limit limit, struct http_reply *reply);

/* Answers a request for a WebSocket. */
void fake_answer_socket(struct fake_exchange *exchange, const struct http_exchange *asked,
                        struct http_reply *reply);

/* Answers from the market. Returns false if the path is none of its own. */
bool fake_answer_market(struct fake_exchange *exchange, const struct http_exchange *asked,
                        struct http_reply *reply);

#endif
