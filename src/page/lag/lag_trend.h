/* Whether a lag grows: it was higher at each of several looks than at the one before. A plain
 * value. */
#ifndef CANDLEWICK_PAGE_LAG_LAG_TREND_H
#define CANDLEWICK_PAGE_LAG_LAG_TREND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text/tone.h"

enum {
    LAG_RISES = 3
}; /* so many rises in a row are growth: a lag that is caught up at each commit
      rises once or twice between two of them */

/* Zero-initialise. */
struct lag_trend {
    int64_t lag; /* -1: unknown */
    bool seen;
    int rises;
};

/* Takes the lag of the next look (-1: unknown). */
static inline void lag_trend_take(struct lag_trend *trend, int64_t lag)
{
    bool rose = trend->seen && trend->lag >= 0 && lag > trend->lag;
    bool stayed = trend->seen && lag == trend->lag && lag > 0;
    trend->rises = rose ? trend->rises + 1 : stayed ? trend->rises : 0;
    trend->lag = lag;
    trend->seen = true;
}

static inline bool lag_trend_grows(const struct lag_trend *trend)
{
    return trend->rises >= LAG_RISES;
}

/* Returns the tone in which the lag is shown. */
static inline enum tone lag_trend_tone(const struct lag_trend *trend)
{
    return lag_trend_grows(trend) ? TONE_BAD : trend->lag > 0 ? TONE_WAITING : TONE_PLAIN;
}

#endif
