/* What a poller is at, and how people are told. A value; pure. */
#ifndef CANDLEWICK_SOURCE_POLLER_HEALTH_H
#define CANDLEWICK_SOURCE_POLLER_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/ticker.h"

enum poller_state {
    POLLER_IDLE,    /* not started */
    POLLER_ASKING,  /* no answer yet */
    POLLER_FLOWING, /* the last request worked */
    POLLER_PACED,   /* a recorded tick's time has not come; until until_ns */
    POLLER_RETRY,   /* the last request failed; asks again at until_ns */
    POLLER_HOLDING, /* the clock is behind the last stamp of the coins that are `held` */
    POLLER_DONE,    /* the source is used up */
    POLLER_STOPPED,
    POLLER_FAILED, /* for good */
};

/* Ticks of the last answer that got no stamp. */
struct poller_held {
    int coins;
    char symbol[SYMBOL_MAX + 1]; /* of the one that has to wait longest */
    int64_t behind_ns;           /* so long */
    bool clock_was_ahead;        /* its last stamp is of this run, not read from the log */
};

/* Ticks of the log that were ahead of the clock when the poller was told of them. */
struct poller_ahead {
    int64_t ticks;
    char symbol[SYMBOL_MAX + 1]; /* of the furthest */
    char source[SOURCE_MAX + 1];
    char place[128]; /* "tickers, partition 3, offset 17" */
    int64_t event_time_ns;
    int64_t until_ns; /* monotonic: then the clock has come to it */
};

struct poller_health {
    enum poller_state state;
    const char *source;      /* borrowed: its name */
    int64_t until_ns;        /* monotonic */
    int64_t last_success_ns; /* wall clock; 0: none */
    struct poller_held held;
    struct poller_ahead ahead;
    struct error error; /* of the last failure */
};

/* Healthy? `text` gets why not, or what is waited for; "" when there is nothing to say. */
bool poller_health_describe(const struct poller_health *health, int64_t monotonic_ns, char *text,
                            size_t size);

/* What somebody should look at, though all goes on; "": nothing. */
void poller_health_notice(const struct poller_health *health, int64_t monotonic_ns, char *text,
                          size_t size);

#endif
