/*
 * When the next request or tick is due. Pure: the functions are told the (monotonic) time.
 */
#ifndef CANDLEWICK_SOURCE_PACER_H
#define CANDLEWICK_SOURCE_PACER_H

#include <stdbool.h>
#include <stdint.h>

/* Rounds at a fixed rate: by deadlines, so that small delays do not add up. A round that is late is
 * not made up for: the rate goes on from it. */
struct round_pacer {
    int64_t interval_ns;
    int64_t gap_ns; /* at least this between any two rounds, retries included */
    int64_t due_ns;
    int64_t last_ns; /* start of the last round */
    bool begun;
};

/* `rounds_per_minute` <= 0: no ceiling. */
struct round_pacer round_pacer_new(int64_t interval_ns, int rounds_per_minute);

/* Start of the next round; the first is due at once. */
int64_t round_pacer_due(const struct round_pacer *pacer);

/* A round starts now. Gives by how much it is late, 0 when within what timers and threads take
 * (a tenth of the interval). */
int64_t round_pacer_start(struct round_pacer *pacer, int64_t now_ns);

/* The next round is due `wait_ns` from now instead. */
void round_pacer_retry(struct round_pacer *pacer, int64_t now_ns, int64_t wait_ns);

/* Recorded ticks: the k-th is due at start + (t_k - t_0) / speed. */
struct replay_pacer {
    double speed; /* 0: all are due at once */
    bool begun;
    int64_t start_ns;
    int64_t first_event_ns;
};

/* A tick whose time lies before the first one's is due at once. */
int64_t replay_pacer_due(struct replay_pacer *pacer, int64_t event_time_ns, int64_t now_ns);

#endif
