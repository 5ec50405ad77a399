#include "terminal/candle_slots.h"

#include <stdio.h>
#include <string.h>

int64_t candle_gap_ns(const struct candle_list *candles, size_t index, int64_t interval_ns)
{
    if (index == 0 || interval_ns == 0) {
        return 0;
    }
    int64_t end_ns = candle_bucket_end(candles->items[index - 1].time_ns, interval_ns);
    int64_t next_ns = candles->items[index].time_ns;
    return next_ns > end_ns ? next_ns - end_ns : 0;
}

void candle_gap_format(int64_t gap_ns, char text[CLOCK_TEXT_SIZE])
{
    static const struct {
        int64_t ns;
        const char *name;
    } units[] = {{NS_PER_DAY, "d"},
                 {3600 * NS_PER_SECOND, "h"},
                 {60 * NS_PER_SECOND, "m"},
                 {NS_PER_SECOND, "s"},
                 {NS_PER_MS, "ms"}};
    size_t unit = 0, count = sizeof units / sizeof units[0];
    while (unit + 1 < count && gap_ns < units[unit].ns) {
        unit++;
    }
    int length = snprintf(text, CLOCK_TEXT_SIZE, "%lld%s", (long long)(gap_ns / units[unit].ns),
                          units[unit].name);
    int64_t rest_ns = gap_ns % units[unit].ns;
    if (unit + 1 < count && rest_ns >= units[unit + 1].ns) {
        (void)snprintf(text + length, CLOCK_TEXT_SIZE - (size_t)length, " %lld%s",
                       (long long)(rest_ns / units[unit + 1].ns), units[unit + 1].name);
    }
}

/* Puts the columns of the time between two candles in front of the slots that are filled from
 * `*first` on; fewer if there is no room. */
static void put_gap(int64_t from_ns, int64_t to_ns, int64_t interval_ns, struct candle_slot *slots,
                    size_t *first)
{
    int64_t begins[SLOT_EMPTY_MOST + 1];
    size_t count = 0;
    for (int64_t at = from_ns; at < to_ns && count <= SLOT_EMPTY_MOST;
         at = candle_bucket_end(at, interval_ns)) {
        begins[count++] = at;
    }
    bool cut = count > SLOT_EMPTY_MOST;
    size_t columns = cut ? SLOT_EMPTY_MOST : count;
    for (size_t i = columns; i-- > 0 && *first > 0;) {
        bool middle = cut && i == SLOT_EMPTY_MOST / 2;
        slots[--*first] = (struct candle_slot){
            .kind = middle ? SLOT_CUT : SLOT_EMPTY,
            .begin_ns = cut ? from_ns : begins[i],
            .end_ns = cut ? to_ns : candle_bucket_end(begins[i], interval_ns),
        };
    }
}

size_t candle_slots(const struct candle_list *candles, int64_t interval_ns,
                    struct candle_slot *slots, size_t room)
{
    size_t first = room;
    for (size_t i = candles->count; i-- > 0 && first > 0;) {
        const struct candle *candle = &candles->items[i];
        int64_t end_ns =
            interval_ns > 0 ? candle_bucket_end(candle->time_ns, interval_ns) : candle->time_ns;
        slots[--first] =
            (struct candle_slot){.candle = candle, .begin_ns = candle->time_ns, .end_ns = end_ns};
        if (candle_gap_ns(candles, i, interval_ns) > 0) {
            int64_t from_ns = candle_bucket_end(candles->items[i - 1].time_ns, interval_ns);
            put_gap(from_ns, candle->time_ns, interval_ns, slots, &first);
        }
    }
    while (first < room && slots[first].candle == NULL) {
        first++; /* the gap's older end found no room */
    }
    memmove(slots, slots + first, (room - first) * sizeof *slots);
    return room - first;
}
