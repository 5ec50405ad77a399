/* What only dead letters without a consumer show; with consumers it is in test_consumer*.c. */
#include "kafka/consumer/dead_letters.h"
#include "record/ticker.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cluster.h"
#include "kafka/consumer/batch.h"
#include "kafka/consumer/consumer.h"
#include "kafka/reader/reader.h"

enum { LETTERS = 50, ROOM = 5 };

static void count_acknowledged(void *context, struct batch *batch, enum dead_letter_kind kind)
{
    assert_int_equal(kind, DEAD_LETTER_BAD);
    (void)batch;
    atomic_fetch_add((atomic_int *)context, 1);
}

static bool all_acknowledged(void *context)
{
    return atomic_load((atomic_int *)context) == LETTERS;
}

static bool queue_is_full(void *producer)
{
    struct producer_stats stats;
    producer_stats(producer, &stats);
    return stats.queued == ROOM;
}

static struct dead_letter_list make_letters(struct batch *batch)
{
    for (int64_t i = 0; i < LETTERS; i++) {
        const struct source_message message = {
            .place = {.offset = i},
            .encoded = {.key = str_from("key"), .value = str_from("poison")}};
        assert_true(batch_add_letter(batch, &message, DEAD_LETTER_BAD, "no tick"));
    }
    return batch_take_letters(batch);
}

/* A small queue, and brokers that do not answer: the dead letters must not wait in it for ever,
 * since nobody could end it then. */
static void close_while_the_producers_queue_is_full_ends_at_once(void **state)
{
    (void)state;
    struct error error = {0};
    struct cluster cluster = cluster_start();
    const struct kafka_property small = {"queue.buffering.max.messages", "5"};
    cluster.settings.properties = &small;
    cluster.settings.property_count = 1;
    const struct producer_config config = {.kafka = cluster.settings,
                                           .on_delivery = consumer_dead_letter_delivered};
    struct producer *producer = producer_create(&config, &error);
    assert_non_null(producer);
    struct batch *batch = batch_create(&ticker_kind, LETTERS, 1 << 20);
    assert_non_null(batch);
    atomic_int acknowledged = 0;
    const struct stream stream = {&ticker_kind, "coins", CLUSTER_TOPIC};
    const struct dead_letters_config letters = {.producer = producer,
                                                .streams = &stream,
                                                .acknowledged = count_acknowledged,
                                                .context = &acknowledged};

    rd_kafka_mock_broker_set_down(cluster_mock(&cluster), -1);
    struct dead_letters *dead_letters = dead_letters_create(&letters, &error);
    assert_non_null(dead_letters);
    dead_letters_submit(dead_letters, make_letters(batch));
    assert_true(support_wait(queue_is_full, producer, 5000));
    int64_t begin_ns = clock_monotonic_ns();
    dead_letters_close(dead_letters);
    assert_true(clock_monotonic_ns() - begin_ns < 20 * NS_PER_SECOND);

    /* With brokers all of them get through the small queue. */
    rd_kafka_mock_broker_set_up(cluster_mock(&cluster), -1);
    batch_reset(batch);
    dead_letters = dead_letters_create(&letters, &error);
    assert_non_null(dead_letters);
    dead_letters_submit(dead_letters, make_letters(batch));
    assert_true(support_wait(all_acknowledged, &acknowledged, 30000));
    dead_letters_close(dead_letters);
    batch_destroy(batch);
    producer_destroy(producer, 0);
    cluster_stop(&cluster);
}

struct found_two {
    int count;
    bool cut, whole;
};
#define TOPIC_ID "AAECAwQFBgcICQoLDA0ODw"

static bool note_letter(void *context, const struct message *message)
{
    struct found_two *found = context;
    struct str offset = {0}, reason = {0}, timestamp = {0}, topic_id = {0};
    assert_true(message_header(message, DEAD_LETTER_HEADER_OFFSET, &offset));
    assert_true(message_header(message, DEAD_LETTER_HEADER_REASON, &reason));
    bool timed = message_header(message, DEAD_LETTER_HEADER_TIMESTAMP, &timestamp);
    assert_true(message_header(message, DEAD_LETTER_HEADER_TOPIC_ID, &topic_id));
    assert_true(str_equal_text(topic_id, TOPIC_ID));
    bool with_schema = str_equal_text(message->encoded.schema_header, "id");
    found->count++;
    found->cut =
        found->cut ||
        (str_equal_text(offset, "7") && !timed && !with_schema &&
         message->encoded.key.data == NULL && message->encoded.value.data == NULL &&
         str_equal_text(reason, "its 3145733 bytes are left out here, Kafka takes no letter so "
                                "large; no tick"));
    found->whole =
        found->whole ||
        (str_equal_text(offset, "8") && timed && str_equal_text(timestamp, "17") && with_schema &&
         str_equal_text(message->encoded.key, "key") &&
         str_equal_text(message->encoded.value, "poison") && str_equal_text(reason, "no tick"));
    return true;
}

