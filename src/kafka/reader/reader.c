#include "kafka/reader/reader.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "kafka/admin/topics.h"
#include "kafka/client/native_message.h"
#include "kafka/reader/reader_internal.h"

static bool open_client(struct reader *reader, struct error *error)
{
    reader->client = kafka_client_create(RD_KAFKA_CONSUMER, rd_kafka_conf_dup(reader->conf), error);
    if (reader->client == NULL) {
        return false;
    }
    reader->topic = rd_kafka_topic_new(reader->client, reader->name, NULL);
    return reader->topic != NULL || error_set(error, ERROR_FATAL, "topic %.100s: %s", reader->name,
                                              rd_kafka_err2str(rd_kafka_last_error()));
}

static void close_client(struct reader *reader)
{
    if (reader->topic != NULL) {
        rd_kafka_topic_destroy(reader->topic);
    }
    if (reader->client != NULL) {
        rd_kafka_destroy(reader->client);
    }
    reader->topic = NULL;
    reader->client = NULL;
}

/* `wait_ms` is how long a fetch waits for messages; NULL: as librdkafka does. */
static struct reader *create(const struct kafka_settings *settings, const char *topic,
                             const char *wait_ms, struct error *error)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        (void)error_set(error, ERROR_FATAL, "reader: out of memory");
        return NULL;
    }
    if (!topic_name_check(topic, error)) {
        goto fail;
    }
    (void)str_copy(str_from(topic), reader->name, sizeof reader->name);
    reader->settings = settings;
    reader->conf = kafka_reader_conf(settings, &reader->trouble, error);
    if (reader->conf == NULL) {
        goto fail;
    }
    if (wait_ms != NULL) { /* cannot fail: the name and the value are valid */
        (void)rd_kafka_conf_set(reader->conf, "fetch.wait.max.ms", wait_ms, NULL, 0);
    }
    if (!open_client(reader, error)) {
        goto fail;
    }
    return reader;
fail:
    reader_destroy(reader);
    return NULL;
}

struct reader *reader_create(const struct kafka_settings *settings, const char *topic,
                             struct error *error)
{
    return create(settings, topic, NULL, error);
}

struct reader *reader_create_to_end(const struct kafka_settings *settings, const char *topic,
                                    struct error *error)
{
    return create(settings, topic, "20", error);
}

void reader_destroy(struct reader *reader)
{
    if (reader == NULL) {
        return;
    }
    close_client(reader);
    if (reader->conf != NULL) {
        rd_kafka_conf_destroy(reader->conf);
    }
    free(reader);
}

bool reader_renew(struct reader *reader, struct error *error)
{
    close_client(reader);
    return open_client(reader, error);
}

struct topic_id reader_topic_id(const struct reader *reader)
{
    return reader->topic_id;
}

bool reader_check_topic(struct reader *reader, int timeout_ms, struct error *error)
{
    int wait_ms = timeout_ms < TOPIC_ID_TIMEOUT_MS ? timeout_ms : TOPIC_ID_TIMEOUT_MS;
    struct topic_id_state state = topic_id_ask(reader->client, reader->name, wait_ms);
    if (!topic_id_known(&reader->topic_id)) {
        reader->topic_id = state.id;
        return true; /* an unknown id or a missing topic is not an error here; later requests
                        report that */
    }
    if (state.kind == TOPIC_ID_NO_TOPIC) {
        return error_set(error, ERROR_RETRY, "topic %.100s was deleted meanwhile", reader->name);
    }
    return topic_id_same(reader->name, &reader->topic_id, &state.id, error);
}

void reader_heed(struct reader *reader, const struct stop *stop)
{
    reader->stop = stop;
}

void reader_order(struct reader *reader, message_time time_of, void *context)
{
    reader->time_of = time_of;
    reader->time_context = context;
}

static bool query(struct reader *reader, struct partition_range *range, int64_t deadline_ns,
                  struct error *error)
{
    rd_kafka_resp_err_t code =
        rd_kafka_query_watermark_offsets(reader->client, reader->name, range->partition,
                                         &range->begin, &range->end, deadline_left_ms(deadline_ns));
    if (code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) { /* the partition exists, because the
                                                           brokers listed it */
        return error_set(error, ERROR_RETRY, "offsets of %.100s partition %d: it has no leader now",
                         reader->name, range->partition);
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return client_trouble_explain(&reader->trouble, code, error,
                                      "offsets of %.100s partition %d", reader->name,
                                      (int)range->partition);
    }
    return true;
}

