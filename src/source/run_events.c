#include "source/run_events.h"

#include <stdio.h>

#include "base/text/strbuf.h"

enum { NAMES_LIMIT = 1 << 20 }; /* bytes of all names of coins */

void run_events_tell(struct run_events *events, const struct event *event)
{
    event_clock_seen(&events->clock, event->time_ns);
}

struct event *run_events_add(struct run_events *events, struct source_batch *batch, int64_t now_ns,
                             const char *what, const char *subject)
{
    if (batch->count == 0) {
        source_batch_begin(batch, &event_kind, true);
    }
    struct event *event = source_batch_add(batch);
    if (event != NULL) {
        event->time_ns = event_clock_next(&events->clock, now_ns);
        event_set_subject(event, str_from(subject));
        (void)str_copy(str_from(what), event->what, sizeof event->what);
        (void)str_copy(str_from(events->source), event->source, sizeof event->source);
    }
    return event;
}

/* Takes as many names as a detail can hold from the front of `names`, a list with commas
 * between. */
static struct str take_part(struct str *names, int64_t *count)
{
    struct str part = {.data = names->data, .length = 0}, rest = *names, name = {0};
    *count = 0;
    while (str_split(&rest, ',', &name)) {
        size_t length = (size_t)(name.data + name.length - part.data);
        if (length > LONG_TEXT_MAX) {
            break;
        }
        part.length = length;
        *names = rest;
        (*count)++;
    }
    return part;
}

bool run_events_list(struct run_events *events, struct source_batch *batch, int64_t now_ns,
                     struct str names)
{
    int64_t index = 0, count = 0;
    for (struct str part = take_part(&names, &count); count > 0; part = take_part(&names, &count)) {
        struct event *event = run_events_add(events, batch, now_ns, "coins", events->source);
        if (event == NULL || !event_set_detail(event, &batch->texts, part)) {
            return false;
        }
        event->has_number = true;
        event->number = index;
        events->list_ns = index == 0 ? event->time_ns : events->list_ns;
        index += count;
    }
    return true;
}

bool run_events_coins(struct run_events *events, struct source_batch *batch, int64_t now_ns,
                      const struct coin_table *coins)
{
    struct strbuf names = strbuf_new(NAMES_LIMIT);
    for (size_t i = 0; i < coins->count; i++) {
        strbuf_append_text(&names, i > 0 ? "," : "");
        strbuf_append_text(&names, coins->coins[i].symbol);
    }
    bool ok = !names.failed && run_events_list(events, batch, now_ns, strbuf_str(&names));
    strbuf_free(&names);
    return ok;
}

bool run_events_start(struct run_events *events, struct source_batch *batch, int64_t now_ns,
                      const struct coin_table *coins)
{
    return run_events_add(events, batch, now_ns, "started", events->source) != NULL &&
           run_events_coins(events, batch, now_ns, coins);
}

bool run_events_cover(struct run_events *events, struct source_batch *batch, int64_t now_ns,
                      const struct run_span *span)
{
    char subject[RECORD_KEY_MAX + 1];
    char coins[80];
    (void)snprintf(subject, sizeof subject, "%s/%zu", events->source, span->connection);
    (void)snprintf(coins, sizeof coins, "%lld:%zu-%zu", (long long)events->list_ns, span->first,
                   span->last);
    struct event *event = run_events_add(events, batch, now_ns, "covered", subject);
    if (event == NULL || !event_set_detail(event, &batch->texts, str_from(coins))) {
        return false;
    }
    event->begin_ns = span->begin_ns;
    event->end_ns = span->end_ns;
    event->number = span->interval_ms;
    event->has_begin_ns = event->has_end_ns = event->has_number = true;
    return true;
}

bool run_events_end(struct run_events *events, struct source_batch *batch, int64_t now_ns)
{
    return run_events_add(events, batch, now_ns, "ended", events->source) != NULL;
}
