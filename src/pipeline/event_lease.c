#include "pipeline/event_lease.h"

#include <string.h>

#define SKEW_NS (5 * NS_PER_SECOND)

void event_lease_claim(struct event_lease *lease, struct str claimant, int64_t time_ns)
{
    bool same = str_equal_text(claimant, lease->holder);
    if (lease->holder[0] != '\0' && !same && time_ns < lease->until_ns) {
        return;
    }
    (void)str_copy(claimant, lease->holder, sizeof lease->holder);
    lease->until_ns = time_ns + EVENT_LEASE_NS;
}

bool event_lease_is_mine(const struct event_lease *lease, const char *name, int64_t now_ns)
{
    return strcmp(lease->holder, name) == 0 && now_ns < lease->until_ns - SKEW_NS;
}

bool event_lease_is_due(const struct event_lease *lease, const char *name, int64_t now_ns)
{
    int64_t left_ns = lease->until_ns - now_ns;
    if (lease->holder[0] == '\0' || left_ns <= 0) {
        return true;
    }
    return strcmp(lease->holder, name) == 0 && left_ns < EVENT_LEASE_NS / 3;
}
