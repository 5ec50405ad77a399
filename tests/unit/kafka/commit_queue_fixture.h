/* Batches of made-up messages, for the tests of the queue. */
#ifndef CANDLEWICK_TESTS_KAFKA_COMMIT_QUEUE_FIXTURE_H
#define CANDLEWICK_TESTS_KAFKA_COMMIT_QUEUE_FIXTURE_H

#include "cmocka_all.h"
#include "kafka/consumer/commit_queue.h"
#include "record/ticker.h"

/* A partition of the first stream. */
#define AT(number) ((struct stream_partition){0, (number)})

static inline struct batch *new_batch(void)
{
    struct batch *batch = batch_create(&ticker_kind, 64, 100000);
    assert_non_null(batch);
    return batch;
}

static inline void add(struct batch *batch, const struct commit_queue *queue, int32_t partition,
                       int64_t offset)
{
    const struct source_message message = {
        .place = {partition, offset},
        .epoch = commit_queue_epoch(queue, (struct stream_partition){batch->stream, partition}),
        .encoded = {.key = {"k", 1}, .value = {"v", 1}},
    };
    assert_true(batch_add_record(batch, &message));
}

static inline void pop_all(struct commit_queue *queue)
{
    struct batch *batch;
    while ((batch = commit_queue_pop(queue)) != NULL) {
        batch_destroy(batch);
    }
}

#endif
