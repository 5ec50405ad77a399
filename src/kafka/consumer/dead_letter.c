#include "kafka/consumer/dead_letter.h"

#include <stdlib.h>

enum { MESSAGE_BYTES_MAX = 65536 }; /* of key and value; a tick has about 150 bytes */

const char *const dead_letter_kind_names[DEAD_LETTER_KINDS] = {
    [DEAD_LETTER_NO_KEY] = "no_key",       [DEAD_LETTER_TOMBSTONE] = "tombstone",
    [DEAD_LETTER_TOO_LARGE] = "too_large", [DEAD_LETTER_BAD] = "undecodable",
    [DEAD_LETTER_AHEAD] = "ahead",         [DEAD_LETTER_REFUSED] = "refused",
};

enum dead_letter_kind dead_letter_judge(const struct encoded_message *message, struct error *error)
{
    if (message->key.data == NULL) {
        error_set(error, ERROR_REJECT, "the message has no key");
        return DEAD_LETTER_NO_KEY;
    }
    if (message->value.data == NULL) {
        error_set(error, ERROR_REJECT, "the message has no value (a tombstone)");
        return DEAD_LETTER_TOMBSTONE;
    }
    size_t bytes = encoded_message_bytes(message);
    if (bytes > MESSAGE_BYTES_MAX) {
        error_set(error, ERROR_REJECT, "the message has %zu bytes; a tick has at most %d", bytes,
                  MESSAGE_BYTES_MAX);
        return DEAD_LETTER_TOO_LARGE;
    }
    return DEAD_LETTER_KINDS;
}

int place_compare(struct place left, struct place right)
{
    int order = (left.partition > right.partition) - (left.partition < right.partition);
    return order != 0 ? order : (left.offset > right.offset) - (left.offset < right.offset);
}

void dead_letter_list_append(struct dead_letter_list *list, struct dead_letter *letter)
{
    letter->next = NULL;
    if (list->last != NULL) {
        list->last->next = letter;
    } else {
        list->first = letter;
    }
    list->last = letter;
}

struct dead_letter *dead_letter_list_take(struct dead_letter_list *list)
{
    struct dead_letter *letter = list->first;
    if (letter != NULL) {
        list->first = letter->next;
        if (list->first == NULL) {
            list->last = NULL;
        }
        letter->next = NULL;
    }
    return letter;
}

void dead_letter_list_free(struct dead_letter_list *list)
{
    struct dead_letter *letter;
    while ((letter = dead_letter_list_take(list)) != NULL) {
        free(letter);
    }
}

struct dead_letter *dead_letter_create(struct batch *batch, const struct origin *origin,
                                       enum dead_letter_kind kind, const char *reason)
{
    struct dead_letter *letter = calloc(1, sizeof *letter);
    if (letter != NULL) {
        letter->batch = batch;
        letter->origin = *origin;
        letter->kind = kind;
        (void)str_copy(str_from(reason), letter->reason, sizeof letter->reason);
    }
    return letter;
}
