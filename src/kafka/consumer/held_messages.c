#include "kafka/consumer/held_messages.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

static size_t size_of(const rd_kafka_message_t *message)
{
    return message->key_len + message->len;
}

static bool make_room(struct held_messages *held)
{
    if (held->first + held->count < held->capacity) {
        return true;
    }
    if (held->first > 0) {
        memmove(held->messages, held->messages + held->first, held->count * sizeof *held->messages);
        held->first = 0;
        return true;
    }
    size_t capacity = held->capacity == 0 ? FIRST_CAPACITY : 2 * held->capacity;
    rd_kafka_message_t **messages = realloc(held->messages, capacity * sizeof *messages);
    if (messages == NULL) {
        return false;
    }
    held->messages = messages;
    held->capacity = capacity;
    return true;
}

bool held_messages_add(struct held_messages *held, rd_kafka_message_t *message)
{
    if (!make_room(held)) {
        return false;
    }
    held->messages[held->first + held->count++] = message;
    held->bytes += size_of(message);
    return true;
}

rd_kafka_message_t *held_messages_oldest(const struct held_messages *held)
{
    return held->count > 0 ? held->messages[held->first] : NULL;
}

void held_messages_drop_oldest(struct held_messages *held)
{
    rd_kafka_message_t *oldest = held->messages[held->first];
    held->bytes -= size_of(oldest);
    rd_kafka_message_destroy(oldest);
    held->first++;
    held->count--;
    if (held->count == 0) {
        held->first = 0;
    }
}

void held_messages_free(struct held_messages *held)
{
    while (held->count > 0) {
        held_messages_drop_oldest(held);
    }
    free(held->messages);
    *held = (struct held_messages){0};
}
