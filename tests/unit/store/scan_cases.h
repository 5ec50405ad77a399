/* Streaming a coin's points, alike at every end of the store. */
#ifndef CANDLEWICK_TESTS_SCAN_CASES_H
#define CANDLEWICK_TESTS_SCAN_CASES_H

#include "store/store.h"

/* Writes ticks to a store that is prepared and empty, and reads them back in every kind of span. */
void scan_cases_run(struct store *store);

#endif
