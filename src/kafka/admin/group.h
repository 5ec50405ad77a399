/* What a cluster reports about a topic and a group: offsets, lag, leaders, members. */
#ifndef CANDLEWICK_KAFKA_ADMIN_GROUP_H
#define CANDLEWICK_KAFKA_ADMIN_GROUP_H

#include "base/text/strbuf.h"
#include "kafka/client/commit_metadata.h"
#include "kafka/client/settings.h"

struct partition_status {
    int32_t partition;
    int32_t leader; /* -1 if there is none */
    int replicas, in_sync;
    int64_t begin, end; /* offsets; -1 while the partition has no leader that answers. `end` is
                           the last stable offset; end - begin is an upper bound for the number
                           of messages */
    int64_t undecided;  /* number of offsets from `end` to the high watermark: an open
                           transaction and everything that was sent after it began; consumers
                           cannot read them yet */
    int64_t committed;  /* committed offset in this topic; -1 if there is none, or if it belongs
                           to a former topic of this name */
    struct commit_metadata committed_metadata; /* the metadata of the committed offset; if that
                                                  offset belongs to a former topic, `former` already
                                                  counts its messages */
    int64_t lag; /* end - committed (end - begin if nothing is committed); -1 if unknown */
};

struct broker_status {
    int32_t id;
    char address[160]; /* "host:port" as advertised to clients */
    int leads;         /* number of the topic's partitions that it leads */
};

struct member_status {
    char client_id[128];
    char member_id[160];
    char host[64];
    int32_t *partitions; /* of this topic only; owned by the status */
    size_t partition_count;
};

struct group_status {
    char topic[256], group[256];
    struct topic_id topic_id;          /* unknown if the brokers have no topic ids, or did not
                                          answer in time */
    int brokers;                       /* number of brokers that are up */
    struct broker_status *broker_list; /* array of `brokers` items, ordered by id; owned */
    struct partition_status *partitions;
    size_t partition_count;
    bool members_known;
    char members_unknown_why[256];
    char state[32];    /* e.g. "Stable" */
    char strategy[64]; /* the assignor that the group chose */
    struct member_status *members;
    size_t member_count;
};

struct group_reader;

/* Creates a reader. It keeps one client for all its requests. Use it on one thread at a time. */
NODISCARD struct group_reader *group_reader_create(const struct kafka_settings *settings,
                                                   const char *topic, const char *group,
                                                   struct error *error);
void group_reader_destroy(struct group_reader *reader); /* NULL is allowed */

/* Requests the whole status. Blocks for at most about `timeout_ms`, less if no broker answers at
 * all. If a broker has just failed, repeats the request until another one has taken over. A cluster
 * may be unable to describe groups (librdkafka's mock cluster is): members_known is then false,
 * with the reason in members_unknown_why. That is no error, and later calls do not try again. A
 * group that nobody has joined yet has no members and the state "Dead". Fails with ERROR_REJECT if
 * there is no such topic. Free `status` with group_status_free(), even after a failure. */
NODISCARD bool group_reader_status(struct group_reader *reader, struct group_status *status,
                                   int timeout_ms, struct error *error);
/* Appends the names of the cluster's groups as "a, b", as many as fit; nothing if the brokers do
 * not answer. Blocks for at most about `timeout_ms`. */
void group_reader_names(struct group_reader *reader, struct strbuf *names, int timeout_ms);
void group_status_free(struct group_status *status);

/* These functions return the sum over all partitions; -1 if one of them is unknown, or there are
 * none. */
int64_t group_status_end(const struct group_status *status);
int64_t group_status_lag(const struct group_status *status);
/* These functions do the same over several topics; each status is the group's on one topic. */
int64_t group_statuses_lag(const struct group_status *statuses, size_t count);
/* Returns the sum over the partitions that are known. */
int64_t group_status_undecided(const struct group_status *status);

#endif
