#include "rig.h"
#include "record/bar.h"
#include "record/ticker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "kafka/consumer/consumer_parts.h"

static double price_of(int partition, int64_t offset)
{
    return 1000.0 * (partition + 1) + (double)offset / 16;
}

static void violate(struct rig *rig, const char *what, int partition, int64_t offset)
{
    if (rig->violation[0] == '\0') {
        (void)snprintf(rig->violation, sizeof rig->violation, "%s: partition %d, offset %lld", what,
                       partition, (long long)offset);
    }
}

static void fill_tick(struct ticker *tick, int partition, int64_t offset)
{
    memset(tick, 0, sizeof *tick);
    (void)snprintf(tick->symbol, sizeof tick->symbol, "p%d", partition);
    tick->seq = offset;
    tick->event_time_ns = offset + 1;
    tick->last_price = price_of(partition, offset);
}

static void fill_bar(struct bar *bar, int partition, int64_t offset)
{
    memset(bar, 0, sizeof *bar);
    (void)snprintf(bar->symbol, sizeof bar->symbol, "p%d", partition);
    bar->trades = offset;
    bar->time_ns = offset + 1;
    bar->close = price_of(partition, offset);
}

/* "T 3 17": the message at offset 17 of partition 3. One that begins with S has a schema of its
 * own, which is known when it is asked for a second time. */
static enum decode_answer decode(void *context, int stream, const struct encoded_message *message,
                                 void *record, struct text_arena *texts, struct error *error)
{
    (void)texts;
    struct rig *rig = context;
    int partition = 0;
    long long offset = 0;
    char text[64];
    (void)str_copy(message->value, text, sizeof text);
    if (text[0] == 'W' && !atomic_load(&rig->schema_known)) {
        error_set(error, ERROR_RETRY, "schema 7 is being fetched");
        return DECODE_WAIT;
    }
    if (text[0] == 'A') {
        error_set(error, ERROR_REJECT, "of tomorrow");
        return DECODE_AHEAD;
    }
    char *end = NULL;
    if (text[0] == 'T' || text[0] == 'W' || text[0] == 'S') {
        partition = (int)strtol(text + 1, &end, 10);
        offset = strtoll(end, &end, 10);
    }
    if (end == NULL || *end != '\0' || message->key.length == 0) {
        error_set(error, ERROR_REJECT, "no tick: it begins with %c", text[0]);
        return DECODE_BAD;
    }
    if (text[0] == 'S' && atomic_exchange(&rig->asked_for, offset) != offset) {
        error_set(error, ERROR_RETRY, "schema %lld is being fetched", offset);
        return DECODE_WAIT;
    }
    if (partition / RIG_PARTITIONS != stream) {
        violate(rig, "a message of the other stream", partition, offset);
    }
    if (stream == 0) {
        fill_tick(record, partition, offset);
    } else {
        fill_bar(record, partition, offset);
    }
    return DECODE_RECORD;
}

/* What take_point() needs of a record of either kind. */
struct point {
    int partition;
    int64_t offset, time;
    double price;
};

static struct point point_at(const struct record_set *records, size_t index)
{
    const struct ticker *tick = record_set_at(records, index);
    const struct bar *bar = record_set_at(records, index);
    if (records->kind == &ticker_kind) {
        return (struct point){(int)strtol(tick->symbol + 1, NULL, 10), tick->seq,
                              tick->event_time_ns, tick->last_price};
    }
    return (struct point){(int)strtol(bar->symbol + 1, NULL, 10), bar->trades, bar->time_ns,
                          bar->close};
}

static void take_point(struct rig *rig, const struct point *point)
{
    double price = price_of(point->partition, point->offset);
    if (point->price < price || point->price > price || point->time != point->offset + 1) {
        violate(rig, "a conflicting point", point->partition, point->offset);
    }
    uint32_t *times = &rig->stored[point->partition][point->offset];
    rig->points += *times == 0 ? 1 : 0;
    ++*times;
}

static bool write_points(void *context, int writer, const struct record_set *records,
                         struct rejected_list *rejected, struct error *error)
{
    (void)writer;
    struct rig *rig = context;
    size_t count = records->count;
    int rejects_every = atomic_load(&rig->store_rejects_every);
    rig_sleep_ms(atomic_load(&rig->store_delay_ms));
    pthread_mutex_lock(&rig->lock);
    rig->calls++;
    rig->batch_max = count > rig->batch_max ? count : rig->batch_max;
    bool away = atomic_load(&rig->store_away);
    rig->failed_calls += away ? 1 : 0;
    bool ok = true;
    for (size_t i = 0; i < count && !away; i++) {
        const struct point point = point_at(records, i);
        if (rejects_every > 0 && point.offset % rejects_every == 0) {
            ok = ok && rejected_list_add(rejected, i, "field type clash");
        } else {
            take_point(rig, &point);
        }
    }
    pthread_mutex_unlock(&rig->lock);
    if (away || !ok) {
        error_set(error, atomic_load(&rig->store_newer) ? ERROR_FATAL : ERROR_RETRY,
                  "the test's store is away");
        error->retry_after_ms = atomic_load(&rig->store_retry_after_ms);
        return false;
    }
    return true;
}

