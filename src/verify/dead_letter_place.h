/* What the headers of a dead letter say about its source message (kafka/consumer/dead_letter.h). */
#ifndef CANDLEWICK_VERIFY_DEAD_LETTER_PLACE_H
#define CANDLEWICK_VERIFY_DEAD_LETTER_PLACE_H

#include "kafka/consumer/dead_letter.h"
#include "kafka/reader/reader.h"

/* Sets the place of the source message. Returns false if the headers name no place in `topic`. */
NODISCARD bool dead_letter_place(const struct message *letter, const char *topic,
                                 struct place *place);

/* Returns whether the source message was in a former topic of the same name, which has been deleted
 * since; `topic_id` is that of the present topic. Also returns false if either id is not known. */
bool letter_is_former(const struct message *letter, const struct topic_id *topic_id);

/* Returns the source message as it must be decoded: with its own timestamp, not the dead letter's.
 * Borrowed from the dead letter. */
struct encoded_message letter_original(const struct message *letter);

#endif
