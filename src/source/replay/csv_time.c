#include "source/replay/csv_time.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "source/replay/csv_zone.h"

enum {
    TEXT_MAX = 64,  /* most bytes of a time that is written anew */
    DATE_TEXT = 10, /* "2024-01-02" */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool all_digits(struct str text, size_t length)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!is_digit(text.data[i])) {
            return false;
        }
    }
    return text.length == length;
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + text[1] - '0';
}

/* Returns whether the text is a day like 20240102, which as a number would be a second of 1970. */
static bool is_day_number(struct str text)
{
    if (!all_digits(text, 8)) {
        return false;
    }
    int century = two_digits(text.data), month = two_digits(text.data + 4);
    int day = two_digits(text.data + 6);
    return (century == 19 || century == 20) && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* A time that is put together anew. */
struct made_text {
    char data[TEXT_MAX];
    size_t length;
};

static bool append(struct made_text *made, const char *data, size_t length)
{
    if (length > TEXT_MAX - made->length) {
        return false;
    }
    memcpy(made->data + made->length, data, length);
    made->length += length;
    return true;
}

/* Appends the date; a day number is written as a date. */
static bool append_date(struct made_text *made, struct str date)
{
    if (!is_day_number(date)) {
        return append(made, date.data, date.length);
    }
    return append(made, date.data, 4) && append(made, "-", 1) && append(made, date.data + 4, 2) &&
           append(made, "-", 1) && append(made, date.data + 6, 2);
}

/* Appends a time of day, "093000" as "09:30:00". */
static bool append_time_of_day(struct made_text *made, struct str text)
{
    if (!all_digits(text, 6)) {
        return append(made, " ", 1) && append(made, text.data, text.length);
    }
    return append(made, " ", 1) && append(made, text.data, 2) && append(made, ":", 1) &&
           append(made, text.data + 2, 2) && append(made, ":", 1) && append(made, text.data + 4, 2);
}

/* Returns whether the text ends with AM or PM, and removes that with what is before it, a blank or
 * a hyphen. */
static bool take_half_of_day(struct str *text, bool *afternoon)
{
    if (text->length < 4) {
        return false;
    }
    const char *end = text->data + text->length;
    char half = end[-2], m = end[-1];
    *afternoon = half == 'P' || half == 'p';
    if ((m != 'M' && m != 'm') || (!*afternoon && half != 'A' && half != 'a')) {
        return false;
    }
    text->length -= 2;
    while (text->length > 0 &&
           (text->data[text->length - 1] == ' ' || text->data[text->length - 1] == '-')) {
        text->length--;
    }
    return true;
}

/* Writes "2024-01-02 03" or "2024-01-02 3:30" of the afternoon as "2024-01-02 15:30". */
static bool append_half_day(struct made_text *made, struct str text, bool afternoon)
{
    if (text.length < DATE_TEXT + 2 || !append(made, text.data, DATE_TEXT)) {
        return false;
    }
    struct str rest = {.data = text.data + DATE_TEXT + 1, .length = text.length - DATE_TEXT - 1};
    size_t digits = rest.length > 1 && is_digit(rest.data[1]) ? 2 : 1;
    if (!is_digit(rest.data[0])) {
        return false;
    }
    int hour = digits == 2 ? two_digits(rest.data) : rest.data[0] - '0';
    if (hour < 1 || hour > 12) {
        return false;
    }
    char shown[8];
    (void)snprintf(shown, sizeof shown, " %02d", hour % 12 + (afternoon ? 12 : 0));
    rest.data += digits;
    rest.length -= digits;
    return append(made, shown, 3) &&
           (rest.length > 0 ? append(made, rest.data, rest.length) : append(made, ":00", 3));
}

static bool parse(struct str text, int64_t *time_ns)
{
    bool zoneless = false;
    return clock_parse_time_in_zone(text, 0, &zoneless, time_ns);
}

/* Returns whether the column for the time of day tells all, as in "2024-01-02,2024-01-02 09:30": a
 * moment of about that day. */
static bool is_whole(struct str date, struct str time_of_day)
{
    struct made_text made = {.length = 0};
    int64_t day_ns = 0, time_ns = 0, between_ns = 0;
    date.length = date.length > DATE_TEXT ? DATE_TEXT : date.length;
    return append_date(&made, date) &&
           parse((struct str){.data = made.data, .length = made.length}, &day_ns) &&
           parse(time_of_day, &time_ns) && !__builtin_sub_overflow(time_ns, day_ns, &between_ns) &&
           between_ns > -2 * NS_PER_DAY && between_ns < 2 * NS_PER_DAY;
}

/* Returns whether the time is midnight of a date, whatever its zone. */
static bool is_midnight(struct str text)
{
    static const char midnight[] = "00:00";
    const size_t length = sizeof midnight - 1;
    if (text.length <= DATE_TEXT + length || text.data[4] != '-' ||
        memcmp(text.data + DATE_TEXT + 1, midnight, length) != 0) {
        return false;
    }
    struct str rest = {.data = text.data + DATE_TEXT + 1 + length,
                       .length = text.length - DATE_TEXT - 1 - length};
    return rest.length < 3 || rest.data[0] != ':' || memcmp(rest.data + 1, "00", 2) == 0;
}

/* Finds the moment of a text that clock_parse_time_in_zone() accepts. */
static bool find_moment(struct str text, const struct csv_zone *zone, struct csv_time *time)
{
    if (!clock_parse_time_in_zone(text, zone->named ? 0 : zone->east_s, &time->zoneless,
                                  &time->time_ns)) {
        return false;
    }
    return !zone->named || !time->zoneless ||
           csv_zone_to_utc(time->time_ns, &time->time_ns, &time->again_ns);
}

bool csv_time_parse(const struct csv_time_text *text, const struct csv_zone *zone,
                    struct csv_time *time)
{
    struct made_text made = {.length = 0};
    struct str given = text->time;
    bool afternoon = false;
    *time = (struct csv_time){.time_ns = 0};
    if (given.length == 0) {
        return false;
    }
    if (text->time_of_day.length > 0 && is_whole(given, text->time_of_day)) {
        given = text->time_of_day;
    } else if (text->time_of_day.length > 0) {
        if (!append_date(&made, given) || !append_time_of_day(&made, text->time_of_day)) {
            return false;
        }
        given = (struct str){.data = made.data, .length = made.length};
    } else if (is_day_number(given)) {
        if (!text->date_column || !append_date(&made, given)) {
            return false;
        }
        given = (struct str){.data = made.data, .length = made.length};
    } else if (take_half_of_day(&given, &afternoon)) {
        if (!append_half_day(&made, given, afternoon)) {
            return false;
        }
        given = (struct str){.data = made.data, .length = made.length};
    }
    if (text->whole_days && is_midnight(given) && parse(given, &time->time_ns)) {
        given.length = DATE_TEXT;
    }
    bool day = text->whole_days && given.length == DATE_TEXT && given.data[4] == '-';
    bool found = find_moment(given, day ? &(struct csv_zone){.east_s = 0} : zone, time);
    time->zoneless = time->zoneless && !day;
    return found;
}
