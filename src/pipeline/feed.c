#include "pipeline/feed.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "pipeline/flow.h"
#include "pipeline/overlap_watch.h"
#include "pipeline/tail_stamps.h"
#include "registry/codec/frame.h"

enum {
    MESSAGE_LIMIT = 4096,    /* limit for one encoded record; one without long text takes
                                under 400 bytes */
    ADMIN_TIMEOUT_MS = 3000, /* for one try; short, because a stop has to wait for it */
    /* The log is checked for other producers once in this many polling rounds, but within these
     * bounds. */
    OVERLAP_ROUNDS = 10,
    OVERLAP_LEAST_MS = 2000,
    OVERLAP_MOST_MS = 30000,
};

struct feed {
    struct feed_config config;
    const struct record_kind *kind; /* the source's */
    struct poller *poller;
    struct producer *producer;
    struct encode_plan *plan;
    struct strbuf message; /* used on the poller's thread only */
    int32_t schema_id;
    pthread_t starter;
    bool starter_runs;
    pthread_mutex_t lock;  /* protects the members below */
    char waiting_for[256]; /* what start-up waits for; "" once it is done */
    bool start_failed;     /* start-up failed for good; `waiting_for` has the reason */
    struct log_overlap overlap;
};

static void set_waiting(struct feed *feed, const char *text)
{
    pthread_mutex_lock(&feed->lock);
    (void)str_copy(str_from(text), feed->waiting_for, sizeof feed->waiting_for);
    pthread_mutex_unlock(&feed->lock);
}

static void set_start_failed(struct feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    feed->start_failed = true;
    pthread_mutex_unlock(&feed->lock);
}

static void on_delivery(void *context, void *token, int32_t partition, int64_t offset,
                        const struct error *error)
{
    struct feed *feed = context;
    (void)token;
    if (offset < 0) {
        log_error("undelivered", log_text("reason", error->text));
    }
    if (feed->config.flow == NULL) {
        return;
    }
    if (offset < 0) {
        flow_give_back(feed->config.flow);
    } else {
        flow_delivered(feed->config.flow, partition, offset);
    }
}

/* The poller's sink: sends one stamped record as one framed message. */
static bool send_record(void *context, const struct record_kind *kind, const void *record)
{
    struct feed *feed = context;
    strbuf_clear(&feed->message);
    frame_append_header(&feed->message, feed->schema_id);
    struct str key = column_text(kind->key, record);
    if (!encode_plan_run(feed->plan, record, &feed->message)) {
        log_error("unencodable", log_str("symbol", key));
        return false;
    }
    if (feed->config.flow != NULL && !flow_take(feed->config.flow, feed->config.stop)) {
        return false;
    }
    struct producer_message message = {
        .topic = feed->config.topics[0].name,
        .key = key,
        .value = strbuf_str(&feed->message),
        .partition = RD_KAFKA_PARTITION_UA,
    };
    struct error error;
    if (producer_send(feed->producer, &message, &error)) {
        return true;
    }
    if (feed->config.flow != NULL) {
        flow_give_back(feed->config.flow);
    }
    if (!stop_requested(feed->config.stop)) {
        log_warn("unsent", log_str("symbol", key), log_text("reason", error.text));
    }
    return false;
}

typedef bool (*start_task)(struct feed *feed, struct error *error);

static bool make_topics(struct feed *feed, struct error *error)
{
    return feed->config.topics_exist || topics_ensure(&feed->config.kafka, feed->config.topics, 2,
                                                      ADMIN_TIMEOUT_MS, NULL, error);
}

static bool register_schema(struct feed *feed, struct error *error)
{
    char subject[REGISTRY_SUBJECT_SIZE];
    registry_value_subject(feed->config.topics[0].name, subject);
    return registry_register(feed->config.registry, subject, feed->kind->schema, &feed->schema_id,
                             error);
}

static bool read_tail(struct feed *feed, struct error *error)
{
    return !feed->config.read_tail ||
           tail_stamps_read(&feed->config.kafka, feed->config.topics[0].name, feed->kind,
                            feed->config.registry, feed->poller, feed->config.stop, error);
}

static bool start_poller(struct feed *feed, struct error *error)
{
    return poller_start(feed->poller, error);
}

/* Retries one start-up step with backoff until it succeeds. Returns false if it fails for good, or
 * if the stop was requested. */
static bool insist(struct feed *feed, const char *what, start_task task)
{
    struct backoff backoff = backoff_new(250, 5000, random_from_system());
    struct error error = {0};
    while (!task(feed, &error)) {
        char text[sizeof error.text + 64];
        (void)snprintf(text, sizeof text, "%s (%s)", what, error.text);
        set_waiting(feed, text);
        if (stop_requested(feed->config.stop)) {
            return false;
        }
        if (error.kind != ERROR_RETRY) {
            set_start_failed(feed);
            log_error("start_failed", log_text("step", what), log_text("reason", error.text));
            return false;
        }
        log_warn("waiting", log_text("for", what), log_text("reason", error.text));
        if (stop_wait_ms(feed->config.stop, backoff_next_ms(&backoff, error.retry_after_ms))) {
            return false;
        }
    }
    return true;
}

static const struct {
    const char *what;
    start_task task;
} start_steps[] = {
    {"the topics in Kafka", make_topics},
    {"the schema registry", register_schema},
    {"the tail of the log", read_tail},
    {"the poller", start_poller},
};

