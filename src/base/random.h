/* A small seeded generator (splitmix64, Steele et al. 2014): the same seed gives the same numbers.
 * Not for secrets. A value; one thread at a time. */
#ifndef CANDLEWICK_BASE_RANDOM_H
#define CANDLEWICK_BASE_RANDOM_H

#include <stddef.h>
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

/* 64-bit FNV-1a of `length` bytes, going on from `hash` (start with RANDOM_HASH_START). */
#define RANDOM_HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t random_hash(uint64_t hash, const void *bytes, size_t length);

#endif
