#include "source/synthetic/synthetic_batch.h"

#include "base/stop.h"

enum { WAIT_MS = 200 }; /* at most, in one call of `next` (source.h, `pushed`) */

int64_t synthetic_until_ns(const struct synthetic_stream_config *config)
{
    int64_t now_ns = config->live ? config->wall_ns() : config->end_ns;
    return now_ns < config->end_ns ? now_ns : config->end_ns;
}

enum source_next synthetic_hand_over(const struct synthetic_stream_config *config, int64_t until_ns,
                                     const struct source_batch *batch, struct row_counts *counts)
{
    counts->rows += (int64_t)batch->count;
    counts->records += (int64_t)batch->count;
    if (batch->count == 0 && until_ns == config->end_ns) {
        return SOURCE_END;
    }
    if (batch->count == 0) {
        (void)stop_wait_ms(config->stop, WAIT_MS);
    }
    return SOURCE_BATCH;
}
