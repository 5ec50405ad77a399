#include "source/bitfinex_trades/event_writer.h"

#include "base/clock.h"
#include "base/text/number.h"
#include "base/text/strbuf.h"

static void set_number(struct event *event, int64_t number)
{
    event->has_number = true;
    event->number = number;
}

void event_write(struct event_writer *writer, int64_t now_ns, const char *what, const char *subject,
                 const char *detail)
{
    struct event event = run_events_make(&writer->run, now_ns, what, subject);
    event_set_detail(&event, str_from(detail != NULL ? detail : ""));
    outbox_add_event(writer->outbox, &event);
}

static struct event begin_hole(struct event_writer *writer, int64_t now_ns, const char *what,
                               const char *coin, const struct hole *hole)
{
    struct event event = run_events_make(&writer->run, now_ns, what, coin);
    event.has_begin_ns = true;
    event.begin_ns = hole->begin_ms * NS_PER_MS;
    event.has_end_ns = hole->end_ms != HOLE_LASTS;
    event.end_ns = event.has_end_ns ? hole->end_ms * NS_PER_MS : 0;
    return event;
}

void event_write_hole(struct event_writer *writer, int64_t now_ns, const char *coin,
                      const struct hole *hole, const char *why)
{
    struct event event = begin_hole(writer, now_ns, "hole", coin, hole);
    if (hole->last_id >= 0) {
        set_number(&event, hole->last_id);
    }
    event_set_detail(&event, str_from(why));
    outbox_add_event(writer->outbox, &event);
}

void event_write_hole_closed(struct event_writer *writer, int64_t now_ns, const char *coin,
                             const struct hole *hole, const char *how)
{
    struct event event = begin_hole(writer, now_ns, "hole_closed", coin, hole);
    set_number(&event, hole->refilled);
    event_set_detail(&event, str_from(how));
    outbox_add_event(writer->outbox, &event);
}

void event_write_covered(struct event_writer *writer, int64_t now_ns, size_t connection,
                         int64_t begin_ns, int64_t end_ns, size_t first, size_t last)
{
    const struct run_span span = {
        .begin_ns = begin_ns, .end_ns = end_ns, .first = first, .last = last};
    struct event event = run_events_make_covered(&writer->run, now_ns, connection, &span);
    outbox_add_event(writer->outbox, &event);
}

/* Returns the length of the longest part of a list, cut before a comma, that a detail holds. */
static size_t part_length(struct str names)
{
    size_t length = names.length < EVENT_DETAIL_MAX ? names.length : EVENT_DETAIL_MAX;
    while (length < names.length && length > 0 && names.data[length] != ',') {
        length--;
    }
    return length;
}

void event_write_coins(struct event_writer *writer, int64_t now_ns, struct str names)
{
    int64_t index = 0;
    writer->run.list_ns = 0;
    while (names.length > 0) {
        struct str part = {names.data, part_length(names)};
        struct event event = run_events_make(&writer->run, now_ns, "coins", BITFINEX_TRADES_NAME);
        set_number(&event, index);
        (void)str_copy(part, event.detail, sizeof event.detail);
        event.has_detail = true;
        outbox_add_event(writer->outbox, &event);
        writer->run.list_ns = index == 0 ? event.time_ns : writer->run.list_ns;
        for (size_t i = 0; i < part.length; i++) {
            index += part.data[i] == ',';
        }
        index++;
        size_t used = part.length < names.length ? part.length + 1 : part.length;
        names = (struct str){names.data + used, names.length - used};
    }
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
    struct event event = run_events_make(&writer->run, now_ns, "trade_changed", coin);
    struct strbuf text = strbuf_new(EVENT_DETAIL_MAX);
    set_number(&event, now->id);
    append_figures(&text, was);
    strbuf_append_text(&text, "; now ");
    append_figures(&text, now);
    event_set_detail(&event, strbuf_str(&text));
    strbuf_free(&text);
    outbox_add_event(writer->outbox, &event);
}
