#include "base/text/tone.h"

static const char *const begins[TONE_COUNT] = {
    [TONE_PLAIN] = "",           [TONE_GOOD] = "\033[32m",  [TONE_BAD] = "\033[31m",
    [TONE_WAITING] = "\033[33m", [TONE_STRONG] = "\033[1m", [TONE_FAINT] = "\033[2m",
    [TONE_CHOSEN] = "\033[7m",
};

const char *tone_begin(enum tone tone, bool colour)
{
    bool is_colour = tone == TONE_GOOD || tone == TONE_BAD || tone == TONE_WAITING;
    return is_colour && !colour ? "" : begins[tone];
}

const char *tone_end(enum tone tone, bool colour)
{
    return tone_begin(tone, colour)[0] != '\0' ? "\033[0m" : "";
}
