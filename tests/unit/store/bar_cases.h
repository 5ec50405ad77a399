/* A kind whose points have several tags, columns that may be null and a stored time of its own,
 * alike at every end of the store. */
#ifndef CANDLEWICK_TESTS_BAR_CASES_H
#define CANDLEWICK_TESTS_BAR_CASES_H

#include "record/bar.h"
#include "store/store.h"

/* A bar without volume: opens at 2, closes at 2 + `number`. Complete. */
struct bar cases_bar(const char *symbol, const char *source, const char *timeframe,
                     int64_t open_time_ns, int number);

/* Writes and asserts that all is durable and nothing was refused. */
void cases_write_bars(struct store *store, const struct bar *bars, size_t count);

/* Asserts that nothing is stored, by every query, and that none of them fails. */
void cases_no_bars(struct store *store);

/* Writes bars to a store that is prepared and empty, and asks for them in every way. */
void bar_cases_run(struct store *store);

#endif
