/* The newest dead letters of many, and how many distinct places all of them name. */
#ifndef CANDLEWICK_COMMANDS_LETTER_LIST_H
#define CANDLEWICK_COMMANDS_LETTER_LIST_H

#include "base/text/strbuf.h"
#include "kafka/reader/reader.h"

struct letters_shown;

/* Keeps the `most` with the newest timestamps. `topic_id` is that of `topic` (copied, both) now, if
 * known: letters of a former topic of that name are told as such. NULL: ERROR_FATAL, no memory. */
NODISCARD struct letters_shown *letters_shown_create(size_t most, const char *topic,
                                                     const struct topic_id *topic_id,
                                                     struct error *error);
void letters_shown_destroy(struct letters_shown *shown); /* NULL is allowed */

/* A message of the dead letters' topic, whatever it is; copied. ERROR_FATAL: no memory, or no room
 * for sorting the places. */
NODISCARD bool letters_shown_add(struct letters_shown *shown, const struct message *message,
                                 struct error *error);
/* All are added. ERROR_FATAL, as above. */
NODISCARD bool letters_shown_finish(struct letters_shown *shown, struct error *error);

/* Oldest first: when it was sent, the place it names, kind, key as text, bytes, reason; one
 * sentence at the end. For a terminal of so many columns, 0: a line each, however long. */
void letters_shown_to_table(const struct letters_shown *shown, const char *topic, int columns,
                            struct strbuf *text);
/* {"topic","messages","places","unplaced","former","letters":[{"time","topic","topic_id",
 * "partition","offset","former","kind","reason","key","key_bytes","value_bytes"}]}: null where a
 * letter does not say. */
void letters_shown_to_json(const struct letters_shown *shown, const char *topic,
                           struct strbuf *json);

#endif
