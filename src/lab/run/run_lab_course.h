/* Performs one run of one scenario with one strategy. */
#ifndef CANDLEWICK_LAB_RUN_RUN_LAB_COURSE_H
#define CANDLEWICK_LAB_RUN_RUN_LAB_COURSE_H

#include "base/stop.h"
#include "lab/model/result.h"
#include "lab/run/run_lab_cluster.h"

struct lab_course_config {
    struct lab_cluster *cluster;
    const struct lab_scenario *scenario;
    enum strategy strategy;
    const char *run_id;     /* names the run's topics and group */
    int per_second;         /* ticks per partition and second */
    const char *properties; /* for the members, in the format of KAFKA_PROPERTIES */
    enum log_level log_level;
    struct stop *stop; /* borrowed: aborts the run */
};

/* Fills all of `result` except its repeat; the caller calls lab_result_free() in any case. Blocks
 * until the run is over or the stop is requested. Fails when the run could not be completed
 * (ERROR_FATAL, also for the stop; ERROR_RETRY). */
NODISCARD bool lab_course_run(const struct lab_course_config *config, struct lab_result *result,
                              struct error *error);

#endif
