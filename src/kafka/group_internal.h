/* What group_ask.c asks and group_answers.c understands. */
#ifndef CANDLEWICK_KAFKA_GROUP_INTERNAL_H
#define CANDLEWICK_KAFKA_GROUP_INTERNAL_H

#include "kafka/group.h"

struct group_reader {
    rd_kafka_t *client;
    char topic[256], group[256];
    bool refused; /* the cluster does not describe groups */
    char refused_why[256];
};

/* Fills in offsets and members of `status`, whose partitions are there. */
NODISCARD bool group_ask(struct group_reader *reader, struct group_status *status,
                         int64_t deadline_ns, struct error *error);

/* Each copies an answer into `status`. */
NODISCARD bool group_take_begins(rd_kafka_event_t *event, struct group_status *status,
                                 struct error *error);
NODISCARD bool group_take_ends(rd_kafka_event_t *event, struct group_status *status,
                               struct error *error);
NODISCARD bool group_take_committed(rd_kafka_event_t *event, struct group_status *status,
                                    struct error *error);
/* Why the members were not told; NO_ERROR when they were. */
rd_kafka_resp_err_t group_members_error(rd_kafka_event_t *event);
/* An answer that says no is kept in the status (members_unknown_why); false: memory ran out. */
NODISCARD bool group_take_members(rd_kafka_event_t *event, struct group_status *status,
                                  struct error *error);

#endif
