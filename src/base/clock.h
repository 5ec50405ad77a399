/* Time. Wall-clock nanoseconds count from 1970-01-01T00:00:00Z, without leap seconds (POSIX). */
#ifndef CANDLEWICK_BASE_CLOCK_H
#define CANDLEWICK_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text/str.h"

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_DAY (86400 * NS_PER_SECOND)

/* Returns the UTC calendar month that contains `time_ns`: its first nanosecond, and the one after
 * its last. A bound out of the range of int64_t is clamped. */
void clock_month_of(int64_t time_ns, int64_t *start_ns, int64_t *end_ns);

int64_t clock_wall_ns(void);
/* Returns the time of CLOCK_MONOTONIC, which never steps. Only differences between two such times
 * mean something. */
int64_t clock_monotonic_ns(void);

/* Formats "2026-11-21T09:05:00Z", with ".123", ".123456" or ".123456789" only as needed (RFC 3339).
 * Writes at most CLOCK_TEXT_SIZE bytes, NUL included. Years 1677 to 2262. */
enum { CLOCK_TEXT_SIZE = 40 };
void clock_format_rfc3339(int64_t time_ns, char text[CLOCK_TEXT_SIZE]);

/* Parses RFC 3339 with any offset ("2026-11-21T10:05:00+01:00") and common variants: a blank for
 * the T, no seconds, "+01", "+0100", "UTC" or "GMT" for the offset, blanks before it, a date alone,
 * which means its midnight UTC; but no time of day without an offset. A leap second (23:59:60 UTC)
 * becomes the second after it, as in POSIX. Also parses a whole or decimal number since the epoch,
 * also as spreadsheets write it ("1.67E+12"): up to 11 digits are seconds, 12 to 14 ms, 15 to 17
 * us, 18 and 19 ns. Returns false for any other text and for a time that is finer than a nanosecond
 * or out of range; `time_ns` is then unchanged. */
bool clock_parse_time(struct str text, int64_t *time_ns);

/* Like clock_parse_time(), but also accepts a time of day without an offset. Such a text, and a
 * date alone, means local time in the zone that is `zone_s` seconds east of UTC; *zoneless then
 * becomes true. Otherwise *zoneless is unchanged. */
bool clock_parse_time_in_zone(struct str text, int64_t zone_s, bool *zoneless, int64_t *time_ns);

/* Parses "UTC", "GMT", "Z", "+01:00", "+0100" or "-05" into seconds east of UTC. Returns false,
 * with `zone_s` unchanged, for any other text, such as the name of a place, whose offset changes
 * during the year. */
bool clock_parse_zone(struct str text, int64_t *zone_s);

/* Parses "250ms", "5s", "10m", "24h", "7d" ("us" and "ns" too), or a bare number of seconds; whole
 * or decimal ("1.5h"), exact to the nanosecond; > 0. Returns false otherwise; `duration_ns` is then
 * unchanged. */
bool clock_parse_duration(struct str text, int64_t *duration_ns);
/* Formats the duration as a whole number of the largest unit that divides it: "5m" for 300 s, "90s"
 * for 90 s. */
void clock_format_duration(int64_t duration_ns, char text[CLOCK_TEXT_SIZE]);

#endif
