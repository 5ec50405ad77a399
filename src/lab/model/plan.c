#include "lab/model/plan.h"

#include <string.h>

static bool change_kind(char sign, enum lab_change_kind *kind)
{
    switch (sign) {
    case '+':
        *kind = LAB_JOIN;
        return true;
    case '-':
        *kind = LAB_LEAVE;
        return true;
    case '~':
        *kind = LAB_CRASH;
        return true;
    default:
        return false;
    }
}

static bool parse_change(const struct lab_group *group, struct str text, struct lab_change *change,
                         struct error *error)
{
    bool signed_name = text.length > 1 && change_kind(text.data[0], &change->kind);
    struct str name = {text.data + 1, signed_name ? text.length - 1 : 0};
    change->member = signed_name ? lab_group_find_member(group, name) : -1;
    return change->member >= 0 ||
           error_set(error, ERROR_USAGE,
                     "step \"%.*s\": write +MEMBER for one that joins, -MEMBER for one that "
                     "leaves, ~MEMBER for one that crashes, of those in --members",
                     (int)(text.length < 40 ? text.length : 40), text.data);
}

/* Checks that each change is possible after those before it. */
static bool check(const struct lab_group *group, const struct lab_plan *plan, struct error *error)
{
    struct lab_group now = *group;
    int left = 0;
    for (int i = 0; i < now.member_count; i++) {
        left += now.members[i].present ? 1 : 0;
    }
    if (left == 0) {
        return error_set(error, ERROR_USAGE, "a group needs members at its start: name them");
    }
    for (int i = 1; i < plan->count; i++) {
        const struct lab_change *change = &plan->changes[i];
        struct lab_member *member = &now.members[change->member];
        bool joins = change->kind == LAB_JOIN;
        if (member->present == joins) {
            return error_set(error, ERROR_USAGE, "step %d: %s is %s the group already", i,
                             member->name, joins ? "in" : "out of");
        }
        member->present = joins;
        left += joins ? 1 : -1;
        if (left == 0) {
            return error_set(error, ERROR_USAGE, "step %d: nobody is left in the group", i);
        }
    }
    return true;
}

static bool add_change(struct lab_plan *plan, struct lab_change change, struct error *error)
{
    if (plan->count == LAB_STEPS_MAX) {
        return error_set(error, ERROR_USAGE, "the lab takes at most %d steps", LAB_STEPS_MAX - 1);
    }
    plan->changes[plan->count++] = change;
    return true;
}

static bool parse_changes(struct lab_group *group, const char *text, struct lab_plan *plan,
                          struct error *error)
{
    bool named[LAB_MEMBERS_MAX] = {false};
    struct str rest = str_from(strcmp(text, "none") == 0 ? "" : text);
    struct str piece;
    while (str_split(&rest, ',', &piece)) {
        struct lab_change change = {.kind = LAB_JOIN};
        if (!parse_change(group, str_trim(piece), &change, error) ||
            !add_change(plan, change, error)) {
            return false;
        }
        if (!named[change.member]) {
            named[change.member] = true;
            group->members[change.member].present = change.kind != LAB_JOIN;
        }
    }
    return true;
}

bool lab_plan_parse(struct lab_group *group, const char *text, struct lab_plan *plan,
                    struct error *error)
{
    *plan = (struct lab_plan){.count = 1};
    for (int i = 0; i < group->member_count; i++) {
        group->members[i].present = text != NULL || i == 0;
        if (text == NULL && i > 0 && !add_change(plan, (struct lab_change){LAB_JOIN, i}, error)) {
            return false;
        }
    }
    return (text == NULL || parse_changes(group, text, plan, error)) && check(group, plan, error);
}

bool lab_strategies_parse(const char *text, enum lab_strategy strategies[LAB_STRATEGIES],
                          int *count, struct error *error)
{
    struct str rest = str_from(text);
    struct str piece;
    *count = 0;
    while (str_split(&rest, ',', &piece)) {
        int found = 0;
        piece = str_trim(piece);
        while (found < LAB_STRATEGIES && !str_equal_text(piece, lab_strategy_names[found])) {
            found++;
        }
        if (found == LAB_STRATEGIES) {
            return error_set(error, ERROR_USAGE,
                             "strategy \"%.*s\" has no model; those that have: range, roundrobin, "
                             "sticky, eager-sticky",
                             (int)(piece.length < 40 ? piece.length : 40), piece.data);
        }
        for (int i = 0; i < *count; i++) {
            if ((int)strategies[i] == found) {
                return error_set(error, ERROR_USAGE, "strategy %s is named twice",
                                 lab_strategy_names[found]);
            }
        }
        strategies[(*count)++] = (enum lab_strategy)found;
    }
    return true;
}

void lab_change_append(const struct lab_group *group, struct lab_change change, struct strbuf *text)
{
    static const char *const verbs[] = {
        [LAB_JOIN] = "joins",     [LAB_LEAVE] = "leaves", [LAB_CRASH] = "crashes",
        [LAB_FREEZE] = "freezes", [LAB_THAW] = "thaws",   [LAB_RESTART] = "restarts"};
    if (change.kind == LAB_START) {
        strbuf_append_text(text, "start");
    } else {
        strbuf_append_format(text, "%s %s", group->members[change.member].name, verbs[change.kind]);
    }
}

void lab_owned_append(const struct lab_group *group, const struct lab_placement *placement,
                      int member, struct strbuf *text)
{
    bool any = false;
    for (int t = 0; t < group->topic_count; t++) {
        const struct lab_topic *topic = &group->topics[t];
        bool first = true;
        for (int partition = 0; partition < topic->partitions; partition++) {
            if (placement->owner[topic->first + partition] != member) {
                continue;
            }
            if (first) {
                strbuf_append_format(text, "%s%s:", any ? " " : "", topic->name);
            }
            strbuf_append_format(text, first ? "%d" : ",%d", partition);
            first = false;
            any = true;
        }
    }
    strbuf_append_text(text, any ? "" : "-");
}

void lab_owned_append_json(const struct lab_group *group, const struct lab_placement *placement,
                           int member, struct strbuf *json)
{
    strbuf_append_json_string(json, str_from(group->members[member].name));
    strbuf_append_text(json, ":[");
    const char *comma = "";
    for (int slot = 0; slot < group->slot_count; slot++) {
        if (placement->owner[slot] == member) {
            strbuf_append_format(json, "%s\"", comma);
            lab_slot_append(group, slot, json);
            strbuf_append_char(json, '"');
            comma = ",";
        }
    }
    strbuf_append_char(json, ']');
}
