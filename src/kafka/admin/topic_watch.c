#include "kafka/admin/topic_watch.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/waiting.h"
#include "kafka/admin/topics.h"
#include "kafka/client/client_trouble.h"

enum {
    EVERY_MS = 5000,
    EVERY_AWAY_MS = 1000,
    END_WAIT_MS = 100, /* limit for the thread's end; after it the thread ends in the background */
};

struct topic_watch {
    rd_kafka_t *client;            /* used on the thread only */
    struct client_trouble trouble; /* the client's newest errors */
    char topic[256];
    pthread_t thread;

    pthread_mutex_t lock; /* protects all members below */
    pthread_cond_t change;
    uint64_t asked, answered; /* callers number their requests for a fresh answer: `asked` is the
                                 newest request, `answered` the newest one that the answer in
                                 `state` satisfies */
    struct topic_id_state state;
    bool closing;
    bool ended; /* the thread no longer touches this struct unless `left` is set */
    bool left;  /* topic_watch_destroy() did not wait for the thread, so the thread frees the
                   struct */
};

static void free_watch(struct topic_watch *watch)
{
    pthread_cond_destroy(&watch->change);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

/* The caller holds the lock. */
static void note(struct topic_watch *watch, const struct topic_id_state *state)
{
    bool away = state->kind == TOPIC_ID_NO_TOPIC, was_away = watch->state.kind == TOPIC_ID_NO_TOPIC;
    struct topic_id id = state->kind == TOPIC_ID_KNOWN ? state->id : watch->state.id;
    watch->state = *state;
    watch->state.id = id;
    if (away && !was_away) {
        log_warn("topic_away", log_text("topic", watch->topic), log_text("reason", state->reason),
                 log_text("remedy", "make it again (candlewick prepare); it is waited for"));
    } else if (was_away && state->kind == TOPIC_ID_KNOWN) {
        log_info("topic_back", log_text("topic", watch->topic), log_text("id", id.text));
    }
}

/* Requests the id. The caller holds the lock, which is released during the request. */
static void ask(struct topic_watch *watch)
{
    uint64_t question = watch->asked;
    pthread_mutex_unlock(&watch->lock);
    struct topic_id_state state = topic_id_ask(watch->client, watch->topic, TOPIC_ID_TIMEOUT_MS);
    (void)rd_kafka_poll(watch->client, 0); /* calls the callbacks that log errors */
    pthread_mutex_lock(&watch->lock);
    note(watch, &state);
    watch->answered = question;
    pthread_cond_broadcast(&watch->change);
}

static void *watch_main(void *argument)
{
    struct topic_watch *watch = argument;
    int64_t next_ns = 0;
    pthread_mutex_lock(&watch->lock);
    while (!watch->closing) {
        if (watch->answered == watch->asked && clock_monotonic_ns() < next_ns) {
            waiting_until(&watch->change, &watch->lock, next_ns);
            continue;
        }
        ask(watch);
        int wait_ms = watch->state.kind == TOPIC_ID_NO_TOPIC ? EVERY_AWAY_MS : EVERY_MS;
        next_ns = clock_monotonic_ns() + wait_ms * NS_PER_MS;
    }
    pthread_mutex_unlock(&watch->lock);
    rd_kafka_destroy(watch->client);

    pthread_mutex_lock(&watch->lock);
    watch->ended = true;
    bool left = watch->left;
    pthread_cond_broadcast(&watch->change);
    pthread_mutex_unlock(&watch->lock);
    if (left) {
        free_watch(watch);
    }
    return NULL;
}

struct topic_watch *topic_watch_create(const struct kafka_settings *settings, const char *topic,
                                       struct error *error)
{
    struct topic_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) {
        (void)error_set(error, ERROR_FATAL, "topic watch: out of memory");
        return NULL;
    }
    pthread_mutex_init(&watch->lock, NULL);
    waiting_init(&watch->change);
    watch->asked = 1;
    (void)str_copy(str_from(topic), watch->topic, sizeof watch->topic);
    rd_kafka_conf_t *conf = kafka_reader_conf(settings, &watch->trouble, error);
    watch->client = conf != NULL ? kafka_client_create(RD_KAFKA_CONSUMER, conf, error) : NULL;
    if (watch->client == NULL) {
        free_watch(watch);
        return NULL;
    }
    if (pthread_create(&watch->thread, NULL, watch_main, watch) != 0) {
        (void)error_set(error, ERROR_FATAL, "topic watch: the system has no thread left");
        rd_kafka_destroy(watch->client);
        free_watch(watch);
        return NULL;
    }
    return watch;
}

void topic_watch_destroy(struct topic_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    int64_t deadline_ns = clock_monotonic_ns() + END_WAIT_MS * NS_PER_MS;
    pthread_mutex_lock(&watch->lock);
    watch->closing = true;
    pthread_cond_broadcast(&watch->change);
    while (!watch->ended && clock_monotonic_ns() < deadline_ns) {
        waiting_until(&watch->change, &watch->lock, deadline_ns);
    }
    bool ended = watch->ended;
    watch->left = !ended;
    pthread_t thread = watch->thread;
    pthread_mutex_unlock(&watch->lock);
    if (ended) {
        (void)pthread_join(thread, NULL);
        free_watch(watch);
    } else {
        (void)pthread_detach(thread);
    }
}

void topic_watch_ask(struct topic_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    watch->asked++;
    pthread_cond_broadcast(&watch->change);
    pthread_mutex_unlock(&watch->lock);
}

void topic_watch_wait(struct topic_watch *watch, int64_t deadline_ns)
{
    pthread_mutex_lock(&watch->lock);
    uint64_t question = watch->asked;
    while (watch->answered < question && clock_monotonic_ns() < deadline_ns) {
        waiting_until(&watch->change, &watch->lock, deadline_ns);
    }
    pthread_mutex_unlock(&watch->lock);
}

struct topic_id_state topic_watch_newest(struct topic_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    struct topic_id_state state = watch->state;
    pthread_mutex_unlock(&watch->lock);
    return state;
}
