#include "lab/model/group.h"

#include <string.h>

enum { PARTITIONS_MAX = 256 };

/* Restricts names, because member ids are used in the shell, as client ids and in names of report
 * files. */
static bool name_check(struct str name, const char *what, struct error *error)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "._-";
    bool good = name.length > 0 && name.length < LAB_NAME_SIZE;
    for (size_t i = 0; good && i < name.length; i++) {
        good = name.data[i] != '\0' && strchr(allowed, name.data[i]) != NULL;
    }
    return good ||
           error_set(error, ERROR_USAGE,
                     "%s \"%.*s\" is no name: 1 to %d letters, digits, '.', '_' and '-'", what,
                     (int)(name.length < 40 ? name.length : 40), name.data, LAB_NAME_SIZE - 1);
}

bool lab_group_add_topic(struct lab_group *group, struct str name, int partitions,
                         struct error *error)
{
    if (!name_check(name, "topic", error)) {
        return false;
    }
    if (lab_group_find_topic(group, name) >= 0) {
        return error_set(error, ERROR_USAGE, "topic %.*s is named twice", (int)name.length,
                         name.data);
    }
    if (group->topic_count == LAB_TOPICS_MAX || partitions > PARTITIONS_MAX || partitions < 1 ||
        group->slot_count + partitions > LAB_SLOTS_MAX) {
        return error_set(error, ERROR_USAGE,
                         "topic %.*s with %d partitions: the lab takes %d topics of 1 to %d "
                         "partitions, %d together",
                         (int)name.length, name.data, partitions, LAB_TOPICS_MAX, PARTITIONS_MAX,
                         LAB_SLOTS_MAX);
    }
    group->listed[group->topic_count] = group->topic_count;
    struct lab_topic *topic = &group->topics[group->topic_count++];
    (void)str_copy(name, topic->name, sizeof topic->name);
    topic->partitions = partitions;
    topic->first = group->slot_count;
    group->slot_count += partitions;
    return true;
}

bool lab_group_add_member(struct lab_group *group, struct str name, struct error *error)
{
    if (!name_check(name, "member", error)) {
        return false;
    }
    if (lab_group_find_member(group, name) >= 0) {
        return error_set(error, ERROR_USAGE, "member %.*s is named twice", (int)name.length,
                         name.data);
    }
    if (group->member_count == LAB_MEMBERS_MAX) {
        return error_set(error, ERROR_USAGE, "the lab takes at most %d members", LAB_MEMBERS_MAX);
    }
    struct lab_member *member = &group->members[group->member_count++];
    (void)str_copy(name, member->name, sizeof member->name);
    (void)str_copy(name, member->id, sizeof member->id);
    member->instance[0] = '\0';
    member->topics = UINT32_MAX;
    member->present = false;
    return true;
}

bool lab_group_parse_topics(struct lab_group *group, const char *text, struct error *error)
{
    struct str rest = str_from(text);
    struct str piece;
    while (str_split(&rest, ',', &piece)) {
        struct str name;
        int64_t partitions = 0;
        piece = str_trim(piece);
        if (!str_split(&piece, ':', &name) || !str_to_int64(piece, &partitions) || partitions < 1 ||
            partitions > PARTITIONS_MAX) {
            return error_set(error, ERROR_USAGE,
                             "topics \"%.60s\": write NAME:PARTITIONS,... with 1 to %d partitions "
                             "each, such as a:2,b:3",
                             text, PARTITIONS_MAX);
        }
        if (!lab_group_add_topic(group, name, (int)partitions, error)) {
            return false;
        }
    }
    return true;
}

bool lab_group_parse_members(struct lab_group *group, const char *text, struct error *error)
{
    struct str rest = str_from(text);
    struct str piece;
    while (str_split(&rest, ',', &piece)) {
        if (!lab_group_add_member(group, str_trim(piece), error)) {
            return false;
        }
    }
    return true;
}

static bool subscribe(struct lab_group *group, int member, struct str topics, struct error *error)
{
    struct str name;
    group->members[member].topics = 0;
    while (str_split(&topics, ',', &name)) {
        name = str_trim(name);
        int topic = lab_group_find_topic(group, name);
        if (topic < 0) {
            return error_set(
                error, ERROR_USAGE, "%s subscribes to \"%.*s\", which is none of the topics",
                group->members[member].name, (int)(name.length < 40 ? name.length : 40), name.data);
        }
        group->members[member].topics |= UINT32_C(1) << topic;
    }
    return true;
}

