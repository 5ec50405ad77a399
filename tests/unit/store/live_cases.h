/* Trades and events, alike at every end of the store: what comes late and what comes twice, texts
 * and nullable times among the fields. */
#ifndef CANDLEWICK_TESTS_LIVE_CASES_H
#define CANDLEWICK_TESTS_LIVE_CASES_H

#include "store/store.h"

/* Writes trades and events to a store that is prepared and empty of them, and reads them back. */
void live_cases_run(struct store *store);

#endif
