/* Where a lab run takes place: librdkafka's in-process cluster, or real brokers; and its load. */
#ifndef CANDLEWICK_LAB_RUN_RUN_LAB_CLUSTER_H
#define CANDLEWICK_LAB_RUN_RUN_LAB_CLUSTER_H

#include "cli/options.h"
#include "kafka/admin/embedded.h"
#include "lab/model/group.h"

struct lab_cluster {
    struct embedded_kafka *embedded; /* NULL: real brokers */
    struct kafka_settings kafka;
    int brokers; /* of real ones: how many */
};

/* Real brokers when --brokers names them. False: ERROR_RETRY when none answers. */
NODISCARD bool lab_cluster_open(const struct options *options, struct lab_cluster *cluster,
                                struct error *error);
void lab_cluster_close(struct lab_cluster *cluster);

/* The group's topics, each called `prefix` and its name. Notes in which order the brokers list
 * them. */
NODISCARD bool lab_cluster_make_topics(struct lab_cluster *cluster, struct lab_group *group,
                                       const char *prefix, struct error *error);
/* Removes them, and the consumer group of the name. What stays is logged. */
void lab_cluster_remove(struct lab_cluster *cluster, const struct lab_group *group,
                        const char *prefix, const char *kafka_group);

/* Sends ticks to all partitions evenly, each by its number, on a thread of its own. */
struct lab_load;
NODISCARD struct lab_load *lab_load_start(const struct lab_cluster *cluster,
                                          const struct lab_group *group, const char *prefix,
                                          int per_second, struct error *error);
/* Stops and waits for the brokers' answers. `acknowledged[slot]`: ticks they have. False: some were
 * given up, which leaves no way to tell what is missing. */
NODISCARD bool lab_load_stop(struct lab_load *load, int64_t *acknowledged, struct error *error);
void lab_load_destroy(struct lab_load *load); /* NULL is allowed */

#endif
