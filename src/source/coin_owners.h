/*
 * Which coins of a kind have another live source, as the log's tail shows. One coin of one kind has
 * one live source: two would mix their prices in one series. A coin's live source is the one that
 * wrote the newest of its live records: a stray record of somebody else does not keep a source that
 * wrote after it from starting again. Pure; not thread-safe.
 */
#ifndef CANDLEWICK_SOURCE_COIN_OWNERS_H
#define CANDLEWICK_SOURCE_COIN_OWNERS_H

#include "base/clock.h"
#include "source/coins.h"

/* A source whose newest record of a coin is older than this has ended. More than the time between
 * two records of the slowest source that is polled. */
#define COIN_OWNER_NS (3600 * NS_PER_SECOND)

struct coin_owner {
    char source[SOURCE_MAX + 1]; /* empty: the poller's own */
    int64_t written_ns;          /* when its newest record was written to the log */
    bool asked;                  /* coin_owners_find() was called for the coin, and has set
                                    `owns` */
    bool owns;
};

/* A zero-initialised one knows nothing. */
struct coin_owners {
    struct coin_table coins;
    struct coin_owner *items; /* one for each coin; owned */
    size_t capacity;
};
void coin_owners_free(struct coin_owners *owners);

/* Returns whether records of `source` are of `service`: they have its name, or that and a suffix
 * behind a '-' ("coingecko-chart"). */
bool coin_owners_same(struct str source, const char *service);

/* Takes a live record from the log; `source` is empty when it is the poller's own. `written_ns` is
 * the wall clock when it was written there, 0: unknown. A record whose time is unknown, or later
 * than `now_ns` by more than COIN_OWNER_NS, says nothing: clocks may disagree, but not so. Returns
 * false when memory runs out. */
NODISCARD bool coin_owners_tell(struct coin_owners *owners, struct str coin, struct str source,
                                int64_t written_ns, int64_t now_ns);

/* Returns the other source that sends the coin at `now_ns`; NULL if there is none. The first call
 * for a known coin decides (*first is then true), and later calls return the same. Borrowed until
 * the next coin_owners_tell(). */
const char *coin_owners_find(struct coin_owners *owners, struct str coin, int64_t now_ns,
                             bool *first);

#endif
