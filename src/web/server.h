/*
 * Serves the page, its API, /metrics and /healthz. All content is from the backend below, so that
 * web depends on no other stage. Only GET and HEAD are allowed, and for one path POST. Answers are
 * UTF-8 JSON unless noted otherwise; errors are {"error": text} with 400 (names the parameter and
 * what is allowed), 403, 404, 405, 429, 500 or 503. A 503 has a Retry-After: a system is
 * unavailable, or there are too many requests at once or too many large answers that clients are
 * slow to read. /metrics and /healthz are never refused because of other requests.
 *
 * Times are RFC 3339 UTC text, except in the timeline (milliseconds since 1970). An unknown figure
 * is null (or left out), never 0. Numbers above 2^53 are strings, as in record_to_json. The page
 * handles every null named here.
 *
 *     /                     the page; its files are under /assets/
 *
 *     /api/info             {"version":"0.1.0", "source":"bitfinex", "synthetic":false,
 *                            "topic":"tickers", "topics":["tickers"], "group":"coins",
 *                            "strategy":"range", "store":"SQLite file …", "members":2,
 *                            "replay_from":time|null, "replay_to":time|null, "verify":true,
 *                            "providers":[{"service":"coingecko", "name":"CoinGecko",
 *                                          "link":url, "words":"Data provided by CoinGecko"}],
 *                            "links":[{"name":"Grafana", "url":url}]}
 *         What this process runs. `synthetic`: the data is made up: the source is synthetic, or a
 *         file is repeated, or a record of either was seen; the page shows a badge.
 *         replay_from, replay_to: only when a file is replayed: the times of the first and the
 *         last stored tick, which the page shows whole when it opens, at an interval that fits;
 *         left out until a tick is stored, and replay_to is null until the whole file is.
 *         `members`: how many run in this process; left out if none.
 *         verify: /api/verify is offered.
 *         providers: all that the program knows, with the words to be shown beside their data.
 *         links: other screens of the same stack, as the options name them.
 *
 *     /api/coins            [{"coin":"tBTCUSD", "name":"BTC/USD",
 *                             "service":"bitfinex"|null, "last":91234.5, "time":time,
 *                             "first_time":time, "change_24h":n|null,
 *                             "change_24h_relative":n|null, "high_24h":n|null, "low_24h":n|null,
 *                             "bid":n|null, "ask":n|null, "volume_24h":n|null,
 *                             "candles":[{"of":"trade", "source":"bitfinex"}, {"of":"ticker"},
 *                                        {"of":"bar", "source":"bitfinex",
 *                                         "timeframe":"1m"}]}]
 *         The order is that of the picker. `change_24h_relative` 0.01 is one per cent. The 24
 *         hours end at the coin's last event time. The figures are those of the coin's ticks,
 *         or of its trades without ticks, or of its bars without either; bid, ask and volume_24h
 *         are what the newest tick reports, null without ticks. `service`: the one whose
 *         names have this form; null if none is known. `candles`: from what the coin's candles can
 *         be made, the best kind first, and live sources before others.
 *
 *     /api/markets          {"as_of":time|null,
 *                            "markets":[{"coin":"tBTCUSD", "name":"BTC/USD",
 *                                        "asset":{"ticker":"BTC", "name":"Bitcoin"}|null,
 *                                        "quote":"USD"|null, "of":"ticker",
 *                                        "source":"bitfinex"|null, "timeframe":"1m"|null,
 *                                        "price":n, "time":time, "change_1h":n|null,
 *                                        "change_24h":n|null, "change_7d":n|null,
 *                                        "volume_24h":n|null, "volume_unit":"BTC"|null,
 *                                        "volume_source":text|null, "market_cap":n|null,
 *                                        "market_cap_unit":"USD"|null,
 *                                        "market_cap_source":"coingecko"|null,
 *                                        "market_cap_coin":"cg:bitcoin",
 *                                        "market_cap_time":time,
 *                                        "sparkline":[n|null, …], "sparkline_step_s":1800,
 *                                        "synthetic":false, "made_up":false}],
 *                            "providers":[as in /api/info]}
 *         A row for each coin that has ticks, trades or bars, by coin. The price and all figures
 *         of the past are of one series: the coin's ticks, else its trades, else its bars ("of",
 *         "source", "timeframe"), unless those are over an hour older than another. Changes are
 *         in per cent, up to "as_of", the time of the newest price of all: null if there is no
 *         price in the half-hour that ended an hour, day or week before. A volume is that of the
 *         source's ticks, or the sum of its bars. A market cap may be that of another coin of the
 *         same asset; market_cap_coin says which; the members after "market_cap" are left out if
 *         that is null. sparkline: the last price of each of the newest spans of 24 hours, null
 *         where there is none. made_up: a drill's coin. The answer may be some seconds old.
 *
 *     /api/news?coin=tBTCUSD&coins=BTC,cg:ethereum&limit=50&before=
 *                           {"news":[{"id":text, "time":time, "dated":true, "title":text,
 *                                     "url":"https://…"|null, "source":"www.coindesk.com",
 *                                     "coins":["BTC"], "votes":n|null, "score":n|null,
 *                                     "synthetic":false}],
 *                            "next":time|null, "providers":[…]}
 *         The newest first. coin, coins: only news that names one of these coins or tickers.
 *         limit: 1 to 200, default 50; a page has some more if news of one time would be on two
 *         pages otherwise. before: the "next" of the page before; null on the last page. A page
 *         may have fewer items than the limit, even none, and yet a "next". dated: false if the
 *         time is when the item was first seen. Titles are plain text, not HTML.
 *
 *     /api/history?coin=tBTCUSD&from=&to=&limit=500
 *                           {"events":[{"subject":"consumer-1", "what":"assigned", "time":time,
 *                                       "source":"demo", "begin":time|null, "end":time|null,
 *                                       "number":n|null, "detail":text|null}],
 *                            "next":time|null, "since":time|null, "covered_since":time,
 *                            "before":[as in "events"],
 *                            "covered":[{"source":"bitfinex/0", "from":time, "to":time,
 *                                        "every_ms":5000}]}
 *         The stored events (record/event.h) that were noticed in [from, to), the newest first.
 *         coin: of the events about coins (holes, changed trades and bars) only those of this one.
 *         limit: 1 to 1000, default 500; some more are returned if events of one millisecond would
 *         be on two pages otherwise. "next" is the `to` with which the question continues; null:
 *         there are no older ones in the range. All since "since" are there (null: all). before:
 *         how things stood then: for each source, member and broker the last event of each word
 *         before that. covered: when the connections of the sources listened, from "covered_since"
 *         on, at most a week; spans that follow each other are one. Details are plain text, not
 *         HTML, and cut after 1,000 bytes.
 *
 *     /api/verify           GET: {"state":"never"|"running"|"done"|"stopped"|"failed",
 *                            "ended":time|null, "age_s":n|null, "took_ms":n|null,
 *                            "again_in_s":n, "progress":text|null, "balanced":true|false|null,
 *                            "former_only":false, "words":text|null,
 *                            "streams":[verify_to_summary | {"stream":"trade", "topic":"trades",
 *                                                            "error":text}]}
 *         The last proof that the page ran, of all streams. "again_in_s": when the next may start;
 *         0: now. former_only: all that keeps the books from balancing is that the store has points
 * of a log that ended before this one began, as after a restart of `local`. While one runs, all but
 * "state" and "progress" are about the one before. POST: starts a proof, and answers 202 with the
 * same. It must come from this page: 403 unless the header Origin names the host that was asked,
 * and Sec-Fetch-Site, if there is one, says "same-origin". 429 with Retry-After within a minute of
 * the last start, whoever asked for it.
 *
 *     /api/candles?coin=tBTCUSD&of=trade&source=bitfinex&interval=5m&from=&to=&limit=
 *                           candles_to_json without forming, cut and synthetic
 *         coin: required. of: ticker (the default), trade or bar. source: needed for trades and
 *         bars if several sources have the coin. interval: any duration; default "1m"; for bars one
 *         that stored bars add up to. from (inclusive), to (exclusive): as clock_parse_time accepts
 *         them. limit: how many of the newest candles, 1 to 100,000; default: all. fill=bar: where
 *         there is no candle of trades, the source's bar of that time, with "filled":true.
 * "covered" and "polls" are there if this process has the stream of events, and the source of the
 *         candles has written some.
 *
 *     /api/compare?coin=tBTCUSD&source=bitfinex&interval=1m&from=&to=
 *                           compare_to_json
 *         Compares the exchange's bars with our candles of its trades and of ticks. coin: required.
 *         source: as above. interval: a timeframe of stored bars, at most 100,000 of which fit into
 *         the range; default "1m". to: default now; from: default a day before `to`.
 *
 *     /api/status           {"now":ms, "waiting_for":text|null, "no_news":text|null,
 *                            "two_producers":text|null, "topic":"tickers", "group":"coins",
 *                            "strategy":"range", "brokers":n, "end_total":n, "lag_total":n,
 *                            "lag_s":n, "ticks_per_second":n, "rebalances":n, "produced":n,
 *                            "rejected":{"bad_price":n, …}, "written":n, "dead_lettered":n,
 *                            "partitions":[{"partition":0, "leader":n, "replicas":n,
 *                                           "in_sync":n, "begin":n, "end":n, "committed":n,
 *                                           "lag":n, "lag_s":n, "owner":client id|null}],
 *                            "members":[{"client_id":"demo-1", "partitions":[0,1,2],
 *                                        "consumed":n, "written":n, "trouble":text|null}],
 *                            "members_unknown":text|null,
 *                            "replay":{"speed":600|null, "share":0.43|null, "finished":false}|null,
 *                            "sources":[{"source":"bitfinex", "kind":"ticker", "produced":n,
 *                                        "rejected":{…}, "waiting_for":text|null,
 *                                        "trouble":text|null, "notice":text|null,
 *                                        "interval_ms":n|null,
 *                                        "figures":{"open_holes":n, …}}],
 *                            "streams":[{"kind":"bar", "topic":"bars",
 *                                        "dead_letter_topic":"bars.dlq", "end":n, "lag":n,
 *                                        "lag_s":n, "partitions":[…],
 *                                        "members":[{"client_id":…, "partitions":[…]}]}],
 *                            "timeline":[{"topic":"tickers", "partition":0, "member":client id,
 *                                         "from":ms, "to":ms|null}],
 *                            "topics_made_again":[{"topic":"tickers", "time":ms}]}
 *         "topic", "partitions" and "members" are about the first topic; end_total and lag_total
 *         are sums over all streams, and "streams" has the figures of each; "produced" and
 *         "rejected" are sums over the sources of this process, and "sources" has each of them; its
 *         "figures" are those that only this source has. Each n, "partitions", "members" and
 *         "rejected" are null while unknown (Kafka is unavailable, or they are figures of another
 *         process); a leader and an offset also when there is none. lag_s: for how many seconds the
 *         oldest message that the group has not read has been in the log, as page/lag/lag_clock.h
 *         defines it: 0 if all are read; null also if it was there before this process first
 *         looked; of a topic, the greatest of its partitions'. waiting_for
 *         completes the sentence "Waiting for …": the first price from the exchange, Kafka.
 *         no_news: why nothing new arrives although the store has candles to show; at most one of
 *         the two is set. now: by the clock of this machine, from which the age of a price is told.
 *         replay: null if this process replays no file; speed: null if it does not wait; share: how
 *         much of the file was read; finished: all of it is stored. interval_ms: between two
 *         requests; null if the source is not polled. two_producers: the coins that two live
 *         producers send at once, and what to do; null again some seconds after one of them has
 *         stopped. topics_made_again: when a topic was found to be another one of the same name.
 *         timeline: which member owned which partition, and still does if `to` is null; in any
 *         order, bounded by the backend. trouble: why a member is unhealthy. members_unknown: why
 *         members is null.
 *
 *     /api/lag              {"step_s":5, "topics":[{"topic":"tickers", "from":ms|null,
 *                                                   "lag":[n|null, …], "lag_s":[n|null, …]}]}
 *         The lag of each stream's topic over the last half-hour at most: the highest "lag" and
 *         "lag_s" of the status in each step, oldest first. The first step begins at `from`.
 *
 *     /api/lab/predict?members=3&change=join&member=1&strategy=range,sticky
 *                           {"topics":[{"topic":"tickers", "partitions":6}],
 *                            "strategies":[{"strategy":"range",
 *                                           "steps":[{"change":"start", "rounds":1,
 *                                                     "placement":{"m1":["tickers-0", …]},
 *                                                     "first_round":{…}, "least":2, "most":2,
 *                                                     "moved":6, "needless":0, "needed":0|null,
 *                                                     "revoked":0}]}]}
 *         What the assignors would do with this group's topics, as `lab predict` computes it
 *         (lab/model/model.h): `members` (1 to 31, default 3) start together; then one joins, or
 *         the one numbered `member` (default 1) leaves. change: none (the default), join or leave.
 *         strategy: some of range, roundrobin, sticky and eager-sticky; default: all.
 *
 *     /api/lab/results      lab_report_results (lab/report/report.h)
 *         What the last `lab run` has measured; {"time":null, "scenarios":[]} before the first.
 *
 *     /api/partitions?topic=tickers.dlq
 *                           [{"partition":0, "begin":n, "end":n}]
 *         The offsets of a topic: one of "streams" above, or its dead-letter topic.
 *
 *     /api/messages?topic=tickers&partition=0&offset=120&limit=50
 *                           [{"partition":0, "offset":120, "timestamp":time, "key":text|null,
 *                             "schema_id":n|null, "value":record_to_json|null,
 *                             "error":text|null, "size":bytes}]
 *         topic: one of "streams" above, or its dead-letter topic; default: the first. A message of
 *         the latter also has "dead_letter":{"kind":text|null, "reason":text|null,
 *         "topic":text|null, "partition":n|null, "offset":n|null}: why it became one, and where the
 *         message is that was meant. partition: required. offset: the
 *         first to return, moved up to the log's first if it is lower; default or -1: the newest
 *         messages. limit: 1 to 500, default 50; fewer are returned if the answer would be longer
 *         than some MiB. `error`: why the value could not be decoded; both `value` and `error` are
 *         null if the message has no value.
 *
 *     /api/messages/search?topic=tickers&partition=0&key=tBTCUSD&contains=98.5&time=&limit=50
 *                           {"messages":[…], "topic":"tickers", "partition":0, "begin":n, "end":n,
 *                            "looked_at":n, "looked_from":offset, "looked_to":offset,
 *                            "next_before":offset|null, "next_from":offset|null}
 *         Looks for messages in one partition. key: the whole key; partition may be left out with
 *         it, and is then the one where producers with Kafka's usual partitioner (murmur2) put the
 *         key. contains: a text of up to 100 bytes in the key, in a value of the decoded record or
 *         in a dead letter's reason, without regard to case. Looks from the end back, newest
 *         first; or back from the offset `before`; or on from the offset `from`, or from the first
 *         message of that `time` or later. A search looks at no more than 20,000 messages, and
 *         begins to read no more after 1.5 s: looked_from and looked_to (exclusive) say what it has
 *         looked at; it goes on with before=next_before or from=next_from; both are null if there
 *         is no more.
 *
 *     /api/events           text/event-stream: "tick" and "trade" with record_to_json of the newest
 *                           tick or trade of each coin a few times a second, "status" with the
 *                           status above (about once a second), "lost" with {"lost":n} to a reader
 *                           that was too slow; a comment after 15 s without an event
 *         A reader that reconnects with Last-Event-ID continues where it was, if the ring still has
 *         that event. At most 128 streams are open at once; a further one gets a 503.
 *
 *     /metrics              Prometheus text format 0.0.4
 *     /healthz              plain text: 200 and a line "ok", or 503 and a line "not ready: REASON"
 *                           for each trouble; then a line "notice: TEXT" for each warning
 */
