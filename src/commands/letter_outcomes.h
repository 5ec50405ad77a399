/*
 * What came of letters that were tried again. A redelivery repeats letters, so each place of the
 * topic counts once: by the best that came of any of its letters.
 */
#ifndef CANDLEWICK_COMMANDS_LETTER_OUTCOMES_H
#define CANDLEWICK_COMMANDS_LETTER_OUTCOMES_H

#include "base/text/strbuf.h"
#include "kafka/consumer/letter.h"

/* Reasons that are told by their words; what is beyond them is counted together. */
enum { LETTER_REASONS_MAX = 32 };

struct letter_reason {
    char text[256];
    int64_t places;
};

struct letter_outcomes;

/* NULL: ERROR_FATAL, no memory. */
NODISCARD struct letter_outcomes *letter_outcomes_create(struct error *error);
void letter_outcomes_destroy(struct letter_outcomes *outcomes); /* NULL is allowed */

/* The letter's tick is in the store. ERROR_FATAL: no memory, or no room for sorting the places. */
NODISCARD bool letter_outcomes_written(struct letter_outcomes *outcomes, struct place place,
                                       struct error *error);
/* It still cannot be: `reason` (copied) says why. Errors as above. */
NODISCARD bool letter_outcomes_failed(struct letter_outcomes *outcomes, struct place place,
                                      const char *reason, struct error *error);

/* How many places, and what most of them failed of first. Errors as above. */
struct letter_totals {
    int64_t written, failed;
    size_t reason_count;
    struct letter_reason reasons[LETTER_REASONS_MAX + 1];
};
NODISCARD bool letter_outcomes_finish(struct letter_outcomes *outcomes,
                                      struct letter_totals *totals, struct error *error);

#endif
