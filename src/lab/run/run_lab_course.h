/* One run of one scenario with one strategy. */
#ifndef CANDLEWICK_LAB_RUN_RUN_LAB_COURSE_H
#define CANDLEWICK_LAB_RUN_RUN_LAB_COURSE_H

#include "base/stop.h"
#include "lab/model/result.h"
#include "lab/run/run_lab_cluster.h"

struct lab_course_config {
    struct lab_cluster *cluster;
    const struct lab_scenario *scenario;
    enum strategy strategy;
    const char *run_id;     /* names its topics and its group */
    int per_second;         /* ticks of each partition */
    const char *properties; /* for members, as KAFKA_PROPERTIES has them */
    enum log_level log_level;
    struct stop *stop; /* borrowed: ends it early */
};

/* Fills all of `result` but its repeat; to be given to lab_result_free() in any case. Blocks until
 * the run is over, or the stop. False: it could not be carried out (ERROR_FATAL, the stop
 * too; ERROR_RETRY). */
NODISCARD bool lab_course_run(const struct lab_course_config *config, struct lab_result *result,
                              struct error *error);

#endif
