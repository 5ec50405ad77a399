#include "page/history/history_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "page/history/covered_times.h"
#include "page/history/history_shelf.h"
#include "record/series.h"

enum {
    WIDENING = 4,       /* how many times longer the next span is */
    DETAIL_MOST = 1000, /* bytes of a detail that are shown */
};

#define COVERED_MOST_NS (7 * NS_PER_DAY)
/* An event `covered` is written once a minute, after the time it is about. */
#define COVERED_LATE_NS (120 * NS_PER_SECOND)
#define EXACT_MOST (INT64_C(1) << 53) /* of the integers that JavaScript's numbers have */

/* How the events of a series are used. */
enum use {
    USE_NOT,     /* bookkeeping: the lists of coins, who watches the group */
    USE_COIN,    /* they are about a coin, and listed if that is a wanted one */
    USE_SHOWN,   /* they are listed */
    USE_STATE,   /* they are listed, and the last one says how things stand since then */
    USE_COVERED, /* they are joined to spans of time */
};

/* A question that is being answered. */
struct reading {
    struct store *store;
    const char *coin; /* of the events about coins only those of this one; NULL: all */
    struct series_summary *series;
    size_t series_count;
    int64_t from_ns, to_ns; /* the wanted times, within those of the stored events */
    struct history_shelf shelf;
    int64_t seen_from_ns; /* what is stored from here on was looked at */
    size_t looked;
    struct history_item *before; /* the newest event before a time, while it is searched */
    bool no_memory;
};

static enum use use_of(const char *series)
{
    static const struct {
        const char *what;
        enum use use;
    } uses[] = {
        {"watching", USE_NOT},      {"coins", USE_NOT},         {"covered", USE_COVERED},
        {"hole", USE_COIN},         {"hole_closed", USE_COIN},  {"trade_changed", USE_COIN},
        {"bar_changed", USE_COIN},  {"started", USE_STATE},     {"ended", USE_STATE},
        {"assigned", USE_STATE},    {"revoked", USE_STATE},     {"lost", USE_STATE},
        {"member_away", USE_STATE}, {"member_back", USE_STATE}, {"broker_away", USE_STATE},
        {"broker_back", USE_STATE},
    };
    struct str parts[KIND_TAGS_MAX];
    if (!series_split(&event_kind, str_from(series), parts)) {
        return USE_NOT;
    }
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        if (str_equal_text(parts[1], uses[i].what)) {
            return uses[i].use;
        }
    }
    return USE_SHOWN;
}

static int64_t last_ns_of(const struct series_summary *series)
{
    return column_int64(event_kind.time, &series->last);
}

/* Returns whether the series' events are about the coin. */
static bool is_of(const struct series_summary *series, const char *coin)
{
    struct str parts[KIND_TAGS_MAX];
    return series_split(&event_kind, str_from(series->series), parts) &&
           str_equal_text(parts[0], coin);
}

static bool is_listed(const struct reading *reading, const struct series_summary *series)
{
    enum use use = use_of(series->series);
    return use == USE_SHOWN || use == USE_STATE ||
           (use == USE_COIN && (reading->coin == NULL || is_of(series, reading->coin)));
}

/* Lists the series, and cuts the wanted times to those of the listed events. */
static bool list_series(struct reading *reading, struct error *error)
{
    int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
    if (!store_list_series(reading->store, &event_kind, &reading->series, &reading->series_count,
                           error)) {
        return false;
    }
    for (size_t i = 0; i < reading->series_count; i++) {
        const struct series_summary *series = &reading->series[i];
        if (is_listed(reading, series)) {
            first_ns = series->first_time_ns < first_ns ? series->first_time_ns : first_ns;
            last_ns = last_ns_of(series) > last_ns ? last_ns_of(series) : last_ns;
        }
    }
    if (last_ns < first_ns) { /* no event at all */
        reading->to_ns = reading->from_ns;
        return true;
    }
    reading->from_ns = first_ns > reading->from_ns ? first_ns : reading->from_ns;
    reading->to_ns = last_ns < reading->to_ns ? last_ns + 1 : reading->to_ns;
    return true;
}

/* Returns whether this program has written the event; `verify` reports others. */
static bool is_ours(const struct event *event, const struct text_arena *texts, const char *odd)
{
    return odd == NULL && event_check(event, texts) == EVENT_OK;
}

static bool take(void *context, const void *point, const struct text_arena *texts, const char *odd)
{
    struct reading *reading = context;
    reading->looked++;
    if (is_ours(point, texts, odd)) {
        reading->no_memory = !history_shelf_add(&reading->shelf, point, texts);
    }
    return !reading->no_memory;
}

static bool out_of_memory(struct error *error)
{
    return error_set(error, ERROR_RETRY, "no memory for the events");
}

