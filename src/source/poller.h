/*
 * The loop that asks a source, stamps its records and delivers them, on its own thread.
 *
 * Live sources are asked at a fixed rate, never more than `requests_per_minute`; a late round
 * is logged and not caught up: the rate continues from it. Errors are retried with a backoff from 1
 * s to 60 s with jitter, and not before the server's retry-after, up to 60 s (a rate limit: 60 s).
 * An error that is not ERROR_RETRY ends the loop.
 *
 * Records without a time are stamped when their answer has arrived: see stamper.h. When the
 * clock has gone back by more than 1 s behind a coin's newest stamp (of this run, or of the log:
 * poller_restore()), the records of that coin are held back: counted, but not stamped and not
 * delivered.
 *
 * Records of a source that is not live carry their own times and are paced by them: record k is
 * delivered at start + (t_k - t_0) / speed. A record from before t_0, or one that is overdue, is
 * delivered at once.
 *
 * A source that pushes (source.h) is called again at once, without an interval; only its errors
 * are paced by the backoff.
 *
 * The loop ends as soon as the stop is requested, whatever it waits for. Only the records of an
 * answer of a live source are still delivered, because nobody could get them a second time. Then
 * the poller delivers what the source's `last` returns.
 */
#ifndef CANDLEWICK_SOURCE_POLLER_H
#define CANDLEWICK_SOURCE_POLLER_H

#include "source/source.h"

struct poller;
struct stop;

/* Accepts one stamped record of one of the source's kinds and its long texts, borrowed for the
 * call; it arrived at `arrived_ns` (source.h, 0: of no interest). May block (that is the
 * back-pressure), but not for long once the stop is requested. Returns false, after logging why,
 * when it did not accept the record, which the poller counts as dropped. Called on the poller's
 * thread. */
typedef bool (*record_sink)(void *context, const struct record_kind *kind, const void *record,
                            const struct text_arena *texts, int64_t arrived_ns);

/* The clock that the poller uses; tests substitute their own. Called from the poller's thread and
 * from poller_stats(). */
struct poller_clock {
    int64_t (*wall_ns)(void *context);
    int64_t (*monotonic_ns)(void *context);
    /* Sleeps up to `ms` and wakes when `stop` is requested; returns true in that case. */
    bool (*wait_ms)(void *context, struct stop *stop, int64_t ms);
    void *context; /* borrowed until destroy */
};
extern const struct poller_clock poller_real_clock;

struct poller_config {
    int64_t interval_ns;     /* between two requests; must be > 0 for a live source that does not
                                push */
    int requests_per_minute; /* also limits the rate set by interval_ns, and retries; 0: 30; < 0:
                                no limit, for a source that sends no requests */
    double speed;            /* for a replay: how many times faster than recorded; 0: no waiting */
    int64_t run_id;          /* stamped on live records */
    record_sink sink;
    /* Waits until every record that the sink accepted is acknowledged; not for long once the stop
     * is requested, when it returns false if some are not. Called on the poller's thread. NULL:
     * what the sink accepts is acknowledged. */
    bool (*settle)(void *context);
    void *sink_context;            /* of sink and settle; borrowed until destroy */
    struct stop *stop;             /* borrowed; the loop ends soon after it is requested */
    void (*on_end)(void *context); /* called once on the poller's thread when the loop has ended,
                                      for whatever reason; may be NULL; must not destroy the
                                      poller */
    void *on_end_context;
    const struct poller_clock *clock; /* copied; NULL: the real one */
};

/* rows.records = produced + dropped + held_back + records that wait for their time, or were waiting
 * when the stop was requested. The events that a source writes are no rows, and counted apart. */
struct poller_stats {
    int64_t requests; /* sent to the service of a live source */
    int64_t request_errors;
    int64_t late_rounds;
    int64_t produced;        /* accepted by the sink */
    int64_t dropped;         /* not accepted by the sink */
    int64_t held_back;       /* not stamped: the clock was behind, or the stop was requested
                                first */
    int64_t events;          /* records of kind event that the sink accepted */
    int64_t events_dropped;  /* records of kind event that the sink or the kind's check refused */
    struct row_counts rows;  /* a record that its kind's check refuses counts as a rejected row */
    int64_t last_success_ns; /* wall clock; 0: none yet */
    double share;            /* how much of the source was read, 0 to 1; negative: unknown */
    int64_t interval_ns;     /* between two requests; 0: the source is not polled */
    double speed;            /* of a replay, as configured */
    bool ended;              /* the source is used up, or failed for good (`healthy` is then
                                false) */
    bool healthy;            /* the last request worked, or a replay is running or used up */
    char reason[ERROR_REASON_SIZE]; /* why it is not healthy, or what it waits for; "" when neither
                                applies */
    char notice[ERROR_REASON_SIZE]; /* a warning that does not make it unhealthy; "" when there is
                                       none */
    struct source_figure figures[SOURCE_FIGURES_MAX]; /* the source's own */
    size_t figure_count;
};

/* Takes ownership of `source`, on success only. poller_start() starts the thread. Fails with
 * ERROR_USAGE when the interval or the speed is out of range. */
NODISCARD struct poller *poller_create(const struct poller_config *config, struct source *source,
                                       struct error *error);

/* Where a record is in the log. */
struct poller_place {
    const char *text;   /* "tickers, partition 3, offset 17" */
    int64_t written_ns; /* the message's timestamp; 0: it has none */
};

/* Restores the state of the poller and its source from a record of the log, whose kind is one of
 * the source's; `texts` are its long texts. Call before poller_start(), for any number of records,
 * in the order that source.h says. If the poller stamps the records of its main kind, it never
 * stamps an identity of the log again; a record too far ahead of the clock (stamper.h) does not
 * bind its coin, and becomes a notice with its place. If a coin's newest record of the main kind is
 * from another live source, and of the last hour (coin_owners.h), the coin's records are refused:
 * they are counted, and the coin is logged and becomes a notice. Records of a replay or of a
 * synthetic source are delivered all the same, with a notice. Returns false when memory runs
 * out. */
NODISCARD bool poller_restore(struct poller *poller, const struct record_kind *kind,
                              const void *record, const struct text_arena *texts,
                              const struct poller_place *place);

/* Call once. Fails with ERROR_RETRY when the system cannot start a thread. */
NODISCARD bool poller_start(struct poller *poller, struct error *error);

/* Copies consistent figures, the source's own report included. Any thread; never blocks for long.
 */
void poller_stats(struct poller *poller, struct poller_stats *stats);

/* Waits until the thread has ended (request the stop first); poller_stats() is final from then on.
 * Does nothing when the thread never started or was joined before. */
void poller_join(struct poller *poller);

/* Joins the thread and frees the poller. NULL is allowed. */
void poller_destroy(struct poller *poller);

#endif
