/* Requests a stop on Ctrl-C, SIGTERM or SIGHUP, for commands whose work is done on the main
 * thread. */
#ifndef CANDLEWICK_CLI_SIGNAL_WATCH_H
#define CANDLEWICK_CLI_SIGNAL_WATCH_H

#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/stop.h"

struct signal_watch;

/* Starts a thread that calls stop_wait_signals(stop, limit_ns). `stop` is borrowed. */
NODISCARD struct signal_watch *signal_watch_create(struct stop *stop, int64_t limit_ns,
                                                   struct error *error);
/* Requests the stop and joins the thread. NULL is allowed. */
void signal_watch_destroy(struct signal_watch *watch);

#endif
