#include "record/bar.h"
#include "record/ticker.h"

const struct record_kind *const record_kinds[RECORD_KINDS] = {&ticker_kind, &bar_kind};

int kind_number(const struct record_kind *kind)
{
    int number = 0;
    while (record_kinds[number] != kind) {
        number++;
    }
    return number;
}

bool kinds_key_valid(struct str key)
{
    bool valid = false;
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        valid = valid || record_kinds[i]->tags[0].valid(key);
    }
    return valid;
}

const struct record_kind *kind_named(struct str name)
{
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        if (str_equal_text(name, record_kinds[i]->name)) {
            return record_kinds[i];
        }
    }
    return NULL;
}
