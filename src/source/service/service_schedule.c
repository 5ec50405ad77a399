#include "source/service/service_schedule.h"

#include "base/clock.h"

enum { LEAST_MS = 100, FIRST_MS = 30000 };

struct service_schedule service_schedule_new(int64_t interval_ns, int most_ms, struct random random)
{
    int64_t interval_ms = interval_ns / NS_PER_MS;
    int base_ms = interval_ms < FIRST_MS ? (int)interval_ms : FIRST_MS;
    return (struct service_schedule){
        .interval_ns = interval_ns,
        .backoff = backoff_new(base_ms > LEAST_MS ? base_ms : LEAST_MS, most_ms, random)};
}

void service_schedule_answered(struct service_schedule *schedule, int64_t now_ns)
{
    backoff_reset(&schedule->backoff);
    schedule->due_ns = now_ns + schedule->interval_ns;
}

void service_schedule_failed(struct service_schedule *schedule, int64_t now_ns, int retry_after_ms)
{
    int64_t wait_ns = backoff_next_ms(&schedule->backoff, 0) * NS_PER_MS;
    int64_t asked_ns = retry_after_ms * NS_PER_MS;
    asked_ns = asked_ns < SERVICE_RETRY_AFTER_MAX_NS ? asked_ns : SERVICE_RETRY_AFTER_MAX_NS;
    schedule->due_ns = now_ns + (wait_ns > asked_ns ? wait_ns : asked_ns);
}

void service_schedule_close(struct service_schedule *schedule, int64_t until_ns)
{
    schedule->due_ns = schedule->due_ns > until_ns ? schedule->due_ns : until_ns;
}
