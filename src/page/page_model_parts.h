/* The model's struct and the functions that its files share. */
#ifndef CANDLEWICK_PAGE_PAGE_MODEL_PARTS_H
#define CANDLEWICK_PAGE_PAGE_MODEL_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/stop.h"
#include "kafka/admin/group.h"
#include "kafka/reader/reader.h"
#include "page/cached_answer.h"
#include "page/lag/lag_clock.h"
#include "page/lag/lag_history.h"
#include "page/messages/message_view.h"
#include "page/page_model.h"
#include "page/store_pool.h"
#include "pipeline/log_coins.h"
#include "pipeline/ownership.h"
#include "pipeline/record_decoder.h"
#include "web/server.h"

enum {
    PAGE_JSON_LIMIT = 8 << 20,
    PAGE_KAFKA_TIMEOUT_MS = 3000,
    /* An answer of this length gets no further message: a key or a text may be long, and a reply
     * has its limit (HTTP_REPLY_LIMIT). */
    PAGE_MESSAGES_LONG_BYTES = 4 << 20,
};

/* A thread that follows the log of a stream of live prices, ticks or trades, for browsers. */
struct page_follower {
    struct page_model *model;
    size_t stream; /* index in the config's streams */
    pthread_t thread;
    bool runs;
};
enum { PAGE_FOLLOWERS = 2 };

/* The group's lag on one topic; page_model_lag.c updates it. */
struct topic_lag {
    struct lag_clock *clocks; /* one for each partition */
    int64_t *ages_ns;         /* the newest answers of the clocks */
    size_t partition_count;   /* 0: the partitions are not known yet */
    bool known;               /* the newest round knew the group's status on the topic */
    int64_t age_ns;           /* the greatest of them; LAG_AGE_UNKNOWN if one is unknown */
    struct lag_history history;
};

struct page_model {
    struct page_model_config config;
    struct stop *stop;
    struct web_events *events;
    struct web_server *server;
    char url[128];
    const struct stream *ticks;    /* the tick stream, one of the config's; NULL: none */
    _Atomic(const char *) made_up; /* a source of made-up records (record/names.h): that of this
                                      process, or one that was seen; NULL: none */
    atomic_bool source_done;       /* all sources have ended (replayed files), and the group has
                                      committed all their records */

    struct store_pool *stores;

    struct cached_answer coins, markets;
    const struct assets *assets; /* the config's, or own_assets */
    struct assets *own_assets;   /* the built-in ones; NULL when the config has some */

    pthread_mutex_t reader_lock;            /* protects reader_taken */
    pthread_cond_t reader_free;             /* signalled when reader_taken becomes false */
    bool reader_taken;                      /* a request of the messages tab uses the readers and
                                               decoders of all streams; one request does so at a
                                               time */
    struct reader *readers[STREAMS_MAX][2]; /* of each stream's topic, and of its dead letters;
                                               NULL until the first request */
    struct record_decoder message_decoders[STREAMS_MAX];

    struct ownership *ownership;     /* the config's, or own_ownership */
    struct ownership *own_ownership; /* NULL when the config has one */

    pthread_mutex_t status_lock; /* protects the cached status below */
    struct strbuf status_json;
    struct log_overlap overlap;   /* the coins that two producers send at once, according to the
                                     newest live ticks */
    int64_t end_total, lag_total; /* -1: unknown */
    char status_error[512];       /* why the cluster did not answer; "" if it did */
    struct truth_lag page_lag[STREAMS_MAX]; /* lags of what was published, by stream */
    struct topic_lag lags[STREAMS_MAX];     /* of the group, by stream */

    struct page_follower followers[PAGE_FOLLOWERS];
    pthread_t status_thread;
    bool status_runs;
};

/* page_model_candles.c reads candles from the store. */
bool page_model_candles(void *context, const struct web_candles_wanted *wanted,
                        struct candle_list *candles, struct coverage *coverage,
                        struct error *error);
bool page_model_compare(void *context, const struct web_candles_wanted *wanted, struct strbuf *json,
                        struct error *error);
/* page_model_store.c reads from the store what coins there are. */
bool page_model_coins(void *context, struct strbuf *json, struct error *error);
/* Appends ,"replay_from":…,"replay_to":…, the times of the first and the last tick in the store;
 * nothing while it has none. replay_to is null until the whole file is stored. */
