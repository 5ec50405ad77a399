/* News, alike at every end of the store: a key that is no tag, long texts, and what may be null. */
#ifndef CANDLEWICK_TESTS_NEWS_CASES_H
#define CANDLEWICK_TESTS_NEWS_CASES_H

#include "store/store.h"

/* Writes news to a store that is prepared and empty of them, and reads them back. */
void news_cases_run(struct store *store);

#endif
