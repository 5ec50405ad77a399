/*
 * A dead letter: a message that can never become a stored record (a poison message). It is sent to
 * the dead-letter topic with its original bytes, and with its place and the reason as headers. It
 * depends only on the message, so a redelivery produces the same dead letter again; to count poison
 * messages, count distinct places.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_DEAD_LETTER_H
#define CANDLEWICK_KAFKA_CONSUMER_DEAD_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "kafka/client/commit_metadata.h"
#include "kafka/client/encoded_message.h"

/* A message's place in its topic. */
struct place {
    int32_t partition;
    int64_t offset;
};
/* Orders places by partition, then by offset. Returns a number below 0, 0, or above 0, as strcmp()
 * does. */
int place_compare(struct place left, struct place right);

/* A message's place, and where the batch stores its bytes: the key at `at`, then the value, then
 * the schema header. */
struct origin {
    struct place place;
    int64_t timestamp_ms; /* same as its encoded_message's */
    int64_t arrived_ns;   /* the time in the message's ARRIVED_HEADER; 0: it has none */
    size_t span;          /* of a record: index of its span in its batch */
    size_t at, key_length, value_length, schema_header_length;
    bool has_key, has_value, has_schema_header;
};

enum dead_letter_kind {
    DEAD_LETTER_NO_KEY,    /* the message has no key */
    DEAD_LETTER_TOMBSTONE, /* the message has no value */
    DEAD_LETTER_TOO_LARGE, /* the message is larger than any record can be */
    DEAD_LETTER_BAD,       /* the message cannot be decoded */
    DEAD_LETTER_AHEAD,     /* its record's time is too far ahead of the message's Kafka timestamp */
    DEAD_LETTER_REFUSED,   /* the store rejected its record by name */
    DEAD_LETTER_KINDS,     /* the number of kinds */
};
/* The kinds' names: "no_key", "tombstone", "too_large", "undecodable", "ahead", "refused". */
extern const char *const dead_letter_kind_names[DEAD_LETTER_KINDS];

/* A dead letter always contains the bytes of a message up to this size, because Kafka accepts a
 * message of that size. */
enum { DEAD_LETTER_WHOLE_BYTES = 64 * 1024 };

/* The dead letter's headers, in this order; numbers are decimal text. Its key and value are the
 * message's. If Kafka accepts no message of that size, it has neither, and the reason says so. A
 * message's schema header (SCHEMA_ID_HEADER) is copied to its dead letter. */
#define DEAD_LETTER_HEADER_TOPIC "topic"
#define DEAD_LETTER_HEADER_PARTITION "partition"
#define DEAD_LETTER_HEADER_OFFSET "offset"
#define DEAD_LETTER_HEADER_KIND "kind"
#define DEAD_LETTER_HEADER_REASON "reason"
#define DEAD_LETTER_HEADER_TIMESTAMP                                                               \
    "timestamp" /* the message's, in ms; omitted if it has none                                    \
                 */
/* The id of the topic in which the place is, as in a commit's metadata
 * (kafka/client/commit_metadata.h): it distinguishes topics that had the same name one after
 * another. Omitted if it was unknown, and in dead letters of older versions. */
#define DEAD_LETTER_HEADER_TOPIC_ID "topic_id"

struct batch;
struct dead_letters;

struct dead_letter {
    struct dead_letter *next;
    struct dead_letters *dead_letters; /* set by dead_letters_submit() */
    struct batch *batch;
    int stream; /* number of the message's stream */
    struct origin origin;
    struct topic_id topic_id; /* unknown until the batch sets it */
    enum dead_letter_kind kind;
    struct encoded_message encoded; /* borrowed from the batch; set once the batch is closed */
    char reason[256];
};

/* A first-in, first-out list that owns its letters. All zero is the empty list. */
struct dead_letter_list {
    struct dead_letter *first, *last;
};
void dead_letter_list_append(struct dead_letter_list *list, struct dead_letter *letter);
/* Removes the oldest dead letter and returns it; the caller owns it. Returns NULL if the list is
 * empty. */
struct dead_letter *dead_letter_list_take(struct dead_letter_list *list);
void dead_letter_list_free(struct dead_letter_list *list);

/* Checks a message before it is decoded. Returns what is wrong, with `error` filled in, or
 * DEAD_LETTER_KINDS if nothing is. */
NODISCARD enum dead_letter_kind dead_letter_judge(const struct encoded_message *message,
                                                  struct error *error);

/* Creates a dead letter and copies the reason. Returns NULL if out of memory. Free it with
 * free(). */
NODISCARD struct dead_letter *dead_letter_create(struct batch *batch, const struct origin *origin,
                                                 enum dead_letter_kind kind, const char *reason);

#endif
