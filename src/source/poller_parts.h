/* What the files of poller.h share. */
#ifndef CANDLEWICK_SOURCE_POLLER_PARTS_H
#define CANDLEWICK_SOURCE_POLLER_PARTS_H

#include <pthread.h>

#include "base/backoff.h"
#include "source/coin_owners.h"
#include "source/pacer.h"
#include "source/poll_coverage.h"
#include "source/poller.h"
#include "source/poller_books.h"
#include "source/stamper.h"

struct poller {
    struct poller_config config;
    struct poller_clock clock;
    struct source *source;
    pthread_t thread;
    bool runs;

    const struct record_kind *kind; /* the source's main one */

    /* Only the poller's thread uses these once it runs. */
    struct source_batch batch;
    struct stamper stamper;
    struct coin_owners owners; /* of the main kind's coins: the other live sources */
    int64_t newest_told_ns;    /* of any coin, read from the log before the run; INT64_MIN: none */
    bool holding;              /* records of the last answer were held back */
    bool cut_short; /* after the stop a record was not taken, or not acknowledged in time */
    struct round_pacer rounds;
    struct replay_pacer replay;
    struct backoff backoff;
    struct poll_coverage coverage;
    int64_t late_count, late_most_ns; /* late rounds not logged yet */
    int64_t late_told_ns;             /* monotonic time of the last such log line; 0: none yet */

    struct poller_books books; /* has its own lock: any thread may use it */
};

#endif
