#include "source/replay/replay_csv.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "record/bar.h"
#include "source/replay/csv_file_name.h"

#define DAY_NS (86400 * NS_PER_SECOND)

bool csv_split(const struct csv_layout *layout, struct str line, struct csv_fields *fields)
{
    memset(fields->column, 0, (size_t)layout->column_count * sizeof fields->column[0]);
    fields->column[CSV_TIME_OF_DAY] = (struct str){0};
    for (int i = 0; i < layout->count; i++) {
        if (i > 0) {
            if (line.length == 0) {
                return false;
            }
            line.data++; /* the separator */
            line.length--;
        }
        if (!csv_take_field(layout->style.separator, &line, &fields->column[layout->column[i]])) {
            return false;
        }
    }
    for (int i = 0; i < layout->given_count; i++) {
        fields->column[layout->given[i].column] = str_from(layout->given[i].value);
    }
    return line.length == 0;
}

/* Compares in any case. */
static bool equals(struct str field, const char *word)
{
    return field.length == strlen(word) && strncasecmp(field.data, word, field.length) == 0;
}

/* Returns the fault of a wrong value in the column. */
static enum row_fault fault_of(const struct csv_layout *layout, const struct form_column *item)
{
    const struct record_kind *kind = layout->form->kind;
    if (item->column == kind->key) {
        return ROW_BAD_SYMBOL;
    }
    if (item->column == kind->moment) {
        return ROW_BAD_TIME;
    }
    char reason[COLUMN_NAME_MAX + 8];
    (void)snprintf(reason, sizeof reason, "bad_%s", item->name);
    enum row_fault fault = row_fault_of(reason);
    return fault == ROW_BAD_FIGURE && item->needed ? ROW_BAD_PRICE : fault;
}

/* Cuts a time, towards the past, to what the kind can hold of it. */
static int64_t cut_time(const struct replay_form *form, int64_t time_ns)
{
    int64_t step_ns = form->time_step_ns > 0 ? form->time_step_ns : 1;
    int64_t over_ns = time_ns % step_ns;
    over_ns += over_ns < 0 ? step_ns : 0;
    return time_ns >= INT64_MIN + step_ns ? time_ns - over_ns : time_ns;
}

/* Returns whether the bars of that timeframe begin with a day. */
static bool has_whole_days(const struct csv_layout *layout, const struct csv_fields *fields)
{
    char timeframe[BAR_TIMEFRAME_MAX + 1];
    int64_t length_ns = 0;
    return layout->timeframe >= 0 &&
           csv_timeframe_of(fields->column[layout->timeframe], timeframe) &&
           bar_timeframe_find(str_from(timeframe), &length_ns) &&
           (length_ns == 0 || length_ns >= DAY_NS);
}

static bool read_moment(const struct csv_layout *layout, const struct csv_fields *fields,
                        struct str field, struct csv_reading *reading, int64_t *time_ns)
{
    const struct csv_time_text text = {
        .time = field,
        .time_of_day = fields->column[CSV_TIME_OF_DAY],
        .date_column = layout->has_dates,
        .whole_days = has_whole_days(layout, fields),
    };
    struct csv_time time;
    if (!csv_time_parse(&text, &reading->zone, &time)) {
        return false;
    }
    reading->zone_needed = reading->zone_needed || time.zoneless;
    reading->again_ns = time.again_ns;
    *time_ns = cut_time(layout->form, time.time_ns);
    return true;
}

struct str csv_symbol(struct str field, char plain[RECORD_KEY_MAX + 1])
{
    const char *slash = field.length > 0 ? memchr(field.data, '/', field.length) : NULL;
    if (slash == NULL || field.length > RECORD_KEY_MAX) {
        return field;
    }
    size_t before = (size_t)(slash - field.data);
    memcpy(plain, field.data, before);
    memcpy(plain + before, slash + 1, field.length - before - 1);
    return (struct str){.data = plain, .length = field.length - 1};
}

static bool read_symbol(const struct record_kind *kind, struct str field,
                        struct csv_reading *reading, void *record)
{
    char plain[RECORD_KEY_MAX + 1];
    struct str symbol = csv_symbol(field, plain);
    reading->slash_dropped = reading->slash_dropped || symbol.length != field.length;
    return kind->tags[0].valid(symbol) && column_set_text(kind->key, record, symbol);
}

/* Reads another text: a source, or a timeframe, also as Stooq writes it (D, 60). */
static bool read_text(const struct csv_layout *layout, int index, struct str field, void *record)
{
    char timeframe[BAR_TIMEFRAME_MAX + 1];
    if (index == layout->timeframe && csv_timeframe_of(field, timeframe)) {
        field = str_from(timeframe);
    }
    return column_set_text(layout->columns[index].column, record, field);
}

