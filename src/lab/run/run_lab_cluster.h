/* The cluster of a lab run (librdkafka's in-process one, or real brokers), and the load that is
 * sent to it. */
#ifndef CANDLEWICK_LAB_RUN_RUN_LAB_CLUSTER_H
#define CANDLEWICK_LAB_RUN_RUN_LAB_CLUSTER_H

#include "cli/options.h"
#include "kafka/admin/embedded.h"
#include "lab/model/group.h"

struct lab_cluster {
    struct embedded_kafka *embedded; /* NULL: real brokers are used */
    struct kafka_settings kafka;
    int brokers; /* number of real brokers */
};

/* Uses real brokers if --brokers names them. Fails with ERROR_RETRY when none answers. */
NODISCARD bool lab_cluster_open(const struct options *options, struct lab_cluster *cluster,
                                struct error *error);
void lab_cluster_close(struct lab_cluster *cluster);

/* Creates the group's topics, each named `prefix` plus its name, and records the order in which the
 * brokers list them. */
NODISCARD bool lab_cluster_make_topics(struct lab_cluster *cluster, struct lab_group *group,
                                       const char *prefix, struct error *error);
/* Removes the topics and the consumer group from real brokers. A removal that fails is logged. */
void lab_cluster_remove(struct lab_cluster *cluster, const struct lab_group *group,
                        const char *prefix, const char *kafka_group);

/* Sends ticks evenly to all partitions, each to an explicit partition, on a separate thread. */
struct lab_load;
NODISCARD struct lab_load *lab_load_start(const struct lab_cluster *cluster,
                                          const struct lab_group *group, const char *prefix,
                                          int per_second, struct error *error);
/* Stops the load and waits for the delivery reports. `acknowledged[slot]` is the number of ticks
 * that the brokers have. Fails when librdkafka gave some ticks up, because it is then unknown what
 * is missing. */
NODISCARD bool lab_load_stop(struct lab_load *load, int64_t *acknowledged, struct error *error);
void lab_load_destroy(struct lab_load *load); /* NULL is allowed */

#endif
