/* Formats and parses times. Pure: uses no time zone of the machine, no locale and no clock. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/clock_scan.h"

#define SECONDS_PER_DAY INT64_C(86400)

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar. Years are counted from
 * March, so that the leap day is a year's last; an era is the 400 years after which the calendar
 * repeats. */
static int64_t days_from_date(int64_t year, int month, int day)
{
    year -= month <= 2 ? 1 : 0;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct date {
    int64_t year;
    int month, day;
};

static struct date date_from_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    struct date date = {
        .month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9),
        .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
    date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
    return date;
}

/* Returns midnight of a date, clamped to the range of int64_t. */
static int64_t midnight_ns(int64_t year, int month, int day)
{
    int64_t time_ns = 0;
    if (__builtin_mul_overflow(days_from_date(year, month, day), SECONDS_PER_DAY * NS_PER_SECOND,
                               &time_ns)) {
        return year < 1970 ? INT64_MIN : INT64_MAX;
    }
    return time_ns;
}

void clock_month_of(int64_t time_ns, int64_t *start_ns, int64_t *end_ns)
{
    const int64_t day_ns = SECONDS_PER_DAY * NS_PER_SECOND;
    int64_t days = time_ns / day_ns - (time_ns % day_ns < 0 ? 1 : 0);
    struct date date = date_from_days(days);
    bool december = date.month == 12;
    *start_ns = midnight_ns(date.year, date.month, 1);
    *end_ns =
        december ? midnight_ns(date.year + 1, 1, 1) : midnight_ns(date.year, date.month + 1, 1);
}

void clock_format_rfc3339(int64_t time_ns, char text[CLOCK_TEXT_SIZE])
{
    int64_t seconds = time_ns / NS_PER_SECOND;
    int64_t fraction = time_ns % NS_PER_SECOND;
    if (fraction < 0) {
        fraction += NS_PER_SECOND;
        seconds--;
    }
    int64_t days = seconds / SECONDS_PER_DAY;
    int64_t second_of_day = seconds % SECONDS_PER_DAY;
    if (second_of_day < 0) {
        second_of_day += SECONDS_PER_DAY;
        days--;
    }
    struct date date = date_from_days(days);
    int length = snprintf(text, CLOCK_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", (int)date.year,
                          date.month, date.day, (int)(second_of_day / 3600),
                          (int)(second_of_day / 60 % 60), (int)(second_of_day % 60));
    char *end = text + length;
    size_t room = CLOCK_TEXT_SIZE - (size_t)length;
    if (fraction == 0) {
        (void)snprintf(end, room, "Z");
    } else if (fraction % NS_PER_MS == 0) {
        (void)snprintf(end, room, ".%03dZ", (int)(fraction / NS_PER_MS));
    } else if (fraction % NS_PER_US == 0) {
        (void)snprintf(end, room, ".%06dZ", (int)(fraction / NS_PER_US));
    } else {
        (void)snprintf(end, room, ".%09dZ", (int)fraction);
    }
}

static bool parse_epoch(struct str text, int64_t *time_ns)
{
    static const struct {
        size_t digits;
        int64_t unit_ns;
    } scales[] = {{11, NS_PER_SECOND}, {14, NS_PER_MS}, {17, NS_PER_US}, {19, 1}};

    struct str signed_whole = {.data = text.data, .length = 0};
    bool negative = clock_take_char(&text, '-');
    struct str digits = clock_take_digits(&text);
    signed_whole.length = digits.length + (negative ? 1 : 0);
    int64_t whole = 0;
    if (!str_to_int64(signed_whole, &whole)) {
        return false;
    }
    size_t scale = 0;
    while (digits.length > scales[scale].digits) {
        if (++scale == sizeof scales / sizeof scales[0]) {
            return false;
        }
    }
    int64_t fraction_ns = 0;
    if (!clock_take_fraction(&text, scales[scale].unit_ns, &fraction_ns) || text.length > 0) {
        return false;
    }
    return clock_combine(whole, scales[scale].unit_ns, negative ? -fraction_ns : fraction_ns,
                         time_ns);
}

/* Reads a date such as "2026-11-21", which must exist in the calendar. */
static bool take_date(struct str *rest, int64_t *days)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 0;
    int month = 0;
    int day = 0;
    if (!clock_take_field(rest, 4, 0, 9999, &year) || !clock_take_char(rest, '-') ||
        !clock_take_field(rest, 2, 1, 12, &month) || !clock_take_char(rest, '-') ||
        !clock_take_field(rest, 2, 1, 31, &day)) {
        return false;
    }
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > month_days[month - 1] + (month == 2 && leap ? 1 : 0)) {
        return false;
    }
    *days = days_from_date(year, month, day);
    return true;
}

static bool take_word(struct str *rest, const char *word)
{
    size_t length = strlen(word);
    if (rest->length < length || strncasecmp(rest->data, word, length) != 0) {
        return false;
    }
    rest->data += length;
    rest->length -= length;
    return true;
}