static bool read_field(const struct csv_layout *layout, const struct csv_fields *fields, int index,
                       struct csv_reading *reading, void *record)
{
    const struct record_kind *kind = layout->form->kind;
    const struct form_column *item = &layout->columns[index];
    struct str field = fields->column[index];
    int64_t whole = 0;
    double number = 0;
    switch (item->column->type) {
    case COLUMN_TEXT:
        return item->column == kind->key ? read_symbol(kind, field, reading, record)
                                         : read_text(layout, index, field, record);
    case COLUMN_INT64:
        if (item->column == kind->moment ? !read_moment(layout, fields, field, reading, &whole)
                                         : !str_to_int64(field, &whole)) {
            return false;
        }
        column_set_int64(item->column, record, whole);
        return true;
    case COLUMN_DOUBLE:
        if (!csv_number_in(&layout->style, field, &number)) {
            return false;
        }
        column_set_double(item->column, record, number);
        return true;
    case COLUMN_BOOL:
        if (!equals(field, "true") && !equals(field, "false")) {
            return false;
        }
        column_set_bool(item->column, record, equals(field, "true"));
        return true;
    case COLUMN_LONG_TEXT: /* no form has one */
        break;
    }
    return false;
}

/* Returns whether no price of the row has a value. */
static bool has_no_price(const struct csv_layout *layout, const struct csv_fields *fields)
{
    for (int i = 0; i < layout->column_count; i++) {
        if (layout->columns[i].column->type == COLUMN_DOUBLE && layout->columns[i].needed &&
            !csv_says_none(fields->column[i])) {
            return false;
        }
    }
    return true;
}

/* Returns whether volume * a price of the bar can be the quote volume: their quotient is the mean
 * price, weighted by volume. A hundredth is allowed for, as files round both. */
static bool is_mean_price(const struct bar *bar, double quote_volume, double volume)
{
    double mean = quote_volume / volume;
    return mean >= bar->low * 0.99 && mean <= bar->high * 1.01;
}

static void put_volumes_right(struct bar *bar, struct csv_reading *reading)
{
    if (!bar->has_volume || !bar->has_quote_volume || bar->volume <= 0 || bar->quote_volume <= 0 ||
        is_mean_price(bar, bar->quote_volume, bar->volume) ||
        !is_mean_price(bar, bar->volume, bar->quote_volume)) {
        return;
    }
    double volume = bar->volume;
    bar->volume = bar->quote_volume;
    bar->quote_volume = volume;
    reading->volumes_swapped++;
}

static enum row_fault read_columns(const struct csv_layout *layout, const struct csv_fields *fields,
                                   struct csv_reading *reading, void *record)
{
    for (int i = 0; i < layout->column_count; i++) {
        const struct form_column *item = &layout->columns[i];
        struct str field = fields->column[i];
        if (field.length == 0 && !item->needed) {
            continue; /* also when the file does not have the column */
        }
        bool nullable = item->column->present_offset != COLUMN_REQUIRED;
        if (!read_field(layout, fields, i, reading, record) &&
            !(nullable && csv_says_none(field))) {
            return fault_of(layout, item);
        }
    }
    return ROW_FAULTS;
}

enum row_fault csv_read(const struct csv_layout *layout, const struct csv_fields *fields,
                        struct csv_reading *reading, void *record)
{
    const struct record_kind *kind = layout->form->kind;
    reading->again_ns = 0;
    enum row_fault fault = read_columns(layout, fields, reading, record);
    if (fault != ROW_FAULTS) {
        bool empty = fault == ROW_BAD_PRICE && layout->form->empty_rows;
        return empty && has_no_price(layout, fields) ? ROW_NO_PRICE : fault;
    }
    if (column_text(kind->source, record).length == 0) {
        const char *source = reading->source != NULL ? reading->source : "replay";
        (void)column_set_text(kind->source, record, str_from(source));
    }
    if (kind == &bar_kind) {
        put_volumes_right(record, reading);
    }
    record_complete(kind, record);
    const char *reason = kind->check(record, NULL);
    return reason == NULL ? ROW_FAULTS : row_fault_of(reason);
}

bool csv_read_time(const struct csv_layout *layout, const struct csv_fields *fields,
                   struct csv_reading *reading, int64_t *time_ns)
{
    for (int i = 0; i < layout->column_count; i++) {
        if (layout->columns[i].column == layout->form->kind->moment) {
            return read_moment(layout, fields, fields->column[i], reading, time_ns);
        }
    }
    return false;
}
