/*
 * Compares dead letters with their source messages. Anyone who can reach Kafka can write a dead
 * letter, so its content is believed only if the log confirms it.
 */
#ifndef CANDLEWICK_COMMANDS_LETTER_CHECK_H
#define CANDLEWICK_COMMANDS_LETTER_CHECK_H

#include "kafka/consumer/dead_letter.h"
#include "record/kind.h"
#include "verify/log_span.h"

/* Use it on one thread at a time. */
struct letter_check;

/* `log` (borrowed, its reader must stay open) is the topic of the source messages; its count is 0
 * if the topic does not exist. Returns NULL with ERROR_FATAL. */
NODISCARD struct letter_check *letter_check_create(const struct record_kind *kind,
                                                   const struct log_span *log, struct error *error);
void letter_check_destroy(struct letter_check *check); /* NULL is allowed */

/* Adds a dead letter that says its source message is `original`, at `place`. Dead letters are
 * numbered from 0, in the order of these calls since the last letter_check_clear(). Returns false
 * with ERROR_FATAL. */
NODISCARD bool letter_check_add(struct letter_check *check, struct place place,
                                const struct encoded_message *original, struct error *error);

/* Reads the log at the places of all dead letters that were added. Blocks; errors as of
 * reader_read(). */
NODISCARD bool letter_check_run(struct letter_check *check, struct error *error);

enum letter_truth {
    LETTER_UNKNOWN, /* the log no longer has a message at that place */
    LETTER_TRUE,    /* the message there has the same key, value, schema header and timestamp */
    LETTER_FALSE,   /* the message there is another one */
};
/* Returns the result for a dead letter, after letter_check_run(). */
enum letter_truth letter_check_truth(const struct letter_check *check, size_t number);

void letter_check_clear(struct letter_check *check);

#endif
