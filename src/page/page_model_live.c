#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "market/json.h"
#include "page/page_model_parts.h"
#include "pipeline/log_coins.h"
#include "record/names.h"
#include "record/record_json.h"
#include "record/ticker.h"

enum {
    PUBLISH_EVERY_MS = 50, /* the least time between two publications */
    SCHEMA_TIMEOUT_MS = 1000,
    NEWEST_MAX = 1024,        /* the most coins in one publication; records of further coins are
                                  left out */
    COINS_REMEMBERED = 10000, /* how many coins are watched for a second producer before the
                                 table is cleared */
};

/* The newest record of each coin since the last publication. */
struct newest {
    struct page_model *model;
    size_t stream; /* index in the config's streams */
    struct record_decoder decoder;
    char *records;             /* an array of the kind's structs */
    struct truth_times *times; /* one for each record */
    size_t count;
    struct log_coins coins; /* coins seen since the model was created, or since this table was
                               last full */
    int64_t publish_at_ns;  /* monotonic time; no publication before it */
};

static void report_overlap(struct newest *newest)
{
    struct page_model *model = newest->model;
    struct log_overlap overlap = log_coins_overlap(&newest->coins, NULL, clock_monotonic_ns());
    pthread_mutex_lock(&model->status_lock);
    model->overlap = overlap;
    pthread_mutex_unlock(&model->status_lock);
}

static void *record_at(const struct newest *newest, size_t index)
{
    return newest->records + index * newest->decoder.kind->size;
}

static bool are_ticks(const struct newest *newest)
{
    return newest->decoder.kind == &ticker_kind;
}

/* Adds the truth lags of the published records. */
static void measure(struct newest *newest)
{
    struct page_model *model = newest->model;
    int64_t now_ms = clock_wall_ns() / NS_PER_MS;
    pthread_mutex_lock(&model->status_lock);
    for (size_t i = 0; i < newest->count; i++) {
        newest->times[i].done_ms = now_ms;
        truth_lag_add_page(&model->page_lag[newest->stream], newest->decoder.kind,
                           record_at(newest, i), &newest->times[i]);
    }
    pthread_mutex_unlock(&model->status_lock);
}

static void publish(struct newest *newest)
{
    struct strbuf json = strbuf_new(4096);
    for (size_t i = 0; i < newest->count; i++) {
        strbuf_clear(&json);
        record_to_json(newest->decoder.kind, record_at(newest, i), NULL, &json);
        web_events_publish(newest->model->events, are_ticks(newest) ? "tick" : "trade",
                           strbuf_str(&json));
    }
    strbuf_free(&json);
    measure(newest);
    if (are_ticks(newest)) {
        report_overlap(newest);
    }
    newest->count = 0;
    newest->publish_at_ns = clock_monotonic_ns() + PUBLISH_EVERY_MS * NS_PER_MS;
}

static struct truth_times times_of(const struct message *message)
{
    struct str text;
    int64_t arrived_ns = 0;
    bool arrived = message_header(message, ARRIVED_HEADER, &text) && text.data != NULL &&
                   str_to_int64(text, &arrived_ns) && arrived_ns > 0;
    return (struct truth_times){.arrived_ns = arrived ? arrived_ns : 0,
                                .timestamp_ms = message->encoded.timestamp_ms};
}

/* Keeps the record if it is its coin's newest: a refill of trades brings older ones later. */
static void keep(struct newest *newest, const void *record, const struct message *message)
{
    const struct record_kind *kind = newest->decoder.kind;
    struct str coin = column_text(kind->key, record);
    size_t i = 0;
    while (i < newest->count && !str_equal(column_text(kind->key, record_at(newest, i)), coin)) {
        i++;
    }
    bool newer = i == newest->count ||
                 column_int64(kind->time, record) >= column_int64(kind->time, record_at(newest, i));
    if (i < NEWEST_MAX && newer) {
        memcpy(record_at(newest, i), record, kind->size);
        newest->times[i] = times_of(message);
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

/* Notes the source if its records are made up. */
static void note_made_up(struct page_model *model, struct str source)
{
    if (record_made_up(source) != NULL) {
        atomic_store(&model->made_up, str_equal_text(source, RECORD_SOURCE_LOOP)
                                          ? RECORD_SOURCE_LOOP
                                          : RECORD_SOURCE_SYNTHETIC);
    }
}

static bool take(void *context, const struct message *message)
{
    struct newest *newest = context;
    if (message != NULL) {
        union record_room record;
        struct error error;
        if (record_decode_wait(&newest->decoder, &message->encoded, SCHEMA_TIMEOUT_MS,
                               newest->model->stop, &record, NULL, &error) == DECODE_RECORD) {
            note_made_up(newest->model, column_text(newest->decoder.kind->source, &record));
            keep(newest, &record, message);
            if (are_ticks(newest)) {
                note_run(newest, message->partition, &record);
            }
        }
    }
    if (clock_monotonic_ns() >= newest->publish_at_ns) {
        publish(newest);
    }
    return true;
}

static void follow(struct newest *newest)
{
    struct page_model *model = newest->model;
    struct backoff backoff = backoff_new(500, 10000, random_from_system());
    bool stopped = false;
    while (!stopped) {
        struct error error = {0};
        struct reader *reader = reader_create(&model->config.kafka,
                                              model->config.streams[newest->stream].topic, &error);
        bool ended = reader != NULL && reader_follow(reader, 0, take, newest, model->stop, &error);
        reader_destroy(reader);
        if (!ended && !stop_requested(model->stop)) {
            log_debug("live_ticks_wait", log_text("reason", error.text));
        }
        stopped = stop_wait_ms(model->stop, backoff_next_ms(&backoff, 0));
    }
}

void *page_model_live_thread(void *context)
{
    const struct page_follower *follower = context;
    struct page_model *model = follower->model;
    const struct record_kind *kind = model->config.streams[follower->stream].kind;
    struct newest newest = {
        .model = model,
        .stream = follower->stream,
        .decoder = {.kind = kind, .registry = model->config.registries[follower->stream]},
        .records = calloc(NEWEST_MAX, kind->size),
        .times = calloc(NEWEST_MAX, sizeof *newest.times)};
    if (newest.records != NULL && newest.times != NULL) {
        follow(&newest);
    }
    record_decoder_release(&newest.decoder);
    log_coins_free(&newest.coins);
    free(newest.records);
    free(newest.times);
    return NULL;
}
