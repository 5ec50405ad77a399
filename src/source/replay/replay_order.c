#include "source/replay/replay_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "record/series.h"

void replay_order_free(struct replay_order *order)
{
    coin_table_free(&order->series);
    free(order->last);
    order->last = NULL;
}

/* Returns where the series' last record is kept; NULL when memory runs out. */
static void *last_of(struct replay_order *order, const struct coin *series)
{
    size_t index = (size_t)(series - order->series.coins);
    size_t size = order->kind->size;
    char *last = array_room(order->last, index, &order->last_capacity, size);
    if (last == NULL) {
        return NULL;
    }
    order->last = last;
    return last + index * size;
}

static void keep(const struct replay_order *order, struct coin *series, void *last,
                 const void *record, int64_t line)
{
    memcpy(last, record, order->kind->size);
    series->seen = true;
    series->last_input_ns = column_int64(order->kind->time, record);
    series->last_line = line;
}

/* Moves a record of a kind with a run behind its series' last one. */
static bool stamp(const struct replay_order *order, struct coin *series, bool first, void *record)
{
    int64_t stamp_ns = column_int64(order->kind->time, record);
    if (!first && stamp_ns <= series->last_stamp_ns) {
        stamp_ns = series->last_stamp_ns + 1;
        if (stamp_ns % NS_PER_SECOND == 0) {
            return false;
        }
    }
    series->last_stamp_ns = stamp_ns;
    column_set_int64(order->kind->time, record, stamp_ns);
    return true;
}

/* Compares a record with its series' last one. Returns ROW_FAULTS if it is a new one. */
static enum row_fault compare(const struct replay_order *order, struct coin *series,
                              const void *last, const void *record)
{
    int64_t input_ns = column_int64(order->kind->time, record);
    bool has_run = order->kind->run != NULL;
    if (input_ns != series->last_input_ns) {
        bool later = input_ns > series->last_input_ns;
        return later || order->kind->any_order ? ROW_FAULTS : ROW_OUT_OF_ORDER;
    }
    if (memcmp(record, last, order->kind->size) != 0) {
        return has_run ? ROW_FAULTS : ROW_CONFLICT;
    }
    if (has_run) {
        /* The repeated row still uses up its nanosecond, so that the stamps of later rows of this
         * time do not depend on whether a repeat is a tick. */
        series->last_stamp_ns += (series->last_stamp_ns + 1) % NS_PER_SECOND != 0 ? 1 : 0;
    }
    return ROW_REPEAT;
}

bool replay_order_take(struct replay_order *order, void *record, int64_t line,
                       enum row_fault *fault, int64_t *earlier_line)
{
    char name[RECORD_SERIES_MAX + 1];
    series_of(order->kind, record, name);
    struct coin *series = coin_table_add(&order->series, str_from(name));
    void *last = series != NULL ? last_of(order, series) : NULL;
    if (last == NULL) {
        return false;
    }
    bool first = !series->seen;
    *earlier_line = series->last_line;
    *fault = first ? ROW_FAULTS : compare(order, series, last, record);
    if (*fault != ROW_FAULTS) {
        return true;
    }
    keep(order, series, last, record, line);
    if (order->kind->run != NULL && !stamp(order, series, first, record)) {
        *fault = ROW_SECOND_FULL;
    }
    return true;
}