#ifndef CANDLEWICK_WEB_SERVER_H
#define CANDLEWICK_WEB_SERVER_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/strbuf.h"
#include "market/candle.h"

struct web_server;
struct web_events;

enum {
    WEB_CANDLES_MOST = 100000,
    WEB_MESSAGES_MOST = 500,
    WEB_MESSAGES_DEFAULT = 50,
    WEB_NEWS_MOST = 200,
    WEB_NEWS_DEFAULT = 50,
    WEB_HISTORY_MOST = 1000,
    WEB_HISTORY_DEFAULT = 500,
    WEB_SEARCH_KEY_MAX = 1000, /* bytes */
    WEB_SEARCH_TEXT_MAX = 100, /* bytes */
    WEB_PREDICT_MEMBERS_MOST = 31,
};

/* What candles a request asks for; the texts are borrowed for the call. */
struct web_candles_wanted {
    const char *of;         /* "ticker", "trade" or "bar" */
    const char *coin;       /* a valid symbol of such records */
    const char *source;     /* a valid source; NULL: the request names none */
    int64_t interval_ns;    /* above 0 */
    int64_t from_ns, to_ns; /* from_ns < to_ns; INT64_MIN and INT64_MAX if the request lacks them */
    size_t limit;           /* 0: all candles */
    bool fill;              /* only for trades: adds bars where no trade is stored */
};

