#include "source/service/sent_ticks.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/text/number.h"

void sent_ticks_free(struct sent_ticks *sent)
{
    coin_table_free(&sent->coins);
    free(sent->newest);
    *sent = (struct sent_ticks){.capacity = 0};
}

static bool same_figures(const struct ticker *left, const struct ticker *right)
{
    bool same = left->last_price == right->last_price;
    for (int i = 0; same && i < TICKER_FIGURES; i++) {
        same =
            left->has[i] == right->has[i] && number_same_bits(left->figures[i], right->figures[i]);
    }
    return same;
}

bool sent_ticks_keep(struct sent_ticks *sent, const struct ticker *tick)
{
    size_t before = sent->coins.count;
    struct ticker *newest = array_room(sent->newest, before, &sent->capacity, sizeof *newest);
    if (newest == NULL) {
        return false;
    }
    sent->newest = newest;
    const struct coin *coin = coin_table_add(&sent->coins, str_from(tick->symbol));
    if (coin == NULL) {
        return false;
    }
    size_t index = (size_t)(coin - sent->coins.coins);
    if (index == before || tick->event_time_ns > newest[index].event_time_ns) {
        newest[index] = *tick;
    }
    return true;
}

enum row_fault sent_ticks_look(const struct sent_ticks *sent, const struct ticker *tick)
{
    const struct coin *coin = coin_table_find(&sent->coins, str_from(tick->symbol));
    if (coin == NULL) {
        return ROW_FAULTS;
    }
    const struct ticker *newest = &sent->newest[coin - sent->coins.coins];
    if (tick->event_time_ns != newest->event_time_ns) {
        return tick->event_time_ns > newest->event_time_ns ? ROW_FAULTS : ROW_OUT_OF_ORDER;
    }
    return same_figures(tick, newest) ? ROW_REPEAT : ROW_REPEAT_CHANGED;
}
