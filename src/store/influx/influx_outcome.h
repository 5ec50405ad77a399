/* What InfluxDB's answer to a write means for the lines of that request, as in "Outcomes of the
 * store's answers" of docs/architecture.md. */
#ifndef CANDLEWICK_STORE_INFLUX_INFLUX_OUTCOME_H
#define CANDLEWICK_STORE_INFLUX_INFLUX_OUTCOME_H

#include "base/error.h"
#include "base/text/str.h"
#include "record/rejected.h"

/* One line (one point) of a request's body. */
struct influx_line {
    struct str text; /* without its line feed; borrowed */
    size_t tick;     /* index of its tick in the batch */
};

enum influx_action {
    INFLUX_DONE,   /* every line is durable */
    INFLUX_REJECT, /* the named lines are refused, all others are durable */
    INFLUX_RESEND, /* the named line is refused and nothing was stored: send the others again */
    INFLUX_BISECT, /* the answer names lines that do not match ours: search for the bad ones by
                      halving */
    INFLUX_SPLIT,  /* the request is too large: send it in halves; refuse a single line */
    INFLUX_KEEP,   /* the outcome is unknown: send the same lines again later */
};

struct influx_outcome {
    enum influx_action action;
    struct rejected_list named; /* REJECT and RESEND: indices into `lines`; the caller frees it */
    struct error error;         /* KEEP: the status and the start of the body */
};

/* `lines` are the request's lines, `count` > 0; `answer` is the body of its answer. BISECT is never
 * returned for a single line. Pure. */
struct influx_outcome influx_outcome_of(long status, struct str answer,
                                        const struct influx_line *lines, size_t count);

/* Fills `error` with ERROR_RETRY, "answered 503: no space left". Returns false. */
bool influx_answer_error(long status, struct str answer, struct error *error);

#endif
