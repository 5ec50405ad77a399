/* Computes what a change did to a group of real members, from what they reported. */
#ifndef CANDLEWICK_LAB_MODEL_MEASURE_H
#define CANDLEWICK_LAB_MODEL_MEASURE_H

#include "lab/model/events.h"
#include "lab/model/model.h"

/* One change of a run: when it was made, and when the group was at rest after it. Both in ns of the
 * monotonic clock. */
struct lab_mark {
    struct lab_change change;
    int64_t from_ns, to_ns;
};

enum { LAB_GENERATIONS_MAX = 16 };

/* The first round whose outcome differs from the prediction. */
struct lab_difference {
    int generation; /* -1: not a round, but the final placement */
    struct lab_placement predicted, observed;
};

struct lab_measure {
    struct lab_placement before, after;
    struct lab_cost cost;
    int rounds;      /* generations of the group that members reported */
    int lost;        /* partitions that members reported as lost, which are not in cost.revoked */
    bool consistent; /* at the end each partition has exactly one owner */

    bool predicted_known;           /* there is a model of the strategy */
    struct lab_placement predicted; /* the model's prediction, made from `before` and from the
                                       members of each round */
    bool agrees; /* whether all predictable rounds had the predicted outcome; also true if
                    nothing can be predicted */
    struct lab_difference differs; /* set when `agrees` is false */

    /* Times. */
    double unowned_s; /* partition-seconds without an owner */
    double gap_s;     /* the longest time in which no tick of one of the partitions was read */
    double again_s;   /* time from the change until every partition that had lost its owner was
                         read again */
};

/* Measures one change. `group` has the members that are present after it; `strategy` NULL means
 * that there is no model. Events need not be sorted. Returns false when memory runs out. */
NODISCARD bool lab_measure(const struct lab_group *group, const struct lab_log *log,
                           const struct lab_mark *mark, const enum lab_strategy *strategy,
                           struct lab_measure *measure);

/* Computes the owners at `clock_ns`, from the events up to then. */
NODISCARD bool lab_placement_at(const struct lab_log *log, int64_t clock_ns,
                                struct lab_placement *placement);

struct lab_ticks {
    int64_t read;    /* each tick counted once */
    int64_t twice;   /* every repeated read of a tick */
    int64_t missing; /* acknowledged, but never read */
};
/* `acknowledged[slot]` is the number of ticks in the partition, from offset 0 on. Returns false
 * when memory runs out. */
NODISCARD bool lab_count_ticks(const struct lab_group *group, const struct lab_log *log,
                               const int64_t *acknowledged, struct lab_ticks *ticks);

/* A time in which a member owned a partition, for the timeline. */
struct lab_span {
    int slot, member;
    int64_t from_ns, to_ns; /* to_ns is INT64_MAX if it still does at the end */
};
/* Lists the spans sorted by their start; the caller frees `*spans`. Returns false when memory runs
 * out. */
NODISCARD bool lab_spans(const struct lab_log *log, struct lab_span **spans, size_t *count);

/* Returns the log's events sorted by clock, those of the same time in order of arrival. The caller
 * frees the array. Returns NULL when memory runs out. */
NODISCARD const struct lab_event **lab_log_sorted(const struct lab_log *log);

#endif
