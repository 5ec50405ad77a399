#include "kafka/consumer/holding.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

static size_t size_of(const rd_kafka_message_t *message)
{
    return message->key_len + message->len;
}

static bool make_room(struct holding *holding)
{
    if (holding->first + holding->count < holding->capacity) {
        return true;
    }
    if (holding->first > 0) {
        memmove(holding->messages, holding->messages + holding->first,
                holding->count * sizeof *holding->messages);
        holding->first = 0;
        return true;
    }
    size_t capacity = holding->capacity == 0 ? FIRST_CAPACITY : 2 * holding->capacity;
    rd_kafka_message_t **messages = realloc(holding->messages, capacity * sizeof *messages);
    if (messages == NULL) {
        return false;
    }
    holding->messages = messages;
    holding->capacity = capacity;
    return true;
}

bool holding_add(struct holding *holding, rd_kafka_message_t *message)
{
    if (!make_room(holding)) {
        return false;
    }
    holding->messages[holding->first + holding->count++] = message;
    holding->bytes += size_of(message);
    return true;
}

rd_kafka_message_t *holding_oldest(const struct holding *holding)
{
    return holding->count > 0 ? holding->messages[holding->first] : NULL;
}

void holding_drop_oldest(struct holding *holding)
{
    rd_kafka_message_t *oldest = holding->messages[holding->first];
    holding->bytes -= size_of(oldest);
    rd_kafka_message_destroy(oldest);
    holding->first++;
    holding->count--;
    if (holding->count == 0) {
        holding->first = 0;
    }
}

void holding_free(struct holding *holding)
{
    while (holding->count > 0) {
        holding_drop_oldest(holding);
    }
    free(holding->messages);
    *holding = (struct holding){0};
}
