/*
 * A consumer group as the assignment lab models it: topics with their numbers of partitions, and
 * members that subscribe to some of the topics. All partitions of all topics are numbered from 0;
 * such a number is called a slot. Plain values; no Kafka, no threads.
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
    char name[LAB_NAME_SIZE];     /* the client id, which people know */
    char id[LAB_NAME_SIZE];       /* the member id that the group's coordinator assigned;
                                     assignors sort by it */
    char instance[LAB_NAME_SIZE]; /* group.instance.id; "" for none */
    uint32_t topics;              /* bit t: subscribes to topics[t] */
    bool present;                 /* in the group now */
};

/* The topics are in the order in which they were named. */
struct lab_group {
    struct lab_topic topics[LAB_TOPICS_MAX];
    /* Indexes of the topics in the order in which the cluster's metadata lists them, which
     * determines where sticky starts with partitions that have no owner. Until that is known, the
     * order in which they were named. */
    int listed[LAB_TOPICS_MAX];
    int topic_count;
    int slot_count;
    struct lab_member members[LAB_MEMBERS_MAX];
    int member_count;
};

/* The owner of each slot: a member's index, or LAB_NOBODY. */
struct lab_placement {
    int owner[LAB_SLOTS_MAX];
};

/* These functions add to the group and copy the texts. They fail with ERROR_USAGE; error->text
 * names what is wrong. */

NODISCARD bool lab_group_add_topic(struct lab_group *group, struct str name, int partitions,
                                   struct error *error);
/* Adds a member, which subscribes to all topics and is not present. Its id is its name until
 * another is set. */
NODISCARD bool lab_group_add_member(struct lab_group *group, struct str name, struct error *error);
/* Parses "a:2,b:3": topics and their numbers of partitions. */
NODISCARD bool lab_group_parse_topics(struct lab_group *group, const char *text,
                                      struct error *error);
/* Parses "C0,C1". Call after the topics are added. */
NODISCARD bool lab_group_parse_members(struct lab_group *group, const char *text,
                                       struct error *error);
/* Parses "C0=a;C1=a,b". Members that are not named keep all topics. */
NODISCARD bool lab_group_parse_subscriptions(struct lab_group *group, const char *text,
                                             struct error *error);

/* These functions return -1 when there is none of that name. */
int lab_group_find_topic(const struct lab_group *group, struct str name);
int lab_group_find_member(const struct lab_group *group, struct str name);

/* These functions return a slot's topic, and its partition in that topic. */
int lab_slot_topic(const struct lab_group *group, int slot);
int lab_slot_partition(const struct lab_group *group, int slot);
/* Appends "a-0", as Kafka's tools write it. */
void lab_slot_append(const struct lab_group *group, int slot, struct strbuf *text);

/* Returns whether the member has an id from the coordinator yet. */
bool lab_member_has_id(const struct lab_member *member);
/* Returns whether the member is in the group and subscribes to the slot's topic. */
bool lab_member_subscribes(const struct lab_group *group, int member, int slot);

/* Returns whether a present member subscribes to the slot's topic. */
bool lab_slot_wanted(const struct lab_group *group, int slot);

/* Returns whether all present members subscribe to the same topics. */
bool lab_group_uniform(const struct lab_group *group);

/* Returns a placement in which no slot has an owner. */
struct lab_placement lab_placement_empty(void);
/* Returns how many slots the member owns. */
int lab_placement_count(const struct lab_group *group, const struct lab_placement *placement,
                        int member);
bool lab_placement_equal(const struct lab_group *group, const struct lab_placement *left,
                         const struct lab_placement *right);

/* Lists the present members' indexes by id, ascending, and returns how many there are. With
 * `by_instance`, static members are compared by their instance ids, as range and roundrobin
 * sort. */
int lab_members_sorted(const struct lab_group *group, bool by_instance,
                       int members[static LAB_MEMBERS_MAX]);
/* Lists the topics' indexes by name. */
void lab_topics_sorted(const struct lab_group *group, int topics[static LAB_TOPICS_MAX]);

#endif
