/*
 * Numbers, times and durations as text. Input: eight bytes of a value, then the text.
 *
 * What is read has the bits that the C library reads from the same text, by each of our readers;
 * what is written reads back as the same bits. What is refused leaves the value alone.
 */
#include <errno.h>
#include <math.h>

#include "base/clock.h"
#include "base/text/number.h"
#include "fuzz/fuzz.h"
#include "source/replay/replay_csv.h"

/* strtod() knows more: hex, infinities, blanks before. */
static void check_double(struct str text, const char *ended)
{
    double value = 0.5, quick = 0.5;
    bool read = str_to_double(text, &value);
    MUST(csv_number(text, &quick) == read && same_bits(value, quick));
    if (!read) {
        MUST(same_bits(value, 0.5));
        return;
    }
    char *end;
    MUST(isfinite(value) && strlen(ended) == text.length);
    MUST(same_bits(strtod(ended, &end), value) && *end == '\0');
}

static void check_int64(struct str text, const char *ended)
{
    int64_t value = 77;
    char *end;
    errno = 0;
    long long theirs = strtoll(ended, &end, 10);
    if (str_to_int64(text, &value)) {
        MUST(errno == 0 && *end == '\0' && end == ended + text.length && theirs == value);
    } else {
        bool digits = strspn(ended, "0123456789") == text.length && text.length > 0;
        MUST(value == 77 && (!digits || errno == ERANGE));
    }
}

static void check_time(struct str text)
{
    char again[CLOCK_TEXT_SIZE];
    int64_t time_ns = 77, back_ns = 0;
    if (!clock_parse_time(text, &time_ns)) {
        MUST(time_ns == 77);
        return;
    }
    clock_format_rfc3339(time_ns, again);
    MUST(clock_parse_time(str_from(again), &back_ns) && back_ns == time_ns);
}

static void check_duration(struct str text)
{
    char again[CLOCK_TEXT_SIZE];
    int64_t duration_ns = 77, back_ns = 0;
    if (!clock_parse_duration(text, &duration_ns)) {
        MUST(duration_ns == 77);
        return;
    }
    MUST(duration_ns > 0);
    clock_format_duration(duration_ns, again);
    MUST(clock_parse_duration(str_from(again), &back_ns) && back_ns == duration_ns);
}

static void check_value(int64_t bits)
{
    char text[CLOCK_TEXT_SIZE];
    _Static_assert((int)CLOCK_TEXT_SIZE >= (int)NUMBER_TEXT_SIZE, "both fit");
    double value, back;
    int64_t time_ns;
    clock_format_rfc3339(bits, text);
    MUST(clock_parse_time(str_from(text), &time_ns) && time_ns == bits);
    memcpy(&value, &bits, sizeof value);
    if (isfinite(value)) {
        MUST(number_format(value, text) == strlen(text) && strlen(text) < NUMBER_TEXT_SIZE);
        MUST(str_to_double(str_from(text), &back) && same_bits(back, value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    int64_t bits;
    fuzz_bytes(&in, &bits, sizeof bits);
    struct str text = fuzz_rest(&in);
    char *ended = fuzz_text(text);
    check_value(bits);
    check_double(text, ended);
    check_int64(text, ended);
    check_time(text);
    check_duration(text);
    free(ended);
    return 0;
}
