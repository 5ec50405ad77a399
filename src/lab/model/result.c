#include "lab/model/result.h"

void lab_result_free(struct lab_result *result)
{
    lab_log_free(&result->log);
}

bool lab_result_good(const struct lab_result *result)
{
    bool good = result->ticks.missing == 0;
    for (int i = 0; i < result->step_count; i++) {
        good = good && result->measures[i].agrees && result->measures[i].consistent;
    }
    return good;
}
