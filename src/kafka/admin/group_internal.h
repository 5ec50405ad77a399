/* The parts of a group's status: group_offsets.c, group_members.c, group_describe.c. */
#ifndef CANDLEWICK_KAFKA_ADMIN_GROUP_INTERNAL_H
#define CANDLEWICK_KAFKA_ADMIN_GROUP_INTERNAL_H

#include "kafka/admin/group.h"
#include "kafka/client/client_trouble.h"

struct group_reader {
    rd_kafka_t *client;
    struct client_trouble trouble; /* of the client */
    char topic[256], group[256];
    bool refused; /* the cluster does not describe groups */
    char refused_why[256];
};

/* Fill in `status`, whose partitions are there; block until the deadline at most.
 *
 * librdkafka's admin requests to a group's coordinator (ListConsumerGroupOffsets,
 * DescribeConsumerGroups) abort the process in 2.14.2 when the coordinator's connection ends at the
 * wrong moment (its issue #4605, pull request #5397), so they are not used where another way leads
 * to the answer. */
NODISCARD bool group_read_offsets(struct group_reader *reader, struct group_status *status,
                                  int64_t deadline_ns, struct error *error);
/* A cluster that says nothing is kept in the status (members_unknown_why); false: memory ran out.
 */
NODISCARD bool group_read_members(struct group_reader *reader, struct group_status *status,
                                  int64_t deadline_ns, struct error *error);
/* The members of a group of KIP-848, by such a request: all brokers have just answered, and nothing
 * else can ask for them. As above. */
NODISCARD bool group_describe(struct group_reader *reader, struct group_status *status,
                              int timeout_ms, struct error *error);

/* Both copy what a cluster says of them; NULL is nothing. */
void group_name_member(struct member_status *member, const char *client_id, const char *member_id,
                       const char *host);
void group_name_state(struct group_status *status, const char *state, const char *strategy);
/* Keeps why nothing is known of the members. Returns true: the rest of the status is told. */
bool group_members_unknown(struct group_status *status, const char *why);

#endif
