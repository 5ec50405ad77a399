#include "base/random.h"

#include <sys/random.h>

#include "base/clock.h"

struct random random_seeded(uint64_t seed)
{
    return (struct random){.state = seed};
}

struct random random_from_system(void)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed) {
        /* getrandom() fails early at boot and in old sandboxes. For jitter it is enough that the
         * clocks differ between processes. */
        seed = (uint64_t)clock_wall_ns() ^ ((uint64_t)clock_monotonic_ns() << 20);
    }
    return random_seeded(seed);
}

uint64_t random_next(struct random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = random->state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

double random_unit(struct random *random)
{
    /* 53 bits: the precision of a double. */
    return (double)(random_next(random) >> 11) * 0x1p-53;
}
