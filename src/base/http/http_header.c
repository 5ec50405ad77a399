/* The pure parts of HTTP: dates, Retry-After, percent-encoding. */
#include <limits.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/http/http_client.h"

/* Returns the two digits at `text` as a number, or -1. */
static int two_digits(const char *text)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') {
        return -1;
    }
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* Returns the index of three letters in a list of such triples, or -1. */
static int triple_index(const char *letters, const char *triples)
{
    for (int i = 0; triples[i * 3] != '\0'; ++i) {
        if (memcmp(letters, triples + i * 3, 3) == 0) {
            return i;
        }
    }
    return -1;
}

bool http_parse_date(const char *value, int64_t *time_ns)
{
    static const char shape[] = "Www, dd Mmm yyyy hh:mm:ss GMT";
    if (value == NULL || strlen(value) != sizeof shape - 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof shape - 1; ++i) {
        if (strchr(" ,:GT", shape[i]) != NULL && value[i] != shape[i]) {
            return false;
        }
    }
    int century = two_digits(value + 12);
    int year = two_digits(value + 14);
    struct tm asked = {
        .tm_wday = triple_index(value, "SunMonTueWedThuFriSat"),
        .tm_mday = two_digits(value + 5),
        .tm_mon = triple_index(value + 8, "JanFebMarAprMayJunJulAugSepOctNovDec"),
        .tm_hour = two_digits(value + 17),
        .tm_min = two_digits(value + 20),
        .tm_sec = two_digits(value + 23),
    };
    if (century < 0 || year < 0 || asked.tm_wday < 0 || asked.tm_mday < 1 || asked.tm_mon < 0 ||
        asked.tm_hour < 0 || asked.tm_hour > 23 || asked.tm_min < 0 || asked.tm_min > 59 ||
        asked.tm_sec < 0 || asked.tm_sec > 60 || value[26] != 'G' || value[27] != 'M') {
        return false;
    }
    asked.tm_year = century * 100 + year - 1900;
    struct tm real = asked;
    time_t seconds = timegm(&real);
    /* timegm() turns 31 February into 3 March: a date that moved is invalid. */
    if (real.tm_mon != asked.tm_mon || seconds < 0 || seconds > INT64_MAX / NS_PER_SECOND) {
        return false;
    }
    *time_ns = (int64_t)seconds * NS_PER_SECOND;
    return true;
}

/* Parses any number of digits as seconds; returns milliseconds, at most INT_MAX, or -1 for any
 * other text. */
static int seconds_to_ms(struct str text)
{
    if (text.length == 0) {
        return -1;
    }
    int64_t ms = 0;
    for (size_t i = 0; i < text.length; ++i) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return -1;
        }
        ms = ms * 10 + (text.data[i] - '0') * 1000;
        if (ms > INT_MAX) {
            ms = INT_MAX; /* the rest must still be digits */
        }
    }
    return (int)ms;
}

int http_parse_retry_after_ms(const char *value, int64_t now_ns)
{
    if (value == NULL) {
        return 0;
    }
    struct str text = str_trim(str_from(value));
    int ms = seconds_to_ms(text);
    if (ms >= 0) {
        return ms;
    }
    char date[32];
    int64_t until_ns;
    if (!str_copy(text, date, sizeof date) || !http_parse_date(date, &until_ns) ||
        until_ns <= now_ns) {
        return 0;
    }
    int64_t wait_ms = (until_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
    return wait_ms > INT_MAX ? INT_MAX : (int)wait_ms;
}

void http_append_escaped(struct strbuf *buf, struct str text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.length; ++i) {
        unsigned char c = (unsigned char)text.data[i];
        bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                          (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~", c) != NULL);
        if (unreserved) {
            strbuf_append_char(buf, (char)c);
        } else {
            char escaped[3] = {'%', digits[c >> 4], digits[c & 15]};
            strbuf_append(buf, escaped, sizeof escaped);
        }
    }
}
