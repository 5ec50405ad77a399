/* Events of bars that the exchange changed after they were sent. Pure. */
#ifndef CANDLEWICK_SOURCE_BARS_BAR_CHANGES_H
#define CANDLEWICK_SOURCE_BARS_BAR_CHANGES_H

#include "record/bar.h"
#include "source/bars/known_bars.h"
#include "source/run_events.h"

/* Adds the event bar_changed: subject the coin, the bar's span, its new revision as number, and
 * what has changed as detail ("1m: close 6373 -> 6374.5"). `now_ns` is when it was noticed. Returns
 * false when memory runs out. */
NODISCARD bool bar_changes_add(struct run_events *events, struct source_batch *batch,
                               const struct bar *bar, const struct known_bar *before,
                               int64_t length_ns, int64_t now_ns);

#endif
