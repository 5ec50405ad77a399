#include "source/bars/bars_plan.h"

#define HOUR_NS (3600 * NS_PER_SECOND)

int64_t bars_plan_end_ns(const struct bars_plan *plan, int64_t now_ns)
{
    int64_t time_ns = now_ns - plan->grace_ns;
    return time_ns - time_ns % plan->length_ns;
}

static bool is_due(const struct bars_plan *plan, const struct bars_turn *turn, int64_t end_ns)
{
    int64_t every_ns = turn->refused ? BARS_REFUSED_NS : plan->interval_ns;
    /* A bar that was pushed may be ahead of the grace, which is no step of the clock. */
    int64_t least_ns = turn->end_ns - (plan->pushed ? plan->length_ns : 0);
    return !turn->asked || end_ns < least_ns ||
           (end_ns > turn->end_ns && end_ns - turn->end_ns >= every_ns);
}

bool bars_plan_due(const struct bars_plan *plan, int64_t now_ns, size_t *coin)
{
    int64_t end_ns = bars_plan_end_ns(plan, now_ns);
    for (size_t i = 0; i < plan->count; i++) {
        *coin = (plan->next + i) % plan->count;
        if (is_due(plan, &plan->turns[*coin], end_ns)) {
            return true;
        }
    }
    return false;
}

void bars_plan_asks(struct bars_plan *plan, size_t coin)
{
    plan->next = (coin + 1) % plan->count;
}

bool bars_plan_looks_back(const struct bars_plan *plan, size_t coin, int64_t now_ns)
{
    const struct bars_turn *turn = &plan->turns[coin];
    return !turn->asked || bars_plan_end_ns(plan, now_ns) / HOUR_NS != turn->end_ns / HOUR_NS;
}

void bars_plan_answer(struct bars_plan *plan, size_t coin, int64_t now_ns, enum bars_answer answer)
{
    struct bars_turn *turn = &plan->turns[coin];
    turn->asked = answer != BARS_PAGE;
    turn->refused = answer == BARS_REFUSED;
    turn->end_ns = bars_plan_end_ns(plan, now_ns);
}

void bars_plan_pushed(struct bars_plan *plan, size_t coin, int64_t end_ns)
{
    struct bars_turn *turn = &plan->turns[coin];
    turn->end_ns = turn->asked && end_ns > turn->end_ns ? end_ns : turn->end_ns;
}

int64_t bars_plan_whole_ns(const struct bars_plan *plan)
{
    int64_t whole_ns = INT64_MAX;
    for (size_t i = 0; i < plan->count; i++) {
        const struct bars_turn *turn = &plan->turns[i];
        int64_t end_ns = turn->asked ? turn->end_ns : INT64_MIN;
        whole_ns = !turn->refused && end_ns < whole_ns ? end_ns : whole_ns;
    }
    return whole_ns == INT64_MAX ? INT64_MIN : whole_ns;
}

bool bars_plan_all_refused(const struct bars_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (!plan->turns[i].refused) {
            return false;
        }
    }
    return true;
}
