#include "fake_exchange/fake_time.h"

#include "base/clock.h"

enum { LOOK_AGAIN_MS = 5 };

void fake_time_init(struct fake_time *time, int64_t origin_ms, double speed, bool held)
{
    time->origin_ms = origin_ms;
    time->speed = speed;
    atomic_init(&time->released_ns, held ? 0 : clock_monotonic_ns());
    atomic_init(&time->set_ms, INT64_MIN);
}

void fake_time_release(struct fake_time *time)
{
    int64_t held = 0;
    (void)atomic_compare_exchange_strong(&time->released_ns, &held, clock_monotonic_ns());
}

void fake_time_set(struct fake_time *time, int64_t now_ms)
{
    atomic_store(&time->set_ms, now_ms);
}

bool fake_time_held(struct fake_time *time)
{
    return atomic_load(&time->released_ns) == 0;
}

int64_t fake_time_ms(struct fake_time *time)
{
    int64_t set_ms = atomic_load(&time->set_ms);
    int64_t released_ns = atomic_load(&time->released_ns);
    if (set_ms != INT64_MIN) {
        return set_ms;
    }
    double real_ms = (double)(clock_monotonic_ns() - released_ns) / (double)NS_PER_MS;
    return released_ns == 0 ? time->origin_ms : time->origin_ms + (int64_t)(real_ms * time->speed);
}

int fake_time_wait_ms(struct fake_time *time, int64_t until_ms, int most_ms)
{
    int64_t now_ms = fake_time_ms(time);
    if (now_ms >= until_ms) {
        return 0;
    }
    if (fake_time_held(time) || atomic_load(&time->set_ms) != INT64_MIN) {
        return most_ms < LOOK_AGAIN_MS ? most_ms : LOOK_AGAIN_MS;
    }
    double real_ms = (double)(until_ms - now_ms) / time->speed;
    return real_ms >= most_ms ? most_ms : (int)real_ms + 1;
}