void page_model_replay_range(struct page_model *model, struct strbuf *json);
/* Returns whether the store has anything to show. */
bool page_model_has_coins(struct page_model *model);
/* page_model_markets.c reads from the store the prices of all coins, and the news. */
bool page_model_markets(void *context, struct strbuf *json, struct error *error);
bool page_model_news(void *context, const struct web_news_wanted *wanted, struct strbuf *json,
                     struct error *error);
/* page_model_history.c reads from the store what happened. */
bool page_model_history(void *context, const struct web_history_wanted *wanted, struct strbuf *json,
                        struct error *error);
/* page_model_messages.c reads from the log. */
struct open_topic {
    struct page_model *model;
    const char *name;
    size_t stream; /* index in the config's streams */
    struct reader **reader;
    struct message_viewer viewer;
    struct text_arena texts;
    struct partition_range *ranges; /* of all partitions */
    size_t count;
};
/* Opens a stream's topic, or that of its dead letters; NULL: the first stream's. Meanwhile no other
 * request reads messages. On success call page_model_close_topic() with the error that ended the
 * reading, if one did. */
NODISCARD bool page_model_open_topic(struct page_model *model, const char *topic,
                                     struct open_topic *open, struct error *error);
void page_model_close_topic(struct open_topic *open, const struct error *error);
/* Fails with ERROR_REJECT if the topic has no such partition. */
NODISCARD bool page_model_topic_range(const struct open_topic *open, int32_t partition,
                                      struct partition_range *range, struct error *error);
bool page_model_partitions(void *context, const char *topic, struct strbuf *json,
                           struct error *error);
/* page_model_search.c */
bool page_model_search(void *context, const struct web_search_wanted *wanted, struct strbuf *json,
                       struct error *error);
bool page_model_messages(void *context, const char *topic, int32_t partition, int64_t offset,
                         int limit, struct strbuf *json, struct error *error);
/* page_model_status.c asks the group and the members once a second, and publishes "status". */
bool page_model_status(void *context, struct strbuf *json, struct error *error);
void page_model_status_begin(
    struct page_model *model); /* writes the first status, before the cluster was asked */
void *page_model_status_thread(void *context);
/* page_model_lag.c: the group's lag over time. */
/* Adds what a round has learnt of a stream's topic; `status` NULL: nothing. The caller holds
 * status_lock. */
void page_model_lag_sample(struct page_model *model, size_t stream,
                           const struct group_status *status);
/* These functions return the age of the oldest unread message of a stream's partition, and of all
 * topics that exist, in ns; LAG_AGE_UNKNOWN if it is not known. The caller holds status_lock. */
int64_t page_model_partition_age(const struct page_model *model, size_t stream, size_t partition);
int64_t page_model_group_age(const struct page_model *model);
/* Appends ,"lag_s":n; null for LAG_AGE_UNKNOWN. */
void page_model_append_age(int64_t age_ns, struct strbuf *json);
void page_model_lag_free(struct page_model *model);
bool page_model_lag(void *context, struct strbuf *json, struct error *error);
/* page_model_lab.c: what the assignors would do, and what the lab has measured. */
bool page_model_predict(void *context, const struct web_predict_wanted *wanted, struct strbuf *json,
                        struct error *error);
bool page_model_lab_results(void *context, struct strbuf *json, struct error *error);
/* page_model_live.c follows the log, and publishes the newest tick or trade of each coin as "tick"
 * or "trade" a few times a second; it also detects two producers that send the same coin's ticks.
 * `context` is a struct page_follower. */
void *page_model_live_thread(void *context);
/* Fills in the figures of this process, those of the page included; the caller frees them with
 * live_figures_clear(). */
void page_model_figures(struct page_model *model, struct live_figures *figures);
/* page_model_metrics.c writes /metrics and /healthz. */
void page_model_metrics(void *context, struct strbuf *text);
bool page_model_healthy(void *context, struct strbuf *lines);

/* page_model_sources.c: reports on the sources of this process. */
/* Appends how far a replayed file is, the totals of all sources (produced, rejected) and an array
 * with an object for each source. `done`: all of the file is stored. */
void page_model_append_sources(const struct live_figures *live, bool done, struct strbuf *json);
/* Returns what the first unhealthy source waits for; the text is borrowed or written to `text`.
 * NULL: all are healthy. */
const char *page_model_sources_wait_for(const struct live_figures *live, char *text, size_t size);
/* Returns whether all sources have ended without trouble; false if there are none. */
bool page_model_sources_done(const struct live_figures *live);

#endif
