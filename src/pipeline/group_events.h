/*
 * Writes events when brokers and members of the group go away or come back. Several programs may
 * see that; only the one that holds the lease (event_lease.h) writes. A claim of the lease is an
 * event `watching` with the subject "group/NAME" and the claiming program in `detail`.
 */
#ifndef CANDLEWICK_PIPELINE_GROUP_EVENTS_H
#define CANDLEWICK_PIPELINE_GROUP_EVENTS_H

#include "kafka/admin/group.h"
#include "pipeline/event_log.h"

struct group_events;

struct group_events_config {
    struct kafka_settings kafka;
    const char *topic;                /* the topic of events; this and all members below are
                                         borrowed */
    struct registry_client *registry; /* its reader schema is that of events */
    struct event_log *log;
    const char *group;
    const char *client_id; /* this program's client id */
};

/* Starts a thread that claims the lease whenever no other program holds it. */
NODISCARD struct group_events *group_events_create(const struct group_events_config *config,
                                                   struct error *error);

/* Compares the brokers and members in `status` with those of the earlier calls, and writes an event
 * for each change. Sends no request. Always call it on the same thread. */
void group_events_seen(struct group_events *events, const struct group_status *status);

void group_events_destroy(struct group_events *events); /* NULL is allowed */

#endif
