#include "source/run_events.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

void run_events_tell(struct run_events *events, const struct event *event)
{
    events->newest_ns = event->time_ns > events->newest_ns ? event->time_ns : events->newest_ns;
}

struct event run_events_make(struct run_events *events, int64_t now_ns, const char *what,
                             const char *subject)
{
    struct event event = {0};
    int64_t time_ns = now_ns - now_ns % NS_PER_MS;
    event.time_ns = time_ns > events->newest_ns ? time_ns : events->newest_ns + 1;
    events->newest_ns = event.time_ns;
    event_set_subject(&event, str_from(subject));
    (void)str_copy(str_from(what), event.what, sizeof event.what);
    (void)str_copy(str_from(events->source), event.source, sizeof event.source);
    return event;
}

struct event run_events_make_covered(struct run_events *events, int64_t now_ns, size_t connection,
                                     const struct run_span *span)
{
    char subject[RECORD_KEY_MAX + 1];
    (void)snprintf(subject, sizeof subject, "%s/%zu", events->source, connection);
    struct event event = run_events_make(events, now_ns, "covered", subject);
    event.begin_ns = span->begin_ns;
    event.end_ns = span->end_ns;
    event.number = span->interval_ms;
    event.has_begin_ns = event.has_end_ns = event.has_number = event.has_detail = true;
    (void)snprintf(event.detail, sizeof event.detail, "%lld:%zu-%zu", (long long)events->list_ns,
                   span->first, span->last);
    return event;
}

/* Returns room for one more event; an empty batch is begun. */
static struct event *room_in(struct source_batch *batch)
{
    if (batch->count == 0) {
        source_batch_begin(batch, &event_kind, true);
    }
    return source_batch_add(batch);
}

struct event *run_events_add(struct run_events *events, struct source_batch *batch, int64_t now_ns,
                             const char *what, const char *subject)
{
    struct event *event = room_in(batch);
    if (event != NULL) {
        *event = run_events_make(events, now_ns, what, subject);
    }
    return event;
}

/* Adds the coins from `first` on that fit into one event, and sets *next to the first that does
 * not. */
static bool add_coins(struct run_events *events, struct source_batch *batch, int64_t now_ns,
                      const struct coin_table *coins, size_t first, size_t *next)
{
    struct event *event = run_events_add(events, batch, now_ns, "coins", events->source);
    if (event == NULL) {
        return false;
    }
    size_t length = 0;
    size_t i = first;
    while (i < coins->count) {
        const char *symbol = coins->coins[i].symbol;
        if (length + 1 + strlen(symbol) > EVENT_DETAIL_MAX) {
            break;
        }
        length += (size_t)snprintf(event->detail + length, sizeof event->detail - length, "%s%s",
                                   i > first ? "," : "", symbol);
        i++;
    }
    event->has_detail = event->has_number = true;
    event->number = (int64_t)first;
    events->list_ns = first == 0 ? event->time_ns : events->list_ns;
    *next = i;
    return true;
}

bool run_events_start(struct run_events *events, struct source_batch *batch, int64_t now_ns,
                      const struct coin_table *coins)
{
    bool ok = run_events_add(events, batch, now_ns, "started", events->source) != NULL;
    for (size_t i = 0; ok && i < coins->count;) {
        ok = add_coins(events, batch, now_ns, coins, i, &i);
    }
    return ok;
}

bool run_events_cover(struct run_events *events, struct source_batch *batch, int64_t now_ns,
                      const struct run_span *span)
{
    struct event *event = room_in(batch);
    if (event != NULL) {
        *event = run_events_make_covered(events, now_ns, 0, span);
    }
    return event != NULL;
}

bool run_events_end(struct run_events *events, struct source_batch *batch, int64_t now_ns)
{
    return run_events_add(events, batch, now_ns, "ended", events->source) != NULL;
}
