#include "page/page_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/waiting.h"
#include "page/markets/markets_json.h"
#include "page/page_model_parts.h"
#include "record/names.h"
#include "record/ticker.h"
#include "record/trade.h"

enum {
    COINS_CACHE_MS = 1000, /* for this long, one query of the store answers all browsers */
    MARKETS_CACHE_MS = 3000,
    EVENTS_KEPT = 512,
    SPANS_KEPT = 2000,
};

static void append_topics(const struct page_model_config *config, struct strbuf *json)
{
    strbuf_append_text(json, ",\"topics\":[");
    for (size_t i = 0; i < config->stream_count; i++) {
        strbuf_append_text(json, i > 0 ? "," : "");
        strbuf_append_json_string(json, str_from(config->streams[i].topic));
    }
    strbuf_append_char(json, ']');
}

static void append_providers(struct strbuf *json)
{
    strbuf_append_text(json, ",\"providers\":[");
    for (size_t i = 0; i < provider_count; i++) {
        strbuf_append_text(json, i > 0 ? "," : "");
        provider_to_json(&providers[i], json);
    }
    strbuf_append_char(json, ']');
}

static void append_links(const struct page_model_config *config, struct strbuf *json)
{
    const struct {
        const char *name, *url;
    } links[] = {{"Grafana", config->grafana_url}, {"Kafka-UI", config->kafka_ui_url}};
    const char *before = "";
    strbuf_append_text(json, ",\"links\":[");
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        if (links[i].url != NULL) {
            strbuf_append_format(json, "%s{\"name\":\"%s\",\"url\":", before, links[i].name);
            strbuf_append_json_string(json, str_from(links[i].url));
            strbuf_append_char(json, '}');
            before = ",";
        }
    }
    strbuf_append_char(json, ']');
}

static bool page_model_info(void *context, struct strbuf *json, struct error *error)
{
    struct page_model *model = context;
    const struct page_model_config *config = &model->config;
    (void)error;
    const struct {
        const char *name;
        const char *text; /* NULL: unknown */
    } rows[] = {
        {"source", config->source},
        {"topic", config->streams[0].topic},
        {"group", config->group},
        {"strategy", config->strategy},
        {"store", store_pool_name(model->stores)},
    };
    strbuf_append_format(json, "{\"version\":\"%s\",\"synthetic\":%s,\"verify\":%s",
                         CANDLEWICK_VERSION,
                         atomic_load(&model->made_up) != NULL ? "true" : "false",
                         config->proofs.start != NULL ? "true" : "false");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        strbuf_append_format(json, ",\"%s\":", rows[i].name);
        if (rows[i].text == NULL) {
            strbuf_append_text(json, "null");
        } else {
            strbuf_append_json_string(json, str_from(rows[i].text));
        }
    }
    append_topics(config, json);
    append_providers(json);
    append_links(config, json);
    if (config->members > 0) {
        strbuf_append_format(json, ",\"members\":%d", config->members);
    }
    if (config->source != NULL && str_starts_with(str_from(config->source), "replay:")) {
        page_model_replay_range(model, json);
    }
    strbuf_append_char(json, '}');
    return true;
}

static bool page_model_verify(void *context, struct strbuf *json, struct error *error)
{
    const struct page_proofs *proofs = &((struct page_model *)context)->config.proofs;
    return proofs->last(proofs->context, json, error);
}

static bool page_model_verify_start(void *context, int *wait_s, struct strbuf *json,
                                    struct error *error)
{
    const struct page_proofs *proofs = &((struct page_model *)context)->config.proofs;
    return proofs->start(proofs->context, wait_s, json, error);
}

static bool start_thread(pthread_t *thread, void *(*run)(void *), void *context, bool *runs,
                         struct error *error)
{
    *runs = pthread_create(thread, NULL, run, context) == 0;
    return *runs || error_set(error, ERROR_FATAL, "no thread for the page could be made");
}

/* Starts the threads that follow the streams of ticks and of trades, where there are such. */
static bool start_followers(struct page_model *model, struct error *error)
{
    static const struct record_kind *const kinds[PAGE_FOLLOWERS] = {&ticker_kind, &trade_kind};
    const struct page_model_config *config = &model->config;
    bool started = true;
    for (size_t i = 0; started && i < PAGE_FOLLOWERS; i++) {
        struct page_follower *follower = &model->followers[i];
        const struct stream *stream =
            stream_of_kind(config->streams, config->stream_count, kinds[i]);
        if (stream != NULL) {
            follower->model = model;
            follower->stream = (size_t)(stream - config->streams);
            started = start_thread(&follower->thread, page_model_live_thread, follower,
                                   &follower->runs, error);
        }
    }
    return started;
}