static void read_both(const struct cluster *cluster)
{
    struct error error = {0};
    struct partition_range *ranges = NULL;
    size_t count = 0;
    struct found_two found = {.count = 0};
    struct reader *reader = reader_create(&cluster->settings, CLUSTER_TOPIC, &error);
    assert_non_null(reader);
    assert_true(reader_ranges(reader, &ranges, &count, 5000, &error));
    assert_true(reader_read(reader, ranges, count, note_letter, &found, 5000, &error));
    assert_int_equal(found.count, 2);
    assert_true(found.cut);
    assert_true(found.whole);
    free(ranges);
    reader_destroy(reader);
}

/* A message may be larger than any letter that Kafka takes: one that was compressed, or sent by a
 * program with other limits. It must not hold its partition for ever. */
static void message_too_large_for_a_letter_is_told_without_its_bytes(void **state)
{
    (void)state;
    enum { LARGE = 3 << 20 };
    struct error error = {0};
    struct cluster cluster = cluster_start();
    const struct producer_config config = {.kafka = cluster.settings,
                                           .on_delivery = consumer_dead_letter_delivered};
    struct producer *producer = producer_create(&config, &error);
    assert_non_null(producer);
    char *large = calloc(1, LARGE);
    assert_non_null(large);
    struct batch *batch = batch_create(&ticker_kind, 2, 2 * LARGE);
    assert_non_null(batch);
    batch->topic_id = topic_id_parse(str_from(TOPIC_ID));
    const struct source_message messages[] = {
        {.place = {.partition = 3, .offset = 7},
         .encoded = {.key = str_from("key"),
                     .value = {.data = large, .length = LARGE},
                     .schema_header = str_from("id"),
                     .timestamp_ms = NO_TIMESTAMP}},
        {.place = {.partition = 3, .offset = 8},
         .encoded = {.key = str_from("key"),
                     .value = str_from("poison"),
                     .schema_header = str_from("id"),
                     .timestamp_ms = 17}},
    };
    for (size_t i = 0; i < 2; i++) {
        assert_true(batch_add_letter(batch, &messages[i], DEAD_LETTER_BAD, "no tick"));
    }
    atomic_int acknowledged = LETTERS - 2;
    const struct stream stream = {&ticker_kind, "coins", CLUSTER_TOPIC};
    const struct dead_letters_config letters = {.producer = producer,
                                                .streams = &stream,
                                                .acknowledged = count_acknowledged,
                                                .context = &acknowledged};
    struct dead_letters *dead_letters = dead_letters_create(&letters, &error);
    assert_non_null(dead_letters);
    dead_letters_submit(dead_letters, batch_take_letters(batch));
    assert_true(support_wait(all_acknowledged, &acknowledged, 10000));
    char reason[256];
    assert_false(dead_letters_stuck(dead_letters, reason, sizeof reason));
    dead_letters_close(dead_letters);
    read_both(&cluster);
    batch_destroy(batch);
    free(large);
    producer_destroy(producer, 0);
    cluster_stop(&cluster);
}

#define REFUSING_TOPIC "bars.dlq"

static bool is_stuck(void *dead_letters)
{
    char reason[256];
    return dead_letters_stuck(dead_letters, reason, sizeof reason);
}

static struct batch *batch_of_letters(int stream)
{
    struct batch *batch = batch_create(&ticker_kind, LETTERS, 1 << 20);
    assert_non_null(batch);
    batch->stream = stream;
    return batch;
}

/* What the topic of one stream answers is no obstacle for the letters of the other, before it and
 * after it, and their acknowledgements hide nothing. */
