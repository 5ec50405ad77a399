/*
 * Compares dead letters with the messages that they name. Anyone who reaches Kafka can write a dead
 * letter, so it is believed only as far as the log confirms it.
 */
#ifndef CANDLEWICK_COMMANDS_LETTER_CHECK_H
#define CANDLEWICK_COMMANDS_LETTER_CHECK_H

#include "kafka/consumer/dead_letter.h"
#include "record/kind.h"
#include "verify/log_span.h"

/* Use it on one thread at a time. */
struct letter_check;

/* `log` (borrowed, its reader must stay open) is the topic whose places the letters name; its count
 * is 0 if the topic does not exist. Returns NULL with ERROR_FATAL. */
NODISCARD struct letter_check *letter_check_create(const struct record_kind *kind,
                                                   const struct log_span *log, struct error *error);
void letter_check_destroy(struct letter_check *check); /* NULL is allowed */

/* Adds a letter whose source message should be `original`, at `place`. Letters are numbered from 0,
 * in the order of these calls since the last letter_check_clear(). Returns false with ERROR_FATAL.
 */
NODISCARD bool letter_check_add(struct letter_check *check, struct place place,
                                const struct encoded_message *original, struct error *error);

/* Reads the places of all letters added. Blocks; errors as of reader_read(). */
NODISCARD bool letter_check_run(struct letter_check *check, struct error *error);

enum letter_truth {
    LETTER_UNKNOWN, /* the log has no message at that place any more, so it cannot be checked
                     */
    LETTER_TRUE,    /* the message there has the same key, value, schema header and timestamp */
    LETTER_FALSE,   /* the message there is another one */
};
/* After letter_check_run(). */
enum letter_truth letter_check_truth(const struct letter_check *check, size_t number);

void letter_check_clear(struct letter_check *check);

#endif
