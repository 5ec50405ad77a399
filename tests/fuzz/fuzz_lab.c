/*
 * The assignment lab's texts. Input: a line each of topics, members, subscriptions and steps, as
 * `lab predict` takes them (empty: not given), then lines as members of a run tell them.
 *
 * Taken or refused in one line. What is taken is predicted: JSON that jansson reads, and in every
 * step each partition that a present member subscribes to has one owner, who subscribes to it. What
 * members tell is an event or none, and is measured whatever it says.
 */
#include <jansson.h>

#include "fuzz/fuzz.h"
#include "lab/model/measure.h"
#include "lab/model/plan.h"

enum { WORK_MAX = 600, LINE_SIZE = 2000, EVENTS_MAX = 200 };

static void check_error(const struct error *error)
{
    MUST(error->kind != ERROR_NONE && error->text[0] != '\0');
    MUST(strchr(error->text, '\n') == NULL);
}

static bool next_line(struct str *rest, char line[LINE_SIZE])
{
    struct str piece;
    line[0] = '\0';
    return str_split(rest, '\n', &piece) && memchr(piece.data, '\0', piece.length) == NULL &&
           str_copy(piece, line, LINE_SIZE);
}

static void check_owners(const struct lab_group *group, const struct lab_placement *after)
{
    for (int slot = 0; slot < group->slot_count; slot++) {
        bool wanted = false;
        for (int i = 0; i < group->member_count; i++) {
            wanted = wanted || lab_member_subscribes(group, i, slot);
        }
        int owner = after->owner[slot];
        MUST(wanted == (owner != LAB_NOBODY));
        MUST(!wanted || lab_member_subscribes(group, owner, slot));
    }
}

static void check_plan(const struct lab_group *group, const struct lab_plan *plan)
{
    static const enum lab_strategy all[] = {LAB_RANGE, LAB_ROUNDROBIN, LAB_STICKY,
                                            LAB_EAGER_STICKY};
    for (int i = 0; i < LAB_STRATEGIES; i++) {
        struct lab_group now = *group;
        struct lab_step step = {.after = lab_placement_empty()};
        for (int k = 0; k < plan->count; k++) {
            const struct lab_placement before = step.after;
            lab_step_predict(&now, all[i], plan->changes[k], &before, &step);
            check_owners(&now, &step.after);
            MUST(step.rounds <= 2);
        }
    }
    struct strbuf text = strbuf_new(16 << 20);
    lab_predict_append(group, plan, all, LAB_STRATEGIES, FORMAT_JSON, 0, &text);
    json_t *json = json_loadb(strbuf_text(&text), text.length, 0, NULL);
    MUST(json_array_size(json) == LAB_STRATEGIES);
    json_decref(json);
    strbuf_free(&text);
}

/* Each line is the next member's. */
static void check_events(const struct lab_group *group, struct str rest)
{
    struct lab_log log = {0};
    struct error error = {0};
    struct str line;
    for (int i = 0; i < EVENTS_MAX && str_split(&rest, '\n', &line); i++) {
        if (!lab_log_add_line(&log, group, "", i % group->member_count, line, &error)) {
            check_error(&error);
        }
    }
    struct lab_mark mark = {{LAB_JOIN, 0}, 10, 1000};
    struct lab_measure measure;
    struct lab_ticks ticks;
    enum lab_strategy sticky = LAB_STICKY;
    int64_t acknowledged[LAB_SLOTS_MAX] = {0};
    MUST(lab_measure(group, &log, &mark, &sticky, &measure));
    MUST(measure.cost.moved >= measure.cost.needless && measure.unowned_s >= 0);
    MUST(lab_count_ticks(group, &log, acknowledged, &ticks));
    MUST(ticks.read >= 0 && ticks.twice >= 0 && ticks.missing == 0);
    lab_log_free(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size};
    char topics[LINE_SIZE], members[LINE_SIZE], subscriptions[LINE_SIZE], steps[LINE_SIZE];
    struct lab_group group = {0};
    struct lab_plan plan;
    struct error error = {0};
    if (!next_line(&rest, topics) || !next_line(&rest, members) ||
        !next_line(&rest, subscriptions) || !next_line(&rest, steps)) {
        return 0;
    }
    if (!lab_group_parse_topics(&group, topics, &error) ||
        !lab_group_parse_members(&group, members, &error) ||
        !lab_group_parse_subscriptions(&group, subscriptions, &error) ||
        !lab_plan_parse(&group, steps[0] != '\0' ? steps : NULL, &plan, &error)) {
        check_error(&error);
        return 0;
    }
    if (group.slot_count * plan.count * group.member_count <= WORK_MAX) {
        check_plan(&group, &plan);
    }
    check_events(&group, rest);
    return 0;
}
