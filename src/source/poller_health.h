/* The state of a poller, and its description for people. A plain value; pure. */
#ifndef CANDLEWICK_SOURCE_POLLER_HEALTH_H
#define CANDLEWICK_SOURCE_POLLER_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/kind.h"

enum poller_state {
    POLLER_IDLE,    /* not started */
    POLLER_ASKING,  /* asked, no answer yet */
    POLLER_FLOWING, /* the last request worked */
    POLLER_PACED,   /* waits until until_ns for a recorded time */
    POLLER_RETRY,   /* the last request failed; the next one is sent at until_ns */
    POLLER_HOLDING, /* the clock is behind the last stamp of the coins in `held` */
    POLLER_DONE,    /* the source is used up */
    POLLER_STOPPED,
    POLLER_FAILED, /* the source failed for good */
};

/* Records of the last answer that were not stamped. */
struct poller_held {
    int coins;
    char coin[RECORD_KEY_MAX + 1]; /* the one that has to wait longest */
    int64_t behind_ns;             /* how long that coin still has to wait */
    bool clock_was_ahead; /* the coin's last stamp was given in this run, and not read from the log
                           */
};

/* Records of the log that were ahead of the clock when poller_restore() read them. */
struct poller_ahead {
    int64_t records;
    /* Of the one furthest ahead: */
    char coin[RECORD_KEY_MAX + 1];
    char source[SOURCE_MAX + 1];
    char place[128];  /* "tickers, partition 3, offset 17" */
    int64_t stamp_ns; /* its time */
    int64_t until_ns; /* monotonic time at which the clock reaches it */
};

/* Coins of this source that another source sends live. */
struct poller_owned {
    int64_t coins;
    char coin[RECORD_KEY_MAX + 1]; /* one of these coins */
    char source[SOURCE_MAX + 1];   /* the other source of `coin` */
    bool refused;                  /* whether this source's records of `coin` are refused */
};

struct poller_health {
    enum poller_state state;
    const char *source;      /* borrowed: the source's name */
    const char *records;     /* "ticks": what its records are called */
    int64_t until_ns;        /* monotonic */
    int64_t last_success_ns; /* wall clock; 0: none */
    bool settling; /* waits for Kafka's acknowledgements (source.h, settle), besides `state` */
    int64_t settling_since_ns; /* monotonic */
    struct poller_held held;
    struct poller_ahead ahead;
    struct poller_owned owned;
    struct error error; /* the last failure */
};

/* Returns whether the poller is healthy. Writes to `text` why not, or what it waits for; "" when
 * neither applies. */
bool poller_health_describe(const struct poller_health *health, int64_t monotonic_ns, char *text,
                            size_t size);

/* Writes to `text` a warning that does not make the poller unhealthy; "" when there is none. */
void poller_health_notice(const struct poller_health *health, int64_t monotonic_ns, char *text,
                          size_t size);

#endif
