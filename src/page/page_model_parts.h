/* The model's struct and the functions that its files share. */
#ifndef CANDLEWICK_PAGE_PAGE_MODEL_PARTS_H
#define CANDLEWICK_PAGE_PAGE_MODEL_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/stop.h"
#include "kafka/admin/group.h"
#include "kafka/reader/reader.h"
#include "page/cached_answer.h"
#include "page/page_model.h"
#include "page/store_pool.h"
#include "pipeline/log_coins.h"
#include "pipeline/ownership.h"
#include "pipeline/record_decoder.h"
#include "web/server.h"

enum { PAGE_JSON_LIMIT = 8 << 20 };

/* A thread that follows the log of a stream of live prices, ticks or trades, for browsers. */
struct page_follower {
    struct page_model *model;
    size_t stream; /* index in the config's streams */
    pthread_t thread;
    bool runs;
};
enum { PAGE_FOLLOWERS = 2 };

struct page_model {
    struct page_model_config config;
    struct stop *stop;
    struct web_events *events;
    struct web_server *server;
    char url[128];
    const struct stream *ticks; /* the tick stream, one of the config's; NULL: none */
    atomic_bool synthetic;      /* the source is synthetic, or a synthetic tick was seen */
    atomic_bool source_done;    /* all sources have ended (replayed files), and the group has
                                   committed all their records */

    struct store_pool *stores;

    struct cached_answer coins, markets;
    const struct assets *assets; /* the config's, or own_assets */
    struct assets *own_assets;   /* the built-in ones; NULL when the config has some */

    pthread_mutex_t reader_lock;         /* protects reader_taken */
    pthread_cond_t reader_free;          /* signalled when reader_taken becomes false */
    bool reader_taken;                   /* a request of the messages tab uses the readers and
                                            decoders of all streams; one request does so at a
                                            time */
    struct reader *readers[STREAMS_MAX]; /* NULL until the first request */
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
bool page_model_messages(void *context, const char *topic, int32_t partition, int64_t offset,
                         int limit, struct strbuf *json, struct error *error);
/* page_model_status.c asks the group and the members once a second, and publishes "status". */
bool page_model_status(void *context, struct strbuf *json, struct error *error);
void page_model_status_begin(
    struct page_model *model); /* writes the first status, before the cluster was asked */
void *page_model_status_thread(void *context);
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