/* Reads what all listed series have in [from_ns, to_ns). */
static bool read_span(struct reading *reading, int64_t from_ns, int64_t to_ns, struct error *error)
{
    for (size_t i = 0; i < reading->series_count; i++) {
        const struct series_summary *series = &reading->series[i];
        bool has_some = is_listed(reading, series) && last_ns_of(series) >= from_ns &&
                        series->first_time_ns < to_ns;
        if (has_some && !store_scan(reading->store, &event_kind, series->series, from_ns, to_ns,
                                    take, reading, error)) {
            return false;
        }
        if (reading->no_memory) {
            return out_of_memory(error);
        }
    }
    return true;
}

/* Returns the begin of the span that ends at `to_ns`, not before `first_ns`, and makes the next one
 * longer. */
static int64_t next_span(int64_t first_ns, int64_t to_ns, int64_t *span_ns)
{
    int64_t length_ns = 0;
    bool longer = __builtin_sub_overflow(to_ns, first_ns, &length_ns) || length_ns > *span_ns;
    int64_t from_ns = longer ? to_ns - *span_ns : first_ns;
    *span_ns = *span_ns < INT64_MAX / WIDENING ? *span_ns * WIDENING : *span_ns;
    return from_ns;
}

static bool read_newest(struct reading *reading, struct error *error)
{
    int64_t span_ns = NS_PER_DAY;
    reading->seen_from_ns = reading->to_ns;
    while (reading->seen_from_ns > reading->from_ns && !history_shelf_full(&reading->shelf) &&
           reading->looked < HISTORY_LOOKED_MOST) {
        int64_t from_ns = next_span(reading->from_ns, reading->seen_from_ns, &span_ns);
        if (!read_span(reading, from_ns, reading->seen_from_ns, error)) {
            return false;
        }
        reading->seen_from_ns = from_ns;
    }
    return true;
}

static void append_time(struct strbuf *json, const char *name, bool known, int64_t time_ns)
{
    char time[CLOCK_TEXT_SIZE] = "";
    if (known) {
        clock_format_rfc3339(time_ns, time);
    }
    strbuf_append_json_member(json, name, time);
}

/* Cuts a text that is too long before the character that does not fit. */
static struct str shown_part(struct str detail)
{
    if (detail.length > DETAIL_MOST) {
        detail.length = DETAIL_MOST;
        while (detail.length > 0 && ((unsigned char)detail.data[detail.length] & 0xC0) == 0x80) {
            detail.length--;
        }
    }
    return detail;
}

static void append_number(struct strbuf *json, const struct event *event)
{
    bool exact = event->number >= -EXACT_MOST && event->number <= EXACT_MOST;
    if (event->has_number) {
        strbuf_append_format(json, exact ? ",\"number\":%lld" : ",\"number\":\"%lld\"",
                             (long long)event->number);
    } else {
        strbuf_append_text(json, ",\"number\":null");
    }
}

static void append_event(struct strbuf *json, const struct history_item *item)
{
    const struct event *event = &item->event;
    strbuf_append_text(json, "{\"subject\":");
    strbuf_append_json_string(json, str_from(event->subject));
    strbuf_append_json_member(json, "what", event->what);
    append_time(json, "time", true, event->time_ns);
    strbuf_append_json_member(json, "source", event->source);
    append_time(json, "begin", event->has_begin_ns, event->begin_ns);
    append_time(json, "end", event->has_end_ns, event->end_ns);
    append_number(json, event);
    strbuf_append_text(json, ",\"detail\":");
    if (event->has_detail) {
        strbuf_append_json_string(json, shown_part(event_detail(event, &item->texts)));
    } else {
        strbuf_append_text(json, "null");
    }
    strbuf_append_char(json, '}');
}

/* Keeps the newest of the events that are passed in the order of their times. */
static bool take_before(void *context, const void *point, const struct text_arena *texts,
                        const char *odd)
{
    struct reading *reading = context;
    struct history_item *item = reading->before;
    if (is_ours(point, texts, odd)) {
        text_arena_free(&item->texts);
        item->texts = (struct text_arena){.length = 0};
        item->event = *(const struct event *)point;
        reading->no_memory = !record_move_texts(&event_kind, &item->event, texts, &item->texts);
    }
    return !reading->no_memory;
}

/* Finds the series' newest event before `to_ns`; reading->before stays without a subject if there
 * is none. */
static bool find_before(struct reading *reading, const struct series_summary *series, int64_t to_ns,
                        struct error *error)
{
    int64_t last_ns = last_ns_of(series), first_ns = series->first_time_ns;
    int64_t span_ns = NS_PER_DAY;
    bool read = true;
    if (last_ns < to_ns) {
        first_ns = last_ns;
        to_ns = last_ns + 1;
    }
    while (read && to_ns > first_ns && reading->before->event.subject[0] == '\0') {
        int64_t from_ns = next_span(first_ns, to_ns, &span_ns);
        read = store_scan(reading->store, &event_kind, series->series, from_ns, to_ns, take_before,
                          reading, error);
        to_ns = from_ns;
    }
    return read && (!reading->no_memory || out_of_memory(error));
}

