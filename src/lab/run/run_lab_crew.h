/* The members of a lab run, each a process. Call all functions on the main thread: a member is
 * killed when the thread that started it ends. */
#ifndef CANDLEWICK_LAB_RUN_RUN_LAB_CREW_H
#define CANDLEWICK_LAB_RUN_RUN_LAB_CREW_H

#include "base/log.h"
#include "kafka/client/settings.h"
#include "lab/model/events.h"

struct lab_crew;

/* Everything is borrowed for the crew's life. */
struct lab_crew_config {
    const struct lab_group *group; /* for names, topics and subscriptions */
    const char *brokers;
    const char *kafka_group;
    const char *prefix; /* of the topics' names */
    enum strategy strategy;
    bool static_members;
    const char *properties; /* in the format of KAFKA_PROPERTIES */
    enum log_level log_level;
    struct lab_log *log; /* receives the members' events */
};

NODISCARD struct lab_crew *lab_crew_create(const struct lab_crew_config *config,
                                           struct error *error);
/* Kills the members that still run, and waits for them. NULL is allowed. */
void lab_crew_destroy(struct lab_crew *crew);

/* The member must not be running. */
NODISCARD bool lab_crew_start(struct lab_crew *crew, int member, struct error *error);
/* Sends SIGTERM: the member commits, leaves the group and ends. */
void lab_crew_stop(struct lab_crew *crew, int member);
/* These functions send SIGKILL and SIGSTOP, and add LAB_GONE to the log. They fail when memory for
 * that runs out. */
NODISCARD bool lab_crew_kill(struct lab_crew *crew, int member, struct error *error);
NODISCARD bool lab_crew_freeze(struct lab_crew *crew, int member, struct error *error);
void lab_crew_thaw(struct lab_crew *crew, int member);

bool lab_crew_runs(const struct lab_crew *crew, int member);

/* Waits up to `wait_ms` for events of the members and adds them to the log. Fails when a member
 * ended without being asked to, or memory runs out. */
NODISCARD bool lab_crew_listen(struct lab_crew *crew, int wait_ms, struct error *error);

#endif
