/* The parts of the metrics that their files share. */
#ifndef CANDLEWICK_PAGE_METRICS_PARTS_H
#define CANDLEWICK_PAGE_METRICS_PARTS_H

#include "base/text/strbuf.h"
#include "page/board.h"

/* metrics_members.c */
void metrics_append_members(const struct live_figures *figures, struct strbuf *text);
/* Of the feed's client and of the members'. */
void metrics_append_round_trips(const struct live_figures *figures, struct strbuf *text);

#endif
