/*
 * The loop that asks a source, stamps ticks and hands them on, on a thread of its own.
 *
 * Live sources are asked at a fixed rate, never more than `requests_per_minute`; a late round is
 * logged and not made up for: the rate goes on from it. Errors wait by backoff from 1 s to 60 s
 * with jitter, and as long as the other end asks for, up to 60 s (a rate limit: 60 s). An error
 * that is not ERROR_RETRY ends the loop.
 *
 * Ticks without a time are stamped when their answer has come: stamper.h. When the clock has gone
 * back by more than 1 s behind the newest stamp of a coin (of this run or told by
 * poller_tell_stamp) that coin's are held back: counted, not stamped, not handed on.
 *
 * Ticks of a source that is not live carry their own times and are paced by them: tick k goes out
 * at start + (t_k - t_0) / speed. A tick from before t_0, or that is overdue, goes out at once.
 *
 * Whatever it waits for, the loop ends at once when the stop is requested; only ticks of an answer
 * that has been stamped are handed on before, for nobody could get them a second time.
 */
#ifndef CANDLEWICK_SOURCE_POLLER_H
#define CANDLEWICK_SOURCE_POLLER_H

#include "source/source.h"

struct poller;
struct stop;

/* Takes one stamped tick; borrowed for the call. May block (that is the back-pressure), but not for
 * long once the stop is requested. False when it was not taken, which the poller counts as dropped;
 * the sink has logged why. Called on the poller's thread. */
typedef bool (*tick_sink)(void *context, const struct ticker *tick);

/* The time as the poller sees it: tests put their own in its place. Called from the poller's thread
 * and from poller_stats(). */
struct poller_clock {
    int64_t (*wall_ns)(void *context);
    int64_t (*monotonic_ns)(void *context);
    /* Sleeps up to `ms`, wakes when `stop` is requested; true then. */
    bool (*wait_ms)(void *context, struct stop *stop, int64_t ms);
    void *context; /* borrowed until destroy */
};

struct poller_config {
    int64_t interval_ns;     /* between two requests of a live source; > 0 for one */
    int requests_per_minute; /* a ceiling on the above and on retries; 0: 30; < 0: none, for a
                                source that asks nobody */
    double speed;            /* replay: times faster than recorded; 0: no waiting */
    int64_t run_id;          /* of live ticks */
    tick_sink sink;
    void *sink_context;            /* borrowed until destroy */
    struct stop *stop;             /* borrowed; the loop ends soon after it is requested */
    void (*on_end)(void *context); /* called once on the poller's thread when the loop has ended:
                                      used up, failed or stopped; may be NULL; must not destroy */
    void *on_end_context;
    const struct poller_clock *clock; /* copied; NULL: the real one */
};

/* rows.ticks = produced + dropped + held_back + ticks that were read and wait for their time, or
 * did so when the stop came. */
struct poller_stats {
    int64_t requests; /* of a live source */
    int64_t request_errors;
    int64_t late_rounds;
    int64_t produced;        /* handed to the sink and taken */
    int64_t dropped;         /* not taken by the sink */
    int64_t held_back;       /* not stamped: the clock stepped back, or the stop came first */
    struct row_counts rows;  /* a tick that ticker_check() refuses is a rejected row */
    int64_t last_success_ns; /* wall clock; 0: none yet */
    double share;            /* of the source that was read, 0 to 1; negative: nobody knows */
    bool ended;              /* the source is used up, or failed for good (then not healthy) */
    bool healthy;            /* the last request worked, a replay goes on or is used up */
    char reason[256];        /* why not healthy, or what it waits for; "" when nothing is to say */
    char notice[256];        /* what somebody should look at, though all goes on; "": nothing */
};

/* `source` is taken over, on success only. poller_start() starts the thread. ERROR_USAGE: an
 * interval, speed or ceiling out of range. */
NODISCARD struct poller *poller_create(const struct poller_config *config, struct source *source,
                                       struct error *error);

/* A tick that the log has, told before poller_start: identities are never reused. All may be told,
 * in any order. One too far ahead of the clock (stamper.h) binds nobody, and is noticed with its
 * `place` in the log, for people. False: no memory. */
NODISCARD bool poller_tell_stamp(struct poller *poller, const struct ticker *tick,
                                 const char *place);

/* Once. False: ERROR_RETRY, the system has no thread to give. */
NODISCARD bool poller_start(struct poller *poller, struct error *error);

/* A consistent copy. Any thread, never blocks for long. */
void poller_stats(struct poller *poller, struct poller_stats *stats);

/* Waits until the thread has ended (request the stop first): poller_stats() is final then. Does
 * nothing when it never started or was joined before. */
void poller_join(struct poller *poller);

/* Joins, and frees. NULL is allowed. */
void poller_destroy(struct poller *poller);

#endif
