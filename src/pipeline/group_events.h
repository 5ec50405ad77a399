/*
 * Writes which brokers and members have gone away and are back, as events. Several programs may see
 * the same; the one that holds the lease (event_lease.h) writes, the others only look. Claims of
 * the lease are events `watching` of the subject "group/NAME", whose detail names the claimant.
 */
#ifndef CANDLEWICK_PIPELINE_GROUP_EVENTS_H
#define CANDLEWICK_PIPELINE_GROUP_EVENTS_H

#include "kafka/admin/group.h"
#include "pipeline/event_log.h"

struct group_events;

struct group_events_config {
    struct kafka_settings kafka;
    const char *topic;                /* of the events; borrowed, as is all below */
    struct registry_client *registry; /* reads the kind event */
    struct event_log *log;
    const char *group;
    const char *client_id; /* of this program */
};

/* Starts a thread that claims the lease while nobody else holds it. */
NODISCARD struct group_events *group_events_create(const struct group_events_config *config,
                                                   struct error *error);

/* Compares what the cluster says now with what it said before. Never blocks for long. Call it on
 * one thread. */
void group_events_seen(struct group_events *events, const struct group_status *status);

void group_events_destroy(struct group_events *events); /* NULL is allowed */

#endif
