#include "store/store.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text/strbuf.h"
#include "record/bar.h"
#include "record/series.h"
#include "store/backend.h"

bool store_no_memory(struct error *error)
{
    return error_set(error, ERROR_RETRY, "no memory left for the store's answer");
}

bool store_set_text(char **text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        *text = NULL; /* after a failure vasprintf() leaves it undefined */
    }
    return length >= 0;
}

void store_close(struct store *store)
{
    if (store != NULL) {
        char *name = store->name;
        store->backend->close(store);
        free(name);
    }
}

void store_note_emptied(struct store *store, const char *why)
{
    atomic_store(&store->emptied_ns, clock_wall_ns());
    log_error("store_emptied", log_text("store", store->name), log_text("reason", why),
              log_text("remedy", "candlewick replay --since TIME writes it again from the topic"));
}

int64_t store_emptied_ns(const struct store *store)
{
    return atomic_load(&store->emptied_ns);
}

void store_rest(struct store *store)
{
    if (store->backend->rest != NULL) {
        store->backend->rest(store);
    }
}

bool store_check(struct store *store, struct error *error)
{
    return store->backend->check == NULL || store->backend->check(store, error);
}

bool store_any(struct store *store, const struct record_kind *kind, bool *any, struct error *error)
{
    return store->backend->any(store, kind, any, error);
}

bool store_expect_points(struct store *store, const struct record_kind *kind, int64_t committed,
                         bool *empty, struct error *error)
{
    bool any = true;
    if (!store_any(store, kind, &any, error)) {
        return false;
    }
    *empty = !any;
    if (*empty) {
        char why[160];
        (void)snprintf(why, sizeof why,
                       "it holds nothing, but the group has committed %lld messages",
                       (long long)committed);
        store_note_emptied(store, why);
    }
    return true;
}

const char *store_name(const struct store *store)
{
    return store->name;
}

bool store_prepare(struct store *store, struct error *error)
{
    if (store->read_only) {
        return error_set(error, ERROR_USAGE, "%s was opened for reading only", store->name);
    }
    return store->backend->prepare(store, error);
}

bool store_admit(const struct record_set *records, size_t index, struct rejected_list *rejected,
                 bool *admitted, struct error *error)
{
    const char *fault = records->kind->check(record_set_at(records, index), records->texts);
    *admitted = fault == NULL;
    return *admitted || rejected_list_add(rejected, index, fault) || store_no_memory(error);
}

bool store_write(struct store *store, const struct record_set *records,
                 struct rejected_list *rejected, struct error *error)
{
    rejected_list_clear(rejected);
    struct error failure = {.kind = ERROR_NONE};
    if (store->read_only) {
        (void)error_set(&failure, ERROR_RETRY, "%s was opened for reading only", store->name);
    } else if (store->backend->write(store, records, rejected, &failure)) {
        return true;
    }
    /* The next attempt will reject these records again. */
    rejected_list_clear(rejected);
    failure.kind = failure.kind == ERROR_FATAL ? ERROR_FATAL : ERROR_RETRY;
    if (error != NULL) {
        *error = failure;
    }
    return false;
}

/* Checks a series; the error quotes the rule that it breaks:
 * "is no coin: [A-Za-z0-9:._^=-]{1,64}". */
static bool check_series(const struct record_kind *kind, const char *series, struct error *error)
{
    struct str parts[KIND_TAGS_MAX];
    if (series_split(kind, str_from(series), parts)) {
        return true;
    }
    struct strbuf rule = strbuf_new(sizeof error->text);
    for (size_t i = 0; i < kind->tag_count; i++) {
        const struct record_tag *tag = &kind->tags[i];
        strbuf_append_format(&rule, "%s%s: [%s]{%d,%d}", i > 0 ? ", " : "",
                             column_stored_name(tag->column), tag->class, tag->least, tag->most);
    }
    (void)error_set(error, ERROR_REJECT, "\"%.60s\" is no %s", series, strbuf_text(&rule));
    strbuf_free(&rule);
    return false;
}

bool store_candles(struct store *store, const struct candle_query *query,
                   struct candle_list *candles, struct error *error)
{
    if (!check_series(query->kind, query->series, error)) {
        return false;
    }
    if (query->interval_ns <= 0) {
        return error_set(error, ERROR_REJECT, "a candle's interval must be above 0");
    }
    if (query->limit > STORE_CANDLES_MAX) {
        return error_set(error, ERROR_REJECT, "at most %d candles at once", STORE_CANDLES_MAX);
    }
    struct candle_query aligned = *query;
    if (query->from_ns >= query->to_ns) {
        return true;
    }
    if (!query->cut) {
        aligned.from_ns = candle_bucket_start(query->from_ns, query->interval_ns);
        aligned.to_ns = candle_bucket_end(query->to_ns - 1, query->interval_ns);
    }
    size_t before = candles->count;
    bool ok = store->backend->candles(store, &aligned, candles, error);
    if (ok && candles->count - before > STORE_CANDLES_MAX) {
        ok = error_set(error, ERROR_REJECT,
                       "more than %d candles of %s: ask for a shorter time or a longer interval",
                       STORE_CANDLES_MAX, query->series);
    }
    if (!ok) {
        candles->count = before; /* never return a partial answer */
    }
    return ok;
}

