/* The rig's questions and waits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "rig.h"

void rig_sleep_ms(int ms)
{
    struct timespec rest = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS};
    while (ms > 0 && nanosleep(&rest, &rest) != 0) {
    }
}

static bool all_durable(void *context)
{
    struct rig *rig = context;
    bool all = true;
    pthread_mutex_lock(&rig->lock);
    for (int p = 0; p < RIG_SLOTS; p++) {
        for (int64_t offset = rig->durable[p]; offset < rig->next_offset[p] && all; offset++) {
            all = rig->stored[p][offset] > 0 || rig->lettered[p][offset] > 0;
        }
    }
    pthread_mutex_unlock(&rig->lock);
    return all;
}

static bool all_committed(void *context)
{
    struct rig *rig = context;
    bool all = true;
    pthread_mutex_lock(&rig->lock);
    for (int p = 0; p < RIG_SLOTS; p++) {
        all = all && rig->committed[p] == rig->next_offset[p];
    }
    pthread_mutex_unlock(&rig->lock);
    return all;
}

void rig_wait_durable(struct rig *rig, int timeout_ms)
{
    if (!support_wait(all_durable, rig, timeout_ms)) {
        fail_msg("not all stored within %d ms: %lld points", timeout_ms,
                 (long long)rig_points(rig));
    }
}

void rig_wait_committed(struct rig *rig, int timeout_ms)
{
    if (!support_wait(all_committed, rig, timeout_ms)) {
        fail_msg("not all committed within %d ms: partition 0 at %lld of %lld", timeout_ms,
                 (long long)rig_committed(rig, 0), (long long)rig->next_offset[0]);
    }
}

bool rig_owns(struct rig_member *member, int32_t partition)
{
    struct consumer_measures measures;
    bool owned = false;
    consumer_measure(member->consumer, &measures);
    for (size_t i = 0; i < measures.partition_count; i++) {
        const struct owned_partition *found = &measures.partitions[i];
        owned = owned || found->stream * RIG_PARTITIONS + found->partition == partition;
    }
    consumer_measures_free(&measures);
    return owned;
}

static bool all_owned_once(struct rig_member *const *members, size_t count)
{
    int owners[RIG_SLOTS] = {0};
    int slots = (int)members[0]->rig->config.stream_count * RIG_PARTITIONS;
    for (size_t i = 0; i < count; i++) {
        for (int p = 0; p < slots; p++) {
            owners[p] += rig_owns(members[i], p) ? 1 : 0;
        }
    }
    for (int p = 0; p < slots; p++) {
        if (owners[p] != 1) {
            return false;
        }
    }
    return true;
}

/* Each partition has one owner, and every member has as many as is even. */
void rig_wait_owned(struct rig_member *const *members, size_t count, int timeout_ms)
{
    size_t least = RIG_PARTITIONS / count;
    int64_t deadline_ns = clock_monotonic_ns() + rig_most_ns(timeout_ms);
    for (;;) {
        bool even = all_owned_once(members, count);
        for (size_t i = 0; i < count; i++) {
            even = even && rig_stats(members[i]).owned_count >= least;
        }
        if (even) {
            return;
        }
        if (clock_monotonic_ns() > deadline_ns) {
            fail_msg("%zu members did not share the partitions within %d ms", count, timeout_ms);
        }
        rig_sleep_ms(10);
    }
}

int64_t rig_points(struct rig *rig)
{
    pthread_mutex_lock(&rig->lock);
    int64_t points = rig->points;
    pthread_mutex_unlock(&rig->lock);
    return points;
}

int64_t rig_committed(struct rig *rig, int32_t partition)
{
    pthread_mutex_lock(&rig->lock);
    int64_t committed = rig->committed[partition];
    pthread_mutex_unlock(&rig->lock);
    return committed;
}

static rd_kafka_t *create_reader(struct rig *rig, const char *group)
{
    char words[200];
    const char *const settings[][2] = {
        {"bootstrap.servers", embedded_kafka_brokers(rig->kafka)},
        {"group.id", group},
        {"enable.auto.commit", "false"},
        {"auto.offset.reset", "earliest"},
        {"enable.partition.eof", "true"},
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        assert_int_equal(
            rd_kafka_conf_set(conf, settings[i][0], settings[i][1], words, sizeof words),
            RD_KAFKA_CONF_OK);
    }
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, words, sizeof words);
    assert_non_null(client);
    return client;
}

