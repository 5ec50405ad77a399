/* An answer of a service, as its parser gets it, and what is said of one that is not the service's.
 * Pure. */
#ifndef CANDLEWICK_SOURCE_SERVICE_SERVICE_ANSWER_H
#define CANDLEWICK_SOURCE_SERVICE_SERVICE_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text/str.h"

struct service_answer {
    long status; /* of HTTP */
    struct str body;
    int retry_after_ms; /* from Retry-After; 0: none */
    bool has_key;       /* a key was sent */
    int64_t now_ns;     /* wall clock */
};

/* What follows from an answer that is an error, besides its text. */
struct service_refusal {
    int64_t closed_ns; /* no request of any kind is sent for so long; 0: the backoff decides */
    bool for_good;     /* what was asked for is never given: to this key, or of this coin */
    bool of_plan;      /* the key's plan does not have it, of no coin */
};

/* How a service is called, and which options say where it is and which key it gets. */
struct service_words {
    const char *name, *url, *key;
};

/* Fills `error` with ERROR_RETRY for an answer without the service's own words: of what stands
 * before it, or of another one. */
void service_answer_explain(const struct service_answer *answer, const struct service_words *words,
                            struct error *error);

#endif
