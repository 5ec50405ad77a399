#include "lab/model/scenario.h"

#define COINS                                                                                      \
    "tADAUSD:1,tBTCUSD:1,tDOTUSD:1,tETHUSD:1,tLINKUSD:1,tLTCUSD:1,tSOLUSD:1,tTRXUSD:1,tXLMUSD:1,"  \
    "tXRPUSD:1"

const struct lab_scenario lab_scenarios[] = {
    {
        .name = "join",
        .topics = "a:2,b:2,c:2",
        .members = "C0,C1,C2",
        .start = 2,
        .changes = {{LAB_JOIN, 2}},
        .change_count = 1,
        .question = "3 topics of 2 partitions, two members: a third one joins",
        .lesson = "Range shares out each topic by itself: with two partitions a topic nothing is "
                  "left for a third member. Roundrobin counts anew and moves more than it must. "
                  "Sticky moves what an even share needs, and hands it over in a second round: "
                  "fewer partitions pause, each for longer.",
    },
    {
        .name = "leave",
        .topics = "a:3,b:3,c:3",
        .members = "C0,C1,C2",
        .start = 3,
        .changes = {{LAB_LEAVE, 1}, {LAB_JOIN, 1}},
        .change_count = 2,
        .question = "3 topics of 3 partitions, three members: one leaves and comes back",
        .lesson = "Only the partitions of who leaves need a new owner. Range then heaps the odd "
                  "ones of each topic on one member; roundrobin moves partitions of members that "
                  "stayed, too.",
    },
    {
        .name = "crash",
        .topics = "t:12",
        .members = "C0,C1,C2,C3",
        .start = 4,
        .changes = {{LAB_CRASH, 1}},
        .change_count = 1,
        .question = "12 partitions, four members: one is killed with SIGKILL",
        .lesson = "The dead member's partitions stand still until its session is over, whatever "
                  "the strategy. What differs is who else is disturbed: with sticky nobody.",
    },
    {
        .name = "freeze",
        .topics = "t:12",
        .members = "C0,C1,C2,C3",
        .start = 4,
        .changes = {{LAB_FREEZE, 1}, {LAB_THAW, 1}},
        .change_count = 2,
        .question = "12 partitions, four members: one is stopped for longer than its session, then "
                    "goes on",
        .lesson = "Its partitions have other owners by then. It may read on from what it had "
                  "fetched before it is told; the group takes no commit from it, so nothing is "
                  "lost, and what is read twice is one point in the store.",
    },
    {
        .name = "roll",
        .topics = "a:3,b:3",
        .members = "C0,C1,C2",
        .start = 3,
        .changes = {{LAB_RESTART, 0}, {LAB_RESTART, 1}, {LAB_RESTART, 2}},
        .change_count = 3,
        .question = "2 topics of 3 partitions, three members: each is restarted in turn",
        .lesson = "A restart is a leave and a join: the group does its work for each, and a new "
                  "id can change the order of the members.",
    },
    {
        .name = "roll-static",
        .topics = "a:3,b:3",
        .members = "C0,C1,C2",
        .start = 3,
        .static_members = true,
        .changes = {{LAB_RESTART, 0}, {LAB_RESTART, 1}, {LAB_RESTART, 2}},
        .change_count = 3,
        .question = "the same with static members (group.instance.id)",
        .lesson = "A static member that is back within its session finds its partitions as it "
                  "left them: nobody else is disturbed, and nothing moves.",
    },
    {
        .name = "uneven",
        .topics = "a:1,b:2,c:3",
        .members = "C0,C1,C2",
        .subscriptions = "C0=a;C1=a,b;C2=a,b,c",
        .start = 3,
        .changes = {{LAB_LEAVE, 0}},
        .change_count = 1,
        .question = "members that read different topics: one leaves",
        .lesson = "Range and roundrobin look at one topic, or one partition, at a time, and give "
                  "the member that reads everything too much. Sticky evens out over all topics.",
    },
    {
        .name = "skew",
        .topics = COINS,
        .members = "C0,C1,C2",
        .start = 3,
        .change_count = 0,
        .question = "a topic of one partition for each of ten coins, three members",
        .lesson = "With range the first member gets the only partition of every topic: one "
                  "consumer does all the work.",
    },
    {
        .name = "seed",
        .topics = "t:2",
        .members = "C0,C1,C2",
        .start = 2,
        .changes = {{LAB_JOIN, 2}},
        .change_count = 1,
        .question = "one topic of 2 partitions, two members: a third one joins",
        .lesson = "Two partitions can only go to two members, one each; the third has nothing, "
                  "whatever the strategy. Too small to tell strategies apart: only the eager ones "
                  "take both partitions away, and ids alone say who has them then.",
    },
};
const int lab_scenario_count = sizeof lab_scenarios / sizeof lab_scenarios[0];
_Static_assert(sizeof lab_scenarios / sizeof lab_scenarios[0] <= LAB_SCENARIOS_MAX,
               "a list of all scenarios has room for them");

static bool find(struct str name, int *number)
{
    for (int i = 0; i < lab_scenario_count; i++) {
        if (str_equal_text(name, lab_scenarios[i].name)) {
            *number = i;
            return true;
        }
    }
    return false;
}

bool lab_scenarios_parse(const char *text, int numbers[LAB_SCENARIOS_MAX], int *count,
                         struct error *error)
{
    bool wanted[LAB_SCENARIOS_MAX] = {false};
    struct str rest = str_from(text);
    struct str piece;
    while (str_split(&rest, ',', &piece)) {
        int number = 0;
        piece = str_trim(piece);
        bool all = str_equal_text(piece, "all");
        if (!all && !find(piece, &number)) {
            return error_set(error, ERROR_USAGE,
                             "\"%.*s\" is no scenario; there are join, leave, crash, freeze, roll, "
                             "roll-static, uneven, skew, seed, all",
                             (int)(piece.length < 40 ? piece.length : 40), piece.data);
        }
        for (int i = 0; i < lab_scenario_count; i++) {
            wanted[i] = wanted[i] || all || i == number;
        }
    }
    *count = 0;
    for (int i = 0; i < lab_scenario_count; i++) {
        if (wanted[i]) {
            numbers[(*count)++] = i;
        }
    }
    return true;
}

void lab_scenario_group(const struct lab_scenario *scenario, struct lab_group *group)
{
    *group = (struct lab_group){0};
    /* The texts of the table are valid: a unit test parses them all. */
    (void)!(lab_group_parse_topics(group, scenario->topics, NULL) &&
            lab_group_parse_members(group, scenario->members, NULL) &&
            (scenario->subscriptions == NULL ||
             lab_group_parse_subscriptions(group, scenario->subscriptions, NULL)));
    for (int i = 0; i < group->member_count; i++) {
        struct lab_member *member = &group->members[i];
        member->present = i < scenario->start;
        if (scenario->static_members) {
            (void)str_copy(str_from(member->name), member->instance, sizeof member->instance);
        }
    }
}
