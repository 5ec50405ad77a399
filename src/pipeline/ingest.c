#include "pipeline/ingest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text/digits.h"
#include "kafka/client/encoded_message.h"
#include "pipeline/overlap_watch.h"
#include "pipeline/send_window.h"
#include "pipeline/tail_stamps.h"
#include "record/event.h"
#include "registry/codec/frame.h"

enum {
    MESSAGE_LIMIT = 65536,   /* limit for one encoded record, as long_text.h counts on it */
    ADMIN_TIMEOUT_MS = 3000, /* for one try; short, because a stop has to wait for it */
    /* The log is checked for other producers once in this many polling rounds, but within these
     * bounds. */
    OVERLAP_ROUNDS = 10,
    OVERLAP_LEAST_MS = 2000,
    OVERLAP_MOST_MS = 30000,
    SETTLE_LOOK_MS = 100,  /* how often a wait for acknowledgements looks for the stop */
    LAST_SETTLE_MS = 2000, /* how long such a wait goes on after the stop */
};

/* Where the records of one kind are sent. */
struct outlet {
    const struct ingest_stream *stream;
    struct encode_plan *plan;
    int32_t schema_id;
    _Atomic int64_t sent, acknowledged, undelivered; /* messages; `sent` counts one before it is
                                                        sent */
};

struct ingest {
    struct ingest_config config;
    struct outlet outlets[INGEST_STREAMS_MAX]; /* one for each stream of the config */
    const char *source;                        /* its name */
    bool own_times;  /* its records have the service's own times and no run id */
    int64_t told_ns; /* how far back the source is told of the log beyond the tail; 0: no further */
    struct poller *poller;
    struct producer *producer;
    struct strbuf message; /* used on the poller's thread only */
    pthread_t starter;
    bool starter_runs;
    pthread_mutex_t lock;                /* protects the members below */
    char waiting_for[ERROR_REASON_SIZE]; /* what start-up waits for; "" once it is done */
    bool start_failed; /* start-up failed for good; `waiting_for` has the reason */
    struct log_overlap overlap;
};

static void set_waiting(struct ingest *ingest, const char *text)
{
    pthread_mutex_lock(&ingest->lock);
    (void)str_copy(str_from(text), ingest->waiting_for, sizeof ingest->waiting_for);
    pthread_mutex_unlock(&ingest->lock);
}

static void set_start_failed(struct ingest *ingest)
{
    pthread_mutex_lock(&ingest->lock);
    ingest->start_failed = true;
    pthread_mutex_unlock(&ingest->lock);
}

static void add_to(_Atomic int64_t *count, int64_t amount)
{
    atomic_fetch_add(count, amount);
}

static void on_delivery(void *context, void *token, int32_t partition, int64_t offset,
                        const struct error *error)
{
    struct outlet *outlet = token;
    struct send_window *send_window = outlet->stream->send_window;
    (void)context;
    add_to(offset >= 0 ? &outlet->acknowledged : &outlet->undelivered, 1);
    if (offset < 0) {
        log_error("undelivered", log_text("topic", outlet->stream->topics[0].name),
                  log_text("reason", error->text));
    }
    if (send_window == NULL) {
        return;
    }
    if (offset < 0) {
        send_window_release(send_window);
    } else {
        send_window_delivered(send_window, partition, offset);
    }
}

/* Returns NULL for a kind that the source is not to write. */
static struct outlet *outlet_of(struct ingest *ingest, const struct record_kind *kind)
{
    for (size_t i = 0; i < ingest->config.stream_count; i++) {
        if (ingest->outlets[i].stream->kind == kind) {
            return &ingest->outlets[i];
        }
    }
    log_error("unexpected_kind", log_text("source", ingest->source), log_text("kind", kind->name));
    return NULL;
}

/* Sends the framed record in `ingest->message`. */
static bool send_message(struct ingest *ingest, struct outlet *outlet, struct str key,
                         int64_t arrived_ns, struct error *error)
{
    char arrived[DIGITS_SIGNED_MAX];
    const struct producer_header header = {
        .name = ARRIVED_HEADER,
        .value = {.data = arrived, .length = digits_write_signed(arrived_ns, arrived)},
    };
    struct producer_message message = {
        .topic = outlet->stream->topics[0].name,
        .key = key,
        .value = strbuf_str(&ingest->message),
        .partition = RD_KAFKA_PARTITION_UA,
        .headers = &header,
        .header_count = arrived_ns != 0 ? 1 : 0,
        .token = outlet,
    };
    return producer_send(ingest->producer, &message, error);
}

