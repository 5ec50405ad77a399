/*
 * Reading a topic outside any group: the tail before producing, `tail`, the page's messages tab,
 * `verify`.
 */
#ifndef CANDLEWICK_KAFKA_READER_READER_H
#define CANDLEWICK_KAFKA_READER_READER_H

#include "kafka/client/commit_metadata.h"
#include "kafka/client/encoded_message.h"
#include "kafka/client/settings.h"

struct reader;

/* One message; everything is borrowed for the callback. */
struct message {
    const char *topic;
    int32_t partition;
    int64_t offset;
    struct encoded_message encoded;
    const void *native; /* for message_header() */
};

/* The value of the message's last header of that name, borrowed as the message; data NULL when the
 * header has none. False: there is no such header (nor any, of those before the end that
 * reader_follow tells). */
bool message_header(const struct message *message, const char *name, struct str *value);

/* False ends the reading. */
typedef bool (*message_callback)(void *context, const struct message *message);

NODISCARD struct reader *reader_create(const struct kafka_settings *settings, const char *topic,
                                       struct error *error);
void reader_destroy(struct reader *reader); /* NULL is allowed */

/* A request of `stop` (borrowed) ends reader_read and reader_tail within some 100 ms: ERROR_FATAL,
 * "stopped before the end". */
struct stop;
void reader_heed(struct reader *reader, const struct stop *stop);

struct partition_range {
    int32_t partition;
    int64_t begin; /* first offset there is */
    int64_t end;   /* one past the last */
};
/* The topic's id (kafka/admin/topic_id.h) as the first question of the reader found it; unknown
 * before, and where brokers tell none. Each question for offsets and each reading ends with
 * ERROR_RETRY, which says so, once the topic is another one: then another reader is needed. */
struct topic_id reader_topic_id(const struct reader *reader);

/* The offsets now, of each partition in order. `*ranges` is the caller's to free(). ERROR_REJECT:
 * there is no such topic. Blocks for at most about `timeout_ms`. */
NODISCARD bool reader_ranges(struct reader *reader, struct partition_range **ranges, size_t *count,
                             int timeout_ms, struct error *error);

/* Gives the messages of [begin, end) of each range to `callback`, in order within a partition, and
 * ends when all are read. A gap (compaction, retention) is not an error. ERROR_RETRY when nothing
 * comes for `timeout_ms`; another kind for what waiting does not mend (a damaged message).
 * One thread at a time. */
NODISCARD bool reader_read(struct reader *reader, const struct partition_range *ranges,
                           size_t count, message_callback callback, void *context, int timeout_ms,
                           struct error *error);

/* Gives the last `messages` messages of every partition (where there are gaps, fewer), in order
 * within a partition. For who must know the newest of each key before producing; the caller decodes
 * them. Ends as reader_read does. One thread at a time. */
NODISCARD bool reader_tail(struct reader *reader, int64_t messages, message_callback callback,
                           void *context, int timeout_ms, struct error *error);

enum { READER_LAST_MAX = 10000 };

/* Gives the newest `last` messages of `ranges` (those with the newest timestamps over all of them,
 * at most READER_LAST_MAX), oldest first, as many as there are, until the callback says no. Ends as
 * reader_read does. One thread at a time. */
NODISCARD bool reader_newest(struct reader *reader, const struct partition_range *ranges,
                             size_t count, int64_t last, message_callback callback, void *context,
                             struct error *error);

/* Follows the topic from the end (or from `last` messages before it: those with the newest
 * timestamps over all partitions, at most READER_LAST_MAX, oldest first) until the callback says no
 * or `stop` is requested. Partitions that are added meanwhile are followed too. While brokers are
 * away it waits. A topic that is deleted and made again meanwhile is followed from its beginning.
 * One thread at a time. The callback is called with NULL when nothing came for 100 ms, so that it
 * can tell what it gathered. A stop ends it within about 2 s.
 */
NODISCARD bool reader_follow(struct reader *reader, int64_t last, message_callback callback,
                             void *context, struct stop *stop, struct error *error);

#endif