/* Keeps the result of a check, and logs when an overlap begins or ends. */
static void tell_overlap(struct feed *feed, const struct log_overlap *overlap)
{
    pthread_mutex_lock(&feed->lock);
    bool before = feed->overlap.coins > 0;
    feed->overlap = *overlap;
    pthread_mutex_unlock(&feed->lock);
    if (overlap->coins > 0 && !before) {
        log_warn("producer_overlap", log_text("coin", overlap->coin),
                 log_int("coins", (int64_t)overlap->coins),
                 log_int("run_id", overlap->later.run_id),
                 log_int("other_run_id", overlap->earlier.run_id),
                 log_text("other_source", overlap->earlier.source),
                 log_text("meaning", "candles mix the ticks of both: stop one of the two, or give "
                                     "one other --coins"));
    } else if (overlap->coins == 0 && before) {
        log_info("producer_overlap_over", log_int("run_id", feed->config.poller.run_id));
    }
}

/* Checks for other producers until the stop is requested. */
static void watch_overlap(struct feed *feed)
{
    struct error error = {0};
    const struct overlap_watch_config config = {.kafka = &feed->config.kafka,
                                                .topic = feed->config.topics[0].name,
                                                .kind = feed->kind,
                                                .registry = feed->config.registry,
                                                .stop = feed->config.stop,
                                                .run_id = feed->config.poller.run_id};
    struct overlap_watch *watch = overlap_watch_create(&config, &error);
    int64_t every_ms = OVERLAP_ROUNDS * feed->config.poller.interval_ns / NS_PER_MS;
    every_ms = every_ms < OVERLAP_LEAST_MS ? OVERLAP_LEAST_MS : every_ms;
    every_ms = every_ms > OVERLAP_MOST_MS ? OVERLAP_MOST_MS : every_ms;
    while (watch != NULL && !stop_wait_ms(feed->config.stop, every_ms)) {
        struct log_overlap overlap = {.coins = 0};
        if (overlap_watch_look(watch, &overlap, &error)) {
            tell_overlap(feed, &overlap);
        } else {
            log_debug("overlap_unknown", log_text("reason", error.text));
        }
    }
    overlap_watch_destroy(watch);
}

static void *start_up(void *context)
{
    struct feed *feed = context;
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof start_steps / sizeof start_steps[0]; i++) {
        set_waiting(feed, start_steps[i].what);
        ok = insist(feed, start_steps[i].what, start_steps[i].task);
    }
    if (ok) {
        set_waiting(feed, "");
        if (feed->config.watch_overlap) {
            watch_overlap(feed);
        }
    } else if (feed->config.on_end != NULL) {
        feed->config.on_end(feed->config.on_end_context);
    }
    return NULL;
}

struct feed *feed_create(const struct feed_config *config, struct source *source,
                         struct error *error)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        source_destroy(source);
        return NULL;
    }
    feed->config = *config;
    feed->kind = source->kind;
    feed->message = strbuf_new(MESSAGE_LIMIT);
    pthread_mutex_init(&feed->lock, NULL);
    set_waiting(feed, start_steps[0].what);

    struct schema *schema = schema_parse(str_from(source->kind->schema), error);
    if (schema != NULL) {
        feed->plan = encode_plan_compile(schema, source->kind->columns, error);
        schema_destroy(schema);
    }
    if (feed->plan == NULL) {
        goto fail;
    }
    struct producer_config producer = {
        .kafka = config->kafka, .on_delivery = on_delivery, .context = feed, .stop = config->stop};
    feed->producer = producer_create(&producer, error);
    if (feed->producer == NULL) {
        goto fail;
    }
    struct poller_config poller = config->poller;
    poller.sink = send_record;
    poller.sink_context = feed;
    poller.stop = config->stop;
    poller.on_end = config->on_end;
    poller.on_end_context = config->on_end_context;
    feed->poller = poller_create(&poller, source, error);
    if (feed->poller == NULL) {
        goto fail;
    }
    source = NULL; /* owned by the poller now */
    if (pthread_create(&feed->starter, NULL, start_up, feed) != 0) {
        error_set(error, ERROR_FATAL, "no thread for the producer's start-up could be made");
        goto fail;
    }
    feed->starter_runs = true;
    return feed;

fail:
    source_destroy(source);
    feed_destroy(feed, 0, NULL);
    return NULL;
}

void feed_stats(struct feed *feed, struct feed_stats *stats)
{
    memset(stats, 0, sizeof *stats);
    stats->kind = feed->kind;
    stats->client_id = feed->config.kafka.client_id;
    poller_stats(feed->poller, &stats->poller);
    producer_stats(feed->producer, &stats->producer);
    pthread_mutex_lock(&feed->lock);
    memcpy(stats->waiting_for, feed->waiting_for, sizeof stats->waiting_for);
    stats->failed = feed->start_failed;
    stats->overlap_coins = feed->overlap.coins;
    log_overlap_describe(&feed->overlap, stats->overlap, sizeof stats->overlap);
    pthread_mutex_unlock(&feed->lock);
    stats->failed = stats->failed || (stats->poller.ended && !stats->poller.healthy);
}

void feed_destroy(struct feed *feed, int flush_ms, struct feed_stats *stats)
{
    if (feed == NULL) {
        return;
    }
    if (feed->starter_runs) {
        pthread_join(feed->starter, NULL);
    }
    if (feed->poller != NULL) {
        poller_join(feed->poller);
    }
    if (feed->producer != NULL && !producer_flush(feed->producer, flush_ms)) {
        struct producer_stats sent;
        producer_stats(feed->producer, &sent);
        log_error("unacknowledged", log_int("messages", sent.queued));
    }
    /* The final figures are read after the threads have ended, but before their owners are
     * freed. */
    if (stats != NULL) {
        feed_stats(feed, stats);
    }
    poller_destroy(feed->poller);
    producer_destroy(feed->producer, 0);
    encode_plan_destroy(feed->plan);
    strbuf_free(&feed->message);
    pthread_mutex_destroy(&feed->lock);
    free(feed);
}
