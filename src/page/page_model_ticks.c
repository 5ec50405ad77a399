#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "market/json.h"
#include "page/page_model_parts.h"
#include "pipeline/log_coins.h"
#include "record/record_json.h"
#include "record/ticker.h"

enum {
    PUBLISH_EVERY_MS = 250,
    SCHEMA_TIMEOUT_MS = 1000,
    NEWEST_MAX = 1024, /* the most coins in one publication; ticks of further coins are left out */
    COINS_REMEMBERED = 10000, /* the most coins of which two producers can be detected */
};

/* The newest tick of each coin since the last publication. */
struct newest {
    struct page_model *model;
    struct record_decoder decoder;
    char *ticks; /* an array of the kind's structs */
    size_t count;
    struct log_coins coins; /* coins seen since the model was created, or since this table was
                               last full */
    int64_t publish_at_ns;  /* monotonic time of the next publication */
};

static void report_overlap(struct newest *newest)
{
    struct page_model *model = newest->model;
    struct log_overlap overlap = log_coins_overlap(&newest->coins, NULL, clock_monotonic_ns());
    pthread_mutex_lock(&model->status_lock);
    model->overlap = overlap;
    pthread_mutex_unlock(&model->status_lock);
}

static void *tick_at(const struct newest *newest, size_t index)
{
    return newest->ticks + index * newest->decoder.kind->size;
}

static void publish(struct newest *newest)
{
    struct strbuf json = strbuf_new(4096);
    for (size_t i = 0; i < newest->count; i++) {
        strbuf_clear(&json);
        record_to_json(newest->decoder.kind, tick_at(newest, i), NULL, &json);
        web_events_publish(newest->model->events, "tick", strbuf_str(&json));
    }
    strbuf_free(&json);
    report_overlap(newest);
    newest->count = 0;
    newest->publish_at_ns = clock_monotonic_ns() + PUBLISH_EVERY_MS * NS_PER_MS;
}

static void keep(struct newest *newest, const void *tick)
{
    const struct record_kind *kind = newest->decoder.kind;
    struct str coin = column_text(kind->key, tick);
    size_t i = 0;
    while (i < newest->count && !str_equal(column_text(kind->key, tick_at(newest, i)), coin)) {
        i++;
    }
    if (i < NEWEST_MAX) {
        memcpy(tick_at(newest, i), tick, kind->size);
        newest->count = i == newest->count ? i + 1 : newest->count;
    }
}

/* Records which producer sent the coin. Clears a full table: coins that are still sent are soon in
 * it again. */
static void note_run(struct newest *newest, int32_t partition, const void *tick)
{
    struct error error;
    const struct record_kind *kind = newest->decoder.kind;
    if (record_is_live(kind, tick) &&
        (newest->coins.coins.count >= COINS_REMEMBERED ||
         !log_coins_record(&newest->coins, kind, partition, tick, clock_monotonic_ns(), &error))) {
        log_coins_free(&newest->coins);
    }
}

static bool take(void *context, const struct message *message)
{
    struct newest *newest = context;
    if (message != NULL) {
        union record_room tick;
        struct error error;
        if (record_decode_wait(&newest->decoder, &message->encoded, SCHEMA_TIMEOUT_MS,
                               newest->model->stop, &tick, NULL, &error) == DECODE_RECORD) {
            if (str_equal_text(column_text(newest->decoder.kind->source, &tick), "synthetic")) {
                atomic_store(&newest->model->synthetic, true);
            }
            keep(newest, &tick);
            note_run(newest, message->partition, &tick);
        }
    }
    if (clock_monotonic_ns() >= newest->publish_at_ns) {
        publish(newest);
    }
    return true;
}

void *page_model_ticks_thread(void *context)
{
    struct page_model *model = context;
    size_t number = (size_t)(model->ticks - model->config.streams);
    struct newest newest = {
        .model = model,
        .decoder = {.kind = &ticker_kind, .registry = model->config.registries[number]},
        .ticks = calloc(NEWEST_MAX, ticker_kind.size)};
    struct backoff backoff = backoff_new(500, 10000, random_from_system());
    bool stopped = newest.ticks == NULL;
    while (!stopped) {
        struct error error = {0};
        struct reader *reader = reader_create(&model->config.kafka, model->ticks->topic, &error);
        bool ended = reader != NULL && reader_follow(reader, 0, take, &newest, model->stop, &error);
        reader_destroy(reader);
        if (!ended && !stop_requested(model->stop)) {
            log_debug("live_ticks_wait", log_text("reason", error.text));
        }
        stopped = stop_wait_ms(model->stop, backoff_next_ms(&backoff, 0));
    }
    record_decoder_release(&newest.decoder);
    log_coins_free(&newest.coins);
    free(newest.ticks);
    return NULL;
}
