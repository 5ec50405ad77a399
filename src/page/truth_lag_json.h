/* How long the truth takes, as part of the page's status. Pure. */
#ifndef CANDLEWICK_PAGE_TRUTH_LAG_JSON_H
#define CANDLEWICK_PAGE_TRUTH_LAG_JSON_H

#include "page/page_model.h"

/* Appends ,"truth_lag":{"frame_to_kafka":{"measured":7,"negative":0,"half_s":0.005,"most_s":0.01},
 * …} with what this process's members have measured of a stream's records together: half of them,
 * and 99 of 100, took at most so long; null: longer than an hour, or none was measured. Steps of
 * which there is nothing are left out. Appends null in place of the object without members. */
void truth_lag_append(struct strbuf *json, const struct live_figures *figures, const char *stream);

#endif
