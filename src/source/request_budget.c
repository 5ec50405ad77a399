#include "source/request_budget.h"

#include <stdlib.h>

#include "base/clock.h"

#define WINDOW_NS (60 * NS_PER_SECOND)

bool request_budget_init(struct request_budget *budget, size_t per_minute)
{
    *budget = (struct request_budget){.per_minute = per_minute};
    budget->sent_ns = calloc(per_minute, sizeof *budget->sent_ns);
    return budget->sent_ns != NULL;
}

void request_budget_free(struct request_budget *budget)
{
    free(budget->sent_ns);
    *budget = (struct request_budget){0};
}

int64_t request_budget_wait_ns(const struct request_budget *budget, int64_t now_ns)
{
    if (budget->count < budget->per_minute) {
        return 0;
    }
    int64_t free_ns = budget->sent_ns[budget->count % budget->per_minute] + WINDOW_NS;
    return free_ns > now_ns ? free_ns - now_ns : 0;
}

size_t request_budget_left(const struct request_budget *budget, int64_t now_ns)
{
    size_t known = budget->count < budget->per_minute ? budget->count : budget->per_minute;
    size_t left = budget->per_minute;
    for (size_t i = 0; i < known; i++) {
        left -= budget->sent_ns[i] > now_ns - WINDOW_NS;
    }
    return left;
}

void request_budget_spend(struct request_budget *budget, int64_t now_ns)
{
    budget->sent_ns[budget->count++ % budget->per_minute] = now_ns;
}
