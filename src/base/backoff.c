#include "base/backoff.h"

enum { RETRY_AFTER_CAP_MS = 60000 };

struct backoff backoff_new(int base_ms, int cap_ms, struct random random)
{
    return (struct backoff){.base_ms = base_ms, .cap_ms = cap_ms, .random = random};
}

struct backoff backoff_usual(void)
{
    return backoff_new(100, 5000, random_from_system());
}

/* Returns min(cap, base * 2^attempt), but at least base. */
static int upper_bound_ms(const struct backoff *backoff)
{
    int64_t upper = backoff->base_ms;
    for (unsigned i = 0; i < backoff->attempt && upper < backoff->cap_ms; i++) {
        upper *= 2;
    }
    upper = upper < backoff->cap_ms ? upper : backoff->cap_ms;
    return upper > backoff->base_ms ? (int)upper : backoff->base_ms;
}

int backoff_next_ms(struct backoff *backoff, int retry_after_ms)
{
    if (backoff->attempt < 64) {
        backoff->attempt++;
    }
    int span = upper_bound_ms(backoff) - backoff->base_ms;
    int wait = backoff->base_ms + (int)(random_unit(&backoff->random) * ((double)span + 1));
    int floor_ms = retry_after_ms < RETRY_AFTER_CAP_MS ? retry_after_ms : RETRY_AFTER_CAP_MS;
    return wait > floor_ms ? wait : floor_ms;
}

void backoff_reset(struct backoff *backoff)
{
    backoff->attempt = 0;
}
