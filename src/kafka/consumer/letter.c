#include "kafka/consumer/letter.h"

#include <stdlib.h>

enum { MESSAGE_BYTES_MAX = 65536 }; /* of key and value; a tick has about 150 bytes */

const char *const letter_kind_names[LETTER_KINDS] = {
    [LETTER_NO_KEY] = "no_key",       [LETTER_TOMBSTONE] = "tombstone",
    [LETTER_TOO_LARGE] = "too_large", [LETTER_BAD] = "undecodable",
    [LETTER_AHEAD] = "ahead",         [LETTER_REFUSED] = "refused",
};

enum letter_kind letter_judge(const struct encoded_message *message, struct error *error)
{
    if (message->key.data == NULL) {
        error_set(error, ERROR_REJECT, "the message has no key");
        return LETTER_NO_KEY;
    }
    if (message->value.data == NULL) {
        error_set(error, ERROR_REJECT, "the message has no value (a tombstone)");
        return LETTER_TOMBSTONE;
    }
    size_t bytes = encoded_message_bytes(message);
    if (bytes > MESSAGE_BYTES_MAX) {
        error_set(error, ERROR_REJECT, "the message has %zu bytes; a tick has at most %d", bytes,
                  MESSAGE_BYTES_MAX);
        return LETTER_TOO_LARGE;
    }
    return LETTER_KINDS;
}

void letter_list_append(struct letter_list *list, struct letter *letter)
{
    letter->next = NULL;
    if (list->last != NULL) {
        list->last->next = letter;
    } else {
        list->first = letter;
    }
    list->last = letter;
}

struct letter *letter_list_take(struct letter_list *list)
{
    struct letter *letter = list->first;
    if (letter != NULL) {
        list->first = letter->next;
        if (list->first == NULL) {
            list->last = NULL;
        }
        letter->next = NULL;
    }
    return letter;
}

void letter_list_free(struct letter_list *list)
{
    struct letter *letter;
    while ((letter = letter_list_take(list)) != NULL) {
        free(letter);
    }
}

struct letter *letter_create(struct batch *batch, const struct origin *origin,
                             enum letter_kind kind, const char *reason)
{
    struct letter *letter = calloc(1, sizeof *letter);
    if (letter != NULL) {
        letter->batch = batch;
        letter->origin = *origin;
        letter->kind = kind;
        (void)str_copy(str_from(reason), letter->reason, sizeof letter->reason);
    }
    return letter;
}