/* Reads the "01:30", "0130" or "01" that follows the sign. */
static bool take_hours(struct str *rest, bool west, int64_t *offset_s)
{
    int hours = 0;
    int minutes = 0;
    if (!clock_take_field(rest, 2, 0, 23, &hours)) {
        return false;
    }
    if (rest->length > 0) {
        (void)clock_take_char(rest, ':');
        if (!clock_take_field(rest, 2, 0, 59, &minutes)) {
            return false;
        }
    }
    *offset_s = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

/* Reads an offset from UTC up to the end of the text; *there is false when there is none. */
static bool take_offset(struct str *rest, int64_t *offset_s, bool *there)
{
    while (clock_take_char(rest, ' ')) {
    }
    *offset_s = 0;
    *there = rest->length > 0;
    if (!*there || take_word(rest, "UTC") || take_word(rest, "GMT") || take_word(rest, "Z")) {
        return rest->length == 0;
    }
    bool west = clock_take_char(rest, '-');
    return (west || clock_take_char(rest, '+')) && take_hours(rest, west, offset_s) &&
           rest->length == 0;
}

bool clock_parse_zone(struct str text, int64_t *zone_s)
{
    int64_t offset_s = 0;
    bool there = false;
    if (!take_offset(&text, &offset_s, &there) || !there) {
        return false;
    }
    *zone_s = offset_s;
    return true;
}

/* Reads "09:05:00.5" or "09:05" as the time since midnight. */
static bool take_time_of_day(struct str *rest, int64_t *seconds, int64_t *fraction_ns)
{
    int hour = 0;
    int minute = 0;
    int second = 0;
    *fraction_ns = 0;
    if (!clock_take_field(rest, 2, 0, 23, &hour) || !clock_take_char(rest, ':') ||
        !clock_take_field(rest, 2, 0, 59, &minute)) {
        return false;
    }
    if (clock_take_char(rest, ':') && (!clock_take_field(rest, 2, 0, 60, &second) ||
                                       !clock_take_fraction(rest, NS_PER_SECOND, fraction_ns))) {
        return false;
    }
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

/* `zone_s` applies to a text without an offset. */
static bool parse_calendar(struct str text, int64_t zone_s, bool *zoneless, int64_t *time_ns)
{
    int64_t days = 0;
    int64_t second_of_day = 0;
    int64_t fraction_ns = 0;
    int64_t offset_s = 0;
    bool has_offset = false;
    if (!take_date(&text, &days)) {
        return false;
    }
    bool leap_second = false;
    if (text.length > 0) {
        if (!clock_take_char(&text, 'T') && !clock_take_char(&text, 't') &&
            !clock_take_char(&text, ' ')) {
            return false;
        }
        leap_second = text.length >= 8 && str_starts_with((struct str){text.data + 5, 3}, ":60");
        if (!take_time_of_day(&text, &second_of_day, &fraction_ns) ||
            !take_offset(&text, &offset_s, &has_offset)) {
            return false;
        }
    }
    int64_t seconds = days * SECONDS_PER_DAY + second_of_day - (has_offset ? offset_s : zone_s);
    /* Leap seconds occur only before midnight UTC. */
    if ((leap_second && seconds % SECONDS_PER_DAY != 0) ||
        !clock_combine(seconds, NS_PER_SECOND, fraction_ns, time_ns)) {
        return false;
    }
    *zoneless = *zoneless || !has_offset;
    return true;
}

/* Parses "1.67E+12", which is how a spreadsheet shows a number since the epoch. */
static bool parse_scientific(struct str text, int64_t *time_ns)
{
    double value = 0;
    char digits[24];
    if (memchr(text.data, 'e', text.length) == NULL &&
        memchr(text.data, 'E', text.length) == NULL) {
        return false;
    }
    if (!str_to_double(text, &value) || !(fabs(value) < 0x1p53) || value != trunc(value)) {
        return false;
    }
    (void)snprintf(digits, sizeof digits, "%lld", (long long)value);
    return parse_epoch(str_from(digits), time_ns);
}

bool clock_parse_time_in_zone(struct str text, int64_t zone_s, bool *zoneless, int64_t *time_ns)
{
    return parse_calendar(text, zone_s, zoneless, time_ns) || parse_epoch(text, time_ns) ||
           (text.length > 0 && parse_scientific(text, time_ns));
}

bool clock_parse_time(struct str text, int64_t *time_ns)
{
    enum { DATE_LENGTH = 10 };
    bool zoneless = false;
    int64_t value_ns = 0;
    if (!clock_parse_time_in_zone(text, 0, &zoneless, &value_ns) ||
        (zoneless && text.length > DATE_LENGTH)) {
        return false;
    }
    *time_ns = value_ns;
    return true;
}
