/* When to ask a service again. Times are those of clock_monotonic_ns(). Pure. */
#ifndef CANDLEWICK_SOURCE_SERVICE_SERVICE_SCHEDULE_H
#define CANDLEWICK_SOURCE_SERVICE_SERVICE_SCHEDULE_H

#include <stdint.h>

#include "base/backoff.h"

/* The longest wait that an answer may ask for is cut to this. */
#define SERVICE_RETRY_AFTER_MAX_NS (86400 * INT64_C(1000000000))

struct service_schedule {
    int64_t interval_ns;
    int64_t due_ns; /* 0: at once */
    struct backoff backoff;
};

/* Waits after failures are at most `most_ms`. */
struct service_schedule service_schedule_new(int64_t interval_ns, int most_ms,
                                             struct random random);

/* Call it after an answer: the next request is due one interval after this one. */
void service_schedule_answered(struct service_schedule *schedule, int64_t now_ns);

/* Call it after a failure. The next request waits at first for one interval, at most 30 s; with
 * each further failure longer, up to `most_ms`; and at least for the server's retry-after, of which
 * at most SERVICE_RETRY_AFTER_MAX_NS counts. */
void service_schedule_failed(struct service_schedule *schedule, int64_t now_ns, int retry_after_ms);

/* No request is sent before that time, whatever is due. */
void service_schedule_close(struct service_schedule *schedule, int64_t until_ns);

#endif