/* What news a request asks for. */
struct web_news_wanted {
    const char *coins; /* valid names of coins or tickers with commas between, of which an item must
                          name one; NULL: any news */
    size_t limit;      /* 1 to WEB_NEWS_MOST */
    int64_t before_ns; /* only news that is stored before this time; INT64_MAX: any */
};

/* What events a request asks for: those that were noticed in [from_ns, to_ns). */
struct web_history_wanted {
    const char *coin;       /* a valid symbol, borrowed; NULL: events about any coin */
    int64_t from_ns, to_ns; /* INT64_MIN and INT64_MAX: no bound */
    size_t limit;           /* 1 to WEB_HISTORY_MOST */
};

/* What messages a request looks for. The texts are borrowed for the call; NULL: the request does
 * not have them. */
struct web_search_wanted {
    const char *topic;
    int32_t partition; /* -1: that of the key, which is then set */
    const char *key, *contains;
    int64_t from, before; /* offsets; -1: none; at most one of them is set */
    int64_t since_ns;     /* INT64_MIN: none; `before` is then not set */
    int limit;            /* 1 to WEB_MESSAGES_MOST */
};

enum web_predict_change { WEB_PREDICT_NONE, WEB_PREDICT_JOIN, WEB_PREDICT_LEAVE };

/* What prediction a request asks for. */
struct web_predict_wanted {
    const char *strategies; /* not checked; borrowed for the call */
    enum web_predict_change change;
    int members; /* 1 to WEB_PREDICT_MEMBERS_MOST, before the change */
    int member;  /* 1 to `members`: the one that leaves */
};

