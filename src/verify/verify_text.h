/* The output of `candlewick verify`. Pure: each function appends to a buffer. */
#ifndef CANDLEWICK_VERIFY_VERIFY_TEXT_H
#define CANDLEWICK_VERIFY_VERIFY_TEXT_H

#include "base/text/strbuf.h"
#include "base/text/table.h"
#include "market/coverage.h"
#include "pipeline/log_coins.h"
#include "verify/verify.h"

/* What was compared. */
struct verify_source {
    const struct record_kind *kind;
    const char *topic, *group, *store;
    int64_t interval_ns;           /* length of the candles */
    const char *coin;              /* NULL: all coins */
    int64_t from_ns, to_ns;        /* INT64_MIN, INT64_MAX: no bound */
    const struct log_coins *coins; /* of the log, to warn of two producers at once; NULL: no
                                      warning */
    int64_t undecided;             /* messages that cannot be read yet, because a transaction is
                                      open */
    const char *tables; /* tables that have points although verify was not asked for their kind;
                           "": none */
    /* By the report's series: how much of the time from its first record to its last its source has
     * covered; a length of 0: not known. NULL: not known of any series. No part of the proof. */
    const struct coverage_share *covered;
};

/* Writes a line per series, all other counts, the first faults of each kind, and the verdict. In
 * colour, faults and a verdict that names some are red, and books that balance are green. */
void verify_to_table(const struct verify_report *report, const struct verify_source *source,
                     struct text_form form, struct strbuf *text);

/* Writes one JSON object: "balanced", every count, in "coins" one object per series, and in
 * "faults" the listed faults by kind. A series is named by its columns ("coin", "source", …).
 * "candles" occurs only for a kind with a price, and "covered" only where that is known. */
void verify_to_json(const struct verify_report *report, const struct verify_source *source,
                    struct strbuf *text);

/* Writes one short JSON object, for the page: {"stream":"ticker", "topic":"tickers",
 * "balanced":true, "verdict":text, "not_looked_at":text, "log":n, "stored":n, "missing":n,
 * "unexpected":n, "former":n, "differing":n, "older":n, "conflicting":n, "series":[{"coin":
 * "tBTCUSD", …, "log":n, …, "conflicting":n}], "more_series":n, "more_faulty":n}. verdict:
 * verify_judgement().
 * not_looked_at: verify_not_looked_at(), "" for nothing. log: records of the log. stored: points of
 * the store. At most VERIFY_SUMMARY_SERIES series are named, those with faults first; more_series
 * are not, and more_faulty of these have faults. */
enum { VERIFY_SUMMARY_SERIES = 500 };
void verify_to_summary(const struct verify_report *report, const struct verify_source *source,
                       struct strbuf *json);

/* Returns whether the books do not balance only because of points of a former log. */
bool verify_former_only(const struct verify_report *report);

/* Writes the verdict in two parts: what is wrong and how to fix it, or that the books balance, and
 * which points are not provable; then what was not compared, or nothing. */
void verify_judgement(const struct verify_report *report, const struct verify_source *source,
                      struct strbuf *text);
void verify_not_looked_at(const struct verify_report *report, const struct verify_source *source,
                          struct strbuf *text);

/* Writes the verdict: what is wrong and how to fix it, or that the books balance; and what was not
 * compared. These are the two parts above. */
void verify_verdict(const struct verify_report *report, const struct verify_source *source,
                    struct strbuf *text);

#endif
