#include <string.h>

#include "record/bar.h"
#include "record/event.h"
#include "record/ticker.h"
#include "record/trade.h"

const struct record_kind *const record_kinds[RECORD_KINDS] = {&ticker_kind, &bar_kind, &trade_kind,
                                                              &event_kind};

int kind_number(const struct record_kind *kind)
{
    int number = 0;
    while (record_kinds[number] != kind) {
        number++;
    }
    return number;
}

bool kinds_coin_valid(struct str coin)
{
    bool valid = false;
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        const struct record_kind *kind = record_kinds[i];
        bool of_coins = strcmp(column_stored_name(kind->key), "coin") == 0;
        valid = valid || (of_coins && kind->tags[0].valid(coin));
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
