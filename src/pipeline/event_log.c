#include "pipeline/event_log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/stop.h"
#include "base/text/str.h"
#include "base/waiting.h"
#include "kafka/producer/producer.h"
#include "pipeline/send_window.h"
#include "record/event_clock.h"
#include "registry/codec/frame.h"

enum {
    /* At most SENT_MAX of the waiting events are passed to the producer. The others stay in `kept`,
     * from which the oldest can be dropped. */
    SENT_MAX = 100,
    KEPT_MAX = EVENT_LOG_WAITING_MAX - SENT_MAX - 1, /* less one, which the thread is passing
                                                        from `kept` to the producer */
    MESSAGE_LIMIT = 65536, /* limit for one encoded event, as long_text.h counts on it */
    LOOK_MS = 50,          /* time between two checks of the producer's queue */
};

/* An event that the producer does not have yet. */
struct kept_event {
    struct event event;
    struct text_arena texts; /* its detail; owned */
};

struct event_log {
    struct event_log_config config;
    struct stop *stop; /* ends the thread */
    struct producer *producer;
    struct encode_plan *plan;
    struct strbuf message; /* used by the thread only */
    int32_t schema_id;     /* used by the thread only */
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock; /* protects the members below */
    pthread_cond_t changed;
    struct event_clock clock;
    bool ended;              /* no more events are accepted */
    struct kept_event *kept; /* ring of KEPT_MAX */
    size_t first, count;     /* index of the oldest event in the ring, and number of events in it */
    int64_t written, given_up;
};

static void on_delivery(void *context, void *token, int32_t partition, int64_t offset,
                        const struct error *error)
{
    struct event_log *log = context;
    (void)token;
    if (offset < 0) {
        log_error("event_undelivered", log_text("reason", error->text));
    }
    if (log->config.send_window == NULL) {
        return;
    }
    if (offset < 0) {
        send_window_release(log->config.send_window);
    } else {
        send_window_delivered(log->config.send_window, partition, offset);
    }
}

/* Takes the oldest event out of the ring. The caller holds the lock, and frees the event's texts.
 */
static struct kept_event take_oldest(struct event_log *log)
{
    struct kept_event oldest = log->kept[log->first];
    log->kept[log->first] = (struct kept_event){.texts = {0}};
    log->first = (log->first + 1) % KEPT_MAX;
    log->count--;
    return oldest;
}

/* Waits for an event in the ring and takes the oldest one out. Returns false once a stop is
 * requested. */
static bool take(struct event_log *log, struct kept_event *event)
{
    pthread_mutex_lock(&log->lock);
    while (log->count == 0 && !stop_requested(log->stop)) {
        waiting_until(&log->changed, &log->lock, clock_monotonic_ns() + NS_PER_SECOND);
    }
    bool taken = log->count > 0 && !stop_requested(log->stop);
    if (taken) {
        *event = take_oldest(log);
    }
    pthread_mutex_unlock(&log->lock);
    return taken;
}

static void give_up(struct event_log *log, const char *reason)
{
    pthread_mutex_lock(&log->lock);
    int64_t given_up = ++log->given_up;
    pthread_mutex_unlock(&log->lock);
    if (given_up == 1 || given_up % EVENT_LOG_WAITING_MAX == 0) {
        log_warn("event_given_up", log_text("reason", reason), log_int("so_far", given_up));
    }
}

/* Waits until the producer has room for another event. Returns false once a stop is requested. */
static bool wait_for_room(struct event_log *log)
{
    struct producer_stats stats;
    producer_stats(log->producer, &stats);
    while (stats.queued >= SENT_MAX) {
        if (stop_wait_ms(log->stop, LOOK_MS)) {
            return false;
        }
        producer_stats(log->producer, &stats);
    }
    return true;
}

