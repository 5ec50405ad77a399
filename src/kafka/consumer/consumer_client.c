#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "kafka/client/client_end.h"
#include "kafka/consumer/consumer_parts.h"

enum {
    ANSWER_MS = 3000,    /* time limit for a coordinator's answer in a rebalance */
    CLIENT_END_MS = 500, /* time limit for rd_kafka_destroy, after leaving the group */
};

static bool get_ms(const rd_kafka_conf_t *conf, const char *key, int64_t *ms)
{
    char text[32];
    size_t size = sizeof text;
    return rd_kafka_conf_get(conf, key, text, &size) == RD_KAFKA_CONF_OK &&
           str_to_int64(str_from(text), ms);
}

/* Limits how long the steps of a rebalance may take: the drain and the coordinator's answers must
 * end well before max.poll.interval.ms, after which the group would evict the member. The
 * coordinator answers JoinGroup when every other member has drained the partitions that are revoked
 * from it, or its session has timed out; join_ms is twice that time. */
static void bound_waits(struct consumer *consumer, const rd_kafka_conf_t *conf)
{
    int64_t limit_ms = 0, session_ms = 0;
    consumer->drain_ms = consumer->config.drain_timeout_ms;
    consumer->answer_ms = ANSWER_MS;
    (void)get_ms(conf, "session.timeout.ms", &session_ms);
    consumer->join_ms = 2 * ((int)session_ms + consumer->drain_ms);
    if (!get_ms(conf, "max.poll.interval.ms", &limit_ms)) {
        return;
    }
    if (consumer->drain_ms > limit_ms / 2) {
        consumer->drain_ms = (int)(limit_ms / 2);
    }
    if (consumer->answer_ms > limit_ms / 8) {
        consumer->answer_ms = (int)(limit_ms / 8);
    }
}

static bool create_conf(struct consumer *consumer, const struct consumer_config *config,
                        struct error *error)
{
    rd_kafka_conf_t *conf =
        kafka_consumer_conf(&config->kafka, config->group, config->strategy, error);
    if (conf == NULL) {
        return false;
    }
    /* Ask for statistics, because they also show when brokers are reachable again; no callback
     * reports that. */
    if (!round_trips_ask(conf, error)) {
        rd_kafka_conf_destroy(conf);
        return false;
    }
    bound_waits(consumer, conf);
    rd_kafka_conf_set_opaque(conf, consumer);
    rd_kafka_conf_set_rebalance_cb(conf, rebalance_callback);
    rd_kafka_conf_set_error_cb(conf, consumer_error_callback);
    rd_kafka_conf_set_stats_cb(conf, consumer_stats_callback);
    consumer->conf = conf;
    return true;
}

/* Sets the client that the other threads use; NULL while there is none. */
static void put_client(struct consumer *consumer, rd_kafka_t *client)
{
    rd_kafka_queue_t *queue = client != NULL ? rd_kafka_queue_get_consumer(client) : NULL;
    pthread_rwlock_wrlock(&consumer->client_lock);
    pthread_mutex_lock(&consumer->lock);
    consumer->client = client;
    consumer->queue = queue;
    pthread_mutex_unlock(&consumer->lock);
    pthread_rwlock_unlock(&consumer->client_lock);
}

/* Creates a client that does not join the group yet. Returns NULL if out of threads or memory. */
static rd_kafka_t *make_client(const struct consumer *consumer, struct error *error)
{
    return kafka_client_create(RD_KAFKA_CONSUMER, rd_kafka_conf_dup(consumer->conf), error);
}

static void use_client(struct consumer *consumer, rd_kafka_t *client)
{
    /* Use one queue for messages and callbacks, so that all callbacks run on the poll thread. */
    (void)rd_kafka_poll_set_consumer(client);
    put_client(consumer, client);
    consumer->generation = -1;
    consumer->joining_since_ns = 0;
    consumer->closing = rd_kafka_queue_new(client);
    consumer->commit.replies = rd_kafka_queue_new(client);
}

static bool subscribe(struct consumer *consumer, struct error *error)
{
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(STREAMS_MAX);
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        rd_kafka_topic_partition_list_add(topics, consumer->named[i].topic, RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer->client, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return error_set(error, ERROR_USAGE, "consumer: topic %s: %s", consumer->named[0].topic,
                         rd_kafka_err2str(code));
    }
    return true;
}

bool consumer_client_create(struct consumer *consumer, const struct consumer_config *config,
                            struct error *error)
{
    if (!create_conf(consumer, config, error)) {
        return false;
    }
    rd_kafka_t *client = make_client(consumer, error);
    if (client == NULL) {
        return false;
    }
    use_client(consumer, client);
    return subscribe(consumer, error);
}

void consumer_client_end(struct consumer *consumer, int64_t end_ns)
{
    rd_kafka_t *client = consumer->client;
    rd_kafka_queue_t *queue = consumer->queue;
    if (client == NULL) {
        return;
    }
    rebalance_free(consumer);
    put_client(consumer, NULL);
    rd_kafka_queue_destroy(consumer->commit.replies);
    rd_kafka_queue_destroy(consumer->closing);
    rd_kafka_queue_destroy(queue);
    /* If the member has not left in time, the coordinator evicts it after its session time-out. */
    bool left = rd_kafka_consumer_closed(client) != 0;
    int64_t now_ns = clock_monotonic_ns();
    client_end(client, left ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE,
               (end_ns > now_ns ? end_ns : now_ns) + CLIENT_END_MS * NS_PER_MS);
}

void consumer_renew(struct consumer *consumer)
{
    struct error error = {0};
    consumer->renew_at_ns = 0;
    /* Create the new client before the old one is destroyed, so that the poll thread always has
     * one. */
    rd_kafka_t *client = make_client(consumer, &error);
    if (client == NULL) {
        consumer_fail(consumer, error.text);
        return;
    }
    consumer->renewing = true;
    consumer_leave(consumer);
    rebalance_give_up(consumer);    /* releases the partitions that are left if leaving did not
                                       end in time */
    consumer->commit.under_way = 0; /* the old client's replies are lost */
    consumer_client_end(consumer, 0);
    consumer->leaving = false;
    consumer->left = false;
    consumer->renewing = false;
    use_client(consumer, client);
    if (!subscribe(consumer, &error)) {
        consumer_fail(consumer, error.text);
    }
}

void consumer_renew_failed(struct consumer *consumer, int64_t now_ns)
{
    if (consumer->renew_at_ns != 0 && now_ns >= consumer->renew_at_ns) {
        consumer_renew(consumer);
    }
}
