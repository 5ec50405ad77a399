#include "market/candle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text/str.h"
#include "market/coverage.h"

bool candle_interval_parse(struct str text, int64_t *interval_ns)
{
    if (str_equal_text(text, "1M")) {
        *interval_ns = CANDLE_MONTH_NS;
        return true;
    }
    char unit = text.length > 0 ? text.data[text.length - 1] : '0';
    if (unit == 'w') {
        int64_t weeks = 0, sum = 0;
        if (!str_to_int64((struct str){text.data, text.length - 1}, &weeks) || weeks <= 0 ||
            __builtin_mul_overflow(weeks, CANDLE_WEEK_NS, &sum)) {
            return false;
        }
        *interval_ns = sum;
        return true;
    }
    bool has_unit = unit >= 'a' && unit <= 'z';
    return has_unit && clock_parse_duration(text, interval_ns);
}

void candle_interval_format(int64_t interval_ns, char text[CLOCK_TEXT_SIZE])
{
    if (interval_ns == CANDLE_MONTH_NS) {
        (void)str_copy(str_from("1M"), text, CLOCK_TEXT_SIZE);
    } else if (interval_ns % CANDLE_WEEK_NS == 0) {
        (void)snprintf(text, CLOCK_TEXT_SIZE, "%lldw", (long long)(interval_ns / CANDLE_WEEK_NS));
    } else {
        clock_format_duration(interval_ns, text);
    }
}

int64_t candle_bucket_start(int64_t time_ns, int64_t interval_ns)
{
    if (interval_ns == CANDLE_MONTH_NS) {
        int64_t month_ns = 0, end_ns = 0;
        clock_month_of(time_ns, &month_ns, &end_ns);
        return month_ns;
    }
    int64_t into = time_ns % interval_ns;
    if (into < 0) {
        into += interval_ns;
    }
    if (interval_ns % CANDLE_WEEK_NS == 0) {
        into -= CANDLE_WEEK_ORIGIN_NS;
        into += into < 0 ? interval_ns : 0;
    }
    int64_t start = 0;
    /* The first bucket of the int64 range begins before that range. */
    return __builtin_sub_overflow(time_ns, into, &start) ? INT64_MIN : start;
}

int64_t candle_bucket_end(int64_t time_ns, int64_t interval_ns)
{
    int64_t start_ns = 0, end_ns = 0;
    if (interval_ns == CANDLE_MONTH_NS) {
        clock_month_of(time_ns, &start_ns, &end_ns);
        return end_ns;
    }
    start_ns = candle_bucket_start(time_ns, interval_ns);
    return __builtin_add_overflow(start_ns, interval_ns, &end_ns) ? INT64_MAX : end_ns;
}

bool candle_fold(struct candle *candle, int64_t interval_ns, int64_t time_ns, double price)
{
    int64_t start = candle_bucket_start(time_ns, interval_ns);
    if (candle->ticks == 0) {
        *candle = (struct candle){.time_ns = start,
                                  .open = price,
                                  .high = price,
                                  .low = price,
                                  .close = price,
                                  .ticks = 1};
        return false;
    }
    if (start != candle->time_ns) {
        return true;
    }
    candle->high = price > candle->high ? price : candle->high;
    candle->low = price < candle->low ? price : candle->low;
    candle->close = price;
    candle->ticks++;
    return false;
}

bool candle_fold_trade(struct candle *candle, int64_t interval_ns, int64_t time_ns, double price,
                       double amount)
{
    bool later = candle_fold(candle, interval_ns, time_ns, price);
    if (!later) {
        candle->volume += fabs(amount);
        candle->has_volume = true;
    }
    return later;
}

bool candle_is_forming(const struct candle *candle, const struct candle_marks *marks)
{
    return marks->now_ns >= candle->time_ns &&
           marks->now_ns < candle_bucket_end(candle->time_ns, marks->interval_ns);
}

bool candle_is_cut(const struct candle *candle, const struct candle_marks *marks)
{
    return candle->time_ns < marks->from_ns ||
           candle_bucket_end(candle->time_ns, marks->interval_ns) > marks->to_ns;
}

struct coverage_share candle_coverage(const struct candle *candle, const struct candle_marks *marks)
{
    int64_t end_ns = candle_bucket_end(candle->time_ns, marks->interval_ns);
    return coverage_of(marks->coverage, candle->time_ns,
                       end_ns < marks->now_ns ? end_ns : marks->now_ns);
}

bool candle_list_add(struct candle_list *list, const struct candle *candle)
{
    struct candle *items = array_room(list->items, list->count, &list->capacity, sizeof *items);
    if (items == NULL) {
        return false;
    }
    list->items = items;
    list->items[list->count++] = *candle;
    return true;
}

void candle_list_keep_newest(struct candle_list *list, size_t most)
{
    if (most > 0 && list->count > most) {
        memmove(list->items, list->items + list->count - most, most * sizeof *list->items);
        list->count = most;
    }
}

/* Adds the next part to a candle. */
static void add_part(struct candle *whole, const struct candle *part)
{
    bool ticks = whole->ticks != CANDLE_TICKS_UNKNOWN && part->ticks != CANDLE_TICKS_UNKNOWN;
    whole->high = part->high > whole->high ? part->high : whole->high;
    whole->low = part->low < whole->low ? part->low : whole->low;
    whole->close = part->close;
    whole->ticks = ticks ? whole->ticks + part->ticks : CANDLE_TICKS_UNKNOWN;
    whole->has_volume = whole->has_volume && part->has_volume;
    whole->volume = whole->has_volume ? whole->volume + part->volume : 0;
    whole->revised = whole->revised || part->revised;
}

void candle_list_coarsen(struct candle_list *list, int64_t interval_ns)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct candle part = list->items[i];
        int64_t start_ns = candle_bucket_start(part.time_ns, interval_ns);
        if (count > 0 && list->items[count - 1].time_ns == start_ns) {
            add_part(&list->items[count - 1], &part);
        } else {
            part.time_ns = start_ns;
            list->items[count++] = part;
        }
    }
    list->count = count;
}

bool candle_list_fill(struct candle_list *list, const struct candle_list *others)
{
    struct candle_list both = {.count = 0};
    size_t i = 0, k = 0;
    while (i < list->count || k < others->count) {
        bool ours = k == others->count ||
                    (i < list->count && list->items[i].time_ns <= others->items[k].time_ns);
        struct candle candle = ours ? list->items[i] : others->items[k];
        k += ours && k < others->count && others->items[k].time_ns == candle.time_ns ? 1 : 0;
        candle.filled = candle.filled || !ours;
        if (!candle_list_add(&both, &candle)) {
            candle_list_free(&both);
            return false;
        }
        i += ours ? 1 : 0;
        k += ours ? 0 : 1;
    }
    candle_list_free(list);
    *list = both;
    return true;
}

void candle_list_free(struct candle_list *list)
{
    free(list->items);
    *list = (struct candle_list){0};
}
