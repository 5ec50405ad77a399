/*
 * A cluster, a log whose every message is known, and a store that remembers every point it was
 * given: what consumer tests stand on. The store checks the promises by itself: a committed offset
 * that passes what is stored or dead-lettered, and a point that differs from the message's, are
 * violations.
 */
#ifndef CANDLEWICK_TESTS_KAFKA_RIG_H
#define CANDLEWICK_TESTS_KAFKA_RIG_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cmocka_all.h"
#include "kafka/admin/embedded.h"
#include "kafka/consumer/consumer.h"
#include "side_by_side.h"
#include "support.h"

#define RIG_TOPIC "coins"
#define RIG_LETTERS "coins.dlq"
#define RIG_GROUP "group"

/* The second stream, which only tests that ask for it read; see rig_add_bars(). */
#define RIG_BARS "daily"
#define RIG_BAR_LETTERS "daily.dlq"

/* A slot is a partition of either stream: those of ticks are 0 to 5, those of bars 6 to 11. What is
 * called `partition` here is a slot. */
enum { RIG_PARTITIONS = 6, RIG_SLOTS = 12, RIG_OFFSETS = 60000, RIG_PROPERTIES = 4 };

struct rig {
    struct embedded_kafka *kafka;
    struct stop *stop;
    struct producer *letters;
    rd_kafka_t *log;                /* a plain producer */
    int64_t next_offset[RIG_SLOTS]; /* of the log */
    struct consumer_config config;  /* for the next member; tests change it */
    struct stream streams[2];       /* those of the configuration: ticks, bars */
    struct kafka_property properties[RIG_PROPERTIES];

    /* How the store behaves. */
    atomic_bool store_away;
    atomic_bool store_newer; /* with store_away: it will never take anything again */
    atomic_int store_delay_ms;
    atomic_int store_rejects_every; /* offsets that this divides; 0: none */
    atomic_int store_retry_after_ms;
    atomic_bool schema_known; /* for messages that begin with W */
    atomic_llong asked_for;   /* the offset that one that begins with S waited at last */

    pthread_mutex_t lock;                      /* protects all below */
    uint32_t stored[RIG_SLOTS][RIG_OFFSETS];   /* how often */
    uint32_t lettered[RIG_SLOTS][RIG_OFFSETS]; /* acknowledged */
    int64_t durable[RIG_SLOTS];                /* all before it is stored or lettered */
    int64_t committed[RIG_SLOTS];
    int64_t points, letter_count;         /* distinct ones */
    int64_t calls, failed_calls, commits; /* of the store; replies, one a partition */
    size_t batch_max;
    char violation[256];
};

/* One member and what it was told. */
struct rig_member {
    struct rig *rig;
    struct consumer *consumer;
    char name[32];
    atomic_int assigned, revoked, lost; /* events */
    bool may_not_hold; /* set before it joins: what it was handed out must be durable at a revoke */
    atomic_int drained; /* partitions of which that was seen, with something handed out */
};

struct rig *rig_create(void);
/* Makes the bars' topics; the next members read both streams. */
void rig_add_bars(struct rig *rig);
/* Fails the test when there was a violation. All members must be gone. */
void rig_destroy(struct rig *rig);

/* Appends `count` ticks to the partition. */
void rig_produce(struct rig *rig, int32_t partition, int count);
/* Appends one message as it is; data NULL: no key, no value. */
void rig_produce_raw(struct rig *rig, int32_t partition, struct str key, struct str value);

void rig_join(struct rig *rig, struct rig_member *member, const char *name, enum strategy strategy);
void rig_leave(struct rig_member *member);
struct consumer_stats rig_stats(struct rig_member *member);
bool rig_owns(struct rig_member *member, int32_t partition);

/* How much longer than its limit an end may take: enough for a busy machine under a sanitizer, and
 * far less than to wait for what is away, which is 60 s or more in these tests. */
enum { RIG_LATE_MS = 10000 };

/* Each fails the test when it does not come in `timeout_ms`, which is enough on a quiet machine,
 * and SUPPORT_PATIENCE_MS. */
void rig_wait_durable(struct rig *rig, int timeout_ms);   /* every message is stored or lettered */
void rig_wait_committed(struct rig *rig, int timeout_ms); /* and the offsets say so */
void rig_wait_owned(struct rig_member *const *members, size_t count, int timeout_ms);
static inline int64_t rig_most_ns(int timeout_ms)
{
    return (timeout_ms + SUPPORT_PATIENCE_MS) * NS_PER_MS;
}
#define rig_wait_until(condition, timeout_ms)                                                      \
    do {                                                                                           \
        int64_t deadline_ = clock_monotonic_ns() + rig_most_ns(timeout_ms);                        \
        while (!(condition)) {                                                                     \
            if (clock_monotonic_ns() > deadline_) {                                                \
                fail_msg("not within %d ms: %s", (timeout_ms), #condition);                        \
            }                                                                                      \
            rig_sleep_ms(5);                                                                       \
        }                                                                                          \
    } while (0)
void rig_sleep_ms(int ms);

/* What the dead-letter topic holds. */
struct found_letter {
    struct str key, value; /* data NULL: none; owned */
    char topic[32], topic_id[32], partition[16], offset[16], kind[32], reason[256];
    size_t header_count;
};
/* Reads `count` letters, and makes sure that there are no more; ordered by place. */
void rig_read_letters(struct rig *rig, struct found_letter *letters, size_t count);
/* Likewise of another topic of dead letters. */
void rig_read_letters_of(struct rig *rig, const char *topic, struct found_letter *letters,
                         size_t count);
void rig_free_letters(struct found_letter *letters, size_t count);

int64_t rig_points(struct rig *rig);
int64_t rig_committed(struct rig *rig, int32_t partition);
/* Of the group, asked of the cluster. */
int64_t rig_group_offset(struct rig *rig, int32_t partition);

#endif
