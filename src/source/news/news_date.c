#include "source/news/news_date.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

enum { EPOCH_DIGITS = 9, WORDS_MAX = 8, WORD_MAX = 16 };

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
static const char weekdays[] = "montuewedthufrisatsun";
static const char *const long_names[] = {
    "january",   "february", "march",    "april",    "may",    "june",    "july",      "august",
    "september", "october",  "november", "december", "monday", "tuesday", "wednesday", "thursday",
    "friday",    "saturday", "sunday",   "sept",     "tues",   "thur",    "thurs"};

static const struct {
    const char *name, *offset;
} zones[] = {{"UT", "+00:00"},   {"UTC", "+00:00"},  {"GMT", "+00:00"},  {"Z", "+00:00"},
             {"EST", "-05:00"},  {"EDT", "-04:00"},  {"CST", "-06:00"},  {"CDT", "-05:00"},
             {"MST", "-07:00"},  {"MDT", "-06:00"},  {"PST", "-08:00"},  {"PDT", "-07:00"},
             {"WET", "+00:00"},  {"WEST", "+01:00"}, {"BST", "+01:00"},  {"CET", "+01:00"},
             {"CEST", "+02:00"}, {"EET", "+02:00"},  {"EEST", "+03:00"}, {"MSK", "+03:00"},
             {"JST", "+09:00"}};

/* The parts of a date of several words. */
struct parts {
    int day, month, year;
    char time[WORD_MAX], zone[WORD_MAX];
};

static bool is_digits(const char *word)
{
    return *word != '\0' && strspn(word, "0123456789") == strlen(word);
}

/* Returns the number of the three-letter name, counted from 1; 0: none. */
static int number_of(const char *word, const char *names)
{
    bool known = strlen(word) == 3;
    for (size_t i = 0; !known && i < sizeof long_names / sizeof long_names[0]; i++) {
        known = strcasecmp(word, long_names[i]) == 0;
    }
    for (size_t i = 0; known && names[3 * i] != '\0'; i++) {
        if (strncasecmp(word, &names[3 * i], 3) == 0) {
            return (int)i + 1;
        }
    }
    return 0;
}

static int small_number(const char *digits)
{
    int64_t value = 0;
    bool read = strlen(digits) <= 4 && str_to_int64(str_from(digits), &value);
    return read ? (int)value : -1;
}

static bool take_zone(const char *word, struct parts *parts)
{
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        if (strcasecmp(word, zones[i].name) == 0) {
            return str_copy(str_from(zones[i].offset), parts->zone, sizeof parts->zone);
        }
    }
    return (word[0] == '+' || word[0] == '-') &&
           str_copy(str_from(word), parts->zone, sizeof parts->zone);
}

/* Two digits are a year of RFC 822; which century RFC 2822, 4.3 says. */
static int year_of(const char *digits)
{
    int year = small_number(digits);
    size_t length = strlen(digits);
    return length == 2 ? year + (year < 50 ? 2000 : 1900) : length == 4 ? year : -1;
}

static bool take_word(const char *word, struct parts *parts)
{
    if (is_digits(word)) {
        int *to = parts->day == 0 && strlen(word) <= 2 ? &parts->day : &parts->year;
        bool free = *to == 0;
        *to = to == &parts->day ? small_number(word) : year_of(word);
        return free;
    }
    if (strchr(word, ':') != NULL && word[0] != '+' && word[0] != '-') {
        return parts->time[0] == '\0' && str_copy(str_from(word), parts->time, sizeof parts->time);
    }
    if (parts->month == 0 && number_of(word, months) > 0) {
        parts->month = number_of(word, months);
        return true;
    }
    bool first = parts->day == 0 && parts->month == 0;
    return (first && number_of(word, weekdays) > 0) ||
           (parts->zone[0] == '\0' && take_zone(word, parts));
}

/* Takes the words apart: blanks and commas separate them, and hyphens do in "06-Nov-94". What is in
 * parentheses is a comment (RFC 822). */
static bool take_words(struct str text, struct parts *parts)
{
    char word[WORD_MAX] = "";
    size_t length = 0;
    for (size_t i = 0; i <= text.length; i++) {
        char c = i < text.length ? text.data[i] : ' ';
        if (c == '(') {
            const char *end = memchr(text.data + i, ')', text.length - i);
            i = end != NULL ? (size_t)(end - text.data) : text.length;
            c = ' ';
        }
        bool hyphen = c == '-' && length > 0 && strchr(word, ':') == NULL;
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || hyphen) {
            if (length > 0 && !take_word(word, parts)) {
                return false;
            }
            length = 0;
        } else if (c == '\0' || length + 1 == sizeof word) {
            return false;
        } else {
            word[length++] = c;
        }
        word[length] = '\0';
    }
    return parts->day > 0 && parts->month > 0 && parts->year > 0;
}

static bool parse_words(struct str text, int64_t *time_ns)
{
    struct parts parts = {.day = 0};
    char iso[80];
    if (!take_words(text, &parts)) {
        return false;
    }
    bool short_hour = parts.time[0] != '\0' && parts.time[1] == ':';
    (void)snprintf(iso, sizeof iso, "%04d-%02d-%02dT%s%s%s", parts.year, parts.month, parts.day,
                   short_hour ? "0" : "", parts.time[0] != '\0' ? parts.time : "00:00",
                   parts.zone[0] != '\0' ? parts.zone : "+00:00");
    return clock_parse_time(str_from(iso), time_ns);
}

/* Returns whether the text is a number of too few digits for a time: a year, or a mistake. */
static bool is_short_number(struct str text)
{
    size_t digits = 0;
    for (size_t i = 0; i < text.length; i++) {
        bool digit = text.data[i] >= '0' && text.data[i] <= '9';
        if (!digit && text.data[i] != '.' && text.data[i] != '+' && text.data[i] != '-' &&
            text.data[i] != 'e' && text.data[i] != 'E') {
            return false;
        }
        digits += digit ? 1 : 0;
    }
    return digits < EPOCH_DIGITS && memchr(text.data, '-', text.length) == NULL;
}

bool news_date_parse(struct str text, int64_t *second)
{
    int64_t time_ns = 0;
    bool zoneless = false;
    text = str_trim(text);
    if (text.length == 0 || is_short_number(text) ||
        (!clock_parse_time_in_zone(text, 0, &zoneless, &time_ns) && !parse_words(text, &time_ns))) {
        return false;
    }
    *second = time_ns / NS_PER_SECOND - (time_ns % NS_PER_SECOND < 0 ? 1 : 0);
    return true;
}
