/*
 * A consumer group as the assignment lab sees it: topics with so many partitions, and members that
 * subscribe to some of them. Partitions of all topics are numbered through: slots. Plain values; no
 * Kafka, no threads.
 */
#ifndef CANDLEWICK_LAB_MODEL_GROUP_H
#define CANDLEWICK_LAB_MODEL_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text/str.h"
#include "base/text/strbuf.h"

enum {
    LAB_TOPICS_MAX = 32,
    LAB_MEMBERS_MAX = 32,
    LAB_SLOTS_MAX = 512,
    LAB_NAME_SIZE = 128,
    LAB_NOBODY = -1,
};

struct lab_topic {
    char name[LAB_NAME_SIZE];
    int partitions;
    int first; /* the slot of its partition 0 */
};

struct lab_member {
    char name[LAB_NAME_SIZE];     /* what people call it: the client id */
    char id[LAB_NAME_SIZE];       /* what the group calls it: assignors sort by it */
    char instance[LAB_NAME_SIZE]; /* group.instance.id; "" for none */
    uint32_t topics;              /* bit t: subscribes to topics[t] */
    bool present;                 /* in the group now */
};

/* Topics stand in the order in which they were named. */
struct lab_group {
    struct lab_topic topics[LAB_TOPICS_MAX];
    /* Their numbers in the order in which the cluster's metadata lists them, which decides where
     * sticky begins with partitions that have no owner; as named, until it is known better. */
    int listed[LAB_TOPICS_MAX];
    int topic_count;
    int slot_count;
    struct lab_member members[LAB_MEMBERS_MAX];
    int member_count;
};

/* Who owns what: the number of the member by slot, or LAB_NOBODY. */
struct lab_placement {
    int owner[LAB_SLOTS_MAX];
};

/* All add to what is there; the texts are copied. False: ERROR_USAGE, in words that name `text`. */

NODISCARD bool lab_group_add_topic(struct lab_group *group, struct str name, int partitions,
                                   struct error *error);
/* Its id is its name until another is set; it subscribes to all topics and is not present. */
NODISCARD bool lab_group_add_member(struct lab_group *group, struct str name, struct error *error);
/* "a:2,b:3": topics and how many partitions each has. */
NODISCARD bool lab_group_parse_topics(struct lab_group *group, const char *text,
                                      struct error *error);
/* "C0,C1". After the topics. */
NODISCARD bool lab_group_parse_members(struct lab_group *group, const char *text,
                                       struct error *error);
/* "C0=a;C1=a,b": of the members named; the others keep all topics. */
NODISCARD bool lab_group_parse_subscriptions(struct lab_group *group, const char *text,
                                             struct error *error);

/* -1: there is none of that name. */
int lab_group_find_topic(const struct lab_group *group, struct str name);
int lab_group_find_member(const struct lab_group *group, struct str name);

/* The topic of a slot, and its number there. */
int lab_slot_topic(const struct lab_group *group, int slot);
int lab_slot_partition(const struct lab_group *group, int slot);
/* "a-0", as Kafka's tools write it. */
void lab_slot_append(const struct lab_group *group, int slot, struct strbuf *text);

/* The group has given it an id of its own, as far as is known. */
bool lab_member_has_id(const struct lab_member *member);
/* The member is in the group and subscribes to the slot's topic. */
bool lab_member_takes(const struct lab_group *group, int member, int slot);

/* Some member takes it. */
bool lab_slot_wanted(const struct lab_group *group, int slot);

/* All present members subscribe to the same topics. */
bool lab_group_uniform(const struct lab_group *group);

/* Nobody owns anything. */
struct lab_placement lab_placement_empty(void);
/* How many slots the member owns. */
int lab_placement_count(const struct lab_group *group, const struct lab_placement *placement,
                        int member);
bool lab_placement_equal(const struct lab_group *group, const struct lab_placement *left,
                         const struct lab_placement *right);

/* The present members' numbers by id, ascending; how many. `by_instance`: static members by their
 * instance id among themselves, as range and roundrobin sort. */
int lab_members_sorted(const struct lab_group *group, bool by_instance,
                       int members[static LAB_MEMBERS_MAX]);
/* The topics' numbers by name. */
void lab_topics_sorted(const struct lab_group *group, int topics[static LAB_TOPICS_MAX]);

#endif
