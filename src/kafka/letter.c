#include "kafka/letter.h"

#include <stdlib.h>

const char *const letter_kind_names[LETTER_KINDS] = {
    [LETTER_NO_KEY] = "no_key",       [LETTER_TOMBSTONE] = "tombstone",
    [LETTER_TOO_LARGE] = "too_large", [LETTER_BAD] = "undecodable",
    [LETTER_REFUSED] = "refused",
};

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