static void send_event(struct event_log *log, const struct kept_event *kept)
{
    struct send_window *send_window = log->config.send_window;
    struct error error = {0};
    strbuf_clear(&log->message);
    frame_append_header(&log->message, log->schema_id);
    if (!encode_plan_run(log->plan, &kept->event, &kept->texts, &log->message)) {
        give_up(log, "it cannot be encoded");
        return;
    }
    if (send_window != NULL && !send_window_acquire(send_window, log->stop)) {
        give_up(log, "the program ends");
        return;
    }
    const struct producer_message message = {
        .topic = log->config.topic,
        .key = str_from(kept->event.subject),
        .value = strbuf_str(&log->message),
        .partition = RD_KAFKA_PARTITION_UA,
        .no_wait = true,
    };
    if (!producer_send(log->producer, &message, &error)) {
        if (send_window != NULL) {
            send_window_release(send_window);
        }
        give_up(log, error.text);
    }
}

/* Registers the events' schema. Returns false once a stop is requested, or if the registry refuses
 * the schema. */
static bool register_schema(struct event_log *log)
{
    char subject[REGISTRY_SUBJECT_SIZE];
    struct error error = {0};
    struct backoff backoff = backoff_usual();
    registry_value_subject(log->config.topic, subject);
    while (!registry_register(log->config.registry, subject, event_kind.schema, &log->schema_id,
                              &error)) {
        if (error.kind != ERROR_RETRY) {
            log_error("event_schema", log_text("subject", subject), log_text("reason", error.text));
            return false;
        }
        if (stop_wait_ms(log->stop, backoff_next_ms(&backoff, error.retry_after_ms))) {
            return false;
        }
    }
    return true;
}

static void *run(void *context)
{
    struct event_log *log = context;
    struct kept_event event;
    (void)pthread_setname_np(pthread_self(), "events");
    if (register_schema(log)) {
        while (wait_for_room(log) && take(log, &event)) {
            send_event(log, &event);
            text_arena_free(&event.texts);
        }
    }
    return NULL;
}

static bool open_producer(struct event_log *log, struct error *error)
{
    struct schema *schema = schema_parse(str_from(event_kind.schema), error);
    if (schema == NULL) {
        return false;
    }
    log->plan = encode_plan_compile(schema, event_kind.columns, error);
    schema_destroy(schema);
    const struct producer_config producer = {
        .kafka = log->config.kafka, .on_delivery = on_delivery, .context = log, .stop = log->stop};
    return log->plan != NULL && (log->producer = producer_create(&producer, error)) != NULL;
}