static void on_letter(void *context, void *token, int32_t partition, int64_t offset,
                      const struct error *error)
{
    struct rig *rig = context;
    const struct dead_letter *letter = token;
    if (offset >= 0) {
        const struct place *place = &letter->origin.place;
        pthread_mutex_lock(&rig->lock);
        int slot = letter->stream * RIG_PARTITIONS + place->partition;
        uint32_t *times = &rig->lettered[slot][place->offset];
        rig->letter_count += *times == 0 ? 1 : 0;
        ++*times;
        pthread_mutex_unlock(&rig->lock);
    }
    consumer_dead_letter_delivered(NULL, token, partition, offset, error);
}

/* Under the lock. */
static int64_t durable(struct rig *rig, int32_t partition)
{
    int64_t *end = &rig->durable[partition];
    while (*end < RIG_OFFSETS &&
           (rig->stored[partition][*end] > 0 || rig->lettered[partition][*end] > 0)) {
        ++*end;
    }
    return *end;
}

static void on_commit(void *context, struct stream_partition where, int64_t next_offset)
{
    const struct rig_member *member = context;
    int32_t partition = where.stream * RIG_PARTITIONS + where.partition;
    struct rig *rig = member->rig;
    pthread_mutex_lock(&rig->lock);
    if (next_offset > durable(rig, partition)) {
        violate(rig, "committed before it was durable", partition, next_offset);
    }
    rig->committed[partition] = next_offset;
    rig->commits++;
    pthread_mutex_unlock(&rig->lock);
}

/* On the poll thread, which knows what it was handed out. */
static void check_drained(struct rig_member *member, const struct assignment_event *event)
{
    struct rig *rig = member->rig;
    for (size_t i = 0; i < event->count; i++) {
        int32_t partition = event->stream * RIG_PARTITIONS + event->partitions[i];
        int64_t expected =
            member->consumer->streams[event->stream].partitions[event->partitions[i]].expected;
        pthread_mutex_lock(&rig->lock);
        if (expected > durable(rig, partition)) {
            violate(rig, "revoked before it was written", partition, expected);
        }
        pthread_mutex_unlock(&rig->lock);
        atomic_fetch_add(&member->drained, expected > 0 ? 1 : 0);
    }
}

static void on_assignment(void *context, const struct assignment_event *event)
{
    struct rig_member *member = context;
    atomic_int *counters[] = {
        [ASSIGNMENT_ASSIGNED] = &member->assigned,
        [ASSIGNMENT_REVOKED] = &member->revoked,
        [ASSIGNMENT_LOST] = &member->lost,
    };
    atomic_fetch_add(counters[event->kind], 1);
    if (member->may_not_hold && event->kind == ASSIGNMENT_REVOKED) {
        check_drained(member, event);
    }
    if (strcmp(event->member, member->name) != 0 || event->time_ns <= 0) {
        pthread_mutex_lock(&member->rig->lock);
        violate(member->rig, "an event of nobody", -1, 0);
        pthread_mutex_unlock(&member->rig->lock);
    }
}

static rd_kafka_t *create_log(const char *brokers)
{
    char words[200];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    assert_int_equal(rd_kafka_conf_set(conf, "bootstrap.servers", brokers, words, sizeof words), 0);
    assert_int_equal(rd_kafka_conf_set(conf, "linger.ms", "2", words, sizeof words), 0);
    assert_int_equal(rd_kafka_conf_set(conf, "enable.idempotence", "true", words, sizeof words), 0);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words);
    assert_non_null(client);
    return client;
}

static void create_topic(struct rig *rig, const char *name)
{
    struct error error = {0};
    const struct topic_spec spec = {.name = name, .partitions = RIG_PARTITIONS, .replication = 3};
    if (!embedded_kafka_create_topic(rig->kafka, &spec, &error)) {
        fail_msg("%s", error.text);
    }
}