static bool query_until(struct reader *reader, struct partition_range *range, int64_t deadline_ns,
                        struct error *error)
{
    struct error why = {.kind = ERROR_NONE};
    while (!query(reader, range, deadline_ns, &why)) {
        if (!deadline_ask_again(&why, deadline_ns)) {
            return error_pass(error, &why);
        }
    }
    return true;
}

bool reader_ranges(struct reader *reader, struct partition_range **ranges, size_t *count,
                   int timeout_ms, struct error *error)
{
    int64_t deadline_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    int partitions = topic_partitions(reader->client, reader->name, timeout_ms, error);
    if (partitions == 0 || !reader_check_topic(reader, deadline_left_ms(deadline_ns), error)) {
        return false;
    }
    struct partition_range *found = calloc((size_t)partitions, sizeof *found);
    if (found == NULL) {
        return error_set(error, ERROR_FATAL, "reader: out of memory");
    }
    for (int i = 0; i < partitions; i++) {
        found[i].partition = i;
        if (!query_until(reader, &found[i], deadline_ns, error)) {
            free(found);
            return false;
        }
    }
    *ranges = found;
    *count = (size_t)partitions;
    return true;
}

int32_t reader_partition_of(const struct reader *reader, struct str key, size_t partitions)
{
    return rd_kafka_msg_partitioner_murmur2(reader->topic, key.data, key.length,
                                            (int32_t)partitions, NULL, NULL);
}

/* Asks for the first offset of that time or later of each partition in the list;
 * RD_KAFKA_OFFSET_END where there is none. */
static bool ask_for_time(struct reader *reader, rd_kafka_topic_partition_list_t *list,
                         int64_t time_ms, int timeout_ms, struct error *error)
{
    for (int i = 0; i < list->cnt; i++) {
        list->elems[i].offset = time_ms;
    }
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(reader->client, list, timeout_ms);
    for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        code = list->elems[i].err;
    }
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
           error_set(error, kafka_error_kind(code), "%.100s: %s", reader->name,
                     rd_kafka_err2str(code));
}

static rd_kafka_topic_partition_list_t *list_of(const struct reader *reader,
                                                const struct partition_range *ranges, size_t count)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++) {
        (void)rd_kafka_topic_partition_list_add(list, reader->name, ranges[i].partition);
    }
    return list;
}

bool reader_since(struct reader *reader, struct partition_range *ranges, size_t count,
                  int64_t time_ms, int timeout_ms, struct error *error)
{
    /* A broker that knows times finds a message since 1970 in each partition that has one. */
    rd_kafka_topic_partition_list_t *all = list_of(reader, ranges, count);
    rd_kafka_topic_partition_list_t *since = list_of(reader, ranges, count);
    bool done = ask_for_time(reader, all, 0, timeout_ms, error) &&
                ask_for_time(reader, since, time_ms, timeout_ms, error);
    for (size_t i = 0; done && i < count; i++) {
        int64_t offset = since->elems[i].offset;
        if (all->elems[i].offset >= 0) {
            offset = offset >= 0 && offset < ranges[i].end ? offset : ranges[i].end;
            ranges[i].begin = offset > ranges[i].begin ? offset : ranges[i].begin;
        }
    }
    rd_kafka_topic_partition_list_destroy(all);
    rd_kafka_topic_partition_list_destroy(since);
    return done;
}

bool reader_start(struct reader *reader, rd_kafka_queue_t *queue, int32_t partition, int64_t offset,
                  struct error *error)
{
    if (rd_kafka_consume_start_queue(reader->topic, partition, offset, queue) != 0) {
        rd_kafka_resp_err_t code = rd_kafka_last_error();
        return error_set(error, kafka_error_kind(code), "%.100s partition %d: %s", reader->name,
                         partition, rd_kafka_err2str(code));
    }
    return true;
}

size_t reader_take(rd_kafka_queue_t *queue, int wait_ms, rd_kafka_message_t **messages, size_t most)
{
    messages[0] = rd_kafka_consume_queue(queue, wait_ms);
    if (messages[0] == NULL) {
        return 0;
    }
    ssize_t more = rd_kafka_consume_batch_queue(queue, 0, messages + 1, most - 1);
    return 1 + (more > 0 ? (size_t)more : 0);
}

void reader_stop(struct reader *reader, int32_t partition)
{
    (void)rd_kafka_consume_stop(reader->topic, partition);
}

struct message reader_message(const struct reader *reader, const rd_kafka_message_t *from)
{
    const rd_kafka_headers_t *headers = native_headers(from);
    return (struct message){
        .topic = reader->name,
        .partition = from->partition,
        .offset = from->offset,
        .encoded = native_encoded(from, headers),
        .headers = headers,
    };
}

bool message_header(const struct message *message, const char *name, struct str *value)
{
    return native_header(message->headers, name, value);
}
