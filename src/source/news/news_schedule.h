/* When to ask a service of news again. Times are those of clock_monotonic_ns(). Pure. */
#ifndef CANDLEWICK_SOURCE_NEWS_NEWS_SCHEDULE_H
#define CANDLEWICK_SOURCE_NEWS_NEWS_SCHEDULE_H

#include <stdint.h>

#include "base/backoff.h"

struct news_schedule {
    int64_t interval_ns;
    int64_t due_ns; /* 0: at once */
    struct backoff backoff;
};

struct news_schedule news_schedule_new(int64_t interval_ns, struct random random);

/* Call it after an answer: the next request is due one interval after this one. */
void news_schedule_answered(struct news_schedule *schedule, int64_t now_ns);

/* Call it after a failure. The next request waits at first for one interval, at most 30 s; with
 * each further failure longer, up to an hour; and at least for the server's retry-after, of which
 * at most a day counts. */
void news_schedule_failed(struct news_schedule *schedule, int64_t now_ns, int retry_after_ms);

#endif