/* The poller's sink: sends one stamped record as one framed message. */
static bool send_record(void *context, const struct record_kind *kind, const void *record,
                        const struct text_arena *texts, int64_t arrived_ns)
{
    struct ingest *ingest = context;
    struct outlet *outlet = outlet_of(ingest, kind);
    if (outlet == NULL) {
        return false;
    }
    struct send_window *send_window = outlet->stream->send_window;
    strbuf_clear(&ingest->message);
    frame_append_header(&ingest->message, outlet->schema_id);
    struct str key = column_text(kind->key, record);
    if (!encode_plan_run(outlet->plan, record, texts, &ingest->message)) {
        log_error("unencodable", log_text("kind", kind->name), log_str("symbol", key));
        return false;
    }
    if (send_window != NULL && !send_window_acquire(send_window, ingest->config.stop)) {
        return false;
    }
    struct error error;
    add_to(&outlet->sent, 1);
    if (send_message(ingest, outlet, key, arrived_ns, &error)) {
        return true;
    }
    add_to(&outlet->sent, -1);
    if (send_window != NULL) {
        send_window_release(send_window);
    }
    if (!stop_requested(ingest->config.stop)) {
        log_warn("unsent", log_str("symbol", key), log_text("reason", error.text));
    }
    return false;
}

/* The poller's settle: waits until everything is acknowledged. */
static bool settle(void *context)
{
    struct ingest *ingest = context;
    int64_t until_ns = INT64_MAX;
    while (!producer_flush(ingest->producer, SETTLE_LOOK_MS)) {
        int64_t now_ns = clock_monotonic_ns();
        if (now_ns >= until_ns) {
            return false;
        }
        if (until_ns == INT64_MAX && stop_requested(ingest->config.stop)) {
            until_ns = now_ns + LAST_SETTLE_MS * NS_PER_MS;
        }
    }
    return true;
}

typedef bool (*start_task)(struct ingest *ingest, struct error *error);

static bool make_topics(struct ingest *ingest, struct error *error)
{
    struct topic_spec topics[2 * INGEST_STREAMS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < ingest->config.stream_count; i++) {
        topics[count++] = ingest->config.streams[i].topics[0];
        topics[count++] = ingest->config.streams[i].topics[1];
    }
    return ingest->config.topics_exist ||
           topics_ensure(&ingest->config.kafka, topics, count, ADMIN_TIMEOUT_MS, NULL, error);
}

static bool register_schemas(struct ingest *ingest, struct error *error)
{
    for (size_t i = 0; i < ingest->config.stream_count; i++) {
        const struct ingest_stream *stream = &ingest->config.streams[i];
        char subject[REGISTRY_SUBJECT_SIZE];
        registry_value_subject(stream->topics[0].name, subject);
        if (!registry_register(stream->registry, subject, stream->kind->schema,
                               &ingest->outlets[i].schema_id, error)) {
            return false;
        }
    }
    return true;
}

static struct tail_topic tail_topic(const struct ingest *ingest, size_t stream)
{
    return (struct tail_topic){.kafka = &ingest->config.kafka,
                               .topic = ingest->config.streams[stream].topics[0].name,
                               .kind = ingest->config.streams[stream].kind,
                               .registry = ingest->config.streams[stream].registry};
}

static bool read_tail(struct ingest *ingest, struct error *error)
{
    struct tail_topic records = tail_topic(ingest, 0);
    if (ingest->told_ns > 0) {
        records.since_ms = (clock_wall_ns() - ingest->told_ns) / NS_PER_MS;
    }
    enum ingest_tail tail = ingest->config.tail;
    int64_t messages = tail == INGEST_NEEDS_ALL                         ? TAIL_ALL
                       : ingest->own_times && tail == INGEST_NEEDS_TAIL ? TAIL_OWN_TIMES
                                                                        : TAIL_MESSAGES;
    if (tail == INGEST_NO_TAIL ||
        tail_stamps_read(&records, messages, ingest->poller, ingest->config.stop, error)) {
        return true;
    }
    if (tail == INGEST_TRIES_TAIL) {
        log_info("tail_unknown", log_text("source", ingest->source),
                 log_text("reason", error->text));
    }
    return tail == INGEST_TRIES_TAIL;
}

static bool read_log(struct ingest *ingest, struct error *error)
{
    if (!read_tail(ingest, error)) {
        return false;
    }
    if (ingest->config.stream_count < 2) {
        return true;
    }
    struct tail_topic events = tail_topic(ingest, 1);
    return tail_events_read(&events, ingest->source, ingest->poller, ingest->config.stop, error);
}

