/* What InfluxDB's answer to a write means for the lines of that request: the table in
 * docs/architecture.md. */
#ifndef CANDLEWICK_STORE_INFLUX_INFLUX_OUTCOME_H
#define CANDLEWICK_STORE_INFLUX_INFLUX_OUTCOME_H

#include "base/error.h"
#include "base/text/str.h"
#include "record/rejected.h"

/* One point of a request's body. */
struct influx_line {
    struct str text; /* without its line feed; borrowed */
    size_t tick;     /* which tick of the batch it is */
};

enum influx_action {
    INFLUX_DONE,   /* every line is durable */
    INFLUX_REJECT, /* the named lines are refused, the rest is durable */
    INFLUX_RESEND, /* the named line is refused and nothing was stored: send the rest again */
    INFLUX_BISECT, /* lines are named that do not fit ours: look for the bad ones in halves */
    INFLUX_SPLIT,  /* too large: send halves; a single line is refused */
    INFLUX_KEEP,   /* nothing is known: the same again later */
};

struct influx_outcome {
    enum influx_action action;
    struct rejected_list named; /* REJECT and RESEND: by place in `lines`; free it */
    struct error error;         /* KEEP: the status and how the body begins */
};

/* `lines` are those of the request, `count` > 0; `answer` is the body of its answer. BISECT is
 * never said of a single line. Pure. */
struct influx_outcome influx_outcome_of(long status, struct str answer,
                                        const struct influx_line *lines, size_t count);

/* "answered 503: no space left". Fills `error` with ERROR_RETRY. Returns false. */
bool influx_answer_error(long status, struct str answer, struct error *error);

#endif
