/*
 * A poller's figures and health behind one lock: the loop writes them, poller_stats() reads them.
 * Nothing blocks while the lock is held. Any thread.
 */
#ifndef CANDLEWICK_SOURCE_POLLER_BOOKS_H
#define CANDLEWICK_SOURCE_POLLER_BOOKS_H

#include <pthread.h>

#include "source/poller.h"
#include "source/poller_health.h"

struct poller_books {
    pthread_mutex_t lock; /* protects the fields below */
    struct poller_stats stats;
    struct poller_health health;
};

/* Returns false when the system cannot create a mutex. `source` is borrowed until
 * poller_books_free(). */
NODISCARD bool poller_books_init(struct poller_books *books, const struct source *source);
void poller_books_free(struct poller_books *books);

/* Adds to a counter, which must be a member of books->stats. */
void poller_books_add(struct poller_books *books, int64_t *counter, int64_t amount);
void poller_books_add_rows(struct poller_books *books, const struct row_counts *counts);
/* Moves a row that its source counted as a record to the rejected rows. */
void poller_books_refuse(struct poller_books *books, enum row_fault fault);

void poller_books_set_state(struct poller_books *books, enum poller_state state, int64_t until_ns);
/* Records that a wait for Kafka's acknowledgements begins now, or that it is over. */
void poller_books_settle(struct poller_books *books, bool begins, int64_t monotonic_ns);
/* Records when a request was last answered; the state is set separately. */
void poller_books_succeed(struct poller_books *books, int64_t wall_ns);
void poller_books_hold(struct poller_books *books, const struct poller_held *held);
/* Counts a record of the log that is ahead of the clock, and keeps it if it is the furthest ahead.
 * The count is the books' own; `record->records` is ignored. */
void poller_books_notice_ahead(struct poller_books *books, const struct poller_ahead *record);
/* Counts and logs a coin that another source, `source`, sends live, and whether its records are
 * refused here; keeps the first one for the notice. */
void poller_books_notice_owned(struct poller_books *books, struct str coin, const char *source,
                               bool refused);
void poller_books_retry(struct poller_books *books, const struct error *error, int64_t until_ns);
/* Records that the source is used up (POLLER_DONE) or failed for good with `error`
 * (POLLER_FAILED). */
void poller_books_end(struct poller_books *books, enum poller_state state,
                      const struct error *error);

/* Records that the loop has ended: as stopped, unless poller_books_end() was called before. */
void poller_books_stop(struct poller_books *books);

void poller_books_read(struct poller_books *books, int64_t monotonic_ns,
                       struct poller_stats *stats);

#endif
