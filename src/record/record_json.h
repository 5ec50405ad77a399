/* A record as JSON (RFC 8259), for the page, the API and the terminal alike. */
#ifndef CANDLEWICK_RECORD_RECORD_JSON_H
#define CANDLEWICK_RECORD_RECORD_JSON_H

#include "base/text/strbuf.h"
#include "record/kind.h"

/* {"symbol":…,"event_time_ns":"…","time":"2026-…","seq":…,"run_id":"…","source":…, …}: the columns
 * in the order of the schema; one without a value is null. Doubles read back as the same bits. Its
 * time and run, which are above 2^53, are strings; "time" says the time for people. */
void record_to_json(const struct record_kind *kind, const void *record, struct strbuf *json);

#endif
