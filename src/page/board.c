#include "page/board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/waiting.h"
#include "page/board_parts.h"

enum {
    EVENTS_KEPT = 512,
    SPANS_KEPT = 2000,
};

static void append_topics(const struct board_config *config, struct strbuf *json)
{
    strbuf_append_text(json, ",\"topics\":[");
    for (size_t i = 0; i < config->stream_count; i++) {
        strbuf_append_text(json, i > 0 ? "," : "");
        strbuf_append_json_string(json, str_from(config->streams[i].topic));
    }
    strbuf_append_char(json, ']');
}

static bool board_info(void *context, struct strbuf *json, struct error *error)
{
    struct board *board = context;
    const struct board_config *config = &board->config;
    (void)error;
    const struct {
        const char *name;
        const char *text; /* NULL: unknown */
    } rows[] = {
        {"source", config->source},
        {"topic", config->streams[0].topic},
        {"group", config->group},
        {"strategy", config->strategy},
        {"store", store_pool_name(board->stores)},
    };
    strbuf_append_format(json, "{\"version\":\"%s\",\"synthetic\":%s", CANDLEWICK_VERSION,
                         atomic_load(&board->synthetic) ? "true" : "false");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        strbuf_append_format(json, ",\"%s\":", rows[i].name);
        if (rows[i].text == NULL) {
            strbuf_append_text(json, "null");
        } else {
            strbuf_append_json_string(json, str_from(rows[i].text));
        }
    }
    append_topics(config, json);
    if (config->members > 0) {
        strbuf_append_format(json, ",\"members\":%d", config->members);
    }
    if (config->source != NULL && str_starts_with(str_from(config->source), "replay:")) {
        board_replay_range(board, json);
    }
    strbuf_append_char(json, '}');
    return true;
}

static bool start_thread(pthread_t *thread, void *(*run)(void *), struct board *board, bool *runs,
                         struct error *error)
{
    *runs = pthread_create(thread, NULL, run, board) == 0;
    return *runs || error_set(error, ERROR_FATAL, "no thread for the page could be made");
}

static bool start_server(struct board *board, struct error *error)
{
    board_status_begin(board);
    struct web_server_config config = {
        .listen = board->config.listen,
        .events = board->events,
        .backend = {.context = board,
                    .info = board_info,
                    .coins = board_coins,
                    .candles = board_candles,
                    .status = board_status,
                    .messages = board_messages,
                    .metrics = board_metrics,
                    .healthy = board_healthy},
    };
    board->server = web_server_create(&config, error);
    if (board->server == NULL) {
        return false;
    }
    (void)snprintf(board->url, sizeof board->url, "http://%s", web_server_address(board->server));
    return true;
}

static void init_locks(struct board *board)
{
    pthread_mutex_init(&board->coins_lock, NULL);
    pthread_mutex_init(&board->reader_lock, NULL);
    waiting_init(&board->reader_free);
    pthread_mutex_init(&board->status_lock, NULL);
}

static const struct stream *find_ticks(const struct board_config *config)
{
    for (size_t i = 0; i < config->stream_count; i++) {
        if (config->streams[i].kind == &ticker_kind) {
            return &config->streams[i];
        }
    }
    return NULL;
}

struct board *board_create(const struct board_config *config, struct error *error)
{
    struct board *board = calloc(1, sizeof *board);
    if (board == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    init_locks(board);
    board->config = *config;
    for (size_t i = 0; i < config->stream_count; i++) {
        board->message_decoders[i].kind = config->streams[i].kind;
        board->message_decoders[i].registry = config->registries[i];
    }
    board->coins_json = strbuf_new(BOARD_JSON_LIMIT);
    board->status_json = strbuf_new(BOARD_JSON_LIMIT);
    board->end_total = -1;
    board->lag_total = -1;
    atomic_init(&board->source_done, false);
    board->ticks = find_ticks(config);
    board->ownership = config->ownership;
    atomic_init(&board->synthetic,
                config->source != NULL && strcmp(config->source, "synthetic") == 0);
    if (board->ownership == NULL) {
        board->own_ownership = ownership_create(SPANS_KEPT, error);
        board->ownership = board->own_ownership;
    }
    board->stop = board->ownership != NULL ? stop_create(error) : NULL;
    board->config.store.stop = board->stop; /* ends a store query that is running */
    if (board->stop == NULL || (board->events = web_events_create(EVENTS_KEPT, error)) == NULL ||
        (board->stores = store_pool_create(&board->config.store, error)) == NULL ||
        !start_server(board, error) ||
        !start_thread(&board->status_thread, board_status_thread, board, &board->status_runs,
                      error) ||
        (board->ticks != NULL && !start_thread(&board->ticks_thread, board_ticks_thread, board,
                                               &board->ticks_run, error))) {
        board_destroy(board);
        return NULL;
    }
    return board;
}

const char *board_url(const struct board *board)
{
    return board->url;
}

void board_destroy(struct board *board)
{
    if (board == NULL) {
        return;
    }
    if (board->stop != NULL) {
        stop_request(board->stop);
    }
    if (board->events != NULL) {
        web_events_close(board->events);
    }
    web_server_destroy(board->server);
    if (board->status_runs) {
        pthread_join(board->status_thread, NULL);
    }
    if (board->ticks_run) {
        pthread_join(board->ticks_thread, NULL);
    }
    web_events_destroy(board->events);
    for (size_t i = 0; i < board->config.stream_count; i++) {
        record_decoder_release(&board->message_decoders[i]);
        reader_destroy(board->readers[i]);
    }
    store_pool_destroy(board->stores);
    ownership_destroy(board->own_ownership);
    stop_destroy(board->stop);
    strbuf_free(&board->coins_json);
    strbuf_free(&board->status_json);
    pthread_mutex_destroy(&board->coins_lock);
    pthread_cond_destroy(&board->reader_free);
    pthread_mutex_destroy(&board->reader_lock);
    pthread_mutex_destroy(&board->status_lock);
    free(board);
}
