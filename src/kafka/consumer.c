#include "kafka/consumer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "kafka/client_end.h"
#include "kafka/consumer_parts.h"
#include "kafka/waiting.h"

enum {
    WRITERS_MAX = 16,
    LEAVE_MIN_MS = 500,  /* kept of the end's time for the last commit and for leaving */
    ANSWER_MS = 3000,    /* for a coordinator's answer in a rebalance */
    CLIENT_END_MS = 500, /* for librdkafka's own end, after that time */
};

static bool check(const struct consumer_config *config, struct error *error)
{
    if (config->topic == NULL || *config->topic == '\0') {
        return error_set(error, ERROR_USAGE, "consumer: no topic: name it with --topic");
    }
    if (config->group == NULL || *config->group == '\0') {
        return error_set(error, ERROR_USAGE, "consumer: no group: name it with --group");
    }
    if (config->writers < 1 || config->writers > WRITERS_MAX) {
        return error_set(error, ERROR_USAGE, "consumer: %d writers: 1 to %d are allowed",
                         config->writers, WRITERS_MAX);
    }
    if (config->batch_ticks == 0 || config->batch_bytes == 0 || config->queue_batches == 0 ||
        config->batch_age_ms < 0 || config->drain_timeout_ms < 0) {
        return error_set(error, ERROR_USAGE,
                         "consumer: batches need ticks, bytes and a queue above 0, and no time "
                         "below 0");
    }
    if (config->decode == NULL || config->write == NULL || config->dead_letters == NULL ||
        config->dead_letter_topic == NULL) {
        return error_set(error, ERROR_USAGE, "consumer: nowhere to put messages");
    }
    return true;
}

static bool copy_text(char **to, const char *from, struct error *error)
{
    *to = strdup(from != NULL ? from : "");
    return *to != NULL || error_set(error, ERROR_FATAL, "consumer: out of memory");
}

/* The configuration is the consumer's own from here on. */
static bool copy_config(struct consumer *consumer, const struct consumer_config *config,
                        struct error *error)
{
    struct consumer_config *own = &consumer->config;
    const char *id = config->kafka.client_id;
    *own = *config;
    if (!copy_text(&consumer->brokers, config->kafka.brokers, error) ||
        !copy_text(&consumer->client_id, id != NULL && *id != '\0' ? id : "candlewick", error) ||
        !copy_text(&consumer->topic, config->topic, error) ||
        !copy_text(&consumer->dead_letter_topic, config->dead_letter_topic, error)) {
        return false;
    }
    own->kafka = (struct kafka_settings){0}; /* only for creation */
    own->topic = consumer->topic;
    own->group = NULL;
    own->dead_letter_topic = consumer->dead_letter_topic;
    return true;
}

/* A rebalance's waits together must end long before the group gives the member up. */
static void bound_waits(struct consumer *consumer, const rd_kafka_conf_t *conf)
{
    char text[32];
    size_t size = sizeof text;
    int64_t limit_ms = 0;
    consumer->drain_ms = consumer->config.drain_timeout_ms;
    consumer->answer_ms = ANSWER_MS;
    if (rd_kafka_conf_get(conf, "max.poll.interval.ms", text, &size) != RD_KAFKA_CONF_OK ||
        !str_to_int64(str_from(text), &limit_ms)) {
        return;
    }
    if (consumer->drain_ms > limit_ms / 2) {
        consumer->drain_ms = (int)(limit_ms / 2);
    }
    if (consumer->answer_ms > limit_ms / 8) {
        consumer->answer_ms = (int)(limit_ms / 8);
    }
}

static bool create_client(struct consumer *consumer, const struct consumer_config *config,
                          struct error *error)
{
    rd_kafka_conf_t *conf =
        kafka_consumer_conf(&config->kafka, config->group, config->strategy, error);
    if (conf == NULL) {
        return false;
    }
    /* Statistics tell too that brokers are back. */
    if (!round_trips_ask(conf, error)) {
        rd_kafka_conf_destroy(conf);
        return false;
    }
    bound_waits(consumer, conf);
    rd_kafka_conf_set_opaque(conf, consumer);
    rd_kafka_conf_set_rebalance_cb(conf, rebalance_callback);
    rd_kafka_conf_set_error_cb(conf, consumer_error_callback);
    rd_kafka_conf_set_stats_cb(conf, consumer_stats_callback);
    consumer->client = kafka_client_create(RD_KAFKA_CONSUMER, conf, error);
    if (consumer->client == NULL) {
        return false;
    }
    /* One queue for messages and callbacks: all of them on the poll thread. */
    (void)rd_kafka_poll_set_consumer(consumer->client);
    consumer->queue = rd_kafka_queue_get_consumer(consumer->client);
    consumer->closing = rd_kafka_queue_new(consumer->client);
    consumer->commit.replies = rd_kafka_queue_new(consumer->client);
    return true;
}

static bool subscribe(struct consumer *consumer, struct error *error)
{
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, consumer->topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer->client, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return error_set(error, ERROR_USAGE, "consumer: topic %s: %s", consumer->topic,
                         rd_kafka_err2str(code));
    }
    return true;
}

static bool create_letters(struct consumer *consumer, struct error *error)
{
    const struct dead_letters_config config = {
        .producer = consumer->config.dead_letters,
        .topic = consumer->dead_letter_topic,
        .source_topic = consumer->topic,
        .acknowledged = writers_letter_acknowledged,
        .context = consumer,
    };
    consumer->letters = dead_letters_create(&config, error);
    return consumer->letters != NULL;
}

