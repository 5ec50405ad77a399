#include "terminal/sparkline.h"

#include <math.h>

static const char *const levels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇"};
enum { LEVELS = sizeof levels / sizeof levels[0] };

/* Returns the last known value of [from, to); NAN if there is none. */
static double last_known(const double *values, size_t from, size_t to)
{
    double last = NAN;
    for (size_t i = from; i < to; i++) {
        last = isnan(values[i]) ? last : values[i];
    }
    return last;
}

void sparkline_append(const double *values, size_t count, size_t columns, struct strbuf *text)
{
    double low = INFINITY, high = -INFINITY;
    columns = columns < count ? columns : count;
    for (size_t i = 0; i < columns; i++) {
        double value = last_known(values, i * count / columns, (i + 1) * count / columns);
        low = isnan(value) ? low : fmin(low, value);
        high = isnan(value) ? high : fmax(high, value);
    }
    for (size_t i = 0; i < columns; i++) {
        double value = last_known(values, i * count / columns, (i + 1) * count / columns);
        double share = high > low ? (value - low) / (high - low) : 0.5;
        bool known = isfinite(value) && isfinite(share);
        strbuf_append_text(text, known ? levels[lround(share * (LEVELS - 1))] : " ");
    }
}
