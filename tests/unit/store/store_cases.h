/* What every end of the store must do alike: the same ticks, the same questions, the same bits. */
#ifndef CANDLEWICK_TESTS_STORE_CASES_H
#define CANDLEWICK_TESTS_STORE_CASES_H

#include "base/random.h"
#include "store/store.h"

/* A tick of `symbol` with every kind of number: short decimals, all 53 bits, tiny, huge, -0.0. */
struct ticker cases_tick(struct random *random, const char *symbol, int64_t time_ns, int64_t seq);

/* A plain one: last_price 30000 + seq, bid one less. */
struct ticker cases_plain_tick(const char *symbol, int64_t time_ns, int64_t seq);

/* Writes and asserts that all is durable and nothing was refused. */
void cases_write(struct store *store, const struct ticker *ticks, size_t count);

/* How many points there are; asserts that it is known. */
int64_t cases_count(struct store *store);

/* The whole table of cases on a store that is prepared and empty. */
void cases_run(struct store *store);

#endif
