/*
 * Turns the polls of a source into the events of its run (run_events.h): started, the list of
 * coins, covered, ended. An answer covers the time until the next poll is due, one interval later.
 * So a covered time divided by the interval is its number of polls, each of which had a tick,
 * unless the answer lacked the coin. After a poll that failed, the time from when it was due up to
 * the next answer is not covered. Pure: the caller passes wall-clock times, and takes the events.
 */
#ifndef CANDLEWICK_SOURCE_POLL_COVERAGE_H
#define CANDLEWICK_SOURCE_POLL_COVERAGE_H

#include "source/run_events.h"

struct poll_coverage {
    bool writes;                /* if not, none of the functions does anything */
    struct source_batch events; /* for the caller to deliver, who sets its count to 0 */
    bool failed;                /* memory ran out: events are missing */
    struct run_events run;      /* its source is borrowed */
    int64_t interval_ns;        /* from one poll to the next */
    struct coin_table coins;    /* all coins that answers had, in the order in which they came */
    struct poll_coin *marks;    /* one for each coin; owned */
    size_t mark_capacity;
    size_t listed;        /* how many coins the list in the log has */
    int64_t answer_ns;    /* when the newest answer came; 0: none, or a poll has failed since */
    int64_t said_ns;      /* when coverage was written last */
    struct run_span past; /* of a past that no event says yet; its end is 0: there is none */
};

/* Zero-initialise; the caller sets writes, interval_ns and run.source. */
void poll_coverage_free(struct poll_coverage *coverage);

/* Adds started. */
void poll_coverage_start(struct poll_coverage *coverage, int64_t now_ns);

/* Records a past that the source brought before its first answer: from `begin_ns` on a tick every
 * `step_ns` of each coin that was passed to poll_coverage_coin() until now, the last of which
 * covers up to `end_ns`. The next function that adds events adds it, too. */
void poll_coverage_past(struct poll_coverage *coverage, int64_t begin_ns, int64_t end_ns,
                        int64_t step_ns);

/* Records an answer that came at `now_ns`. Adds covered if a minute has passed since the last time,
 * or a poll is missing. Then the caller passes each coin of the answer to poll_coverage_coin(). */
void poll_coverage_answer(struct poll_coverage *coverage, int64_t now_ns);
void poll_coverage_coin(struct poll_coverage *coverage, struct str coin);

/* Records that a poll has failed, or that its ticks are held back: adds covered up to when it was
 * due. */
void poll_coverage_fail(struct poll_coverage *coverage, int64_t now_ns);

/* Adds covered up to now, and ended. */
void poll_coverage_end(struct poll_coverage *coverage, int64_t now_ns);

#endif
