/* What a cluster says of a topic and a group: offsets, lag, leaders, members. */
#ifndef CANDLEWICK_KAFKA_ADMIN_GROUP_H
#define CANDLEWICK_KAFKA_ADMIN_GROUP_H

#include "base/text/strbuf.h"
#include "kafka/client/commit_metadata.h"
#include "kafka/client/settings.h"

struct partition_status {
    int32_t partition;
    int32_t leader; /* -1: none */
    int replicas, in_sync;
    int64_t begin, end; /* offsets; end - begin is an upper bound of the messages. -1: unknown,
                           while no leader is there to ask. The end is the last stable offset */
    int64_t undecided;  /* offsets behind the end, up to the high watermark: of an open transaction
                           and what was sent after it began; nobody is given them yet */
    int64_t committed;  /* in this topic; -1: nothing, or an offset of a former topic's */
    struct commit_metadata committed_metadata; /* as it stands beside the group's offset, but
                                                  `former` counts what is of a former topic now */
    int64_t lag; /* end - committed (or - begin when nothing is); -1 while unknown */
};

struct broker_status {
    int32_t id;
    char address[160]; /* "host:port", as the cluster tells it to clients */
    int leads;         /* partitions of the topic */
};

struct member_status {
    char client_id[128];
    char member_id[160];
    char host[64];
    int32_t *partitions; /* of the topic; owned by the status */
    size_t partition_count;
};

struct group_status {
    char topic[256], group[256];
    struct topic_id topic_id;          /* unknown where the cluster gives none, or none in time */
    int brokers;                       /* that are up */
    struct broker_status *broker_list; /* so many, by id; owned */
    struct partition_status *partitions;
    size_t partition_count;
    bool members_known;
    char members_unknown_why[256];
    char state[32];    /* "Stable", … */
    char strategy[64]; /* the protocol the group chose */
    struct member_status *members;
    size_t member_count;
};

struct group_reader;

/* Keeps its clients for the next question. One thread at a time. */
NODISCARD struct group_reader *group_reader_create(const struct kafka_settings *settings,
                                                   const char *topic, const char *group,
                                                   struct error *error);
void group_reader_destroy(struct group_reader *reader); /* NULL is allowed */

/* Blocks for at most about `timeout_ms`, and not as long where no broker answers at all. A cluster
 * that has just lost a broker is asked again until it has given its place to another. Where the
 * cluster refuses to describe groups (librdkafka's in-process one), members_known is false with the
 * reason; that is no error, and a refusal is remembered for the reader's life, so that it costs no
 * time again. A group that nobody has joined yet has no members and the state "Dead". ERROR_REJECT:
 * there is no such topic. Free with group_status_free (also when it failed). */
NODISCARD bool group_reader_status(struct group_reader *reader, struct group_status *status,
                                   int timeout_ms, struct error *error);
/* Appends the names of the cluster's groups, "a, b", as many as fit; nothing where it does not
 * tell. Blocks for at most about `timeout_ms`. */
void group_reader_names(struct group_reader *reader, struct strbuf *names, int timeout_ms);
void group_status_free(struct group_status *status);

/* Over all partitions; -1 when one of them is unknown, or there is none. */
int64_t group_status_end(const struct group_status *status);
int64_t group_status_lag(const struct group_status *status);
/* Over all partitions that are known. */
int64_t group_status_undecided(const struct group_status *status);

#endif