/* Functions that supply the content. Each with an `error` returns true, after it has appended what
 * it supplies, or fills `error`: ERROR_REJECT and ERROR_USAGE become 400, ERROR_RETRY 503 and
 * others 500, with {"error": text}. They are called on server threads, several at a time. For a
 * function that is NULL the server answers 404. */
struct web_backend {
    void *context;
    bool (*info)(void *context, struct strbuf *json, struct error *error);
    bool (*coins)(void *context, struct strbuf *json, struct error *error);
    bool (*markets)(void *context, struct strbuf *json, struct error *error);
    bool (*news)(void *context, const struct web_news_wanted *wanted, struct strbuf *json,
                 struct error *error);
    bool (*history)(void *context, const struct web_history_wanted *wanted, struct strbuf *json,
                    struct error *error);
    bool (*verify)(void *context, struct strbuf *json, struct error *error);
    /* Starts a proof, without waiting for it. *wait_s becomes above 0 if none may start yet; the
     * server then answers 429. */
    bool (*verify_start)(void *context, int *wait_s, struct strbuf *json, struct error *error);
    /* Appends to `candles`, oldest first, and fills `coverage` (market/coverage.h), which is empty,
     * with how much of their time was covered, if that is known. An unknown coin of ticks has no
     * candles and is no error. */
    bool (*candles)(void *context, const struct web_candles_wanted *wanted,
                    struct candle_list *candles, struct coverage *coverage, struct error *error);
    /* Compares all candles of the range, which has both ends; `of` and `limit` are not set. */
    bool (*compare)(void *context, const struct web_candles_wanted *wanted, struct strbuf *json,
                    struct error *error);
    bool (*status)(void *context, struct strbuf *json, struct error *error);
    /* `topic` is NULL when the request names none. Offset -1 means the newest `limit` messages. */
    bool (*messages)(void *context, const char *topic, int32_t partition, int64_t offset, int limit,
                     struct strbuf *json, struct error *error);
    bool (*search)(void *context, const struct web_search_wanted *wanted, struct strbuf *json,
                   struct error *error);
    bool (*partitions)(void *context, const char *topic, struct strbuf *json, struct error *error);
    bool (*lag)(void *context, struct strbuf *json, struct error *error);
    bool (*predict)(void *context, const struct web_predict_wanted *wanted, struct strbuf *json,
                    struct error *error);
    bool (*lab_results)(void *context, struct strbuf *json, struct error *error);
    void (*metrics)(void *context, struct strbuf *text); /* written with web/metrics.h */
    /* Returns whether the process is healthy. Appends the lines of /healthz but for "ok". */
    bool (*healthy)(void *context, struct strbuf *lines);
};

