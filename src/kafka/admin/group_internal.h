/* The parts of a group reader: group_offsets.c, group_members.c, group_describe.c. */
#ifndef CANDLEWICK_KAFKA_ADMIN_GROUP_INTERNAL_H
#define CANDLEWICK_KAFKA_ADMIN_GROUP_INTERNAL_H

#include "kafka/admin/group.h"
#include "kafka/client/client_trouble.h"

struct group_reader {
    rd_kafka_t *client;
    struct client_trouble trouble; /* the client's newest error */
    char topic[256], group[256];
    bool refused; /* the cluster cannot describe groups */
    char refused_why[256];
};

/* These functions fill in `status`, whose partitions must be known; they block at most about until
 * the deadline.
 *
 * librdkafka 2.14.2's admin requests to a group's coordinator (ListConsumerGroupOffsets,
 * DescribeConsumerGroups) abort the process if the coordinator's connection ends at the wrong
 * moment (its issue #4605, pull request #5397). So these functions send such a request only where
 * no other one returns the answer. */
NODISCARD bool group_read_offsets(struct group_reader *reader, struct group_status *status,
                                  int64_t deadline_ns, struct error *error);
/* Reads the members. If the cluster does not answer, keeps the reason in members_unknown_why.
 * Returns false if out of memory. */
NODISCARD bool group_read_members(struct group_reader *reader, struct group_status *status,
                                  int64_t deadline_ns, struct error *error);
/* Reads the members of a KIP-848 group with such an admin request, because no other request returns
 * them. Call it right after all brokers have answered. Returns as group_read_members() does. */
NODISCARD bool group_describe(struct group_reader *reader, struct group_status *status,
                              int timeout_ms, struct error *error);

/* These functions copy the cluster's text; NULL becomes "". */
void group_name_member(struct member_status *member, const char *client_id, const char *member_id,
                       const char *host);
void group_name_state(struct group_status *status, const char *state, const char *strategy);
/* Keeps the reason why the members are unknown. Returns true, because the rest of the status is
 * still valid. */
bool group_members_unknown(struct group_status *status, const char *why);

#endif
