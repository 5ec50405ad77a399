/* Selects the newest of many dead letters, and counts the distinct places (partition and offset) of
 * their source messages. */
#ifndef CANDLEWICK_COMMANDS_DEAD_LETTER_TABLE_H
#define CANDLEWICK_COMMANDS_DEAD_LETTER_TABLE_H

#include "base/text/strbuf.h"
#include "base/text/table.h"
#include "kafka/reader/reader.h"

struct dead_letter_table;

/* Keeps the `most` dead letters with the newest timestamps. `topic_id` is the id that `topic` has
 * now, if known (both are copied): dead letters of a deleted topic of the same name are marked as
 * former. Returns NULL with ERROR_FATAL when memory runs out. */
NODISCARD struct dead_letter_table *dead_letter_table_create(size_t most, const char *topic,
                                                             const struct topic_id *topic_id,
                                                             struct error *error);
void dead_letter_table_destroy(struct dead_letter_table *shown); /* NULL is allowed */

/* Adds a message of the dead-letter topic, whatever its content; copied. Fails with ERROR_FATAL
 * when memory or the disk space for sorting the places runs out. */
NODISCARD bool dead_letter_table_add(struct dead_letter_table *shown, const struct message *message,
                                     struct error *error);
/* Call it when all dead letters are added. Fails as dead_letter_table_add() does. */
NODISCARD bool dead_letter_table_finish(struct dead_letter_table *shown, struct error *error);

/* Prints the dead letters oldest first: when each was sent, the place of its source message, kind,
 * key as text, bytes, reason; one sentence at the end. In colour, dead letters are red, and "No
 * dead letters" is green. */
void dead_letter_table_to_table(const struct dead_letter_table *shown, const char *topic,
                                struct text_form form, struct strbuf *text);
/* Writes {"topic","messages","places","unplaced","former","letters":[{"time","topic","topic_id",
 * "partition","offset","former","kind","reason","key","key_bytes","value_bytes"}]}. A value that
 * the dead letter does not have is null. */
void dead_letter_table_to_json(const struct dead_letter_table *shown, const char *topic,
                               struct strbuf *json);

#endif
