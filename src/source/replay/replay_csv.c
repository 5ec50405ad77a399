#include "source/replay/replay_csv.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Removes a quoted field, up to the comma, from the front of `rest`, which starts with the
 * quote. */
static bool take_quoted(struct str *rest, struct str *field)
{
    const char *at = rest->data + 1;
    const char *end = rest->data + rest->length;
    field->data = at;
    while (at < end && (*at != '"' || (at + 1 < end && at[1] == '"'))) {
        at += *at == '"' ? 2 : 1;
    }
    if (at >= end) {
        return false;
    }
    /* Doubled quotes are not undoubled: no valid symbol, time or number has one. */
    field->length = (size_t)(at - field->data);
    at++;
    while (at < end && is_blank(*at)) {
        at++;
    }
    *rest = (struct str){.data = at, .length = (size_t)(end - at)};
    return at == end || *at == ',';
}

bool csv_take_field(struct str *rest, struct str *field)
{
    const char *at = rest->data;
    const char *end = rest->data + rest->length;
    while (at < end && is_blank(*at)) {
        at++;
    }
    if (at < end && *at == '"') {
        *rest = (struct str){.data = at, .length = (size_t)(end - at)};
        return take_quoted(rest, field);
    }
    const char *start = at;
    const char *comma = at < end ? memchr(at, ',', (size_t)(end - at)) : NULL;
    at = comma != NULL ? comma : end;
    *rest = (struct str){.data = at, .length = (size_t)(end - at)};
    while (at > start && is_blank(at[-1])) {
        at--;
    }
    *field = (struct str){.data = start, .length = (size_t)(at - start)};
    return true;
}

static void skip_comma(struct str *rest)
{
    rest->data++;
    rest->length--;
}

bool csv_split(const struct csv_layout *layout, struct str line, struct csv_fields *fields)
{
    memset(fields->column, 0, (size_t)layout->column_count * sizeof fields->column[0]);
    for (int i = 0; i < layout->count; i++) {
        if (i > 0) {
            if (line.length == 0) {
                return false;
            }
            skip_comma(&line);
        }
        if (!csv_take_field(&line, &fields->column[layout->column[i]])) {
            return false;
        }
    }
    return line.length == 0;
}

/* 19 digits fit into the mantissa. */
enum { DIGITS_MAX = 19 };

static const char *read_digits(const char *at, const char *end, uint64_t *mantissa)
{
    while (at < end && *at >= '0' && *at <= '9') {
        *mantissa = *mantissa * 10 + (uint64_t)(*at++ - '0');
    }
    return at;
}

static const uint64_t powers_of_ten[DIGITS_MAX + 1] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

/* Returns mantissa / 10^fraction, rounded once; the mantissa is above 0. The quotient times 2^shift
 * has at least 63 bits. Its lowest bit is set if anything remains, so that the conversion to a
 * double, to nearest and of ties to even, rounds as that of the exact quotient would. */
static double divide(uint64_t mantissa, int fraction)
{
    __extension__ typedef unsigned __int128 wide;
    const int shift = 64 + __builtin_clzll(mantissa);
    const wide dividend = (wide)mantissa << shift;
    wide quotient = dividend / powers_of_ten[fraction];
    quotient |= quotient * powers_of_ten[fraction] != dividend ? 1 : 0;
    return ldexp((double)quotient, -shift);
}

/* Parses a decimal of at most DIGITS_MAX digits as strtod does. While its mantissa and power of ten
 * are both exact doubles, one division rounds once (Clinger 1990). Returns false for all other
 * text, number or not. */
static bool quick_number(struct str text, double *value)
{
    const char *at = text.data;
    const char *end = text.data + text.length;
    bool negative = at < end && *at == '-';
    uint64_t mantissa = 0;
    at += negative ? 1 : 0;
    const char *whole = at;
    at = read_digits(at, end, &mantissa);
    ptrdiff_t digits = at - whole;
    int fraction = 0;
    if (at < end && *at == '.') {
        const char *point = at;
        at = read_digits(at + 1, end, &mantissa);
        fraction = (int)(at - point - 1);
        digits += fraction;
    }
    if (at != end || digits == 0 || digits > DIGITS_MAX) {
        return false;
    }
    double size = mantissa <= UINT64_C(1) << DBL_MANT_DIG
                      ? (double)mantissa / (double)powers_of_ten[fraction]
                      : divide(mantissa, fraction);
    *value = negative ? -size : size;
    return true;
}

bool csv_number(struct str text, double *value)
{
    /* On x87, which computes with more bits, the division would round twice. */
    bool exact = FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 1;
    return (exact && quick_number(text, value)) || str_to_double(text, value);
}

/* Compares in any case. */
static bool equals(struct str field, const char *word)
{
    return field.length == strlen(word) && strncasecmp(field.data, word, field.length) == 0;
}

/* Returns whether the field is one of the words that programs and spreadsheets write for "no
 * value". */
static bool says_none(struct str field)
{
    static const char *const words[] = {"null", "nan", "n/a", "#n/a", "na", "none", "\\N"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (equals(field, words[i])) {
            return true;
        }
    }
    return false;
}

/* What a column's value is called when it is wrong. */
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

/* Returns whether the field is a day like 20240102, which as a number would be a second of 1970. */
static bool is_day_number(struct str field)
{
    if (field.length != 8) {
        return false;
    }
    for (size_t i = 0; i < field.length; i++) {
        if (field.data[i] < '0' || field.data[i] > '9') {
            return false;
        }
    }
    const char *text = field.data;
    int century = (text[0] - '0') * 10 + text[1] - '0';
    int month = (text[4] - '0') * 10 + text[5] - '0';
    int day = (text[6] - '0') * 10 + text[7] - '0';
    return (century == 19 || century == 20) && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static bool read_field(const struct csv_layout *layout, const struct form_column *item,
                       struct str field, struct csv_zone *zone, void *record)
{
    const struct record_kind *kind = layout->form->kind;
    int64_t whole = 0;
    double number = 0;
    switch (item->column->type) {
    case COLUMN_TEXT:
        return (item->column != kind->key || kind->tags[0].valid(field)) &&
               column_set_text(item->column, record, field);
    case COLUMN_INT64:
        if (item->column == kind->moment
                ? is_day_number(field) ||
                      !clock_parse_time_in_zone(field, zone->east_s, &zone->needed, &whole)
                : !str_to_int64(field, &whole)) {
            return false;
        }
        whole = item->column == kind->moment ? cut_time(layout->form, whole) : whole;
        column_set_int64(item->column, record, whole);
        return true;
    case COLUMN_DOUBLE:
        if (!csv_number(field, &number)) {
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

enum row_fault csv_read(const struct csv_layout *layout, const struct csv_fields *fields,
                        struct csv_zone *zone, void *record)
{
    const struct record_kind *kind = layout->form->kind;
    for (int i = 0; i < layout->column_count; i++) {
        const struct form_column *item = &layout->columns[i];
        struct str field = fields->column[i];
        if (field.length == 0 && !item->needed) {
            continue; /* also when the file does not have the column */
        }
        bool nullable = item->column->present_offset != COLUMN_REQUIRED;
        if (!read_field(layout, item, field, zone, record) && !(nullable && says_none(field))) {
            return fault_of(layout, item);
        }
    }
    if (column_text(kind->source, record).length == 0) {
        (void)column_set_text(kind->source, record, str_from("replay"));
    }
    record_complete(kind, record);
    const char *reason = kind->check(record, NULL);
    return reason == NULL ? ROW_FAULTS : row_fault_of(reason);
}
