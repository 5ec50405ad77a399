#include "terminal/time_axis.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS_LEAST = 11 }; /* from one time to the next, so that they can be read */

#define MINUTE (60 * NS_PER_SECOND)
#define HOUR (60 * MINUTE)

/* Returns the shortest step of round times that leaves COLUMNS_LEAST from one to the next. */
static int64_t step_for(int64_t interval_ns)
{
    static const int64_t steps[] = {
        NS_PER_SECOND, 5 * NS_PER_SECOND, 10 * NS_PER_SECOND, 30 * NS_PER_SECOND, MINUTE,
        5 * MINUTE,    10 * MINUTE,       15 * MINUTE,        30 * MINUTE,        HOUR,
        2 * HOUR,      3 * HOUR,          6 * HOUR,           12 * HOUR,          NS_PER_DAY,
        CANDLE_WEEK_NS};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i] / COLUMNS_LEAST >= interval_ns) {
            return steps[i];
        }
    }
    return 0;
}

/* Writes the time: with its date if that is not the one of the time before, and as short as the
 * interval allows. */
static void format_time(int64_t time_ns, int64_t before_ns, int64_t interval_ns, char *text,
                        size_t size)
{
    enum { YEAR = 0, MONTH = 5, CLOCK = 11 }; /* where these begin in RFC 3339 */
    char whole[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(time_ns, whole);
    bool dated = before_ns == INT64_MIN || candle_bucket_start(time_ns, NS_PER_DAY) !=
                                               candle_bucket_start(before_ns, NS_PER_DAY);
    if (interval_ns >= NS_PER_DAY) {
        (void)snprintf(text, size, "%.10s", whole + YEAR);
        return;
    }
    int clock = interval_ns > 0 && interval_ns % MINUTE == 0 ? 5 : 8; /* hh:mm or hh:mm:ss */
    (void)snprintf(text, size, "%.*s%s%.*s", dated ? 5 : 0, whole + MONTH, dated ? " " : "", clock,
                   whole + CLOCK);
}

/* Returns whether the slot's time is worth a label, if there is room: the first one, a round one,
 * and the first one after time that was cut. `step_ns` 0: there are no round ones. */
static bool is_labelled(const struct candle_slot *slots, size_t index, int64_t step_ns)
{
    const struct candle_slot *slot = &slots[index];
    bool after_cut = index >= 2 && slots[index - 2].kind == SLOT_CUT;
    bool round = step_ns == 0 || candle_bucket_start(slot->begin_ns, step_ns) == slot->begin_ns;
    return slot->candle != NULL && (index == 0 || after_cut || round);
}

void time_axis_draw(const struct canvas_area *area, int row, const struct candle_slot *slots,
                    size_t count, int64_t interval_ns)
{
    int64_t step_ns = step_for(interval_ns);
    int64_t before_ns = INT64_MIN;
    int free_from = 0; /* the column from which a label does not touch the one before */
    for (size_t i = 0; i < count; i++) {
        char text[CLOCK_TEXT_SIZE];
        int column = (int)i;
        if (column < free_from || !is_labelled(slots, i, step_ns)) {
            continue;
        }
        format_time(slots[i].begin_ns, before_ns, interval_ns, text, sizeof text);
        if (i > 0 && column + 1 + (int)strlen(text) > area->columns) {
            break;
        }
        free_from = canvas_print(area, column, row, TONE_FAINT, "╵%s", text) + 2;
        before_ns = slots[i].begin_ns;
    }
}
