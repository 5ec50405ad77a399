/* The functions that the files of the metrics share. */
#ifndef CANDLEWICK_PAGE_METRICS_PARTS_H
#define CANDLEWICK_PAGE_METRICS_PARTS_H

#include "base/text/strbuf.h"
#include "page/page_model.h"

/* metrics_members.c writes the members' figures. */
void metrics_append_members(const struct live_figures *figures, struct strbuf *text);
/* Appends the broker round trips of the ingest's client and of the members. */
void metrics_append_round_trips(const struct live_figures *figures, struct strbuf *text);

#endif