struct event_log *event_log_create(const struct event_log_config *config, struct error *error)
{
    struct event_log *log = calloc(1, sizeof *log);
    struct random random = random_from_system();
    if (log == NULL) {
        (void)error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    log->config = *config;
    log->message = strbuf_new(MESSAGE_LIMIT);
    log->clock = event_clock_random(random_next(&random));
    pthread_mutex_init(&log->lock, NULL);
    waiting_init(&log->changed);
    log->kept = calloc(KEPT_MAX, sizeof *log->kept);
    log->stop = stop_create(error);
    if (log->kept == NULL || log->stop == NULL || !open_producer(log, error)) {
        event_log_destroy(log);
        return NULL;
    }
    if (pthread_create(&log->thread, NULL, run, log) != 0) {
        (void)error_set(error, ERROR_FATAL, "no thread for the events could be made");
        event_log_destroy(log);
        return NULL;
    }
    log->runs = true;
    return log;
}

/* Adds an event, whose texts it takes over, to the end of the ring. If the ring is full, drops the
 * oldest event and returns true. The caller holds the lock. */
static bool keep(struct event_log *log, const struct kept_event *event)
{
    bool full = log->count == KEPT_MAX;
    if (full) {
        struct kept_event oldest = take_oldest(log);
        text_arena_free(&oldest.texts);
        log->given_up++;
    }
    struct kept_event *kept = &log->kept[(log->first + log->count++) % KEPT_MAX];
    *kept = *event;
    kept->event.time_ns = event_clock_next(&log->clock, clock_wall_ns());
    log->written++;
    return full;
}

static bool refused(const struct event *event, const char *reason)
{
    log_error("event_refused", log_text("what", event->what), log_text("subject", event->subject),
              log_text("reason", reason));
    return false;
}

/* Sets the event's detail. Returns whether the event is then valid; logs why it is not. */
static bool complete(struct kept_event *kept, struct str detail)
{
    if (!event_set_detail(&kept->event, &kept->texts, detail)) {
        return refused(&kept->event,
                       detail.length > LONG_TEXT_MAX ? "detail too long" : "out of memory");
    }
    enum event_fault fault = event_check(&kept->event, &kept->texts);
    return fault == EVENT_OK || refused(&kept->event, event_fault_names[fault]);
}

/* Adds an event, whose texts it takes over, unless the log has ended. */
static void add(struct event_log *log, struct kept_event *kept)
{
    pthread_mutex_lock(&log->lock);
    bool ended = log->ended;
    bool first_lost = !ended && keep(log, kept) && log->given_up == 1;
    pthread_cond_broadcast(&log->changed);
    pthread_mutex_unlock(&log->lock);
    if (ended) {
        text_arena_free(&kept->texts);
    }
    if (first_lost) {
        log_warn("event_given_up", log_text("reason", "too many of them wait for Kafka"),
                 log_int("waiting", EVENT_LOG_WAITING_MAX));
    }
}

void event_log_add(struct event_log *log, const char *what, const char *subject, int64_t number,
                   const char *detail)
{
    struct kept_event kept = {.texts = {0}};
    struct event *event = &kept.event;
    if (log == NULL) {
        return;
    }
    event->has_number = number >= 0;
    event->number = number >= 0 ? number : 0;
    event_set_subject(event, str_from(subject));
    (void)str_copy(str_from(what), event->what, sizeof event->what);
    (void)str_copy(str_from(log->config.source), event->source, sizeof event->source);
    if (complete(&kept, str_from(detail != NULL ? detail : ""))) {
        add(log, &kept);
    } else {
        text_arena_free(&kept.texts);
    }
}

void event_log_stats(struct event_log *log, struct event_log_stats *stats)
{
    struct producer_stats producer;
    producer_stats(log->producer, &producer);
    pthread_mutex_lock(&log->lock);
    *stats = (struct event_log_stats){
        .written = log->written,
        .acknowledged = producer.acknowledged,
        .given_up = log->given_up + producer.failed,
    };
    pthread_mutex_unlock(&log->lock);
    stats->waiting = stats->written - stats->acknowledged - stats->given_up;
}

static bool is_done(struct event_log *log)
{
    struct event_log_stats stats;
    event_log_stats(log, &stats);
    return stats.waiting <= 0;
}

bool event_log_end(struct event_log *log, int timeout_ms)
{
    if (log == NULL || !log->runs) {
        return true;
    }
    int64_t until_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    pthread_mutex_lock(&log->lock);
    log->ended = true;
    pthread_mutex_unlock(&log->lock);
    while (!is_done(log) && clock_monotonic_ns() < until_ns) {
        bool flushed = producer_flush(log->producer, LOOK_MS);
        (void)flushed; /* the call only makes librdkafka send at once; is_done() shows the result */
    }
    stop_request(log->stop);
    pthread_mutex_lock(&log->lock);
    pthread_cond_broadcast(&log->changed);
    pthread_mutex_unlock(&log->lock);
    pthread_join(log->thread, NULL);
    log->runs = false;
    struct event_log_stats stats;
    event_log_stats(log, &stats);
    if (stats.waiting > 0) {
        log_warn("events_left", log_int("events", stats.waiting),
                 log_text("reason", "not acknowledged before the end"));
    }
    return stats.waiting <= 0 && stats.given_up == 0;
}

void event_log_destroy(struct event_log *log)
{
    if (log == NULL) {
        return;
    }
    (void)event_log_end(log, 0);
    producer_destroy(log->producer, 0);
    encode_plan_destroy(log->plan);
    stop_destroy(log->stop);
    for (size_t i = 0; log->kept != NULL && i < KEPT_MAX; i++) {
        text_arena_free(&log->kept[i].texts);
    }
    free(log->kept);
    strbuf_free(&log->message);
    pthread_cond_destroy(&log->changed);
    pthread_mutex_destroy(&log->lock);
    free(log);
}
