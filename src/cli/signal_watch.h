/* For commands that work on the main thread: Ctrl-C, SIGTERM and SIGHUP request a stop while they
 * do. */
#ifndef CANDLEWICK_CLI_SIGNAL_WATCH_H
#define CANDLEWICK_CLI_SIGNAL_WATCH_H

#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/stop.h"

struct signal_watch;

/* A thread that waits as stop_wait_signals(stop, limit_ns) does. `stop` is borrowed. */
NODISCARD struct signal_watch *signal_watch_create(struct stop *stop, int64_t limit_ns,
                                                   struct error *error);
/* Requests the stop and joins. NULL is allowed. */
void signal_watch_destroy(struct signal_watch *watch);

#endif
