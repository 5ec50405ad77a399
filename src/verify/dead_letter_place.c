#include "verify/dead_letter_place.h"

#include "base/clock.h"

static bool number(const struct message *letter, const char *name, int64_t most, int64_t *value)
{
    struct str text = {0};
    return message_header(letter, name, &text) && text.data != NULL && str_to_int64(text, value) &&
           *value >= 0 && *value <= most;
}

struct encoded_message letter_original(const struct message *letter)
{
    struct encoded_message original = letter->encoded;
    if (!number(letter, DEAD_LETTER_HEADER_TIMESTAMP, INT64_MAX / NS_PER_MS,
                &original.timestamp_ms)) {
        original.timestamp_ms = NO_TIMESTAMP;
    }
    return original;
}

bool dead_letter_place(const struct message *letter, const char *topic, struct place *place)
{
    struct str from = {0};
    int64_t partition = 0;
    if (!message_header(letter, DEAD_LETTER_HEADER_TOPIC, &from) || from.data == NULL ||
        !str_equal_text(from, topic) ||
        !number(letter, DEAD_LETTER_HEADER_PARTITION, INT32_MAX, &partition) ||
        !number(letter, DEAD_LETTER_HEADER_OFFSET, INT64_MAX, &place->offset)) {
        return false;
    }
    place->partition = (int32_t)partition;
    return true;
}

bool letter_is_former(const struct message *letter, const struct topic_id *topic_id)
{
    struct str text = {0};
    struct topic_id id = {.text = ""};
    if (message_header(letter, DEAD_LETTER_HEADER_TOPIC_ID, &text) && text.data != NULL) {
        id = topic_id_parse(text);
    }
    return topic_id_differs(&id, topic_id);
}