static void fill_config(struct rig *rig)
{
    rig->streams[0] = (struct stream){&ticker_kind, RIG_TOPIC, RIG_LETTERS};
    rig->streams[1] = (struct stream){&bar_kind, RIG_BARS, RIG_BAR_LETTERS};
    rig->properties[0] = (struct kafka_property){"session.timeout.ms", "2000"};
    rig->properties[1] = (struct kafka_property){"heartbeat.interval.ms", "200"};
    rig->config = (struct consumer_config){
        .kafka = {.brokers = embedded_kafka_brokers(rig->kafka),
                  .properties = rig->properties,
                  .property_count = 2},
        .streams = rig->streams,
        .stream_count = 1,
        .group = RIG_GROUP,
        .decode = decode,
        .write = write_points,
        .context = rig,
        .writers = 3,
        .batch_ticks = 100,
        .batch_bytes = 1 << 20,
        .batch_age_ms = 50,
        .queue_batches = 8,
        .drain_timeout_ms = 4000,
        .dead_letters = rig->letters,
        .on_assignment = on_assignment,
        .on_commit = on_commit,
    };
}

struct rig *rig_create(void)
{
    struct error error = {0};
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    pthread_mutex_init(&rig->lock, NULL);
    rig->kafka = embedded_kafka_create(3, &error);
    rig->stop = stop_create(&error);
    assert_non_null(rig->kafka);
    assert_non_null(rig->stop);
    /* As often as the classic protocol's members of fill_config(): a member learns by its heartbeat
     * what changes. */
    rd_kafka_mock_set_group_consumer_heartbeat_interval_ms(embedded_kafka_mock(rig->kafka), 200);
    create_topic(rig, RIG_TOPIC);
    create_topic(rig, RIG_LETTERS);
    rig->log = create_log(embedded_kafka_brokers(rig->kafka));
    const struct producer_config config = {
        .kafka = {.brokers = embedded_kafka_brokers(rig->kafka), .client_id = "letters"},
        .on_delivery = on_letter,
        .context = rig,
        .stop = rig->stop,
    };
    rig->letters = producer_create(&config, &error);
    if (rig->letters == NULL) {
        fail_msg("%s", error.text);
    }
    fill_config(rig);
    return rig;
}

void rig_add_bars(struct rig *rig)
{
    create_topic(rig, RIG_BARS);
    create_topic(rig, RIG_BAR_LETTERS);
    rig->config.stream_count = 2;
}

void rig_destroy(struct rig *rig)
{
    char violation[sizeof rig->violation];
    memcpy(violation, rig->violation, sizeof violation);
    producer_destroy(rig->letters, 1000);
    rd_kafka_destroy(rig->log);
    embedded_kafka_destroy(rig->kafka);
    stop_destroy(rig->stop);
    pthread_mutex_destroy(&rig->lock);
    free(rig);
    if (violation[0] != '\0') {
        fail_msg("%s", violation);
    }
}

void rig_produce_raw(struct rig *rig, int32_t partition, struct str key, struct str value)
{
    assert_true(rig->next_offset[partition] < RIG_OFFSETS);
    rd_kafka_resp_err_t code;
    do {
        code = rd_kafka_producev(
            rig->log, RD_KAFKA_V_TOPIC(rig->streams[partition / RIG_PARTITIONS].topic),
            RD_KAFKA_V_PARTITION(partition % RIG_PARTITIONS), RD_KAFKA_V_KEY(key.data, key.length),
            RD_KAFKA_V_VALUE((void *)(uintptr_t)value.data, value.length),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        (void)rd_kafka_poll(rig->log, code == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : 10);
    } while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL);
    assert_int_equal(code, RD_KAFKA_RESP_ERR_NO_ERROR);
    rig->next_offset[partition]++;
}

void rig_produce(struct rig *rig, int32_t partition, int count)
{
    for (int i = 0; i < count; i++) {
        char value[64];
        int length = snprintf(value, sizeof value, "T %d %lld", (int)partition,
                              (long long)rig->next_offset[partition]);
        rig_produce_raw(rig, partition, str_from("key"), (struct str){value, (size_t)length});
    }
    assert_int_equal(rd_kafka_flush(rig->log, 20000), RD_KAFKA_RESP_ERR_NO_ERROR);
}

void rig_join(struct rig *rig, struct rig_member *member, const char *name, enum strategy strategy)
{
    struct error error = {0};
    member->rig = rig;
    (void)snprintf(member->name, sizeof member->name, "%s", name);
    struct consumer_config config = rig->config;
    config.kafka.client_id = member->name;
    config.strategy = strategy;
    config.event_context = member;
    if (strategy == STRATEGY_CONSUMER) {
        config.kafka.property_count = 0;
    }
    member->consumer = consumer_create(&config, &error);
    if (member->consumer == NULL) {
        fail_msg("%s", error.text);
    }
    assert_string_equal(consumer_client_id(member->consumer), name);
}

void rig_leave(struct rig_member *member)
{
    consumer_destroy(member->consumer, NULL);
    member->consumer = NULL;
}

struct consumer_stats rig_stats(struct rig_member *member)
{
    struct consumer_stats stats;
    consumer_stats(member->consumer, &stats);
    return stats;
}
