/* store_closes() in every back end: ticks, trades and bars, spans without prices, several series.
 */
#ifndef CANDLEWICK_TESTS_CLOSE_CASES_H
#define CANDLEWICK_TESTS_CLOSE_CASES_H

#include "store/store.h"

/* On a store that is prepared; writes series of its own. */
void close_cases_run(struct store *store);

#endif
