/*
 * Predicts what librdkafka's assignors do with a group: no Kafka, no clock, no randomness. The same
 * ids, subscriptions and owned partitions always yield the same assignment, which is that of
 * librdkafka 2.14 (from its rdkafka_range_assignor.c, rdkafka_roundrobin_assignor.c,
 * rdkafka_sticky_assignor.c and rd_kafka_cooperative_protocol_adjust_assignment in rdkafka_cgrp.c,
 * https://github.com/confluentinc/librdkafka/tree/v2.14.2/src; sticky is KIP-54, the cooperative
 * protocol KIP-429). Racks are ignored: the lab's members set none.
 *
 * eager-sticky is sticky's placement under the eager protocol. Java's client has it, but librdkafka
 * does not, so the lab can predict it but not run it.
 */
#ifndef CANDLEWICK_LAB_MODEL_MODEL_H
#define CANDLEWICK_LAB_MODEL_MODEL_H

#include "lab/model/group.h"

enum lab_strategy { LAB_RANGE, LAB_ROUNDROBIN, LAB_STICKY, LAB_EAGER_STICKY, LAB_STRATEGIES };
/* "range", "roundrobin", "sticky", "eager-sticky"; NULL at the end. */
extern const char *const lab_strategy_names[];

/* Returns whether members keep their partitions during a rebalance: only sticky's do, which is
 * cooperative. */
bool lab_strategy_cooperative(enum lab_strategy strategy);

/* Computes the assignor's target for the present members; `before` is what each owned. */
void lab_assign(const struct lab_group *group, enum lab_strategy strategy,
                const struct lab_placement *before, struct lab_placement *after);

/* Computes what members own after one rebalance and returns whether it is the last. Eager
 * strategies reach the assignor's target at once. With the cooperative one, a partition that is to
 * move has no owner yet; then returns false, and another rebalance follows. */
bool lab_round(const struct lab_group *group, enum lab_strategy strategy,
               const struct lab_placement *before, struct lab_placement *after);

enum lab_change_kind {
    LAB_START, /* all present members start together */
    LAB_JOIN,
    LAB_LEAVE,
    LAB_CRASH,   /* the member ends without leaving: nothing is revoked from it */
    LAB_FREEZE,  /* the member is suspended, which is the same as a crash to the group */
    LAB_THAW,    /* the suspended member resumes, and has to join again */
    LAB_RESTART, /* the member leaves and joins again at once */
};

/* Returns whether the member is in the group after the change. */
bool lab_change_adds(enum lab_change_kind kind);

struct lab_change {
    enum lab_change_kind kind;
    int member; /* unused with LAB_START */
};

/* The cost of a change. */
struct lab_cost {
    int moved;    /* partitions that have another owner than before */
    int needless; /* those of `moved` whose old owner is still in the group */
    int needed;   /* how many of `needless` any balanced placement must move; -1: unknown,
                     because members subscribe to different topics */
    int revoked;  /* partitions that are revoked from members, including those of the leaving
                     member */
    int least;    /* partitions of the member with the fewest */
    int most;     /* partitions of the member with the most */
};

enum { LAB_ROUNDS_MAX = 8 };
struct lab_step {
    struct lab_change change;
    int rounds; /* how many rebalances it takes until no partition moves any more */
    struct lab_placement before;
    struct lab_placement between; /* after the first rebalance, if rounds > 1 */
    struct lab_placement after;
    struct lab_cost cost;
};

/* Applies the change to `group` and predicts its result. */
void lab_step_predict(struct lab_group *group, enum lab_strategy strategy, struct lab_change change,
                      const struct lab_placement *before, struct lab_step *step);

/* Computes the cost of a change from `before` to `after` with `revoked` revoked partitions, for the
 * group as it is after the change. */
struct lab_cost lab_cost_of(const struct lab_group *group, const struct lab_placement *before,
                            const struct lab_placement *after, int revoked);

#endif
