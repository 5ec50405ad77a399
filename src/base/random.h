/* A small seeded generator (splitmix64, Steele et al. 2014): the same seed gives the same numbers.
 * Not for secrets. A value; one thread at a time. */
#ifndef CANDLEWICK_BASE_RANDOM_H
#define CANDLEWICK_BASE_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state;
};

struct random random_seeded(uint64_t seed);
/* Seeded from the system (getrandom), for jitter. */
struct random random_from_system(void);

uint64_t random_next(struct random *random);
/* Uniform in [0, 1). */
double random_unit(struct random *random);

#endif
