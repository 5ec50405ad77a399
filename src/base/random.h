/* A small seeded generator (splitmix64, Steele et al. 2014): the same seed yields the same numbers.
 * Not for secrets. A plain value; not thread-safe. */
#ifndef CANDLEWICK_BASE_RANDOM_H
#define CANDLEWICK_BASE_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state;
};

struct random random_seeded(uint64_t seed);
/* Returns a generator seeded by getrandom(2), for jitter. */
struct random random_from_system(void);

uint64_t random_next(struct random *random);
/* Returns a number uniform in [0, 1). */
double random_unit(struct random *random);

#endif
