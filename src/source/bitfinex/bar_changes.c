#include "source/bitfinex/bar_changes.h"

#include <stdio.h>
#include <string.h>

#include "base/text/number.h"

static void append_change(char *detail, size_t size, const char *name, double before, double now)
{
    size_t length = strlen(detail);
    if (before == now) {
        return;
    }
    char from[NUMBER_TEXT_SIZE];
    char to[NUMBER_TEXT_SIZE];
    (void)number_format(before, from);
    (void)number_format(now, to);
    const char *separator = detail[length - 1] == ':' ? "" : ",";
    (void)snprintf(detail + length, size - length, "%s %s %s -> %s", separator, name, from, to);
}

bool bar_changes_add(struct run_events *events, struct source_batch *batch, const struct bar *bar,
                     const struct known_bar *before, int64_t length_ns, int64_t now_ns)
{
    struct event *event = run_events_add(events, batch, now_ns, "bar_changed", bar->symbol);
    if (event == NULL) {
        return false;
    }
    event->begin_ns = bar->open_time_ns;
    event->end_ns = bar->open_time_ns + length_ns;
    event->number = bar->revision;
    event->has_begin_ns = event->has_end_ns = event->has_number = event->has_detail = true;
    (void)snprintf(event->detail, sizeof event->detail, "%s:", bar->timeframe);
    append_change(event->detail, sizeof event->detail, "open", before->open, bar->open);
    append_change(event->detail, sizeof event->detail, "high", before->high, bar->high);
    append_change(event->detail, sizeof event->detail, "low", before->low, bar->low);
    append_change(event->detail, sizeof event->detail, "close", before->close, bar->close);
    append_change(event->detail, sizeof event->detail, "volume", before->volume, bar->volume);
    return true;
}
