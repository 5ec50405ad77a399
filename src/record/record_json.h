/* A record as JSON (RFC 8259), the same for the page, the API and the terminal. */
#ifndef CANDLEWICK_RECORD_RECORD_JSON_H
#define CANDLEWICK_RECORD_RECORD_JSON_H

#include "base/text/strbuf.h"
#include "record/kind.h"

/* Writes {"symbol":…,"event_time_ns":"…","time":"2026-…","seq":…,"run_id":"…","source":…, …}: the
 * columns in the order of the schema, with null for a missing value. Doubles parse as the same
 * bits. Times and the run's id are strings, because they exceed 2^53; "time" is the moment in a
 * form for people. `texts` may be NULL if the kind has no long texts. */
void record_to_json(const struct record_kind *kind, const void *record,
                    const struct text_arena *texts, struct strbuf *json);

/* Writes the values in a series' name as JSON members, named as in the stores: "coin":"tBTCUSD". A
 * name that is not valid for the kind is written whole, as the value of the first tag. */
void series_to_json(const struct record_kind *kind, const char *name, struct strbuf *json);

#endif
