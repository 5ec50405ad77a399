/* The parts of a group's status: group_offsets.c and group_members.c. */
#ifndef CANDLEWICK_KAFKA_GROUP_INTERNAL_H
#define CANDLEWICK_KAFKA_GROUP_INTERNAL_H

#include "kafka/group.h"

struct group_reader {
    rd_kafka_t *client;
    char topic[256], group[256];
    bool refused; /* the cluster does not describe groups */
    char refused_why[256];
};

/* Fill in `status`, whose partitions are there; block until the deadline at most.
 *
 * Neither asks the group's coordinator through librdkafka's Admin API (ListConsumerGroupOffsets,
 * DescribeConsumerGroups): in 2.14.2 that aborts the process when the coordinator's connection ends
 * at the wrong moment (its issue #4605, pull request #5397). */
NODISCARD bool group_read_offsets(struct group_reader *reader, struct group_status *status,
                                  int64_t deadline_ns, struct error *error);
/* A cluster that says nothing is kept in the status (members_unknown_why); false: memory ran out.
 */
NODISCARD bool group_read_members(struct group_reader *reader, struct group_status *status,
                                  int64_t deadline_ns, struct error *error);

#endif
