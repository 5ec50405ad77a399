/* What a dead letter says of itself, from its headers (kafka/letter.h). */
#ifndef CANDLEWICK_APP_LETTER_PLACE_H
#define CANDLEWICK_APP_LETTER_PLACE_H

#include "kafka/letter.h"
#include "kafka/reader.h"

/* The place that the letter names. False: its headers name none of `topic`. */
NODISCARD bool letter_place(const struct message *letter, const char *topic, struct place *place);

#endif
