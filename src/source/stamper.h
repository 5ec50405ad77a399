/*
 * Stamps records that have no time with their identity (time, run and number): time = max(now in
 * whole ms, the coin's last + 1), strictly increasing per coin; the digits below a millisecond are
 * an order, not a time. The + 1 never moves a stamp into a later second than now's, which may
 * belong to another candle: the record has to wait for that second. When the clock is more than a
 * second behind a coin's last stamp, that coin gets no stamps until the clock has passed it; other
 * coins are not affected.
 *
 * A stamp read from the log that is more than STAMP_AHEAD_MAX_NS ahead of the clock was made by a
 * wrong clock. It does not bind its coin, whose stamps follow the clock and skip only that one
 * nanosecond, because no identity is assigned twice. Pure: the caller passes in the time.
 */
#ifndef CANDLEWICK_SOURCE_STAMPER_H
#define CANDLEWICK_SOURCE_STAMPER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/compiler/attributes.h"
#include "record/kind.h"
#include "source/coins.h"

#define STAMP_AHEAD_MAX_NS (5 * NS_PER_SECOND)

/* An identity that is in the log already; `coin` is the coin's index in the table. */
struct stamp_skip {
    size_t coin;
    int64_t stamp_ns;
};

struct stamper {
    struct coin_table coins;
    struct stamp_skip *skips; /* owned */
    size_t skip_count, skip_capacity;
    int64_t run_id;
    int64_t seq; /* seq of the last tick */
};

struct stamper stamper_new(int64_t run_id);
void stamper_free(struct stamper *stamper);

enum stamp_told {
    STAMP_BINDS,
    STAMP_AHEAD,       /* too far ahead of the clock: only this stamp is skipped */
    STAMP_AHEAD_AGAIN, /* as STAMP_AHEAD, but it was reported before */
    STAMP_TOLD_NO_MEMORY,
};
/* Takes a coin's stamp that is in the log from before this run; `now_ns` is the wall clock. */
NODISCARD enum stamp_told stamper_tell(struct stamper *stamper, struct str symbol, int64_t stamp_ns,
                                       int64_t now_ns);

enum stamp_answer {
    STAMP_GIVEN,       /* time, seq and run are set */
    STAMP_NEXT_SECOND, /* call again after `*wait_ns`, which is less than 2 s */
    STAMP_BEHIND,      /* refused until the clock has passed the coin's last stamp, in `*wait_ns` */
    STAMP_NO_MEMORY,   /* no memory for another coin */
};
/* `kind` is one whose records have a seq and a run. */
NODISCARD enum stamp_answer stamper_stamp(struct stamper *stamper, const struct record_kind *kind,
                                          void *record, int64_t now_ns, int64_t *wait_ns);

#endif
