/* What a dead letter says of itself, from its headers (kafka/consumer/letter.h). */
#ifndef CANDLEWICK_VERIFY_LETTER_PLACE_H
#define CANDLEWICK_VERIFY_LETTER_PLACE_H

#include "kafka/consumer/letter.h"
#include "kafka/reader/reader.h"

/* The place that the letter names. False: its headers name none of `topic`. */
NODISCARD bool letter_place(const struct message *letter, const char *topic, struct place *place);

/* Whether the place is of a topic of that name that was deleted since: `topic_id` is that of the
 * topic now. False also where either is not known. */
bool letter_is_former(const struct message *letter, const struct topic_id *topic_id);

/* The message that the letter is of, as it has to be judged: with its own timestamp, which is not
 * the letter's. Borrowed as the letter. */
struct encoded_message letter_original(const struct message *letter);

#endif
