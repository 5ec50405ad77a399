/*
 * The page, its API, /metrics and /healthz. What is shown comes from the backend below, so that web
 * knows no other stage. All answers are GET; JSON unless said otherwise.
 *
 *     /                     the page, and its files under /assets/
 *     /api/info
 * {"version","source","synthetic":bool,"topic","group","strategy","store","coins_default",…}
 *     /api/coins
 * [{"coin","name","last","time","change_24h","change_24h_relative","high_24h","low_24h"}]
 *     /api/candles?coin=&interval=&from=&to=&limit=
 * [{"time","coin","open","high","low","close","ticks"}] /api/status           topic, partitions,
 * lag, members, ownership timeline, rebalances, what it waits for
 *     /api/messages?partition=&offset=&limit=
 * [{"partition","offset","timestamp","key","schema_id","value"|"error"}] /api/events server-sent
 * events: "tick", "status"
 */
#ifndef CANDLEWICK_WEB_SERVER_H
#define CANDLEWICK_WEB_SERVER_H

#include "base/attributes.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "market/candle.h"
#include "market/ticker.h"

struct web_server;
struct web_events;

/* Each function appends JSON and returns true, or fills `error`: ERROR_REJECT gives 400,
 * ERROR_RETRY 503, others 500, with {"error": text}. Called on server threads, several at a time.
 * NULL functions give 404. */
struct web_backend {
    void *context;
    bool (*info)(void *context, struct strbuf *json, struct error *error);
    bool (*coins)(void *context, struct strbuf *json, struct error *error);
    bool (*candles)(void *context, const char *coin, int64_t interval_ns, int64_t from_ns,
                    int64_t to_ns, size_t limit, struct candle_list *candles, struct error *error);
    bool (*status)(void *context, struct strbuf *json, struct error *error);
    bool (*messages)(void *context, int32_t partition, int64_t offset, int limit,
                     struct strbuf *json, struct error *error);
    void (*metrics)(void *context, struct strbuf *text); /* Prometheus text format 0.0.4 */
    bool (*healthy)(void *context, char reason[256]);    /* /healthz: 200 or 503 and the reason */
};

struct web_server_config {
    const char *listen;
    struct web_backend backend;
    struct web_events *events; /* borrowed; NULL: no /api/events */
    bool metrics_only;         /* /metrics and /healthz, nothing else */
};

NODISCARD struct web_server *web_server_create(const struct web_server_config *config,
                                               struct error *error);
void web_server_destroy(struct web_server *server); /* NULL is allowed */
const char *web_server_address(const struct web_server *server);

/* A bounded broadcast ring: a slow reader loses the oldest events and is told so. */
NODISCARD struct web_events *web_events_create(size_t capacity, struct error *error);
void web_events_destroy(struct web_events *events);
/* Any thread; never blocks. `json` is copied. */
void web_events_publish(struct web_events *events, const char *name, struct str json);
/* Ends all streams. */
void web_events_close(struct web_events *events);

#endif
