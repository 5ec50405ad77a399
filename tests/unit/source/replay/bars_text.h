/* The bars of a replay as text, to be compared. */
#ifndef CANDLEWICK_TESTS_BARS_TEXT_H
#define CANDLEWICK_TESTS_BARS_TEXT_H

#include "record/bar.h"
#include "replay_fixture.h"

enum { TEXT_SIZE = 4096 };

/* Writes the bars one a line: symbol timeframe time open high low close volume quote_volume
 * trades; "-" stands for a figure that is null. */
static inline void describe(const struct played *played, char text[TEXT_SIZE])
{
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < played->all.count; i++) {
        const struct bar *bar = (const struct bar *)played->all.records + i;
        char time[CLOCK_TEXT_SIZE], volume[32] = "-", quote_volume[32] = "-", trades[32] = "-";
        clock_format_rfc3339(bar->open_time_ns, time);
        if (bar->has_volume) {
            (void)snprintf(volume, sizeof volume, "%.10g", bar->volume);
        }
        if (bar->has_quote_volume) {
            (void)snprintf(quote_volume, sizeof quote_volume, "%.10g", bar->quote_volume);
        }
        if (bar->has_trades) {
            (void)snprintf(trades, sizeof trades, "%lld", (long long)bar->trades);
        }
        length += (size_t)snprintf(text + length, TEXT_SIZE - length,
                                   "%s %s %s %.10g %.10g %.10g %.10g %s %s %s\n", bar->symbol,
                                   bar->timeframe, time, bar->open, bar->high, bar->low, bar->close,
                                   volume, quote_volume, trades);
        assert_true(length < TEXT_SIZE);
    }
}

#endif
