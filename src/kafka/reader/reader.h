/*
 * Reads a topic without a consumer group: for `tail`, `verify`, the page's messages tab, and the
 * ingest, which reads the log's tail before it produces.
 */
#ifndef CANDLEWICK_KAFKA_READER_READER_H
#define CANDLEWICK_KAFKA_READER_READER_H

#include "kafka/client/commit_metadata.h"
#include "kafka/client/encoded_message.h"
#include "kafka/client/settings.h"

struct reader;

/* One message; everything is borrowed during the callback. */
struct message {
    const char *topic;
    int32_t partition;
    int64_t offset;
    struct encoded_message encoded;
    const void *headers; /* for message_header(); NULL: none */
};

/* Finds the message's last header of that name and returns its value, borrowed like the message;
 * `data` is NULL if the header has no value. Returns false if there is no such header. It also
 * returns false for every message of reader_newest() and for the first ones of reader_follow(),
 * because these are copies without headers. */
bool message_header(const struct message *message, const char *name, struct str *value);

/* Handles one message. Returning false ends the reading. */
typedef bool (*message_callback)(void *context, const struct message *message);

/* `settings` is borrowed until reader_destroy(). */
NODISCARD struct reader *reader_create(const struct kafka_settings *settings, const char *topic,
                                       struct error *error);
/* Does the same for reader_read() and reader_tail() only, which then end sooner: a broker answers
 * the requests behind them after the last fetch, which it delays while there are no messages, here
 * for 20 ms instead of librdkafka's 0.5 s. Following would cost the brokers more. */
NODISCARD struct reader *reader_create_to_end(const struct kafka_settings *settings,
                                              const char *topic, struct error *error);
void reader_destroy(struct reader *reader); /* NULL is allowed */

/* Lets `stop` (borrowed) end the reading of reader_read() and reader_tail() within about 100 ms;
 * they then fail with ERROR_FATAL, "stopped before the end". */
struct stop;
void reader_heed(struct reader *reader, const struct stop *stop);

struct partition_range {
    int32_t partition;
    int64_t begin; /* log start offset */
    int64_t end;   /* one past the last offset */
};
/* Returns the topic's id (kafka/admin/topic_id.h) as of the reader's first request; unknown before
 * that, and if the brokers have no topic ids. If the topic is deleted and created again, each later
 * request for offsets and each reading fails with ERROR_RETRY and a text that says so; create a new
 * reader then. */
struct topic_id reader_topic_id(const struct reader *reader);

/* Returns the current offsets of all partitions, in order; the caller frees `*ranges` with free().
 * Fails with ERROR_REJECT if there is no such topic. Blocks for at most about `timeout_ms`. */
NODISCARD bool reader_ranges(struct reader *reader, struct partition_range **ranges, size_t *count,
                             int timeout_ms, struct error *error);

/* Returns the partition, of so many > 0, in which producers with the partitioner murmur2 (that of
 * Java's clients and of our own producer) put messages with this key. */
int32_t reader_partition_of(const struct reader *reader, struct str key, size_t partitions);

/* Sets `begin` of each range to its first message with a timestamp of `time_ms` or later, and to
 * `end` where none has one. Leaves it unchanged where the broker does not know times, like
 * librdkafka's mock cluster. Fails as reader_ranges(). */
NODISCARD bool reader_since(struct reader *reader, struct partition_range *ranges, size_t count,
                            int64_t time_ms, int timeout_ms, struct error *error);

/* Passes the messages of [begin, end) of each range to `callback`, in order within a partition, and
 * returns when all are read. A gap (compaction, retention) is not an error. Fails with ERROR_RETRY
 * if no message arrives for `timeout_ms`, and with another kind if waiting does not help (a damaged
 * message). Call it on one thread at a time. */
NODISCARD bool reader_read(struct reader *reader, const struct partition_range *ranges,
                           size_t count, message_callback callback, void *context, int timeout_ms,
                           struct error *error);

/* Passes the messages of the last `messages` offsets of each partition (fewer messages where
 * offsets are missing) to `callback`, in order within a partition. A producer uses it to find the
 * newest message of each key before it starts. Ends as reader_read() does. Call it on one thread at
 * a time. */
NODISCARD bool reader_tail(struct reader *reader, int64_t messages, message_callback callback,
                           void *context, int timeout_ms, struct error *error);

/* Returns when that happened of which the message tells, in ns since 1970. */
typedef int64_t (*message_time)(void *context, const struct message *message);

/* Lets reader_newest(), and the beginning of reader_follow(), sort what they found by these times;
 * NULL: by the messages' timestamps. */
void reader_order(struct reader *reader, message_time time_of, void *context);

enum { READER_LAST_MAX = 10000 };

/* Passes the newest `last` messages in `ranges` to `callback`, oldest first, until it returns
 * false. The newest are those with the newest timestamps, over all ranges, and of equal timestamps
 * those of the newest times of reader_order(). The messages of one partition keep their order:
 * each counts as at least as late as those before it. `last` is at most READER_LAST_MAX. Ends as
 * reader_read() does. Call it on one thread at a time. */
NODISCARD bool reader_newest(struct reader *reader, const struct partition_range *ranges,
                             size_t count, int64_t last, message_callback callback, void *context,
                             struct error *error);

/* Follows the topic from its end until the callback returns false or `stop` is requested. With
 * `last` > 0 it begins with the newest `last` messages, as reader_newest() does. It also follows
 * partitions that are added meanwhile. While brokers are unreachable it waits. If the topic is
 * deleted and created again meanwhile, it follows the new one from its start. When no more messages
 * have arrived, and then every 50 ms until one does, it calls the callback with NULL, so that the
 * callback can pass on what it has collected. A stop ends it within about 2 s. Call it on one
 * thread at a time. */
NODISCARD bool reader_follow(struct reader *reader, int64_t last, message_callback callback,
                             void *context, struct stop *stop, struct error *error);

#endif
