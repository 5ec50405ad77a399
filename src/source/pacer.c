#include "source/pacer.h"

#include "base/clock.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
/* Three years; the limit keeps sums within int64_t. */
#define WAIT_MAX_NS INT64_C(100000000000000000)

struct round_pacer round_pacer_new(int64_t interval_ns, int rounds_per_minute)
{
    int64_t gap_ns = 0;
    if (rounds_per_minute > 0) {
        gap_ns = (MINUTE_NS + rounds_per_minute - 1) / rounds_per_minute;
    }
    interval_ns = interval_ns > gap_ns ? interval_ns : gap_ns;
    return (struct round_pacer){
        .interval_ns = interval_ns < WAIT_MAX_NS ? interval_ns : WAIT_MAX_NS,
        .gap_ns = gap_ns,
    };
}

int64_t round_pacer_due(const struct round_pacer *pacer)
{
    if (!pacer->begun) {
        return INT64_MIN;
    }
    int64_t earliest_ns = pacer->last_ns + pacer->gap_ns;
    return pacer->due_ns > earliest_ns ? pacer->due_ns : earliest_ns;
}

int64_t round_pacer_start(struct round_pacer *pacer, int64_t now_ns)
{
    int64_t late_ns = pacer->begun ? now_ns - round_pacer_due(pacer) : 0;
    if (!pacer->begun || late_ns > pacer->interval_ns / 10) {
        pacer->due_ns = now_ns;
    } else {
        late_ns = 0;
    }
    pacer->begun = true;
    pacer->last_ns = now_ns;
    pacer->due_ns += pacer->interval_ns;
    return late_ns;
}

void round_pacer_retry(struct round_pacer *pacer, int64_t now_ns, int64_t wait_ns)
{
    pacer->due_ns = now_ns + wait_ns;
}

int64_t replay_pacer_due(struct replay_pacer *pacer, int64_t event_time_ns, int64_t now_ns)
{
    if (!pacer->begun) {
        pacer->begun = true;
        pacer->start_ns = now_ns;
        pacer->first_event_ns = event_time_ns;
    }
    if (pacer->speed <= 0 || event_time_ns <= pacer->first_event_ns) {
        return pacer->start_ns;
    }
    /* The unsigned difference is right even where a signed one would overflow int64_t. */
    uint64_t since_ns = (uint64_t)event_time_ns - (uint64_t)pacer->first_event_ns;
    double wait_ns = (double)since_ns / pacer->speed;
    return pacer->start_ns + (wait_ns < (double)WAIT_MAX_NS ? (int64_t)wait_ns : WAIT_MAX_NS);
}
