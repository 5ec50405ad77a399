#include "source/news/news_schedule.h"

#include "base/clock.h"

enum { LEAST_MS = 100, FIRST_MS = 30000, MOST_MS = 3600000 };

struct news_schedule news_schedule_new(int64_t interval_ns, struct random random)
{
    int64_t interval_ms = interval_ns / NS_PER_MS;
    int base_ms = interval_ms < FIRST_MS ? (int)interval_ms : FIRST_MS;
    return (struct news_schedule){
        .interval_ns = interval_ns,
        .backoff = backoff_new(base_ms > LEAST_MS ? base_ms : LEAST_MS, MOST_MS, random)};
}

void news_schedule_answered(struct news_schedule *schedule, int64_t now_ns)
{
    backoff_reset(&schedule->backoff);
    schedule->due_ns = now_ns + schedule->interval_ns;
}

void news_schedule_failed(struct news_schedule *schedule, int64_t now_ns, int retry_after_ms)
{
    int64_t wait_ns = backoff_next_ms(&schedule->backoff, 0) * NS_PER_MS;
    int64_t asked_ns = retry_after_ms * NS_PER_MS;
    asked_ns = asked_ns < NS_PER_DAY ? asked_ns : NS_PER_DAY;
    schedule->due_ns = now_ns + (wait_ns > asked_ns ? wait_ns : asked_ns);
}
