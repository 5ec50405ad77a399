/*
 * A made-up source of ticks, bars and events: it returns what a script says, one step for each
 * call, and notes what it was told. Its main kind is the tick; bars stand for its second kind.
 */
#ifndef CANDLEWICK_TESTS_MADE_SOURCE_H
#define CANDLEWICK_TESTS_MADE_SOURCE_H

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cmocka_all.h"
#include "record/bar.h"
#include "record/event.h"
#include "record/ticker.h"
#include "source/source.h"

enum { MADE_TOLD_MAX = 64 };

/* One call of `next` or `last`. */
struct made_step {
    const struct record_kind *kind; /* of the batch; NULL: an empty one */
    size_t count;
    int64_t arrived_ns; /* of each record */
    bool settle;
    struct error error; /* with a kind: that is returned instead of a batch */
    bool stop;          /* the stop is requested meanwhile */
    bool odd;           /* the last record, an event, is one that its kind's check refuses */
};

/* All zero but for what a test sets; must outlive the source. */
struct made_source {
    const struct made_step *steps, *last;
    size_t step_count, last_count; /* after its steps the source is used up */
    bool endless;                  /* instead, it returns empty batches */
    bool pushed, writes_events;
    const char *name; /* NULL: "made" */
    const char *trouble;
    int64_t requests, request_errors; /* that it reports */
    struct stop *stop;                /* for steps with `stop` */
    /* Called at the begin of each `next` and `last`, with how often both were called before. */
    void (*before)(void *context, size_t calls);
    void *before_context;

    atomic_size_t calls, last_calls;
    size_t made; /* records; each has a time of its own */
    const struct record_kind *told_kinds[MADE_TOLD_MAX];
    char told_keys[MADE_TOLD_MAX][RECORD_KEY_MAX + 1];
    size_t told;
};

/* The n-th record that a source of this name makes. */
static inline struct ticker made_tick(const char *source, size_t n)
{
    struct ticker tick = {.symbol = "tBTCUSD",
                          .last_price = 1.5 + (double)n,
                          .event_time_ns = (1767225600 + (int64_t)n) * NS_PER_SECOND};
    (void)str_copy(str_from(source), tick.source, sizeof tick.source);
    return tick;
}

static inline struct bar made_bar(const char *source, size_t n)
{
    struct bar bar = {.symbol = "tBTCUSD",
                      .timeframe = "1m",
                      .open_time_ns = (1767225600 + 60 * (int64_t)n) * NS_PER_SECOND,
                      .open = 2,
                      .high = 3,
                      .low = 1,
                      .close = 2};
    (void)str_copy(str_from(source), bar.source, sizeof bar.source);
    record_complete(&bar_kind, &bar);
    return bar;
}

static inline struct event made_event(const char *source, size_t n)
{
    struct event event = {
        .subject = "made", .what = "covered", .time_ns = (1767225600 + (int64_t)n) * NS_PER_SECOND};
    (void)str_copy(str_from(source), event.source, sizeof event.source);
    return event;
}

/* On the poller's thread, where cmocka cannot take a failed assertion. */
static inline void made_require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static inline void made_fill(struct made_source *made, const struct made_step *step,
                             struct source_batch *batch)
{
    source_batch_begin(batch, step->kind != NULL ? step->kind : &ticker_kind, true);
    for (size_t i = 0; step->kind != NULL && i < step->count; i++) {
        void *record = source_batch_add(batch);
        made_require(record != NULL);
        if (step->kind == &ticker_kind) {
            *(struct ticker *)record = made_tick("made", made->made++);
        } else if (step->kind == &event_kind) {
            *(struct event *)record = made_event("made", made->made++);
        } else {
            *(struct bar *)record = made_bar("made", made->made++);
        }
        source_batch_arrived(batch, step->arrived_ns);
    }
    if (step->odd) {
        ((struct event *)source_batch_at(batch, batch->count - 1))->subject[0] = '\0';
    }
    batch->settle = step->settle;
    if (step->stop) {
        stop_request(made->stop);
    }
}

static inline void made_before(struct made_source *made)
{
    if (made->before != NULL) {
        made->before(made->before_context,
                     atomic_load(&made->calls) + atomic_load(&made->last_calls));
    }
}

static inline enum source_next made_next(void *state, struct source_batch *batch,
                                         struct row_counts *counts, struct error *error)
{
    struct made_source *made = state;
    static const struct made_step nothing = {.kind = NULL};
    made_before(made);
    size_t call = atomic_fetch_add(&made->calls, 1);
    bool over = call >= made->step_count;
    const struct made_step *step = over ? &nothing : &made->steps[call];
    made_fill(made, step, batch);
    if (over && !made->endless) {
        return SOURCE_END;
    }
    *error = step->error;
    if (batch->kind != &event_kind) {
        counts->rows += (int64_t)batch->count;
        counts->records += (int64_t)batch->count;
    }
    return step->error.kind != ERROR_NONE ? SOURCE_ERROR : SOURCE_BATCH;
}

static inline bool made_last(void *state, struct source_batch *batch)
{
    struct made_source *made = state;
    made_before(made);
    size_t call = atomic_fetch_add(&made->last_calls, 1);
    if (call >= made->last_count) {
        return false;
    }
    made_fill(made, &made->last[call], batch);
    return true;
}

static inline bool made_tell(void *state, const struct record_kind *kind, const void *record,
                             const struct text_arena *texts)
{
    struct made_source *made = state;
    (void)texts;
    made_require(made->told < MADE_TOLD_MAX);
    made->told_kinds[made->told] = kind;
    (void)str_copy(column_text(kind->key, record), made->told_keys[made->told++],
                   RECORD_KEY_MAX + 1);
    return true;
}

static inline void made_report(void *state, struct source_report *report)
{
    const struct made_source *made = state;
    (void)str_copy(str_from(made->trouble != NULL ? made->trouble : ""), report->trouble,
                   sizeof report->trouble);
    report->requests = made->requests;
    report->request_errors = made->request_errors;
    source_report_add(report, "open_holes", "Holes that are not refilled yet.", false, 3);
    source_report_add(report, "reconnects", "Connections made again.", true, 7);
}

/* `made` is borrowed. */
static inline struct source *made_source(struct made_source *made)
{
    struct source *source = calloc(1, sizeof *source);
    assert_non_null(source);
    *source = (struct source){.name = made->name != NULL ? made->name : "made",
                              .service = "made",
                              .kind = &ticker_kind,
                              .live = true,
                              .pushed = made->pushed,
                              .writes_events = made->writes_events,
                              .state = made,
                              .tell = made_tell,
                              .next = made_next,
                              .last = made_last,
                              .report = made_report};
    return source;
}

#endif
