/* Decides what InfluxDB's answer to a write means for the lines of that request, by the table
 * "Outcomes of the store's answers" in docs/architecture.md. */
#ifndef CANDLEWICK_STORE_INFLUX_INFLUX_OUTCOME_H
#define CANDLEWICK_STORE_INFLUX_INFLUX_OUTCOME_H

#include "base/error.h"
#include "base/text/str.h"
#include "record/rejected.h"

/* One line (one point) of a request's body. */
struct influx_line {
    struct str text; /* without its line feed; borrowed */
    size_t tick;     /* index of its record in the batch */
};

enum influx_action {
    INFLUX_DONE,   /* every line is durable */
    INFLUX_REJECT, /* the named lines are refused, and all others are durable */
    INFLUX_RESEND, /* the named line is refused and nothing was stored: send the others again */
    INFLUX_BISECT, /* the answer names lines that are not in the request: find the bad ones by
                      sending halves */
    INFLUX_SPLIT,  /* the request is too large: send it in halves; reject a single line */
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
