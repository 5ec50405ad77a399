/* A call that blocks, made on a thread of its own, one at a time: its owner goes on meanwhile, and
 * looks now and then whether it is done. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_TRADES_ERRAND_H
#define CANDLEWICK_SOURCE_BITFINEX_TRADES_ERRAND_H

#include <stdbool.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct errand;

/* Starts the thread, which waits. `run` makes the call; between errand_start() and the
 * errand_take() that returns true, what `context` points to is the thread's. `name`: of the thread,
 * up to 15 bytes. Returns NULL with ERROR_FATAL. */
NODISCARD struct errand *errand_create(const char *name, void (*run)(void *context), void *context,
                                       struct error *error);

/* Waits for the end of a call that runs. NULL is allowed. */
void errand_destroy(struct errand *errand);

/* Starts a call; errand_is_free() must be true. Never blocks. */
void errand_start(struct errand *errand);

/* Returns whether no call runs, and the end of none waits for errand_take(). */
bool errand_is_free(const struct errand *errand);

/* Returns true once for each call, when it is done. Never blocks. */
NODISCARD bool errand_take(struct errand *errand);

/* Becomes readable when a call is done, until errand_take(): for poll(2). */
int errand_fd(const struct errand *errand);

#endif
