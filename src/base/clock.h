/* Time. Wall-clock nanoseconds are since 1970-01-01T00:00:00Z, without leap seconds (POSIX). */
#ifndef CANDLEWICK_BASE_CLOCK_H
#define CANDLEWICK_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text/str.h"

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_SECOND INT64_C(1000000000)

/* The calendar month of UTC that `time_ns` lies in: its first nanosecond, and one past its last. A
 * bound beyond what 64 bits can say is the nearest that they can. */
void clock_month_of(int64_t time_ns, int64_t *start_ns, int64_t *end_ns);

int64_t clock_wall_ns(void);
/* Never steps; only differences mean something. */
int64_t clock_monotonic_ns(void);

/* "2026-11-21T09:05:00Z", with ".123", ".123456" or ".123456789" only as far as needed (RFC 3339).
 * `text` takes at most CLOCK_TEXT_SIZE bytes, NUL included. Years 1677 to 2262. */
enum { CLOCK_TEXT_SIZE = 40 };
void clock_format_rfc3339(int64_t time_ns, char text[CLOCK_TEXT_SIZE]);

/* RFC 3339 with any offset ("2026-11-21T10:05:00+01:00"), and what programs write for it: a blank
 * for the T, no seconds, "+01", "+0100", "UTC" or "GMT" for the offset, blanks before it, a date
 * alone, which is its midnight UTC; but not a time of day without an offset. A leap second
 * (23:59:60 UTC) is the second after it, as in POSIX.
 * Or a whole or decimal number since the epoch, also as spreadsheets write it ("1.67E+12"): up to
 * 11 digits are seconds, 12 to 14 ms, 15 to 17 us, 18 and 19 ns. False when it is neither, finer
 * than a nanosecond or out of range; `time_ns` is kept then. */
bool clock_parse_time(struct str text, int64_t *time_ns);

/* The same; but where the text has no offset, also a date alone, it is a time `zone_s` seconds east
 * of UTC, and *zoneless is set; else it is left alone. */
bool clock_parse_time_in_zone(struct str text, int64_t zone_s, bool *zoneless, int64_t *time_ns);

/* "UTC", "GMT", "Z", "+01:00", "+0100" or "-05", in seconds east of UTC. False, and `zone_s` kept:
 * it is none, such as the name of a place, whose offset changes in the course of a year. */
bool clock_parse_zone(struct str text, int64_t *zone_s);

/* "250ms", "5s", "10m", "24h", "7d" ("us" and "ns" too), or a bare number of seconds; whole or
 * decimal ("1.5h"), exact to the nanosecond; > 0. False otherwise; `duration_ns` is kept then. */
bool clock_parse_duration(struct str text, int64_t *duration_ns);
/* A whole number of the largest unit that divides it: 300 s gives "5m", 90 s gives "90s". */
void clock_format_duration(int64_t duration_ns, char text[CLOCK_TEXT_SIZE]);

#endif