static bool create_stop(struct consumer *consumer, struct error *error)
{
    consumer->write_stop = consumer->config.write_stop;
    if (consumer->write_stop == NULL) {
        consumer->write_stop = stop_create(error);
        consumer->owns_write_stop = true;
    }
    return consumer->write_stop != NULL;
}

static bool start(struct consumer *consumer, struct error *error)
{
    if (!writers_start(consumer, error)) {
        return false;
    }
    if (pthread_create(&consumer->poll_thread, NULL, consumer_poll_main, consumer) != 0) {
        return error_set(error, ERROR_FATAL, "consumer: the system has no thread left");
    }
    consumer->poll_started = true;
    return true;
}

struct consumer *consumer_create(const struct consumer_config *config, struct error *error)
{
    if (!check(config, error)) {
        return NULL;
    }
    struct consumer *consumer = calloc(1, sizeof *consumer);
    if (consumer == NULL) {
        (void)error_set(error, ERROR_FATAL, "consumer: out of memory");
        return NULL;
    }
    pthread_mutex_init(&consumer->lock, NULL);
    waiting_init(&consumer->work);
    waiting_init(&consumer->progress);
    measures_init(&consumer->measures);
    consumer->rebalancing_since_ns = clock_monotonic_ns();
    if (copy_config(consumer, config, error) && create_stop(consumer, error) &&
        create_client(consumer, config, error) && create_letters(consumer, error) &&
        subscribe(consumer, error) && start(consumer, error)) {
        return consumer;
    }
    consumer_destroy(consumer, NULL);
    return NULL;
}

const char *consumer_client_id(const struct consumer *consumer)
{
    return consumer->client_id;
}

void consumer_member_id(const struct consumer *consumer, char *id, size_t size)
{
    char *member = rd_kafka_memberid(consumer->client);
    (void)str_copy(str_from(member != NULL ? member : ""), id, size);
    if (member != NULL) {
        rd_kafka_mem_free(consumer->client, member);
    }
}

/* Asks all threads to end, and waits for them. */
static void end_threads(struct consumer *consumer)
{
    int total_ms = consumer->config.drain_timeout_ms;
    int leave_ms = total_ms / 8 > LEAVE_MIN_MS ? total_ms / 8 : LEAVE_MIN_MS;
    if (leave_ms > total_ms / 2) {
        leave_ms = total_ms / 2;
    }
    pthread_mutex_lock(&consumer->lock);
    consumer->stopping = true;
    consumer->end_ns = clock_monotonic_ns() + total_ms * NS_PER_MS;
    consumer->drain_end_ns = consumer->end_ns - leave_ms * NS_PER_MS;
    consumer->abandoned = !consumer->poll_started;
    pthread_cond_broadcast(&consumer->work);
    pthread_cond_broadcast(&consumer->progress);
    pthread_mutex_unlock(&consumer->lock);
    if (consumer->poll_started) {
        rd_kafka_queue_yield(consumer->queue);
        (void)pthread_join(consumer->poll_thread, NULL);
    }
    writers_join(consumer);
}

static void free_batches(struct consumer *consumer)
{
    struct batch *lists[] = {consumer->watermark.head, consumer->spare};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (struct batch *batch = lists[i], *next; batch != NULL; batch = next) {
            next = batch->next;
            batch_destroy(batch);
        }
    }
    watermark_free(&consumer->watermark);
}

static void free_client(struct consumer *consumer)
{
    if (consumer->client == NULL) {
        return;
    }
    rebalance_free(consumer);
    rd_kafka_queue_destroy(consumer->commit.replies);
    rd_kafka_queue_destroy(consumer->closing);
    rd_kafka_queue_destroy(consumer->queue);
    /* Where leaving did not end in time the group finds out by itself. */
    bool left = rd_kafka_consumer_closed(consumer->client) != 0;
    int64_t now_ns = clock_monotonic_ns();
    int64_t end_ns = consumer->end_ns > now_ns ? consumer->end_ns : now_ns;
    client_end(consumer->client, left ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE,
               end_ns + CLIENT_END_MS * NS_PER_MS);
}

void consumer_destroy(struct consumer *consumer, struct consumer_stats *stats)
{
    if (consumer == NULL) {
        return;
    }
    end_threads(consumer);
    struct consumer_stats last = {0};
    if (consumer->letters != NULL) {
        consumer_stats(consumer, &last);
    }
    if (last.queued_ticks > 0) {
        log_warn("not_written", log_text("member", consumer->client_id),
                 log_int("messages", last.queued_ticks),
                 log_text("remedy", "none needed: not committed, the next member gets them"));
    }
    if (stats != NULL) {
        *stats = last;
    }
    dead_letters_close(consumer->letters);
    intake_free(consumer);
    free_batches(consumer);
    free_client(consumer);
    free(consumer->commit.items);
    free(consumer->writers);
    if (consumer->owns_write_stop) {
        stop_destroy(consumer->write_stop);
    }
    pthread_cond_destroy(&consumer->progress);
    pthread_cond_destroy(&consumer->work);
    pthread_mutex_destroy(&consumer->lock);
    free(consumer->brokers);
    free(consumer->client_id);
    free(consumer->topic);
    free(consumer->dead_letter_topic);
    free(consumer);
}
