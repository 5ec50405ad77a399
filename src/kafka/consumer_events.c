#include <string.h>

#include "kafka/consumer_parts.h"

static void note_kafka_error(struct consumer *consumer, const char *text)
{
    consumer->kafka_told = true;
    pthread_mutex_lock(&consumer->lock);
    (void)str_copy(str_from(text), consumer->obstacles.kafka, sizeof consumer->obstacles.kafka);
    pthread_mutex_unlock(&consumer->lock);
}

static void set_brokers_down(struct consumer *consumer, bool down)
{
    pthread_mutex_lock(&consumer->lock);
    consumer->obstacles.brokers_down = down;
    pthread_mutex_unlock(&consumer->lock);
}

static void take_error(struct consumer *consumer, rd_kafka_resp_err_t code, const char *text)
{
    char fatal[256];
    client_errors_add(&consumer->errors, consumer->client, code, text);
    switch (code) {
    case RD_KAFKA_RESP_ERR__FATAL:
        (void)rd_kafka_fatal_error(consumer->client, fatal, sizeof fatal);
        consumer_fail(consumer, fatal);
        return;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        set_brokers_down(consumer, true);
        return;
    /* One connection of several: librdkafka makes it anew. */
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
        return;
    default:
        note_kafka_error(consumer, text);
    }
}

void consumer_error_callback(rd_kafka_t *client, int code, const char *reason, void *opaque)
{
    (void)client;
    take_error(opaque, (rd_kafka_resp_err_t)code, reason);
}

void consumer_message_error(struct consumer *consumer, const rd_kafka_message_t *message)
{
    take_error(consumer, message->err, rd_kafka_message_errstr(message));
}

/* Every 5 s. RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN comes sooner, but not always, and nothing tells
 * that a broker is back. */
int consumer_stats_callback(rd_kafka_t *client, char *json, size_t length, void *opaque)
{
    (void)client;
    static const char up[] = "\"state\":\"UP\"";
    set_brokers_down(opaque, memmem(json, length, up, sizeof up - 1) == NULL);
    return 0; /* librdkafka frees the text */
}
