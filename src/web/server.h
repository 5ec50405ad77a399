/*
 * The page, its API, /metrics and /healthz. What is shown comes from the backend below, so that web
 * knows no other stage. Only GET and HEAD. Answers are UTF-8 JSON unless said otherwise, errors are
 * {"error": text} with 400 (a parameter: names it and what is allowed), 404, 405, 500 or 503.
 * A 503 has a Retry-After: something is away, or there are too many requests at once, or too many
 * large answers that clients are slow to read. /metrics and /healthz are never refused for the
 * others' sake.
 *
 * Times are RFC 3339 UTC text, but for the timeline's (milliseconds since 1970). A figure that is
 * not known is null (or left out), never 0. Numbers above 2^53 are strings, as record_to_json has
 * them. The page copes with every null named here.
 *
 *     /                     the page; its files are under /assets/
 *
 *     /api/info             {"version":"0.1.0", "source":"bitfinex", "synthetic":false,
 *                            "topic":"tickers", "group":"coins", "strategy":"range",
 *                            "store":"SQLite file …", "members":2,
 *                            "replay_from":time|null, "replay_to":time|null}
 *         What runs here; does not change. `synthetic`: the page wears the badge (it also does when
 *         a tick's source is "synthetic"). replay_from, replay_to: the range of the input's event
 *         times where it is a file (replay_to may be null while unknown): the page opens on all of
 *         the data then, at an interval that fits; null for live sources. `members`: how many this
 *         program runs, null for none of its own.
 *
 *     /api/coins            [{"coin":"tBTCUSD", "name":"BTC/USD", "last":91234.5, "time":time,
 *                             "first_time":time, "change_24h":n|null,
 *                             "change_24h_relative":n|null, "high_24h":n|null, "low_24h":n|null}]
 *         In the order of the picker. `change_24h_relative` 0.01 is one per cent. The 24 hours end
 *         at the coin's last event time.
 *
 *     /api/candles?coin=tBTCUSD&interval=5m&from=&to=&limit=
 *                           candles_to_json; `candles --format json` adds marks
 *         coin: needed. interval: any duration, "1m" when absent. from (inclusive), to (exclusive):
 *         what clock_parse_time takes. limit: the newest so many, 1 to 100,000; absent: all.
 *
 *     /api/status           {"waiting_for":text|null, "no_news":text|null,
 *                            "two_producers":text|null, "topic":"tickers", "group":"coins",
 *                            "strategy":"range", "brokers":n, "end_total":n, "lag_total":n,
 *                            "ticks_per_second":n, "rebalances":n, "produced":n,
 *                            "rejected":{"bad_price":n, …}, "written":n, "dead_lettered":n,
 *                            "partitions":[{"partition":0, "leader":n, "begin":n, "end":n,
 *                                           "committed":n, "lag":n, "owner":client id|null}],
 *                            "members":[{"client_id":"demo-1", "partitions":[0,1,2],
 *                                        "consumed":n, "written":n, "trouble":text|null}],
 *                            "members_unknown":text|null,
 *                            "timeline":[{"partition":0, "member":client id, "from":ms,
 *                                         "to":ms|null}]}
 *         Each n, "partitions", "members" and "rejected" are null while they are not known (Kafka
 *         is away; another process's figures); a leader and an offset also where there is none.
 *         waiting_for completes the sentence "Waiting for …": the first price from the exchange,
 *         Kafka. no_news: why nothing new comes, where the store has candles to show all the same;
 *         one of the two at most. two_producers: the coins that two live producers send at once,
 * and what to do; null again some seconds after one of them has stopped. timeline: who owned which
 * partition, to null: still does; in any order, bounded by the backend. trouble: why a member is
 * unhealthy. members_unknown: why members is null.
 *
 *     /api/messages?partition=0&offset=120&limit=50
 *                           [{"partition":0, "offset":120, "timestamp":time, "key":text|null,
 *                             "schema_id":n|null, "value":record_to_json|null,
 *                             "error":text|null, "size":bytes}]
 *         partition: needed. offset: from there on; absent or -1: the newest. One before the first
 *         there is counts as the first. limit: 1 to 500, 50 when absent. `error`: why the value
 *         could not be decoded; `value` null and `error` null: the message has none.
 *
 *     /api/events           text/event-stream: "tick" with record_to_json, "status" with the status
 *                           above (about once a second), "lost" with {"lost":n} to a reader that
 *                           was too slow; a comment every 15 s. A reader that comes back with
 *                           Last-Event-ID goes on where it was, if the ring still has it. At most
 *                           128 streams at once; a further one gets a 503.
 *
 *     /metrics              Prometheus text format 0.0.4
 *     /healthz              plain text: 200 "ok", perhaps with a line "notice: TEXT" for who
 * operates it, or 503 "not ready: REASON"
 */
