/*
 * Knows which bars of a coin were sent, and decides which bars of an answer are new, known or
 * changed. Pure.
 *
 * Only the newest are kept. What is older than those counts as sent, because it cannot be compared:
 * a bar that is sent a second time with other figures must have a revision of its own.
 */
#ifndef CANDLEWICK_SOURCE_BARS_KNOWN_BARS_H
#define CANDLEWICK_SOURCE_BARS_KNOWN_BARS_H

#include "base/compiler/attributes.h"
#include "record/bar.h"

enum { KNOWN_BARS_MAX = 1500 }; /* a day of minutes, and an hour more */

struct known_bar {
    int64_t open_time_ns;
    int64_t revision;
    double open, high, low, close, volume, quote_volume;
    int64_t trades;
};

/* A zero-initialised one knows nothing. */
struct known_bars {
    struct known_bar *bars; /* by open time; owned */
    size_t count;
    size_t capacity;
    bool has_floor; /* bars that begin before floor_ns may have been sent, but are not kept */
    int64_t floor_ns;
    bool begun; /* a bar with revision 0 was told: bars that were sent and begin later are told,
                   too */
};

void known_bars_free(struct known_bars *known);

/* Takes a bar of the log, in the order of the log, before anything is asked. Returns false when
 * memory runs out. */
NODISCARD bool known_bars_tell(struct known_bars *known, const struct bar *bar);

enum known_finding {
    KNOWN_NEW,
    KNOWN_EQUAL,
    KNOWN_CHANGED, /* the bar got the next revision, and its stored time; `before` is filled */
    KNOWN_TOO_OLD, /* it may have been sent, and cannot be compared */
};
/* Compares a bar (with revision 0) with the one of the same time that was sent. */
enum known_finding known_bars_look(const struct known_bars *known, struct bar *bar,
                                   struct known_bar *before);

/* Keeps a bar that is sent now. Returns false when memory runs out. */
NODISCARD bool known_bars_keep(struct known_bars *known, const struct bar *bar);

/* Returns the open time of the bar that is `back` bars before the newest, or of the oldest if there
 * are fewer; INT64_MIN when none is known. */
int64_t known_bars_back_ns(const struct known_bars *known, size_t back);

#endif
