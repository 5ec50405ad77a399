/* What a poller is at, and how people are told. A value; pure. */
#ifndef CANDLEWICK_EXCHANGE_POLLER_HEALTH_H
#define CANDLEWICK_EXCHANGE_POLLER_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum poller_state {
    POLLER_IDLE,    /* not started */
    POLLER_ASKING,  /* no answer yet */
    POLLER_FLOWING, /* the last request worked */
    POLLER_PACED,   /* a recorded tick's time has not come; until until_ns */
    POLLER_RETRY,   /* the last request failed; asks again at until_ns */
    POLLER_HOLDING, /* the clock is behind_ns behind the newest stamp */
    POLLER_DONE,    /* the source is used up */
    POLLER_STOPPED,
    POLLER_FAILED, /* for good */
};

struct poller_health {
    enum poller_state state;
    const char *source;      /* borrowed: its name */
    int64_t until_ns;        /* monotonic */
    int64_t last_success_ns; /* wall clock; 0: none */
    int64_t behind_ns;
    bool clock_was_ahead; /* holding: the newest stamp is of this run, not read from the log */
    struct error error;   /* of the last failure */
};

/* Healthy? `text` gets why not, or what is waited for; "" when there is nothing to say. */
bool poller_health_describe(const struct poller_health *health, int64_t monotonic_ns, char *text,
                            size_t size);

#endif
