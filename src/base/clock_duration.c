/* Formats and parses durations. Pure. */
#include <stdio.h>

#include "base/clock.h"
#include "base/clock_scan.h"

static const struct {
    const char *name;
    int64_t ns;
} duration_units[] = {
    {"d", 86400 * NS_PER_SECOND},
    {"h", 3600 * NS_PER_SECOND},
    {"m", 60 * NS_PER_SECOND},
    {"s", NS_PER_SECOND},
    {"ms", NS_PER_MS},
    {"us", NS_PER_US},
    {"ns", 1},
};
enum { DURATION_UNITS = sizeof duration_units / sizeof duration_units[0] };

static int64_t unit_named(struct str name)
{
    if (name.length == 0) {
        return NS_PER_SECOND;
    }
    for (size_t i = 0; i < DURATION_UNITS; i++) {
        if (str_equal_text(name, duration_units[i].name)) {
            return duration_units[i].ns;
        }
    }
    return 0;
}

bool clock_parse_duration(struct str text, int64_t *duration_ns)
{
    /* The unit is at the end of the text, but parsing the number needs it first. */
    size_t name = text.length;
    while (name > 0 && text.data[name - 1] >= 'a' && text.data[name - 1] <= 'z') {
        name--;
    }
    int64_t unit_ns =
        unit_named((struct str){.data = text.data + name, .length = text.length - name});
    struct str number = {.data = text.data, .length = name};
    int64_t whole = 0;
    int64_t fraction_ns = 0;
    int64_t sum = 0;
    if (unit_ns == 0 || !str_to_int64(clock_take_digits(&number), &whole) ||
        !clock_take_fraction(&number, unit_ns, &fraction_ns) || number.length > 0 ||
        !clock_combine(whole, unit_ns, fraction_ns, &sum) || sum <= 0) {
        return false;
    }
    *duration_ns = sum;
    return true;
}

void clock_format_duration(int64_t duration_ns, char text[CLOCK_TEXT_SIZE])
{
    size_t unit = 0;
    while (duration_ns % duration_units[unit].ns != 0) {
        unit++; /* the loop ends at the latest with 1 ns, the last unit */
    }
    if (duration_ns == 0) {
        unit = 3; /* so that 0 is formatted as "0s" */
    }
    (void)snprintf(text, CLOCK_TEXT_SIZE, "%lld%s",
                   (long long)(duration_ns / duration_units[unit].ns), duration_units[unit].name);
}
