/*
 * Computes when the next request or tick is due. Pure: the caller passes in the monotonic time.
 */
#ifndef CANDLEWICK_SOURCE_PACER_H
#define CANDLEWICK_SOURCE_PACER_H

#include <stdbool.h>
#include <stdint.h>

/* Rounds at a fixed rate. Each is scheduled from the deadline of the one before, so that small
 * delays do not add up. A late round is not caught up: the rate continues from it. */
struct round_pacer {
    int64_t interval_ns;
    int64_t gap_ns; /* shortest time between two rounds, retries included */
    int64_t due_ns;
    int64_t last_ns; /* when the last round started */
    bool begun;
};

/* `rounds_per_minute` <= 0 means no ceiling. */
struct round_pacer round_pacer_new(int64_t interval_ns, int rounds_per_minute);

/* Returns when the next round starts; the first one is due at once. */
int64_t round_pacer_due(const struct round_pacer *pacer);

/* Records that a round starts now. Returns how late it is; 0 if it is late by at most a tenth of
 * the interval, as timers and threads may be. */
int64_t round_pacer_start(struct round_pacer *pacer, int64_t now_ns);

/* Schedules the next round `wait_ns` from now, for a retry. */
void round_pacer_retry(struct round_pacer *pacer, int64_t now_ns, int64_t wait_ns);

/* Paces recorded ticks: the k-th is due at start + (t_k - t_0) / speed. */
struct replay_pacer {
    double speed; /* 0: all ticks are due at once */
    bool begun;
    int64_t start_ns;
    int64_t first_event_ns;
};

/* Returns when the tick is due. A tick whose time is before the first one's is due at once. */
int64_t replay_pacer_due(struct replay_pacer *pacer, int64_t event_time_ns, int64_t now_ns);

#endif
