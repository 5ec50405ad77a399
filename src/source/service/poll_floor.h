/* How often a service may be asked: more often brings nothing but its refusal. Pure. */
#ifndef CANDLEWICK_SOURCE_SERVICE_POLL_FLOOR_H
#define CANDLEWICK_SOURCE_SERVICE_POLL_FLOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct poll_floor {
    const char *source; /* its name, as --poll-interval has it */
    int64_t least_ns;
    const char *reason; /* why not more often, and what allows it: it follows a colon */
};

/* Fails with ERROR_USAGE for a shorter interval, unless the server at `url` is on this machine. */
NODISCARD bool poll_floor_check(const struct poll_floor *floor, int64_t interval_ns,
                                const char *url, struct error *error);

#endif