bool store_add_candle(struct candle_list *candles, const struct candle *candle, struct error *error)
{
    return candle_list_add(candles, candle) || store_no_memory(error);
}

struct series_summary *store_add_series(const struct record_kind *kind,
                                        struct series_summary **list, size_t *count,
                                        const char *series, struct error *error)
{
    /* The capacity doubles whenever the count is a power of two. */
    if ((*count & (*count - 1)) == 0) {
        size_t room = *count == 0 ? 1 : *count * 2;
        struct series_summary *grown = reallocarray(*list, room, sizeof *grown);
        if (grown == NULL) {
            (void)store_no_memory(error);
            return NULL;
        }
        *list = grown;
    }
    struct series_summary *summary = &(*list)[*count];
    memset(summary, 0, sizeof *summary);
    (void)str_copy(str_from(series), summary->series, sizeof summary->series);
    (void)series_set(kind, str_from(series), &summary->last);
    *count += 1;
    return summary;
}

bool store_list_series(struct store *store, const struct record_kind *kind,
                       struct series_summary **list, size_t *count, struct error *error)
{
    *list = NULL;
    *count = 0;
    if (store->backend->list_series(store, kind, list, count, error)) {
        return true;
    }
    free(*list);
    *list = NULL;
    *count = 0;
    return false;
}

bool store_price_at(struct store *store, const struct record_kind *kind, const char *series,
                    int64_t time_ns, double *price, bool *found, struct error *error)
{
    *found = false;
    return check_series(kind, series, error) &&
           store->backend->price_at(store, kind, series, time_ns, price, found, error);
}

int64_t store_stored_before(const struct record_kind *kind, const char *series, int64_t time_ns)
{
    struct str parts[KIND_TAGS_MAX];
    bool of_bars = kind == &bar_kind && series_cut(kind, str_from(series), parts);
    return of_bars ? bar_stored_before_ns(parts[kind->tag_count - 1], time_ns)
                   : kind_range_end(kind, time_ns);
}

/* Checks what is wanted, and forgets former prices. */
static bool check_closes(const struct record_kind *kind, const struct series_closes *wanted,
                         struct error *error)
{
    int64_t length_ns = 0, end_ns = 0;
    if (!check_series(kind, wanted->series, error)) {
        return false;
    }
    if (wanted->step_ns <= 0 ||
        __builtin_mul_overflow(wanted->step_ns, (int64_t)wanted->count, &length_ns) ||
        __builtin_add_overflow(wanted->from_ns, length_ns, &end_ns) ||
        !record_time_valid(wanted->from_ns) || !record_time_valid(end_ns)) {
        return error_set(error, ERROR_REJECT, "prices can be asked for in the years 1678 to 2261");
    }
    for (size_t i = 0; i < wanted->count; i++) {
        wanted->prices[i] = NAN;
    }
    return true;
}

bool store_closes(struct store *store, const struct record_kind *kind,
                  const struct series_closes *wanted, size_t count, struct error *error)
{
    bool valid = true;
    for (size_t i = 0; valid && i < count; i++) {
        valid = check_closes(kind, &wanted[i], error);
    }
    return valid && (count == 0 || store->backend->closes(store, kind, wanted, count, error));
}

bool store_count(struct store *store, const struct record_kind *kind, int64_t *points,
                 struct error *error)
{
    return store->backend->count(store, kind, points, error);
}

bool store_scan(struct store *store, const struct record_kind *kind, const char *series,
                int64_t from_ns, int64_t to_ns, point_callback callback, void *context,
                struct error *error)
{
    return check_series(kind, series, error) &&
           (from_ns >= to_ns ||
            store->backend->scan(store, kind, series, from_ns, to_ns, callback, context, error));
}

bool store_seeks(const struct store *store)
{
    return store->backend->seeks;
}

bool store_count_between(struct store *store, const struct record_kind *kind, const char *series,
                         int64_t from_ns, int64_t to_ns, int64_t *points, struct error *error)
{
    *points = 0;
    return check_series(kind, series, error) &&
           (from_ns >= to_ns ||
            store->backend->count_between(store, kind, series, from_ns, to_ns, points, error));
}