static bool start_server(struct page_model *model, struct error *error)
{
    page_model_status_begin(model);
    struct web_server_config config = {
        .listen = model->config.listen,
        .events = model->events,
        .backend = {.context = model,
                    .info = page_model_info,
                    .coins = page_model_coins,
                    .markets = page_model_markets,
                    .news = page_model_news,
                    .candles = page_model_candles,
                    .compare = page_model_compare,
                    .status = page_model_status,
                    .messages = page_model_messages,
                    .history = page_model_history,
                    .verify = model->config.proofs.last != NULL ? page_model_verify : NULL,
                    .verify_start =
                        model->config.proofs.start != NULL ? page_model_verify_start : NULL,
                    .search = page_model_search,
                    .partitions = page_model_partitions,
                    .lag = page_model_lag,
                    .predict = page_model_predict,
                    .lab_results = page_model_lab_results,
                    .metrics = page_model_metrics,
                    .healthy = page_model_healthy},
    };
    model->server = web_server_create(&config, error);
    if (model->server == NULL) {
        return false;
    }
    (void)snprintf(model->url, sizeof model->url, "http://%s", web_server_address(model->server));
    return true;
}

static void init_locks(struct page_model *model)
{
    pthread_mutex_init(&model->reader_lock, NULL);
    waiting_init(&model->reader_free);
    pthread_mutex_init(&model->status_lock, NULL);
}

struct page_model *page_model_create(const struct page_model_config *config, struct error *error)
{
    struct page_model *model = calloc(1, sizeof *model);
    if (model == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    init_locks(model);
    model->config = *config;
    for (size_t i = 0; i < config->stream_count; i++) {
        model->message_decoders[i].kind = config->streams[i].kind;
        model->message_decoders[i].registry = config->registries[i];
        model->page_lag[i] = truth_lag_new(config->streams[i].kind->name);
    }
    cached_answer_init(&model->coins, PAGE_JSON_LIMIT, COINS_CACHE_MS);
    cached_answer_init(&model->markets, PAGE_JSON_LIMIT, MARKETS_CACHE_MS);
    model->status_json = strbuf_new(PAGE_JSON_LIMIT);
    model->end_total = -1;
    model->lag_total = -1;
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        model->lags[i].age_ns = LAG_AGE_UNKNOWN;
    }
    atomic_init(&model->source_done, false);
    model->ticks = stream_of_kind(config->streams, config->stream_count, &ticker_kind);
    model->ownership = config->ownership;
    bool made_up =
        config->ticks_source != NULL && record_made_up(str_from(config->ticks_source)) != NULL;
    atomic_init(&model->made_up, made_up ? config->ticks_source : NULL);
    model->assets = config->assets;
    if (model->assets == NULL) {
        model->own_assets = assets_create((struct str){.data = NULL}, "", error);
        model->assets = model->own_assets;
    }
    if (model->ownership == NULL) {
        model->own_ownership = ownership_create(SPANS_KEPT, error);
        model->ownership = model->own_ownership;
    }
    model->stop = model->ownership != NULL ? stop_create(error) : NULL;
    model->config.store.stop = model->stop; /* ends a store query that is running */
    if (model->stop == NULL || model->assets == NULL ||
        (model->events = web_events_create(EVENTS_KEPT, error)) == NULL ||
        (model->stores = store_pool_create(&model->config.store, error)) == NULL ||
        !start_server(model, error) ||
        !start_thread(&model->status_thread, page_model_status_thread, model, &model->status_runs,
                      error) ||
        !start_followers(model, error)) {
        page_model_destroy(model);
        return NULL;
    }
    return model;
}

const char *page_model_url(const struct page_model *model)
{
    return model->url;
}

void page_model_destroy(struct page_model *model)
{
    if (model == NULL) {
        return;
    }
    if (model->stop != NULL) {
        stop_request(model->stop);
    }
    if (model->events != NULL) {
        web_events_close(model->events);
    }
    web_server_destroy(model->server);
    if (model->status_runs) {
        pthread_join(model->status_thread, NULL);
    }
    for (size_t i = 0; i < PAGE_FOLLOWERS; i++) {
        if (model->followers[i].runs) {
            pthread_join(model->followers[i].thread, NULL);
        }
    }
    web_events_destroy(model->events);
    for (size_t i = 0; i < model->config.stream_count; i++) {
        record_decoder_release(&model->message_decoders[i]);
        reader_destroy(model->readers[i][0]);
        reader_destroy(model->readers[i][1]);
    }
    page_model_lag_free(model);
    store_pool_destroy(model->stores);
    ownership_destroy(model->own_ownership);
    stop_destroy(model->stop);
    cached_answer_free(&model->coins);
    cached_answer_free(&model->markets);
    assets_destroy(model->own_assets);
    strbuf_free(&model->status_json);
    pthread_cond_destroy(&model->reader_free);
    pthread_mutex_destroy(&model->reader_lock);
    pthread_mutex_destroy(&model->status_lock);
    free(model);
}
