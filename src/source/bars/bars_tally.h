/*
 * What a source of bars reports about its work: its requests, the bars that changed, and the coins
 * that the service does not know. The source's thread counts; any thread reports.
 */
#ifndef CANDLEWICK_SOURCE_BARS_BARS_TALLY_H
#define CANDLEWICK_SOURCE_BARS_BARS_TALLY_H

#include <pthread.h>

#include "source/bars/bars_book.h"

struct bars_tally {
    pthread_mutex_t lock; /* protects the figures */
    int64_t requests, changed, refused;
};

void bars_tally_init(struct bars_tally *tally);
void bars_tally_free(struct bars_tally *tally);

/* Counts a request for bars. */
void bars_tally_request(struct bars_tally *tally);

/* Copies the book's number of changed bars. */
void bars_tally_changed(struct bars_tally *tally, const struct bars_book *book);

/* Records whether the service refused the coin as unknown, and logs it if the coin's last answer
 * said the opposite. Call it before bars_book_answered(), which replaces that one. */
void bars_tally_refused(struct bars_tally *tally, const struct bars_book *book, size_t coin,
                        bool refused);

/* Returns false, with ERROR_RETRY to be tried in a minute, if the service refused every coin. */
NODISCARD bool bars_tally_any_known(const struct bars_book *book, struct error *error);

/* Adds the figures of changed bars and refused coins; the notice says how many coins are refused,
 * unless it says something else. Returns the number of requests. */
int64_t bars_tally_report(struct bars_tally *tally, const struct bars_book *book,
                          struct source_report *report);

#endif
