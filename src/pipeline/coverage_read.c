#include "pipeline/coverage_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "record/event.h"
#include "record/series.h"
#include "record/ticker.h"

/* Indexes of the parts of an event's series, in the order of event_kind's tags. */
enum { PART_SUBJECT, PART_WHAT };

struct reading {
    struct coverage *coverage;
    bool any;
    bool no_memory;
};

static bool take_point(void *context, const void *point, const struct text_arena *texts,
                       const char *odd)
{
    struct reading *reading = context;
    const struct event *event = point;
    /* Skip what this program would not have written into the table; `verify` reports it. */
    if (odd != NULL || event_check(event, texts) != EVENT_OK) {
        return true;
    }
    reading->any = reading->any || strcmp(event->source, reading->coverage->source) == 0;
    reading->no_memory = !coverage_add(reading->coverage, event, event_detail(event, texts));
    return !reading->no_memory;
}

/* Returns whether the series may have events that matter for the coverage. *bounded becomes true if
 * only events that were written since the beginning of the time range can matter, because an event
 * is written after its span. */
static bool is_wanted(const struct coverage *coverage, const char *series, bool *bounded)
{
    struct str parts[KIND_TAGS_MAX];
    if (!series_split(&event_kind, str_from(series), parts)) {
        return false;
    }
    struct str subject = parts[PART_SUBJECT], what = parts[PART_WHAT];
    *bounded = str_equal_text(what, "covered");
    if (*bounded) {
        size_t length = strlen(coverage->source);
        return subject.length > length && subject.data[length] == '/' &&
               memcmp(subject.data, coverage->source, length) == 0;
    }
    if (str_equal_text(what, "coins")) {
        return str_equal_text(subject, coverage->source);
    }
    return str_equal_text(subject, coverage->coin) &&
           (str_equal_text(what, "hole") || str_equal_text(what, "hole_closed"));
}

static bool read_series(struct store *store, const char *series, int64_t from_ns,
                        struct reading *reading, struct error *error)
{
    bool bounded = false;
    if (!is_wanted(reading->coverage, series, &bounded)) {
        return true;
    }
    return store_scan(store, &event_kind, series, bounded ? from_ns : INT64_MIN, INT64_MAX,
                      take_point, reading, error) &&
           (!reading->no_memory || error_set(error, ERROR_FATAL, "out of memory"));
}

bool coverage_read(struct store *store, const char *source, const char *coin, int64_t from_ns,
                   struct coverage *coverage, bool *any, struct error *error)
{
    struct series_summary *list = NULL;
    size_t count = 0;
    struct reading reading = {.coverage = coverage};
    *coverage = coverage_begin(source, coin);
    bool read = store_list_series(store, &event_kind, &list, &count, error);
    for (size_t i = 0; read && i < count; i++) {
        read = read_series(store, list[i].series, from_ns, &reading, error);
    }
    free(list);
    *any = reading.any;
    read = read && (coverage_conclude(coverage) || error_set(error, ERROR_FATAL, "out of memory"));
    if (!read) {
        coverage_free(coverage);
    }
    return read;
}

void coverage_source(const struct record_kind *kind, struct str service,
                     char source[SOURCE_MAX + 1])
{
    int length = service.length < SOURCE_MAX ? (int)service.length : SOURCE_MAX;
    bool ticks = kind == &ticker_kind;
    bool synthetic = str_equal_text(service, "synthetic");
    (void)snprintf(source, SOURCE_MAX + 1, "%.*s%s%s", length, service.data, ticks ? "" : "-",
                   ticks ? "" : (synthetic ? kind->name : kind->records));
}
