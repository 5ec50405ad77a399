/*
 * Retry-After and Date. Input: eight bytes of what the time is, then the header's value up to a
 * NUL.
 *
 * The wait is never negative and never longer than asked for: as many whole seconds as the digits
 * say, or until the date, rounded up to a millisecond; for garbage and the past none. A backoff
 * that is told of it waits no longer than its cap of 60 s, and at least as long as asked for below
 * that. A date that is read is written back the same, but for its weekday and a leap second.
 */
#include <limits.h>
#include <time.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/http/http_client.h"
#include "fuzz/fuzz.h"

enum { CAP_MS = 60000, BASE_MS = 100 };

/* The wait that digits alone ask for; -1 when the value is not digits between blanks. */
static int64_t digits_ms(const char *value)
{
    size_t start = strspn(value, " \t\r\n");
    size_t digits = strspn(value + start, "0123456789");
    size_t end = strspn(value + start + digits, " \t\r\n");
    if (digits == 0 || value[start + digits + end] != '\0') {
        return -1;
    }
    int64_t ms = 0;
    for (size_t i = 0; i < digits && ms < INT_MAX; i++) {
        ms = ms * 10 + (value[start + i] - '0') * 1000;
    }
    return ms < INT_MAX ? ms : INT_MAX;
}

/* A wait that came of a date ends at it, or less than a millisecond later. */
static void check_until(const char *value, int64_t now_ns, int wait_ms)
{
    char *date = fuzz_text(str_trim(str_from(value)));
    int64_t date_ns = 0;
    int64_t end_ns = now_ns + wait_ms * NS_PER_MS;
    MUST(http_parse_date(date, &date_ns));
    MUST(end_ns >= date_ns || wait_ms == INT_MAX);
    MUST(end_ns - date_ns < NS_PER_MS);
    free(date);
}

static void check_wait(const char *value, int64_t now_ns)
{
    int wait_ms = http_parse_retry_after_ms(value, now_ns);
    int64_t asked_ms = digits_ms(value);
    MUST(wait_ms >= 0);
    if (asked_ms >= 0) {
        MUST(wait_ms == asked_ms);
    } else if (wait_ms > 0) {
        check_until(value, now_ns, wait_ms);
    }
    struct backoff backoff = backoff_new(BASE_MS, CAP_MS, random_seeded(1));
    for (int i = 0; i < 12; i++) {
        int pause_ms = backoff_next_ms(&backoff, wait_ms);
        MUST(pause_ms >= BASE_MS && pause_ms <= CAP_MS);
        MUST(pause_ms >= (wait_ms < CAP_MS ? wait_ms : CAP_MS));
    }
}

static void check_date(const char *value)
{
    int64_t time_ns = -1;
    if (!http_parse_date(value, &time_ns)) {
        MUST(time_ns == -1);
        return;
    }
    char again[32];
    struct tm parts;
    time_t seconds = (time_t)(time_ns / NS_PER_SECOND);
    MUST(time_ns >= 0 && time_ns % NS_PER_SECOND == 0 && gmtime_r(&seconds, &parts) != NULL);
    MUST(strftime(again, sizeof again, "%a, %d %b %Y %H:%M:%S GMT", &parts) == strlen(value));
    bool leap = memcmp(value + 23, "60", 2) == 0;
    MUST(leap || strcmp(again + 3, value + 3) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    int64_t now_ns;
    fuzz_bytes(&in, &now_ns, sizeof now_ns);
    /* From 1970 to 2116, so that no wait leads out of what 64 bits hold. */
    now_ns &= INT64_MAX >> 1;
    char *value = fuzz_text(fuzz_piece(&in));
    check_wait(value, now_ns);
    check_date(value);
    free(value);
    return 0;
}
