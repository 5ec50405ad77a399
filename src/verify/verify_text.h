/* What `candlewick verify` prints. Pure: each appends to a buffer. */
#ifndef CANDLEWICK_VERIFY_VERIFY_TEXT_H
#define CANDLEWICK_VERIFY_VERIFY_TEXT_H

#include "base/text/strbuf.h"
#include "pipeline/log_coins.h"
#include "verify/verify.h"

/* Where the report is from. */
struct verify_source {
    const char *topic, *group, *store;
    int64_t interval_ns;           /* of the candles */
    const char *coin;              /* NULL: all */
    int64_t from_ns, to_ns;        /* INT64_MIN, INT64_MAX: no bound */
    const struct log_coins *coins; /* of the log, for two producers at once; NULL: not told */
    int64_t undecided;             /* messages behind the log's end, as a transaction is open */
};

/* The books: a line a coin, what else was counted, the first faults of each kind by name, and one
 * sentence that says what it means; for a terminal of so many columns, 0: lines as they come. */
void verify_to_table(const struct verify_report *report, const struct verify_source *source,
                     int columns, struct strbuf *text);

/* One object: "balanced", every count, "coins", and in "faults" by kind those that are named. */
void verify_to_json(const struct verify_report *report, const struct verify_source *source,
                    struct strbuf *text);

/* The last line: what is wrong and what mends it, or that the books balance; and what was not
 * looked at. */
void verify_verdict(const struct verify_report *report, const struct verify_source *source,
                    struct strbuf *text);

#endif