/* Appends how things stood at `since_ns`: the last event before it of each series that says so. */
static bool append_before(struct reading *reading, int64_t since_ns, struct strbuf *json,
                          struct error *error)
{
    bool read = true;
    const char *separator = "";
    strbuf_append_text(json, ",\"before\":[");
    for (size_t i = 0; read && i < reading->series_count; i++) {
        const struct series_summary *series = &reading->series[i];
        struct history_item item = {.event = {.subject = ""}};
        reading->before = &item;
        if (use_of(series->series) == USE_STATE && series->first_time_ns < since_ns) {
            read = find_before(reading, series, since_ns, error);
        }
        if (read && item.event.subject[0] != '\0') {
            strbuf_append_text(json, separator);
            append_event(json, &item);
            separator = ",";
        }
        text_arena_free(&item.texts);
    }
    strbuf_append_char(json, ']');
    return read;
}

static bool take_covered(void *context, const void *point, const struct text_arena *texts,
                         const char *odd)
{
    struct covered_times *times = context;
    return !is_ours(point, texts, odd) || covered_times_add(times, point);
}

/* Appends when the sources listened in [since_ns, to_ns). */
static bool append_covered(const struct reading *reading, int64_t since_ns, int64_t to_ns,
                           struct strbuf *json, struct error *error)
{
    struct covered_times times = {.from_ns = since_ns, .to_ns = to_ns};
    int64_t late_ns = to_ns < INT64_MAX - COVERED_LATE_NS ? to_ns + COVERED_LATE_NS : INT64_MAX;
    bool read = true;
    for (size_t i = 0; read && i < reading->series_count; i++) {
        const struct series_summary *series = &reading->series[i];
        if (use_of(series->series) == USE_COVERED && last_ns_of(series) >= since_ns) {
            covered_times_next_source(&times);
            read = store_scan(reading->store, &event_kind, series->series, since_ns, late_ns,
                              take_covered, &times, error);
        }
    }
    read = read && (!times.no_memory || out_of_memory(error));
    strbuf_append_text(json, ",\"covered\":[");
    for (size_t i = 0; read && i < times.count; i++) {
        const struct covered_time *item = &times.items[i];
        strbuf_append_text(json, i > 0 ? ",{\"source\":" : "{\"source\":");
        strbuf_append_json_string(json, str_from(item->source));
        append_time(json, "from", true, item->from_ns);
        append_time(json, "to", true, item->to_ns);
        strbuf_append_format(json, ",\"every_ms\":%lld}", (long long)item->interval_ms);
    }
    strbuf_append_char(json, ']');
    covered_times_free(&times);
    return read;
}

/* Appends the events, where the next question continues, and from when on all is told. */
static bool append_answer(struct reading *reading, const struct web_history_wanted *wanted,
                          struct strbuf *json, struct error *error)
{
    size_t shown = history_shelf_page(&reading->shelf);
    bool cut = shown < reading->shelf.count || reading->seen_from_ns > reading->from_ns;
    bool full = history_shelf_full(&reading->shelf) && shown > 0;
    int64_t oldest_ns =
        full ? reading->shelf.items[shown - 1]->event.time_ns : reading->seen_from_ns;
    int64_t since_ns = cut ? oldest_ns : wanted->from_ns;
    int64_t now_ns = clock_wall_ns();
    int64_t to_ns = wanted->to_ns < now_ns ? wanted->to_ns : now_ns;
    int64_t covered_ns = 0;
    bool all = __builtin_sub_overflow(to_ns, COVERED_MOST_NS, &covered_ns);
    covered_ns = all || since_ns > covered_ns ? since_ns : covered_ns;
    strbuf_append_text(json, "{\"events\":[");
    for (size_t i = 0; i < shown; i++) {
        strbuf_append_text(json, i > 0 ? "," : "");
        append_event(json, reading->shelf.items[i]);
    }
    strbuf_append_char(json, ']');
    append_time(json, "next", cut, oldest_ns);
    append_time(json, "since", since_ns > INT64_MIN, since_ns);
    append_time(json, "covered_since", true, covered_ns);
    bool read = append_before(reading, since_ns, json, error) &&
                append_covered(reading, covered_ns, to_ns, json, error);
    strbuf_append_char(json, '}');
    return read;
}

bool history_to_json(struct store *store, const struct web_history_wanted *wanted,
                     struct strbuf *json, struct error *error)
{
    struct reading reading = {
        .store = store, .coin = wanted->coin, .from_ns = wanted->from_ns, .to_ns = wanted->to_ns};
    bool read = history_shelf_init(&reading.shelf, wanted->limit)
                    ? list_series(&reading, error) && read_newest(&reading, error) &&
                          append_answer(&reading, wanted, json, error)
                    : out_of_memory(error);
    history_shelf_free(&reading.shelf);
    free(reading.series);
    return read;
}
