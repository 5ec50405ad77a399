/*
 * Measures the truth lag of one stream's records: the time from the exchange's own time of a
 * record until the store has it, or the page's server sends it to browsers, as a whole and by step
 * (exchange, frame or answer with the record, Kafka, store or page).
 *
 * Measures only records that arrive as they happen: their messages have the header
 * ARRIVED_HEADER, which those of a refill, a snapshot or a replayed file lack. A negative time
 * means that two machines' clocks disagree; such times are only counted. Pure; a plain value, not
 * thread-safe.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_TRUTH_LAG_H
#define CANDLEWICK_KAFKA_CONSUMER_TRUTH_LAG_H

#include "base/histogram.h"
#include "record/kind.h"

enum truth_step {
    TRUTH_EXCHANGE_TO_FRAME, /* only for kinds with the exchange's own time: trades */
    TRUTH_FRAME_TO_KAFKA,    /* from the arrival of the frame to the message's timestamp */
    TRUTH_KAFKA_TO_STORE,    /* from the message's timestamp to the end of the write */
    TRUTH_EXCHANGE_TO_STORE, /* the whole way; only for kinds with the exchange's own time */
    TRUTH_KAFKA_TO_PAGE,     /* from the message's timestamp to its event for browsers */
    TRUTH_EXCHANGE_TO_PAGE,  /* the whole way; only for kinds with the exchange's own time */
    TRUTH_STEPS,
};
/* "exchange_to_frame", … */
extern const char *const truth_step_names[TRUTH_STEPS];

struct truth_lag {
    const char *stream; /* name of the stream's kind; NULL: there is no such stream */
    struct histogram steps[TRUTH_STEPS];
    int64_t negative[TRUTH_STEPS]; /* number of negative times */
};

/* `stream` is borrowed. */
struct truth_lag truth_lag_new(const char *stream);

/* The times of one record, by wall clocks. */
struct truth_times {
    int64_t arrived_ns;   /* the time in the message's ARRIVED_HEADER; 0: it has none */
    int64_t timestamp_ms; /* the message's timestamp; below 0: it has none */
    int64_t done_ms;      /* when the store had it, or the page's server sent it */
};
/* Adds a record that was stored: the steps from the exchange to the store. */
void truth_lag_add(struct truth_lag *lag, const struct record_kind *kind, const void *record,
                   const struct truth_times *times);
/* Adds a record that the page's server sent: the steps from the exchange to the page. */
void truth_lag_add_page(struct truth_lag *lag, const struct record_kind *kind, const void *record,
                        const struct truth_times *times);

void truth_lag_merge(struct truth_lag *to, const struct truth_lag *from);
/* Merges the steps to the page alone, for a sum with members that have measured the others. */
void truth_lag_merge_page(struct truth_lag *to, const struct truth_lag *from);

/* Returns how many stored records were measured. */
uint64_t truth_lag_total(const struct truth_lag *lag);

#endif