static void topic_that_accepts_no_letters_holds_up_no_other_stream(void **state)
{
    (void)state;
    static const rd_kafka_resp_err_t answers[] = {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART};
    const struct kafka_property quick = {"topic.metadata.propagation.max.ms", "200"};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct error error = {0};
        struct cluster cluster = cluster_start();
        cluster_add_topic(&cluster, REFUSING_TOPIC, 1);
        cluster.settings.properties = &quick;
        cluster.settings.property_count = 1;
        rd_kafka_mock_topic_set_error(cluster_mock(&cluster), REFUSING_TOPIC, answers[i]);
        const struct producer_config config = {.kafka = cluster.settings,
                                               .on_delivery = consumer_dead_letter_delivered};
        struct producer *producer = producer_create(&config, &error);
        assert_non_null(producer);
        struct batch *ticks = batch_of_letters(0), *bars = batch_of_letters(1);
        atomic_int acknowledged = 0;
        const struct stream streams[] = {{&ticker_kind, "coins", CLUSTER_TOPIC},
                                         {&ticker_kind, "bars", REFUSING_TOPIC}};
        const struct dead_letters_config letters = {.producer = producer,
                                                    .streams = streams,
                                                    .acknowledged = count_acknowledged,
                                                    .context = &acknowledged};
        struct dead_letters *dead_letters = dead_letters_create(&letters, &error);
        assert_non_null(dead_letters);
        dead_letters_submit(dead_letters, make_letters(bars));
        assert_true(support_wait(is_stuck, dead_letters, 20000));
        dead_letters_submit(dead_letters, make_letters(ticks));
        assert_true(support_wait(all_acknowledged, &acknowledged, 10000));
        char reason[256];
        assert_true(dead_letters_stuck(dead_letters, reason, sizeof reason));
        if (strstr(reason, "dead letters to topic " REFUSING_TOPIC ": ") == NULL) {
            fail_msg("%s", reason);
        }

        atomic_store(&acknowledged, 0);
        rd_kafka_mock_topic_set_error(cluster_mock(&cluster), REFUSING_TOPIC,
                                      RD_KAFKA_RESP_ERR_NO_ERROR);
        assert_true(support_wait(all_acknowledged, &acknowledged, 30000));
        assert_false(is_stuck(dead_letters));
        dead_letters_close(dead_letters);
        batch_destroy(ticks);
        batch_destroy(bars);
        producer_destroy(producer, 0);
        cluster_stop(&cluster);
    }
}

/* A broker's refusal of a write ends librdkafka's idempotent client; the letters outlive it. */
static void letters_that_a_broker_refuses_are_sent_again(void **state)
{
    (void)state;
    struct error error = {0};
    struct cluster cluster = cluster_start();
    rd_kafka_mock_push_request_errors(cluster_mock(&cluster), API_PRODUCE, 2,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    const struct producer_config config = {.kafka = cluster.settings,
                                           .on_delivery = consumer_dead_letter_delivered};
    struct producer *producer = producer_create(&config, &error);
    assert_non_null(producer);
    struct batch *batch = batch_of_letters(0);
    atomic_int acknowledged = 0;
    const struct stream stream = {&ticker_kind, "coins", CLUSTER_TOPIC};
    const struct dead_letters_config letters = {.producer = producer,
                                                .streams = &stream,
                                                .acknowledged = count_acknowledged,
                                                .context = &acknowledged};
    struct dead_letters *dead_letters = dead_letters_create(&letters, &error);
    assert_non_null(dead_letters);
    dead_letters_submit(dead_letters, make_letters(batch));
    assert_true(support_wait(all_acknowledged, &acknowledged, 30000));
    assert_false(is_stuck(dead_letters));
    struct producer_stats stats;
    producer_stats(producer, &stats);
    assert_true(stats.failed > 0 && stats.recreated > 0);
    dead_letters_close(dead_letters);
    batch_destroy(batch);
    producer_destroy(producer, 0);
    cluster_stop(&cluster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(close_while_the_producers_queue_is_full_ends_at_once),
        cmocka_unit_test(topic_that_accepts_no_letters_holds_up_no_other_stream),
        cmocka_unit_test(letters_that_a_broker_refuses_are_sent_again),
        cmocka_unit_test(message_too_large_for_a_letter_is_told_without_its_bytes),
    };
    return run_side_by_side(tests);
}
