/* The members of a lab run: a process each. All of it on one thread, the main one: a member's end
 * is tied to that of the thread that started it. */
#ifndef CANDLEWICK_LAB_RUN_RUN_LAB_CREW_H
#define CANDLEWICK_LAB_RUN_RUN_LAB_CREW_H

#include "base/log.h"
#include "kafka/client/settings.h"
#include "lab/model/events.h"

struct lab_crew;

/* All borrowed for the crew's life. */
struct lab_crew_config {
    const struct lab_group *group; /* names, topics and subscriptions */
    const char *brokers;
    const char *kafka_group;
    const char *prefix; /* of topics */
    enum strategy strategy;
    bool static_members;
    const char *properties; /* as KAFKA_PROPERTIES has them */
    enum log_level log_level;
    struct lab_log *log; /* gets what the members tell */
};

NODISCARD struct lab_crew *lab_crew_create(const struct lab_crew_config *config,
                                           struct error *error);
/* Kills who is left, and waits for them. NULL is allowed. */
void lab_crew_destroy(struct lab_crew *crew);

/* Of one that does not run. */
NODISCARD bool lab_crew_start(struct lab_crew *crew, int member, struct error *error);
/* SIGTERM: it commits, leaves the group and ends by itself. */
void lab_crew_stop(struct lab_crew *crew, int member);
/* SIGKILL, SIGSTOP: the log gets LAB_GONE. False: no memory for that. */
NODISCARD bool lab_crew_kill(struct lab_crew *crew, int member, struct error *error);
NODISCARD bool lab_crew_freeze(struct lab_crew *crew, int member, struct error *error);
void lab_crew_thaw(struct lab_crew *crew, int member);

bool lab_crew_runs(const struct lab_crew *crew, int member);

/* Waits up to `wait_ms` for what members tell and takes it all. False: one ended without being
 * asked to, or no memory. */
NODISCARD bool lab_crew_listen(struct lab_crew *crew, int wait_ms, struct error *error);

#endif
