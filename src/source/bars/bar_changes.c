#include "source/bars/bar_changes.h"

#include <string.h>

#include "base/text/number.h"
#include "base/text/strbuf.h"

static void append_change(struct strbuf *detail, const char *name, double before, double now)
{
    char from[NUMBER_TEXT_SIZE];
    char to[NUMBER_TEXT_SIZE];
    if (before == now) {
        return;
    }
    (void)number_format(before, from);
    (void)number_format(now, to);
    const char *separator = strchr(strbuf_text(detail), ' ') == NULL ? "" : ",";
    strbuf_append_format(detail, "%s %s %s -> %s", separator, name, from, to);
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
    event->has_begin_ns = event->has_end_ns = event->has_number = true;
    struct strbuf detail = strbuf_new(LONG_TEXT_MAX);
    strbuf_append_format(&detail, "%s:", bar->timeframe);
    append_change(&detail, "open", before->open, bar->open);
    append_change(&detail, "high", before->high, bar->high);
    append_change(&detail, "low", before->low, bar->low);
    append_change(&detail, "close", before->close, bar->close);
    append_change(&detail, "volume", before->volume, bar->volume);
    append_change(&detail, "quote_volume", before->quote_volume, bar->quote_volume);
    append_change(&detail, "trades", (double)before->trades, (double)bar->trades);
    bool ok = !detail.failed && event_set_detail(event, &batch->texts, strbuf_str(&detail));
    strbuf_free(&detail);
    return ok;
}
