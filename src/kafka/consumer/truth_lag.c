#include "kafka/consumer/truth_lag.h"

#include "base/clock.h"

enum { MS = 1000, S = 1000 * MS };

/* The bounds are close together around the normal time of the steps through Kafka, and reach an
 * hour for a member that catches up. */
static const struct histogram_bounds bounds = {
    18,
    {1 * MS, 2 * MS, 5 * MS, 10 * MS, 25 * MS, 50 * MS, 100 * MS, 150 * MS, 250 * MS, 500 * MS,
     1 * S, 1500 * MS, 2 * S, 5 * S, 10 * S, 60 * S, 300 * S, 3600LL * S},
};

const char *const truth_step_names[TRUTH_STEPS] = {
    [TRUTH_EXCHANGE_TO_FRAME] = "exchange_to_frame",
    [TRUTH_FRAME_TO_KAFKA] = "frame_to_kafka",
    [TRUTH_KAFKA_TO_STORE] = "kafka_to_store",
    [TRUTH_EXCHANGE_TO_STORE] = "exchange_to_store",
    [TRUTH_KAFKA_TO_PAGE] = "kafka_to_page",
    [TRUTH_EXCHANGE_TO_PAGE] = "exchange_to_page",
};

struct truth_lag truth_lag_new(const char *stream)
{
    struct truth_lag lag = {.stream = stream};
    for (int i = 0; i < TRUTH_STEPS; i++) {
        lag.steps[i] = histogram_new(&bounds);
    }
    return lag;
}

static void add(struct truth_lag *lag, enum truth_step step, int64_t from_ms, int64_t to_ms)
{
    if (to_ms < from_ms) {
        lag->negative[step]++;
    } else {
        histogram_add(&lag->steps[step], (to_ms - from_ms) * MS);
    }
}

/* Adds the steps to Kafka, the one from there to the end, and the whole way. */
static void add_steps(struct truth_lag *lag, const struct record_kind *kind, const void *record,
                      const struct truth_times *times, enum truth_step last, enum truth_step whole)
{
    if (times->arrived_ns == 0 || times->timestamp_ms < 0) {
        return;
    }
    int64_t arrived_ms = times->arrived_ns / NS_PER_MS;
    if (kind->amount != NULL) {
        int64_t moment_ms = column_int64(kind->moment, record) / NS_PER_MS;
        add(lag, TRUTH_EXCHANGE_TO_FRAME, moment_ms, arrived_ms);
        add(lag, whole, moment_ms, times->done_ms);
    }
    add(lag, TRUTH_FRAME_TO_KAFKA, arrived_ms, times->timestamp_ms);
    add(lag, last, times->timestamp_ms, times->done_ms);
}

void truth_lag_add(struct truth_lag *lag, const struct record_kind *kind, const void *record,
                   const struct truth_times *times)
{
    add_steps(lag, kind, record, times, TRUTH_KAFKA_TO_STORE, TRUTH_EXCHANGE_TO_STORE);
}

void truth_lag_add_page(struct truth_lag *lag, const struct record_kind *kind, const void *record,
                        const struct truth_times *times)
{
    add_steps(lag, kind, record, times, TRUTH_KAFKA_TO_PAGE, TRUTH_EXCHANGE_TO_PAGE);
}

static void merge_step(struct truth_lag *to, const struct truth_lag *from, int step)
{
    histogram_merge(&to->steps[step], &from->steps[step]);
    to->negative[step] += from->negative[step];
}

void truth_lag_merge(struct truth_lag *to, const struct truth_lag *from)
{
    for (int step = 0; step < TRUTH_STEPS; step++) {
        merge_step(to, from, step);
    }
}

void truth_lag_merge_page(struct truth_lag *to, const struct truth_lag *from)
{
    merge_step(to, from, TRUTH_KAFKA_TO_PAGE);
    merge_step(to, from, TRUTH_EXCHANGE_TO_PAGE);
}

uint64_t truth_lag_total(const struct truth_lag *lag)
{
    return histogram_total(&lag->steps[TRUTH_KAFKA_TO_STORE]) +
           (uint64_t)lag->negative[TRUTH_KAFKA_TO_STORE];
}