static bool start_poller(struct ingest *ingest, struct error *error)
{
    return poller_start(ingest->poller, error);
}

/* Retries one start-up step with backoff until it succeeds. Returns false if it fails for good, or
 * if the stop was requested. */
static bool insist(struct ingest *ingest, const char *what, start_task task)
{
    struct backoff backoff = backoff_new(250, 5000, random_from_system());
    struct error error = {0};
    while (!task(ingest, &error)) {
        char text[sizeof error.text + 64];
        (void)snprintf(text, sizeof text, "%s (%s)", what, error.text);
        set_waiting(ingest, text);
        if (stop_requested(ingest->config.stop)) {
            return false;
        }
        if (error.kind != ERROR_RETRY) {
            set_start_failed(ingest);
            log_error("start_failed", log_text("step", what), log_text("reason", error.text));
            return false;
        }
        log_warn("waiting", log_text("for", what), log_text("reason", error.text));
        if (stop_wait_ms(ingest->config.stop, backoff_next_ms(&backoff, error.retry_after_ms))) {
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
    {"the schema registry", register_schemas},
    {"the tail of the log", read_log},
    {"the poller", start_poller},
};

/* Keeps the result of a check, and logs when an overlap begins or ends. */
static void tell_overlap(struct ingest *ingest, const struct log_overlap *overlap)
{
    pthread_mutex_lock(&ingest->lock);
    bool before = ingest->overlap.coins > 0;
    ingest->overlap = *overlap;
    pthread_mutex_unlock(&ingest->lock);
    if (overlap->coins > 0 && !before) {
        log_warn("producer_overlap", log_text("coin", overlap->coin),
                 log_int("coins", (int64_t)overlap->coins),
                 log_int("run_id", overlap->later.run_id),
                 log_int("other_run_id", overlap->earlier.run_id),
                 log_text("other_source", overlap->earlier.source),
                 log_text("meaning", "candles mix the ticks of both: stop one of the two, or give "
                                     "one other --coins"));
    } else if (overlap->coins == 0 && before) {
        log_info("producer_overlap_over", log_int("run_id", ingest->config.poller.run_id));
    }
}

/* Checks for other producers until the stop is requested. */
static void watch_overlap(struct ingest *ingest)
{
    struct error error = {0};
    const struct ingest_stream *records = &ingest->config.streams[0];
    const struct overlap_watch_config config = {.kafka = &ingest->config.kafka,
                                                .topic = records->topics[0].name,
                                                .kind = records->kind,
                                                .registry = records->registry,
                                                .stop = ingest->config.stop,
                                                .run_id = ingest->config.poller.run_id};
    struct overlap_watch *watch = overlap_watch_create(&config, &error);
    int64_t every_ms = OVERLAP_ROUNDS * ingest->config.poller.interval_ns / NS_PER_MS;
    every_ms = every_ms < OVERLAP_LEAST_MS ? OVERLAP_LEAST_MS : every_ms;
    every_ms = every_ms > OVERLAP_MOST_MS ? OVERLAP_MOST_MS : every_ms;
    while (watch != NULL && !stop_wait_ms(ingest->config.stop, every_ms)) {
        struct log_overlap overlap = {.coins = 0};
        if (overlap_watch_check(watch, &overlap, &error)) {
            tell_overlap(ingest, &overlap);
        } else {
            log_debug("overlap_unknown", log_text("reason", error.text));
        }
    }
    overlap_watch_destroy(watch);
}

static void *start_up(void *context)
{
    struct ingest *ingest = context;
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof start_steps / sizeof start_steps[0]; i++) {
        set_waiting(ingest, start_steps[i].what);
        ok = insist(ingest, start_steps[i].what, start_steps[i].task);
    }
    if (ok) {
        set_waiting(ingest, "");
        if (ingest->config.watch_overlap) {
            watch_overlap(ingest);
        }
    } else if (ingest->config.on_end != NULL) {
        ingest->config.on_end(ingest->config.on_end_context);
    }
    return NULL;
}

static bool open_outlets(struct ingest *ingest, struct error *error)
{
    for (size_t i = 0; i < ingest->config.stream_count; i++) {
        const struct ingest_stream *stream = &ingest->config.streams[i];
        struct schema *schema = schema_parse(str_from(stream->kind->schema), error);
        if (schema == NULL) {
            return false;
        }
        struct encode_plan *plan = encode_plan_compile(schema, stream->kind->columns, error);
        schema_destroy(schema);
        if (plan == NULL) {
            return false;
        }
        ingest->outlets[i].stream = stream;
        ingest->outlets[i].plan = plan;
    }
    return true;
}

struct ingest *ingest_create(const struct ingest_config *config, struct source *source,
                             struct error *error)
{
    struct ingest *ingest = calloc(1, sizeof *ingest);
    if (ingest == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        source_destroy(source);
        return NULL;
    }
    ingest->config = *config;
    ingest->source = source->name;
    ingest->told_ns = source->told_ns;
    ingest->own_times = source->own_times || source->kind->run == NULL;
    ingest->message = strbuf_new(MESSAGE_LIMIT);
    pthread_mutex_init(&ingest->lock, NULL);
    set_waiting(ingest, start_steps[0].what);

    struct producer_config producer = {.kafka = config->kafka,
                                       .on_delivery = on_delivery,
                                       .context = ingest,
                                       .stop = config->stop};
    ingest->producer = producer_create(&producer, error);
    if (ingest->producer == NULL || !open_outlets(ingest, error)) {
        goto fail;
    }
    struct poller_config poller = config->poller;
    poller.sink = send_record;
    poller.settle = settle;
    poller.sink_context = ingest;
    poller.stop = config->stop;
    poller.on_end = config->on_end;
    poller.on_end_context = config->on_end_context;
    ingest->poller = poller_create(&poller, source, error);
    if (ingest->poller == NULL) {
        goto fail;
    }
    source = NULL; /* owned by the poller now */
    if (pthread_create(&ingest->starter, NULL, start_up, ingest) != 0) {
        error_set(error, ERROR_FATAL, "no thread for the producer's start-up could be made");
        goto fail;
    }
    ingest->starter_runs = true;
    return ingest;

fail:
    source_destroy(source);
    ingest_destroy(ingest, 0, NULL);
    return NULL;
}

/* Reads `sent` last, so that no more are acknowledged than sent. */
static struct ingest_counts counts_of(const struct outlet *outlet)
{
    struct ingest_counts counts = {.acknowledged = atomic_load(&outlet->acknowledged),
                                   .undelivered = atomic_load(&outlet->undelivered)};
    counts.sent = atomic_load(&outlet->sent);
    return counts;
}

void ingest_stats(struct ingest *ingest, struct ingest_stats *stats)
{
    memset(stats, 0, sizeof *stats);
    stats->kind = ingest->config.streams[0].kind;
    stats->source = ingest->source;
    stats->client_id = ingest->config.kafka.client_id;
    poller_stats(ingest->poller, &stats->poller);
    producer_stats(ingest->producer, &stats->producer);
    stats->records = counts_of(&ingest->outlets[0]);
    if (ingest->config.stream_count > 1) {
        stats->events = counts_of(&ingest->outlets[1]);
    }
    pthread_mutex_lock(&ingest->lock);
    memcpy(stats->waiting_for, ingest->waiting_for, sizeof stats->waiting_for);
    stats->failed = ingest->start_failed;
    stats->overlap_coins = ingest->overlap.coins;
    log_overlap_describe(&ingest->overlap, stats->overlap, sizeof stats->overlap);
    pthread_mutex_unlock(&ingest->lock);
    stats->failed = stats->failed || (stats->poller.ended && !stats->poller.healthy);
}

void ingest_destroy(struct ingest *ingest, int flush_ms, struct ingest_stats *stats)
{
    if (ingest == NULL) {
        return;
    }
    if (ingest->starter_runs) {
        pthread_join(ingest->starter, NULL);
    }
    if (ingest->poller != NULL) {
        poller_join(ingest->poller);
    }
    if (ingest->producer != NULL && !producer_flush(ingest->producer, flush_ms)) {
        struct producer_stats sent;
        producer_stats(ingest->producer, &sent);
        log_error("unacknowledged", log_int("messages", sent.queued));
    }
    /* The final figures are read after the threads have ended, but before their owners are
     * freed. */
    if (stats != NULL) {
        ingest_stats(ingest, stats);
    }
    poller_destroy(ingest->poller);
    producer_destroy(ingest->producer, 0);
    for (size_t i = 0; i < INGEST_STREAMS_MAX; i++) {
        encode_plan_destroy(ingest->outlets[i].plan);
    }
    strbuf_free(&ingest->message);
    pthread_mutex_destroy(&ingest->lock);
    free(ingest);
}