int64_t rig_group_offset(struct rig *rig, int32_t partition)
{
    rd_kafka_t *client = create_reader(rig, RIG_GROUP);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, RIG_TOPIC, partition);
    assert_int_equal(rd_kafka_committed(client, list, 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
    int64_t offset = list->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(client);
    return offset;
}

static void copy_header(const rd_kafka_headers_t *headers, const char *name, char *text,
                        size_t size)
{
    const void *value = NULL;
    size_t length = 0;
    assert_int_equal(rd_kafka_header_get_last(headers, name, &value, &length),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
    assert_true(str_copy((struct str){value, length}, text, size));
}

static struct str copy_bytes(const void *bytes, size_t length)
{
    if (bytes == NULL) {
        return (struct str){0};
    }
    char *copy = malloc(length + 1);
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    return (struct str){copy, length};
}

static struct found_letter read_letter(const rd_kafka_message_t *message)
{
    struct found_letter letter = {
        .key = copy_bytes(message->key, message->key_len),
        .value = copy_bytes(message->payload, message->len),
    };
    rd_kafka_headers_t *headers = NULL;
    assert_int_equal(rd_kafka_message_headers(message, &headers), RD_KAFKA_RESP_ERR_NO_ERROR);
    letter.header_count = rd_kafka_header_cnt(headers);
    copy_header(headers, DEAD_LETTER_HEADER_TOPIC, letter.topic, sizeof letter.topic);
    copy_header(headers, DEAD_LETTER_HEADER_TOPIC_ID, letter.topic_id, sizeof letter.topic_id);
    copy_header(headers, DEAD_LETTER_HEADER_PARTITION, letter.partition, sizeof letter.partition);
    copy_header(headers, DEAD_LETTER_HEADER_OFFSET, letter.offset, sizeof letter.offset);
    copy_header(headers, DEAD_LETTER_HEADER_KIND, letter.kind, sizeof letter.kind);
    copy_header(headers, DEAD_LETTER_HEADER_REASON, letter.reason, sizeof letter.reason);
    return letter;
}

/* By place, so that tests can name them. */
static int compare(const void *left, const void *right)
{
    const struct found_letter *a = left, *b = right;
    int64_t a_offset = 0, b_offset = 0;
    int partitions = strcmp(a->partition, b->partition);
    assert_true(str_to_int64(str_from(a->offset), &a_offset));
    assert_true(str_to_int64(str_from(b->offset), &b_offset));
    return partitions != 0 ? partitions : (a_offset > b_offset) - (a_offset < b_offset);
}

void rig_read_letters(struct rig *rig, struct found_letter *letters, size_t count)
{
    rig_read_letters_of(rig, RIG_LETTERS, letters, count);
}

void rig_read_letters_of(struct rig *rig, const char *topic, struct found_letter *letters,
                         size_t count)
{
    rd_kafka_t *client = create_reader(rig, "letters");
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(RIG_PARTITIONS);
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rd_kafka_topic_partition_list_add(list, topic, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    assert_int_equal(rd_kafka_assign(client, list), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_partition_list_destroy(list);
    size_t found = 0, ends = 0;
    while (ends < RIG_PARTITIONS) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(client, 10000);
        assert_non_null(message);
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (found >= count) {
                fail_msg("more than %zu letters", count);
            }
            letters[found++] = read_letter(message);
        } else {
            assert_int_equal(message->err, RD_KAFKA_RESP_ERR__PARTITION_EOF);
            ends++;
        }
        rd_kafka_message_destroy(message);
    }
    assert_int_equal(found, count);
    qsort(letters, count, sizeof *letters, compare);
    rd_kafka_destroy(client);
}

void rig_free_letters(struct found_letter *letters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free((void *)(uintptr_t)letters[i].key.data);
        free((void *)(uintptr_t)letters[i].value.data);
    }
}
