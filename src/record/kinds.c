#include "record/ticker.h"

const struct record_kind *const record_kinds[RECORD_KINDS + 1] = {&ticker_kind, NULL};

int kind_number(const struct record_kind *kind)
{
    int number = 0;
    while (record_kinds[number] != NULL && record_kinds[number] != kind) {
        number++;
    }
    return number;
}
