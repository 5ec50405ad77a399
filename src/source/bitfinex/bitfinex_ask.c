#include "source/bitfinex/bitfinex_ask.h"

#include <stdlib.h>

bool bitfinex_ask_init(struct bitfinex_ask *ask, size_t count)
{
    *ask = (struct bitfinex_ask){.count = count, .active_count = count};
    ask->dropped = calloc(count > 0 ? count : 1, sizeof *ask->dropped);
    ask->active = calloc(count > 0 ? count : 1, sizeof *ask->active);
    if (ask->dropped == NULL || ask->active == NULL) {
        bitfinex_ask_free(ask);
        return false;
    }
    for (size_t i = 0; i < count; ++i) {
        ask->active[i] = i;
    }
    return true;
}

void bitfinex_ask_free(struct bitfinex_ask *ask)
{
    free(ask->dropped);
    free(ask->active);
    *ask = (struct bitfinex_ask){0};
}

/* Drops one coin or restores it, and rebuilds `active`. The caller adjusts the ranges, which hold
 * places in `active`. */
static void set_dropped(struct bitfinex_ask *ask, size_t coin, bool dropped)
{
    ask->dropped[coin] = dropped;
    ask->active_count = 0;
    for (size_t i = 0; i < ask->count; ++i) {
        if (!ask->dropped[i]) {
            ask->active[ask->active_count++] = i;
        }
    }
}

static bool probe_is_due(const struct bitfinex_ask *ask, int64_t now_ns)
{
    if (ask->active_count == ask->count) {
        return false;
    }
    return ask->active_count == 0 || (ask->range_count == 0 && now_ns >= ask->recheck_ns);
}

/* Moves `probe` to the next dropped coin, round robin. At least one coin must be dropped. */
static void turn_to_next_dropped(struct bitfinex_ask *ask)
{
    do {
        ask->probe = (ask->probe + 1) % ask->count;
    } while (!ask->dropped[ask->probe]);
}

const size_t *bitfinex_ask_next(struct bitfinex_ask *ask, int64_t now_ns, size_t *count)
{
    if (!ask->asking_dropped && probe_is_due(ask, now_ns)) {
        turn_to_next_dropped(ask);
        ask->asking_dropped = true;
    }
    if (ask->asking_dropped) {
        *count = 1;
        return &ask->probe;
    }
    if (ask->range_count == 0) {
        ask->ranges[ask->range_count++] = (struct bitfinex_range){0, ask->active_count};
    }
    struct bitfinex_range range = ask->ranges[ask->range_count - 1];
    *count = range.end - range.begin;
    return ask->active + range.begin;
}

/* Shifts the later ranges after a coin was removed from `active` at `place`; all of them lie behind
 * it. */
static void drop_from_ranges(struct bitfinex_ask *ask, size_t place)
{
    for (size_t i = 0; i < ask->range_count; ++i) {
        ask->ranges[i].begin -= ask->ranges[i].begin > place;
        ask->ranges[i].end -= ask->ranges[i].end > place;
    }
}

static enum bitfinex_finding answer_to_probe(struct bitfinex_ask *ask, int64_t now_ns, bool known,
                                             size_t *coin)
{
    ask->asking_dropped = false;
    ask->recheck_ns = now_ns + BITFINEX_RECHECK_NS;
    *coin = ask->probe;
    if (!known) {
        return BITFINEX_FOUND_UNKNOWN;
    }
    set_dropped(ask, ask->probe, false);
    return BITFINEX_FOUND_KNOWN;
}

enum bitfinex_finding bitfinex_ask_answer(struct bitfinex_ask *ask, int64_t now_ns, bool known,
                                          size_t *coin)
{
    if (ask->asking_dropped) {
        return answer_to_probe(ask, now_ns, known, coin);
    }
    struct bitfinex_range range = ask->ranges[--ask->range_count];
    if (known) {
        return BITFINEX_NOTHING_FOUND;
    }
    size_t size = range.end - range.begin;
    if (size > 1) {
        size_t middle = range.begin + size / 2;
        ask->ranges[ask->range_count++] = (struct bitfinex_range){middle, range.end};
        ask->ranges[ask->range_count++] = (struct bitfinex_range){range.begin, middle};
        return BITFINEX_NOTHING_FOUND;
    }
    *coin = ask->active[range.begin];
    ask->probe = *coin; /* the coins that were dropped earlier are probed first */
    ask->recheck_ns = now_ns + BITFINEX_RECHECK_NS;
    set_dropped(ask, *coin, true);
    drop_from_ranges(ask, range.begin);
    return BITFINEX_FOUND_UNKNOWN;
}
