/* Formats the truth lags (kafka/consumer/truth_lag.h) for the page's status. Pure. */
#ifndef CANDLEWICK_PAGE_TRUTH_LAG_JSON_H
#define CANDLEWICK_PAGE_TRUTH_LAG_JSON_H

#include "page/page_model.h"

/* Appends ,"truth_lag":{"frame_to_kafka":{"measured":7,"negative":0,"half_s":0.005,"most_s":0.01},
 * …} for a stream: the sum of what this process's members and page have measured. `half_s` and
 * `most_s` are upper limits for half and for 99 % of the times; null: over an hour, or nothing was
 * measured. Steps without measurements are left out. If this process has no members, all steps are
 * as its page has measured them. */
void truth_lag_append(struct strbuf *json, const struct live_figures *figures, const char *stream);

#endif
