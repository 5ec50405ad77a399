#include "source/bitfinex_trades/event_writer.h"

#include "base/clock.h"
#include "base/text/number.h"
#include "base/text/strbuf.h"

static struct event *begin(struct event_writer *writer, int64_t now_ns, const char *what,
                           const char *subject)
{
    return run_events_add(&writer->run, &writer->outbox->events, now_ns, what, subject);
}

/* Ends the event that begin() returned. */
static void end(struct event_writer *writer, struct event *event, struct str detail)
{
    bool ok = event != NULL && event_set_detail(event, &writer->outbox->events.texts, detail);
    outbox_added_events(writer->outbox, ok);
}

static void set_number(struct event *event, int64_t number)
{
    if (event != NULL) {
        event->has_number = true;
        event->number = number;
    }
}

void event_write(struct event_writer *writer, int64_t now_ns, const char *what, const char *subject,
                 const char *detail)
{
    end(writer, begin(writer, now_ns, what, subject), str_from(detail != NULL ? detail : ""));
}

static struct event *begin_hole(struct event_writer *writer, int64_t now_ns, const char *what,
                                const char *coin, const struct hole *hole)
{
    struct event *event = begin(writer, now_ns, what, coin);
    if (event != NULL) {
        event->has_begin_ns = true;
        event->begin_ns = hole->begin_ms * NS_PER_MS;
        event->has_end_ns = hole->end_ms != HOLE_LASTS;
        event->end_ns = event->has_end_ns ? hole->end_ms * NS_PER_MS : 0;
    }
    return event;
}

void event_write_hole(struct event_writer *writer, int64_t now_ns, const char *coin,
                      const struct hole *hole, const char *why)
{
    struct event *event = begin_hole(writer, now_ns, "hole", coin, hole);
    if (hole->last_id >= 0) {
        set_number(event, hole->last_id);
    }
    end(writer, event, str_from(why));
}

void event_write_hole_closed(struct event_writer *writer, int64_t now_ns, const char *coin,
                             const struct hole *hole, const char *how)
{
    struct event *event = begin_hole(writer, now_ns, "hole_closed", coin, hole);
    set_number(event, hole->refilled);
    end(writer, event, str_from(how));
}

void event_write_covered(struct event_writer *writer, int64_t now_ns, size_t connection,
                         int64_t begin_ns, int64_t end_ns, size_t first, size_t last)
{
    const struct run_span span = {.begin_ns = begin_ns,
                                  .end_ns = end_ns,
                                  .connection = connection,
                                  .first = first,
                                  .last = last};
    struct source_batch *events = &writer->outbox->events;
    outbox_added_events(writer->outbox, run_events_cover(&writer->run, events, now_ns, &span));
}

void event_write_coins(struct event_writer *writer, int64_t now_ns, struct str names)
{
    struct source_batch *events = &writer->outbox->events;
    outbox_added_events(writer->outbox, run_events_list(&writer->run, events, now_ns, names));
}

static void append_figures(struct strbuf *text, const struct trade_row *row)
{
    char price[NUMBER_TEXT_SIZE], amount[NUMBER_TEXT_SIZE], time[CLOCK_TEXT_SIZE];
    (void)number_format(row->price, price);
    (void)number_format(row->amount, amount);
    clock_format_rfc3339(row->time_ms * NS_PER_MS, time);
    strbuf_append_format(text, "%s for %s at %s", amount, price, time);
}

void event_write_trade_changed(struct event_writer *writer, int64_t now_ns, const char *coin,
                               const struct trade_row *was, const struct trade_row *now)
{
    struct event *event = begin(writer, now_ns, "trade_changed", coin);
    struct strbuf text = strbuf_new(LONG_TEXT_MAX);
    set_number(event, now->id);
    append_figures(&text, was);
    strbuf_append_text(&text, "; now ");
    append_figures(&text, now);
    end(writer, event, strbuf_str(&text));
    strbuf_free(&text);
}
