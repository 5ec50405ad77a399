/*
 * How long the truth takes: from the exchange's own time of a record over the frame or answer that
 * brought it and Kafka to the store, for the records of one stream.
 *
 * Measured are records that came as they happened: their message has the header ARRIVED_HEADER.
 * What was refilled, and what a snapshot or a file held, has none and is left out. A span below 0
 * can only come from clocks that disagree; it is counted apart. Pure; a plain value, not
 * thread-safe.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_TRUTH_LAG_H
#define CANDLEWICK_KAFKA_CONSUMER_TRUTH_LAG_H

#include "base/histogram.h"
#include "record/kind.h"

enum truth_step {
    TRUTH_EXCHANGE_TO_FRAME, /* only of kinds with the exchange's own time: trades */
    TRUTH_FRAME_TO_KAFKA,    /* to the message's timestamp */
    TRUTH_KAFKA_TO_STORE,    /* to the end of the write */
    TRUTH_EXCHANGE_TO_STORE, /* all of it; only of kinds with the exchange's own time */
    TRUTH_STEPS,
};
/* "exchange_to_frame", … */
extern const char *const truth_step_names[TRUTH_STEPS];

struct truth_lag {
    const char *stream; /* the kind's name; NULL: there is no such stream */
    struct histogram steps[TRUTH_STEPS];
    int64_t negative[TRUTH_STEPS]; /* spans below 0 */
};

/* `stream` is borrowed. */
struct truth_lag truth_lag_new(const char *stream);

/* The times of one stored record, in ms of wall clocks. */
struct truth_times {
    int64_t arrived_ns;   /* of its message's header; 0: it has none */
    int64_t timestamp_ms; /* the message's; below 0: it has none */
    int64_t stored_ms;
};
void truth_lag_add(struct truth_lag *lag, const struct record_kind *kind, const void *record,
                   const struct truth_times *times);

void truth_lag_merge(struct truth_lag *to, const struct truth_lag *from);

/* How many records were measured. */
uint64_t truth_lag_total(const struct truth_lag *lag);

#endif
