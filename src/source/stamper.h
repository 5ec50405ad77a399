/*
 * Gives ticks that come without a time their identity: event_time_ns = max(now in whole ms, the
 * coin's last + 1), strictly increasing per coin; the digits below a millisecond are an order, not
 * a time. The + 1 never leads into a later second than now's, which may be another candle's: the
 * tick has to wait for that second. When the clock has gone back by more than a second behind a
 * coin's last stamp, that coin gets none until the clock has passed it again; the other coins go
 * on.
 *
 * A stamp that the log has from before, and that lies more than STAMP_AHEAD_MAX_NS ahead of the
 * clock, comes of a wrong clock. It binds nobody: its coin goes on with the clock and skips only
 * that very nanosecond, since an identity is never given twice. Pure: it is told the time.
 */
#ifndef CANDLEWICK_SOURCE_STAMPER_H
#define CANDLEWICK_SOURCE_STAMPER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/compiler/attributes.h"
#include "record/ticker.h"
#include "source/coins.h"

#define STAMP_AHEAD_MAX_NS (5 * NS_PER_SECOND)

/* An identity that the log has, by the coin's index in the table. */
struct stamp_skip {
    size_t coin;
    int64_t stamp_ns;
};

struct stamper {
    struct coin_table coins;
    struct stamp_skip *skips; /* owned */
    size_t skip_count, skip_capacity;
    int64_t run_id;
    int64_t seq; /* of the last tick */
};

struct stamper stamper_new(int64_t run_id);
void stamper_free(struct stamper *stamper);

enum stamp_told {
    STAMP_BINDS,
    STAMP_AHEAD,       /* it is skipped */
    STAMP_AHEAD_AGAIN, /* the same; it was told before */
    STAMP_TOLD_NO_MEMORY,
};
/* A stamp of a coin from before this run, at the time `now_ns`. */
NODISCARD enum stamp_told stamper_tell(struct stamper *stamper, struct str symbol, int64_t stamp_ns,
                                       int64_t now_ns);

enum stamp_answer {
    STAMP_GIVEN,       /* event_time_ns, seq and run_id are set */
    STAMP_NEXT_SECOND, /* not before `*wait_ns` from now, less than 2 s */
    STAMP_BEHIND,      /* not before the clock has passed the coin's last stamp, in `*wait_ns` */
    STAMP_NO_MEMORY,   /* for one more coin */
};
NODISCARD enum stamp_answer stamper_stamp(struct stamper *stamper, struct ticker *tick,
                                          int64_t now_ns, int64_t *wait_ns);

#endif
