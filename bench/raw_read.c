/*
 * How fast a topic can be read at all: a member of a group that takes messages and looks at none.
 *
 *     raw_read BROKERS TOPIC GROUP MESSAGES [ours|tuned|defaults]
 *
 * ours: the settings of `candlewick consume`, from the same function. tuned: those with larger
 * fetches and queues, whatever memory it takes. defaults: librdkafka's own. Commits what it has
 * read, and prints one JSON object: messages, bytes, and when (monotonic) the last one came.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "kafka/client/settings.h"

enum { BATCH = 10000, WAIT_MS = 100, SILENCE_S = 60 };

static const struct kafka_property tuned[] = {
    {"queued.min.messages", "1000000"},         {"queued.max.messages.kbytes", "131072"},
    {"fetch.message.max.bytes", "8388608"},     {"fetch.max.bytes", "67108864"},
    {"socket.receive.buffer.bytes", "4194304"},
};

static rd_kafka_conf_t *defaults_conf(const char *brokers, const char *group, struct error *error)
{
    const struct kafka_property settings[] = {
        {"bootstrap.servers", brokers}, {"group.id", group}, {"auto.offset.reset", "earliest"}};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (rd_kafka_conf_set(conf, settings[i].key, settings[i].value, NULL, 0) !=
            RD_KAFKA_CONF_OK) {
            rd_kafka_conf_destroy(conf);
            (void)error_set(error, ERROR_USAGE, "librdkafka refuses %s", settings[i].key);
            return NULL;
        }
    }
    return conf;
}

static rd_kafka_t *open_client(char **argv, const char *mode, struct error *error)
{
    bool is_tuned = strcmp(mode, "tuned") == 0;
    const struct kafka_settings settings = {.brokers = argv[1],
                                            .client_id = "raw-read",
                                            .properties = tuned,
                                            .property_count =
                                                is_tuned ? sizeof tuned / sizeof *tuned : 0};
    rd_kafka_conf_t *conf = strcmp(mode, "defaults") == 0
                                ? defaults_conf(argv[1], argv[3], error)
                                : kafka_consumer_conf(&settings, argv[3], STRATEGY_RANGE, error);
    rd_kafka_t *client = conf != NULL ? kafka_client_create(RD_KAFKA_CONSUMER, conf, error) : NULL;
    if (client == NULL) {
        return NULL;
    }
    rd_kafka_poll_set_consumer(client);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, argv[2], RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(client, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        (void)error_set(error, ERROR_FATAL, "subscribe: %s", rd_kafka_err2str(code));
        rd_kafka_destroy(client);
        return NULL;
    }
    return client;
}

struct reading {
    int64_t messages, bytes, first_ns, last_ns;
    int64_t next[1024]; /* the offset to commit, by partition; 0: nothing was read */
};

static void take(struct reading *reading, const rd_kafka_message_t *message)
{
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return;
    }
    reading->messages++;
    reading->bytes += (int64_t)message->len;
    if ((size_t)message->partition < sizeof reading->next / sizeof *reading->next) {
        reading->next[message->partition] = message->offset + 1;
    }
}

static bool read_all(rd_kafka_t *client, int64_t wanted, struct reading *reading)
{
    static rd_kafka_message_t *messages[BATCH];
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(client);
    reading->last_ns = clock_monotonic_ns();
    while (reading->messages < wanted &&
           clock_monotonic_ns() - reading->last_ns < SILENCE_S * NS_PER_SECOND) {
        ssize_t count = rd_kafka_consume_batch_queue(queue, WAIT_MS, messages, BATCH);
        for (ssize_t i = 0; i < count; i++) {
            take(reading, messages[i]);
            rd_kafka_message_destroy(messages[i]);
        }
        if (count > 0) {
            reading->last_ns = clock_monotonic_ns();
            reading->first_ns = reading->first_ns == 0 ? reading->last_ns : reading->first_ns;
        }
    }
    rd_kafka_queue_destroy(queue);
    return reading->messages >= wanted;
}

static bool commit(rd_kafka_t *client, const char *topic, const struct reading *reading)
{
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(2);
    for (int32_t i = 0; i < (int32_t)(sizeof reading->next / sizeof *reading->next); i++) {
        if (reading->next[i] > 0) {
            rd_kafka_topic_partition_list_add(offsets, topic, i)->offset = reading->next[i];
        }
    }
    rd_kafka_resp_err_t code = rd_kafka_commit(client, offsets, 0);
    rd_kafka_topic_partition_list_destroy(offsets);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR;
}

int main(int argc, char **argv)
{
    int64_t wanted = 0;
    const char *mode = argc > 5 ? argv[5] : "ours";
    if (argc < 5 || argc > 6 || !str_to_int64(str_from(argv[4]), &wanted) ||
        (strcmp(mode, "ours") != 0 && strcmp(mode, "tuned") != 0 &&
         strcmp(mode, "defaults") != 0)) {
        (void)fputs("usage: raw_read BROKERS TOPIC GROUP MESSAGES [ours|tuned|defaults]\n", stderr);
        return 2;
    }
    log_set_level(LOG_WARN);
    static struct reading reading;
    struct error error = {0};
    rd_kafka_t *client = open_client(argv, mode, &error);
    if (client == NULL) {
        (void)fprintf(stderr, "raw_read: %s\n", error.text);
        return 1;
    }
    bool done = read_all(client, wanted, &reading);
    done = commit(client, argv[2], &reading) && done;
    (void)rd_kafka_consumer_close(client);
    rd_kafka_destroy(client);
    (void)printf("{\"lines\":%lld,\"bytes\":%lld,\"first_ns\":%lld,\"last_ns\":%lld}\n",
                 (long long)reading.messages, (long long)reading.bytes, (long long)reading.first_ns,
                 (long long)reading.last_ns);
    return done ? 0 : 1;
}
