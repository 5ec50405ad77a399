/*
 * Counts the results of retrying dead letters. Redelivery can make several dead letters of one
 * message. So each place of the topic counts once, with the best result of any of its dead letters.
 */
#ifndef CANDLEWICK_COMMANDS_RETRY_OUTCOMES_H
#define CANDLEWICK_COMMANDS_RETRY_OUTCOMES_H

#include "base/text/strbuf.h"
#include "kafka/consumer/dead_letter.h"

/* How many different reasons are counted separately; all further ones are counted together. */
enum { DEAD_LETTER_REASONS_MAX = 32 };

struct letter_reason {
    char text[256];
    int64_t places;
};

struct retry_outcomes;

/* Returns NULL with ERROR_FATAL when memory runs out. */
NODISCARD struct retry_outcomes *retry_outcomes_create(struct error *error);
void retry_outcomes_destroy(struct retry_outcomes *outcomes); /* NULL is allowed */

/* Records that the dead letter's record is in the store. Fails with ERROR_FATAL when memory or the
 * disk space for sorting runs out. */
NODISCARD bool retry_outcomes_written(struct retry_outcomes *outcomes, struct place place,
                                      struct error *error);
/* Records that the dead letter cannot be written; `reason` (copied) says why. Fails as
 * retry_outcomes_written() does. */
NODISCARD bool retry_outcomes_failed(struct retry_outcomes *outcomes, struct place place,
                                     const char *reason, struct error *error);

/* How many places were written and how many failed, and the reasons, the most frequent first.
 * retry_outcomes_finish() fails as retry_outcomes_written() does. */
struct letter_totals {
    int64_t written, failed;
    size_t reason_count;
    struct letter_reason reasons[DEAD_LETTER_REASONS_MAX + 1];
};
NODISCARD bool retry_outcomes_finish(struct retry_outcomes *outcomes, struct letter_totals *totals,
                                     struct error *error);

#endif
