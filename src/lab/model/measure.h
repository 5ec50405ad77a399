/* What a change did to a group of real members, computed from what they told. */
#ifndef CANDLEWICK_LAB_MODEL_MEASURE_H
#define CANDLEWICK_LAB_MODEL_MEASURE_H

#include "lab/model/events.h"
#include "lab/model/model.h"

/* One change of a run: when it was made, and when the group was seen at rest again. Both ns of the
 * monotonic clock. */
struct lab_mark {
    struct lab_change change;
    int64_t from_ns, to_ns;
};

enum { LAB_GENERATIONS_MAX = 16 };

/* Where a prediction failed: the first round that came out otherwise. */
struct lab_difference {
    int generation; /* -1: no round of its own, but the end */
    struct lab_placement predicted, observed;
};

struct lab_measure {
    struct lab_placement before, after;
    struct lab_cost cost;
    int rounds;      /* generations of the group that members told of */
    int lost;        /* partitions that members found out to have lost; not in cost.revoked */
    bool consistent; /* at the end each partition has one owner */

    bool predicted_known; /* the strategy has a model */
    struct lab_placement
        predicted; /* by the model, from `before`, and who took part in which round */
    bool agrees;   /* in all rounds that can be predicted; or there is no prediction */
    struct lab_difference differs; /* where it does not */

    /* Times. */
    double unowned_s; /* partition-seconds without an owner */
    double gap_s;     /* the longest time that no tick was read of some partition */
    double again_s;   /* from the change until all that had lost their owner are read again */
};

/* Of one change. `group` has the members present as after the change; `strategy` NULL: there is no
 * model. Events need not be sorted. False: no memory. */
NODISCARD bool lab_measure(const struct lab_group *group, const struct lab_log *log,
                           const struct lab_mark *mark, const enum lab_strategy *strategy,
                           struct lab_measure *measure);

/* Who owns what at `clock_ns`, as it was told up to then. */
NODISCARD bool lab_placement_at(const struct lab_log *log, int64_t clock_ns,
                                struct lab_placement *placement);

struct lab_ticks {
    int64_t read;    /* different ones */
    int64_t twice;   /* read again, each time counted */
    int64_t missing; /* acknowledged, and never read */
};
/* `acknowledged[slot]`: so many ticks are in the partition, from offset 0 on. False: no memory. */
NODISCARD bool lab_count_ticks(const struct lab_group *group, const struct lab_log *log,
                               const int64_t *acknowledged, struct lab_ticks *ticks);

/* When a partition was owned by whom: for the timeline. */
struct lab_span {
    int slot, member;
    int64_t from_ns, to_ns; /* to_ns INT64_MAX: to the end */
};
/* In the order of their beginnings; `*spans` is the caller's to free(). False: no memory. */
NODISCARD bool lab_spans(const struct lab_log *log, struct lab_span **spans, size_t *count);

/* The log's events by clock; those of one time as they came. The caller's to free(); NULL: no
 * memory. */
NODISCARD const struct lab_event **lab_log_sorted(const struct lab_log *log);

#endif
