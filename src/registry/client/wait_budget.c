#include "registry/client/wait_budget.h"

#include "base/clock.h"

struct wait_budget wait_budget_new(int limit_ms, int window_ms)
{
    int64_t piece_ns = window_ms * NS_PER_MS / (WAIT_BUDGET_PIECES - 1);
    return (struct wait_budget){.limit_ns = limit_ms * NS_PER_MS,
                                .piece_ns = piece_ns > 0 ? piece_ns : 1};
}

void wait_budget_charge(struct wait_budget *budget, int64_t from_ns, int64_t to_ns)
{
    from_ns = from_ns > budget->charged_until_ns ? from_ns : budget->charged_until_ns;
    if (to_ns <= from_ns) {
        return;
    }
    budget->charged_until_ns = to_ns;
    int64_t number = to_ns / budget->piece_ns;
    size_t place = (size_t)(number % WAIT_BUDGET_PIECES);
    if (budget->pieces[place].number != number) {
        budget->pieces[place].number = number;
        budget->pieces[place].spent_ns = 0;
    }
    budget->pieces[place].spent_ns += to_ns - from_ns;
}

int64_t wait_budget_left_ns(const struct wait_budget *budget, int64_t now_ns)
{
    int64_t oldest = now_ns / budget->piece_ns - WAIT_BUDGET_PIECES;
    int64_t left_ns = budget->limit_ns;
    for (size_t i = 0; i < WAIT_BUDGET_PIECES; i++) {
        left_ns -= budget->pieces[i].number > oldest ? budget->pieces[i].spent_ns : 0;
    }
    return left_ns > 0 ? left_ns : 0;
}
