/* The clock of a poller outside of tests. */
#include "base/clock.h"
#include "base/stop.h"
#include "source/poller.h"

static int64_t wall_ns(void *context)
{
    (void)context;
    return clock_wall_ns();
}

static int64_t monotonic_ns(void *context)
{
    (void)context;
    return clock_monotonic_ns();
}

static bool wait_ms(void *context, struct stop *stop, int64_t ms)
{
    (void)context;
    return stop_wait_ms(stop, ms);
}

const struct poller_clock poller_real_clock = {
    .wall_ns = wall_ns, .monotonic_ns = monotonic_ns, .wait_ms = wait_ms};