#ifndef CANDLEWICK_WEB_SERVER_H
#define CANDLEWICK_WEB_SERVER_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/strbuf.h"
#include "market/candle.h"
#include "record/ticker.h"

struct web_server;
struct web_events;

enum {
    WEB_CANDLES_MOST = 100000,
    WEB_MESSAGES_MOST = 500,
    WEB_MESSAGES_DEFAULT = 50,
};

/* Each function appends JSON and returns true, or fills `error`: ERROR_REJECT and ERROR_USAGE give
 * 400, ERROR_RETRY 503, others 500, with {"error": text}. Called on server threads, several at a
 * time. NULL functions give 404. */
struct web_backend {
    void *context;
    bool (*info)(void *context, struct strbuf *json, struct error *error);
    bool (*coins)(void *context, struct strbuf *json, struct error *error);
    /* `coin` is a valid symbol. from_ns is INT64_MIN and to_ns INT64_MAX where the request has
     * none; from_ns < to_ns. limit 0: all. Appends to `candles`, oldest first. A coin that is not
     * there has no candles; that is no error. */
    bool (*candles)(void *context, const char *coin, int64_t interval_ns, int64_t from_ns,
                    int64_t to_ns, size_t limit, struct candle_list *candles, struct error *error);
    bool (*status)(void *context, struct strbuf *json, struct error *error);
    /* offset -1: the newest `limit`. */
    bool (*messages)(void *context, int32_t partition, int64_t offset, int limit,
                     struct strbuf *json, struct error *error);
    void (*metrics)(void *context, struct strbuf *text); /* with web/metrics.h */
    bool (*healthy)(void *context, char reason[256]);    /* the reason why not, or a notice;
                                                            as it was or "": nothing to say */
};

struct web_server_config {
    const char *listen;
    struct web_backend backend;
    struct web_events *events; /* borrowed, outlives the server; NULL: no /api/events */
    bool metrics_only;         /* /metrics and /healthz, nothing else */
    int heartbeat_ms;          /* of /api/events; 15,000 when 0 */
    int streams_most;          /* of /api/events at once; 128 when 0 */
};

/* Listens when it returns. NULL on failure, as http_server_create. `config` is copied, its
 * `listen` included. */
NODISCARD struct web_server *web_server_create(const struct web_server_config *config,
                                               struct error *error);
/* Ends the streams and joins the threads, within a second or what the backend takes. */
void web_server_destroy(struct web_server *server); /* NULL is allowed */
/* "127.0.0.1:41235"; borrowed. */
const char *web_server_address(const struct web_server *server);

/* A bounded broadcast ring: a slow reader loses the oldest events and is told so. `capacity` > 0
 * events are kept, for readers that are slow or come back. */
NODISCARD struct web_events *web_events_create(size_t capacity, struct error *error);
/* After the server that reads it. NULL is allowed. */
void web_events_destroy(struct web_events *events);
/* Any thread; never blocks on a reader. `name` is "tick" or "status"; `json` is copied. */
void web_events_publish(struct web_events *events, const char *name, struct str json);
/* Ends all streams once they have read what is there. Later events are dropped. */
void web_events_close(struct web_events *events);

#endif
