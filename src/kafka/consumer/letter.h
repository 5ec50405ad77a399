/*
 * A dead letter: a message that will never be a stored tick, with its original bytes and the place
 * and the reason as headers. It is a function of the message alone, so that a redelivery gives the
 * same letter; count distinct places.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_LETTER_H
#define CANDLEWICK_KAFKA_CONSUMER_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "kafka/client/commit_metadata.h"
#include "kafka/client/encoded_message.h"

/* A message's place in the topic. */
struct place {
    int32_t partition;
    int64_t offset;
};

/* Where a message stood, and where its bytes lie in its batch: the key at `at`, behind it the value
 * and the schema header. */
struct origin {
    struct place place;
    int64_t timestamp_ms; /* as its encoded_message's */
    size_t at, key_length, value_length, schema_header_length;
    bool has_key, has_value, has_schema_header;
};

enum letter_kind {
    LETTER_NO_KEY,    /* the message has no key */
    LETTER_TOMBSTONE, /* or no value */
    LETTER_TOO_LARGE, /* or is larger than any tick can be */
    LETTER_BAD,       /* it cannot be decoded */
    LETTER_AHEAD,     /* its tick's time lies too far after its Kafka timestamp */
    LETTER_REFUSED,   /* the store refuses its tick by name */
    LETTER_KINDS,     /* how many */
};
/* "no_key", "tombstone", "too_large", "undecodable", "ahead", "refused". */
extern const char *const letter_kind_names[LETTER_KINDS];

/* A message of no more bytes has them in its letter, always: Kafka takes a letter of that size. */
enum { LETTER_WHOLE_BYTES = 64 * 1024 };

/* The letter's headers, in this order; numbers are decimal text. Its key and value are the
 * message's, or none where Kafka takes no letter so large; the reason says so then. A schema header
 * (SCHEMA_ID_HEADER) of the message is its letter's, too. */
#define LETTER_HEADER_TOPIC "topic"
#define LETTER_HEADER_PARTITION "partition"
#define LETTER_HEADER_OFFSET "offset"
#define LETTER_HEADER_KIND "kind"
#define LETTER_HEADER_REASON "reason"
#define LETTER_HEADER_TIMESTAMP "timestamp" /* the message's, in ms; left out where it has none */
/* As in a commit's metadata (kafka/client/commit_metadata.h): which topic of that name the place is
 * of. Left out while it was not known, and by versions before it. */
#define LETTER_HEADER_TOPIC_ID "topic_id"

struct batch;
struct dead_letters;

struct letter {
    struct letter *next;
    struct dead_letters *desk; /* set by dead_letters_submit */
    struct batch *batch;
    struct origin origin;
    struct topic_id topic_id; /* unknown at first */
    enum letter_kind kind;
    struct encoded_message encoded; /* borrowed from the batch; filled when it is closed */
    char reason[256];
};

/* First in, first out; owns its letters. All zero is the empty list. */
struct letter_list {
    struct letter *first, *last;
};
void letter_list_append(struct letter_list *list, struct letter *letter);
/* NULL when there is none. */
struct letter *letter_list_take(struct letter_list *list);
void letter_list_free(struct letter_list *list);

/* What is wrong with a message before anyone decodes it, `error` filled; LETTER_KINDS: nothing. */
NODISCARD enum letter_kind letter_judge(const struct encoded_message *message, struct error *error);

/* The reason is copied. NULL: no memory. Free with free(). */
NODISCARD struct letter *letter_create(struct batch *batch, const struct origin *origin,
                                       enum letter_kind kind, const char *reason);

#endif
