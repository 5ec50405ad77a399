/*
 * What librdkafka's assignors do with a group, predicted: no Kafka, no clock, no chance. Two
 * assignments from the same ids, subscriptions and owned partitions are the same, and the same as
 * librdkafka 2.14's (read in its rdkafka_range_assignor.c, rdkafka_roundrobin_assignor.c,
 * rdkafka_sticky_assignor.c and rd_kafka_cooperative_protocol_adjust_assignment in
 * rdkafka_cgrp.c, https://github.com/confluentinc/librdkafka/tree/v2.14.2/src; sticky is KIP-54,
 * the cooperative protocol KIP-429). Racks are not looked at: our members name none.
 *
 * eager-sticky is sticky's placement under the eager protocol. librdkafka has no such strategy, so
 * it cannot be run by us; Java's client has one.
 */
#ifndef CANDLEWICK_LAB_MODEL_MODEL_H
#define CANDLEWICK_LAB_MODEL_MODEL_H

#include "lab/model/group.h"

enum lab_strategy { LAB_RANGE, LAB_ROUNDROBIN, LAB_STICKY, LAB_EAGER_STICKY, LAB_STRATEGIES };
/* "range", "roundrobin", "sticky", "eager-sticky"; NULL at the end. */
extern const char *const lab_strategy_names[];

/* Members keep what they own while a rebalance is under way: sticky, which is cooperative. */
bool lab_strategy_cooperative(enum lab_strategy strategy);

/* What the assignor wants for the present members, of whom `before` says what each owned. */
void lab_assign(const struct lab_group *group, enum lab_strategy strategy,
                const struct lab_placement *before, struct lab_placement *after);

/* What members have after one rebalance. The eager strategies: the assignor's will. The cooperative
 * one: a partition that is to move has no owner yet; another rebalance follows (false is returned
 * then). */
bool lab_round(const struct lab_group *group, enum lab_strategy strategy,
               const struct lab_placement *before, struct lab_placement *after);

enum lab_change_kind {
    LAB_START, /* all that are present begin together */
    LAB_JOIN,
    LAB_LEAVE,
    LAB_CRASH,   /* gone without a word: nothing is revoked from it */
    LAB_FREEZE,  /* the same for the group; */
    LAB_THAW,    /* but the member goes on later, and has to join again */
    LAB_RESTART, /* leaves and joins again at once */
};

/* After the change the member is in the group. */
bool lab_change_adds(enum lab_change_kind kind);

struct lab_change {
    enum lab_change_kind kind;
    int member; /* not with LAB_START */
};

/* What a change costs. */
struct lab_cost {
    int moved;    /* partitions whose owner is another than before */
    int needless; /* of them, those whose old owner is still in the group */
    int needed;   /* how many of those any balanced placement must move; -1: not known, where
                     members subscribe to different topics */
    int revoked;  /* partitions that members are told to give up, the leaving one's included */
    int least;    /* partitions of the member that has fewest, */
    int most;     /* and of the one that has most */
};

enum { LAB_ROUNDS_MAX = 8 };
struct lab_step {
    struct lab_change change;
    int rounds; /* rebalances until nothing moves any more */
    struct lab_placement before;
    struct lab_placement between; /* with rounds > 1: after the first */
    struct lab_placement after;
    struct lab_cost cost;
};

/* Makes the change in `group` and says what comes of it. */
void lab_step_predict(struct lab_group *group, enum lab_strategy strategy, struct lab_change change,
                      const struct lab_placement *before, struct lab_step *step);

/* The cost of a change that went from `before` to `after`, of which `revoked` is known, for the
 * group as it is after it. */
struct lab_cost lab_cost_of(const struct lab_group *group, const struct lab_placement *before,
                            const struct lab_placement *after, int revoked);

#endif
