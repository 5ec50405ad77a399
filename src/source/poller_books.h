/*
 * A poller's figures and health under one lock: the loop writes, poller_stats() reads. Nothing
 * blocks while the lock is held. Any thread.
 */
#ifndef CANDLEWICK_SOURCE_POLLER_BOOKS_H
#define CANDLEWICK_SOURCE_POLLER_BOOKS_H

#include <pthread.h>

#include "source/poller.h"
#include "source/poller_health.h"

struct poller_books {
    pthread_mutex_t lock; /* protects what follows */
    struct poller_stats stats;
    struct poller_health health;
};

/* False: the system has no lock to give. `source` is borrowed until poller_books_free(). */
NODISCARD bool poller_books_init(struct poller_books *books, const char *source);
void poller_books_free(struct poller_books *books);

/* `counter` is one of books->stats. */
void poller_books_add(struct poller_books *books, int64_t *counter, int64_t amount);
void poller_books_add_rows(struct poller_books *books, const struct row_counts *counts);
/* A row that its source counted as a tick was none. */
void poller_books_refuse(struct poller_books *books, enum ticker_fault fault);

void poller_books_set_state(struct poller_books *books, enum poller_state state, int64_t until_ns);
/* A request was answered at this time; the state is told apart from it. */
void poller_books_succeed(struct poller_books *books, int64_t wall_ns);
void poller_books_hold(struct poller_books *books, const struct poller_held *held);
/* The log has a tick whose time comes at `until_ns` only. */
void poller_books_notice_ahead(struct poller_books *books, const struct ticker *tick,
                               const char *place, int64_t until_ns);
void poller_books_retry(struct poller_books *books, const struct error *error, int64_t until_ns);
/* The source is used up (POLLER_DONE) or, with its error, failed for good (POLLER_FAILED). */
void poller_books_end(struct poller_books *books, enum poller_state state,
                      const struct error *error);

/* The loop has ended; stopped, if it was neither of the above. */
void poller_books_stop(struct poller_books *books);

void poller_books_read(struct poller_books *books, int64_t monotonic_ns,
                       struct poller_stats *stats);

#endif