bool lab_group_parse_subscriptions(struct lab_group *group, const char *text, struct error *error)
{
    struct str rest = str_from(text);
    struct str piece;
    while (str_split(&rest, ';', &piece)) {
        struct str name;
        piece = str_trim(piece);
        bool pair = piece.length > 0 && memchr(piece.data, '=', piece.length) != NULL;
        bool named = pair && str_split(&piece, '=', &name);
        int member = named ? lab_group_find_member(group, name) : -1;
        if (member < 0) {
            return error_set(error, ERROR_USAGE,
                             "subscriptions \"%.60s\": write MEMBER=TOPIC,...;MEMBER=TOPIC,... of "
                             "members that are named, such as C0=a;C1=a,b",
                             text);
        }
        if (!subscribe(group, member, piece, error)) {
            return false;
        }
    }
    return true;
}

int lab_group_find_topic(const struct lab_group *group, struct str name)
{
    for (int i = 0; i < group->topic_count; i++) {
        if (str_equal_text(name, group->topics[i].name)) {
            return i;
        }
    }
    return -1;
}

int lab_group_find_member(const struct lab_group *group, struct str name)
{
    for (int i = 0; i < group->member_count; i++) {
        if (str_equal_text(name, group->members[i].name)) {
            return i;
        }
    }
    return -1;
}

int lab_slot_topic(const struct lab_group *group, int slot)
{
    int topic = 0;
    while (slot >= group->topics[topic].first + group->topics[topic].partitions) {
        topic++;
    }
    return topic;
}

int lab_slot_partition(const struct lab_group *group, int slot)
{
    return slot - group->topics[lab_slot_topic(group, slot)].first;
}

void lab_slot_append(const struct lab_group *group, int slot, struct strbuf *text)
{
    strbuf_append_format(text, "%s-%d", group->topics[lab_slot_topic(group, slot)].name,
                         lab_slot_partition(group, slot));
}

bool lab_member_has_id(const struct lab_member *member)
{
    return member->id[0] != '\0' && strcmp(member->id, member->name) != 0;
}

bool lab_member_subscribes(const struct lab_group *group, int member, int slot)
{
    const struct lab_member *who = &group->members[member];
    return who->present && (who->topics >> lab_slot_topic(group, slot) & 1) != 0;
}

bool lab_slot_wanted(const struct lab_group *group, int slot)
{
    bool wanted = false;
    for (int i = 0; !wanted && i < group->member_count; i++) {
        wanted = lab_member_subscribes(group, i, slot);
    }
    return wanted;
}

bool lab_group_uniform(const struct lab_group *group)
{
    /* Only bits of topics that exist: a member that subscribes to all has further bits set. */
    uint32_t known =
        group->topic_count >= 32 ? UINT32_MAX : (UINT32_C(1) << group->topic_count) - 1;
    const struct lab_member *first = NULL;
    for (int i = 0; i < group->member_count; i++) {
        const struct lab_member *member = &group->members[i];
        if (member->present && first != NULL && ((member->topics ^ first->topics) & known) != 0) {
            return false;
        }
        first = member->present ? member : first;
    }
    return true;
}

struct lab_placement lab_placement_empty(void)
{
    struct lab_placement placement;
    for (int slot = 0; slot < LAB_SLOTS_MAX; slot++) {
        placement.owner[slot] = LAB_NOBODY;
    }
    return placement;
}

int lab_placement_count(const struct lab_group *group, const struct lab_placement *placement,
                        int member)
{
    int count = 0;
    for (int slot = 0; slot < group->slot_count; slot++) {
        count += placement->owner[slot] == member ? 1 : 0;
    }
    return count;
}

bool lab_placement_equal(const struct lab_group *group, const struct lab_placement *left,
                         const struct lab_placement *right)
{
    return memcmp(left->owner, right->owner, (size_t)group->slot_count * sizeof *left->owner) == 0;
}

/* Orders as rd_kafka_group_member_cmp does: by instance id when both members have one. */
static bool sorts_before(const struct lab_member *left, const struct lab_member *right,
                         bool by_instance)
{
    if (by_instance && left->instance[0] != '\0' && right->instance[0] != '\0') {
        return strcmp(left->instance, right->instance) < 0;
    }
    return strcmp(left->id, right->id) < 0;
}

int lab_members_sorted(const struct lab_group *group, bool by_instance,
                       int members[static LAB_MEMBERS_MAX])
{
    int count = 0;
    for (int i = 0; i < group->member_count; i++) {
        if (!group->members[i].present) {
            continue;
        }
        int at = count++;
        for (; at > 0 &&
               sorts_before(&group->members[i], &group->members[members[at - 1]], by_instance);
             at--) {
            members[at] = members[at - 1];
        }
        members[at] = i;
    }
    return count;
}

void lab_topics_sorted(const struct lab_group *group, int topics[static LAB_TOPICS_MAX])
{
    for (int i = 0; i < group->topic_count; i++) {
        int at = i;
        for (; at > 0 && strcmp(group->topics[i].name, group->topics[topics[at - 1]].name) < 0;
             at--) {
            topics[at] = topics[at - 1];
        }
        topics[at] = i;
    }
}
