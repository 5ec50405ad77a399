/*
 * A stream: one topic with records of one kind, and its dead-letter topic. A consumer reads several
 * streams; the consumer and all code around it identify a partition by its stream and its number.
 */
#ifndef CANDLEWICK_RECORD_STREAM_H
#define CANDLEWICK_RECORD_STREAM_H

#include "record/kind.h"

enum {
    STREAMS_MAX = 8,
    STREAM_TOPIC_SIZE = 256, /* a topic's name has at most 249 bytes */
};

/* A dead-letter topic has the stream's topic name with this suffix. */
#define STREAM_DEAD_LETTERS ".dlq"

struct stream {
    const struct record_kind *kind;
    char topic[STREAM_TOPIC_SIZE];
    char dead_letter_topic[STREAM_TOPIC_SIZE]; /* `topic` with STREAM_DEAD_LETTERS */
};

/* Fills in a stream. Returns false if the name of the topic, or that of its dead-letter topic, is
 * too long. */
NODISCARD bool stream_set(struct stream *stream, const struct record_kind *kind, struct str topic);

/* Returns the first stream of that kind; NULL if there is none. */
const struct stream *stream_of_kind(const struct stream *streams, size_t count,
                                    const struct record_kind *kind);

struct stream_partition {
    int stream; /* index in an array of streams */
    int32_t partition;
};

#endif