struct web_server_config {
    const char *listen;
    struct web_backend backend;
    struct web_events *events; /* borrowed; must outlive the server; NULL: no /api/events */
    bool metrics_only;         /* serve only /metrics and /healthz */
    int heartbeat_ms; /* a comment on /api/events after so long without an event; 0: 15,000 */
    int streams_most; /* most streams of /api/events at once; 0: 128 */
};

/* Returns when the server listens. Returns NULL on failure, as http_server_create() does. `config`
 * is copied with its `listen`. */
NODISCARD struct web_server *web_server_create(const struct web_server_config *config,
                                               struct error *error);
/* Ends the streams and joins the threads. Blocks for up to a second, or until the backend's running
 * functions return. */
void web_server_destroy(struct web_server *server); /* NULL is allowed */
/* Returns the address, such as "127.0.0.1:41235"; borrowed. */
const char *web_server_address(const struct web_server *server);

/* Creates a bounded ring of events. Every reader gets every event; the ring keeps the newest
 * `capacity` > 0 events for readers that are slow or reconnect. A reader that is too slow misses
 * the oldest ones, and gets a "lost" event with their number. */
NODISCARD struct web_events *web_events_create(size_t capacity, struct error *error);
/* The server that reads the ring must be destroyed before. NULL is allowed. */
void web_events_destroy(struct web_events *events);
/* Adds an event. Any thread; never waits for a reader. `name` is "tick", "trade" or "status";
 * `json` is copied. */
void web_events_publish(struct web_events *events, const char *name, struct str json);
/* Ends each stream once it has read the events that are in the ring. Later events are dropped. */
void web_events_close(struct web_events *events);

#endif
