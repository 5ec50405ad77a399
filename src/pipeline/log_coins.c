#include "pipeline/log_coins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum {
    NAMES_LIMIT = 160,
    COINS_NAMED = 5,
    SPACINGS = 3, /* without a tick for this many of its spacings, plus SPARE_S seconds, a run
                     counts as ended */
    SPARE_S = 5,
};
/* A longer spacing is counted as this one: the run was interrupted. */
#define SPACING_MAX_NS (3600 * NS_PER_SECOND)

static void free_runs(struct coin_runs *runs)
{
    for (struct partition_runs *each = runs->partitions, *next; each != NULL; each = next) {
        next = each->next;
        free(each);
    }
}

void log_coins_free(struct log_coins *log)
{
    for (size_t i = 0; i < log->capacity; i++) {
        free_runs(&log->runs[i]);
    }
    coin_table_free(&log->coins);
    free(log->runs);
    *log = (struct log_coins){0};
}

/* Returns the runs of a coin, and adds the coin if it is new; NULL if out of memory. */
static struct coin_runs *runs_of(struct log_coins *log, struct str key)
{
    const struct coin *coin = coin_table_add(&log->coins, key);
    if (coin == NULL) {
        return NULL;
    }
    if (log->coins.count > log->capacity) {
        size_t capacity = log->coins.capacity;
        struct coin_runs *runs = reallocarray(log->runs, capacity, sizeof *runs);
        if (runs == NULL) {
            return NULL;
        }
        memset(&runs[log->capacity], 0, (capacity - log->capacity) * sizeof *runs);
        log->runs = runs;
        log->capacity = capacity;
    }
    return &log->runs[coin - log->coins.coins];
}

static struct producer_run run_of(const struct record_kind *kind, const void *record)
{
    struct producer_run run = {.run_id = column_int64(kind->run, record),
                               .stamp_ns = column_int64(kind->time, record)};
    (void)str_copy(column_text(kind->source, record), run.source, sizeof run.source);
    return run;
}

/* Returns the coin's runs in a partition; a new partition begins with `run`. Returns NULL if out of
 * memory. */
static struct partition_runs *in_partition(struct coin_runs *runs, int32_t partition,
                                           const struct producer_run *run)
{
    struct partition_runs *found = runs->partitions;
    while (found != NULL && found->partition != partition) {
        found = found->next;
    }
    if (found == NULL) {
        found = calloc(1, sizeof *found);
        if (found != NULL) {
            found->partition = partition;
            found->current = *run;
            found->next = runs->partitions;
            runs->partitions = found;
        }
    }
    return found;
}

/* Returns whether the run is among the former ones. If so, removes it from them and copies it to
 * `*run`. */
static bool came_back(struct partition_runs *runs, int64_t run_id, struct producer_run *run)
{
    for (size_t i = 0; i < runs->former_count; i++) {
        if (runs->former[i].run_id == run_id) {
            *run = runs->former[i];
            runs->former[i] = runs->former[--runs->former_count];
            return true;
        }
    }
    return false;
}

static void leave(struct partition_runs *runs)
{
    if (runs->former_count == LOG_COINS_RUNS) {
        memmove(&runs->former[0], &runs->former[1], (LOG_COINS_RUNS - 1) * sizeof runs->former[0]);
        runs->former_count--;
    }
    runs->former[runs->former_count++] = runs->current;
}

static void note_return(struct coin_runs *runs, int64_t before, const struct producer_run *newest)
{
    runs->from_ns = runs->returns == 0 ? newest->stamp_ns : runs->from_ns;
    runs->to_ns = newest->stamp_ns;
    runs->pair[0] = before;
    runs->pair[1] = newest->run_id;
    runs->returns++;
}

/* Makes the run of the newest record the current one: the record before it was of another run. */
static void change_run(struct coin_runs *runs, struct partition_runs *here,
                       const struct producer_run *newest)
{
    struct producer_run run = *newest;
    if (came_back(here, newest->run_id, &run)) {
        note_return(runs, here->current.run_id, newest);
        here->current.mixed = true;
        run.mixed = true;
    }
    leave(here);
    here->current = run;
}

/* Records the record's source, unless the kind's series name it: then each source has its own
 * series. */
static void note_source(struct coin_runs *runs, const struct record_kind *kind, const void *record)
{
    if (kind->source->role == COLUMN_IDENTITY) {
        return;
    }
    struct str source = column_text(kind->source, record);
    for (size_t i = 0; i < runs->source_count; i++) {
        if (str_equal_text(source, runs->sources[i])) {
            return;
        }
    }
    if (runs->source_count < LOG_COINS_SOURCES) {
        (void)str_copy(source, runs->sources[runs->source_count++], SOURCE_MAX + 1);
    }
}

static bool no_memory(const struct log_coins *log, struct error *error)
{
    return error_set(error, ERROR_FATAL, "no memory for one more coin than %zu", log->coins.count);
}

bool log_coins_record(struct log_coins *log, const struct record_kind *kind, int32_t partition,
                      const void *record, int64_t seen_ns, struct error *error)
{
    struct coin_runs *runs = runs_of(log, column_text(kind->tags[0].column, record));
    if (runs == NULL) {
        return no_memory(log, error);
    }
    note_source(runs, kind, record);
    if (kind->run == NULL || column_int64(kind->run, record) == 0 ||
        !record_is_live(kind, record)) {
        return true;
    }
    const struct producer_run newest = run_of(kind, record);
    struct partition_runs *here = in_partition(runs, partition, &newest);
    if (here == NULL) {
        return no_memory(log, error);
    }
    if (here->current.run_id != newest.run_id) {
        change_run(runs, here, &newest);
    }
    struct producer_run *run = &here->current;
    if (newest.stamp_ns > run->stamp_ns) {
        run->spacing_ns = newest.stamp_ns - run->stamp_ns;
        run->stamp_ns = newest.stamp_ns;
    }
    run->seen_ns = seen_ns;
    return true;
}

static bool goes_on(const struct producer_run *run, int64_t now_ns)
{
    int64_t spacing_ns = run->spacing_ns < SPACING_MAX_NS ? run->spacing_ns : SPACING_MAX_NS;
    return run->mixed && now_ns - run->seen_ns <= SPARE_S * NS_PER_SECOND + SPACINGS * spacing_ns;
}

/* Finds two mixed runs of the partition that still continue: the earliest, and the latest or,
 * unless NULL, the run `run_id`. Returns false if there are no two. */
static bool find_overlap(const struct partition_runs *here, const int64_t *run_id, int64_t now_ns,
                         struct log_overlap *overlap)
{
    const struct producer_run *first = NULL, *last = NULL;
    for (size_t i = 0; i <= here->former_count; i++) {
        const struct producer_run *run = i > 0 ? &here->former[i - 1] : &here->current;
        if (!goes_on(run, now_ns)) {
            continue;
        }
        first = first == NULL || run->run_id < first->run_id ? run : first;
        bool last_so_far =
            run_id == NULL ? last == NULL || run->run_id > last->run_id : run->run_id == *run_id;
        last = last_so_far ? run : last;
    }
    if (last == NULL || first == last) {
        return false;
    }
    overlap->earlier = *first;
    overlap->later = *last;
    return true;
}

struct log_overlap log_coins_overlap(const struct log_coins *log, const int64_t *run_id,
                                     int64_t now_ns)
{
    struct log_overlap overlap = {.coins = 0};
    for (size_t i = 0; i < log->coins.count; i++) {
        const struct partition_runs *here = log->runs[i].partitions;
        struct log_overlap found;
        while (here != NULL && !find_overlap(here, run_id, now_ns, &found)) {
            here = here->next;
        }
        if (here != NULL && overlap.coins++ == 0) {
            overlap.earlier = found.earlier;
            overlap.later = found.later;
            (void)str_copy(str_from(log->coins.coins[i].symbol), overlap.coin, sizeof overlap.coin);
        }
    }
    return overlap;
}

void log_overlap_coins(const struct log_overlap *overlap, char text[LOG_OVERLAP_COINS_SIZE])
{
    if (overlap->coins > 1) {
        (void)snprintf(text, LOG_OVERLAP_COINS_SIZE, "%s and %zu more coins", overlap->coin,
                       overlap->coins - 1);
    } else {
        (void)str_copy(str_from(overlap->coin), text, LOG_OVERLAP_COINS_SIZE);
    }
}

bool log_coins_known(const struct log_coins *log, const struct record_kind *kind, const char *topic,
                     const char *coin, struct error *error)
{
    if (coin == NULL || coin_table_find(&log->coins, str_from(coin)) != NULL) {
        return true;
    }
    struct strbuf names = strbuf_new(NAMES_LIMIT); /* holds as many names as fit */
    for (size_t i = 0; i < log->coins.count; i++) {
        strbuf_append_format(&names, "%s%s", i > 0 ? ", " : "", log->coins.coins[i].symbol);
    }
    error_set(error, ERROR_REJECT, "--coin %s: topic %.60s has no %s of it; it has %s of: %s", coin,
              topic, kind->record, kind->records,
              log->coins.count > 0 ? strbuf_text(&names) : "none");
    strbuf_free(&names);
    return false;
}

size_t log_coins_mixed(const struct log_coins *log)
{
    size_t mixed = 0;
    for (size_t i = 0; i < log->coins.count; i++) {
        mixed += log->runs[i].returns > 0 ? 1 : 0;
    }
    return mixed;
}

void log_coins_mixed_to_text(const struct log_coins *log, struct strbuf *text)
{
    const struct coin_runs *first = NULL;
    size_t named = 0, mixed = log_coins_mixed(log);
    for (size_t i = 0; i < log->coins.count && named < COINS_NAMED; i++) {
        if (log->runs[i].returns > 0) {
            first = first != NULL ? first : &log->runs[i];
            strbuf_append_text(text, named == 0 ? "2 producers of " : ", ");
            strbuf_append_text(text, log->coins.coins[i].symbol);
            named++;
        }
    }
    if (first == NULL) {
        return;
    }
    if (mixed > named) {
        strbuf_append_format(text, " and %zu more", mixed - named);
    }
    char from[CLOCK_TEXT_SIZE], to[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(first->from_ns, from);
    clock_format_rfc3339(first->to_ns, to);
    strbuf_append_format(text, " at once (run ids %lld and %lld, from %s to %s): stop one of them",
                         (long long)first->pair[0], (long long)first->pair[1], from, to);
}

void log_coins_mixed_to_json(const struct log_coins *log, struct strbuf *json)
{
    const char *separator = "";
    strbuf_append_char(json, '[');
    for (size_t i = 0; i < log->coins.count; i++) {
        const struct coin_runs *runs = &log->runs[i];
        if (runs->returns == 0) {
            continue;
        }
        char from[CLOCK_TEXT_SIZE], to[CLOCK_TEXT_SIZE];
        clock_format_rfc3339(runs->from_ns, from);
        clock_format_rfc3339(runs->to_ns, to);
        strbuf_append_format(json,
                             "%s{\"coin\":\"%s\",\"run_ids\":[%lld,%lld],\"returns\":%lld,"
                             "\"from\":\"%s\",\"to\":\"%s\"}",
                             separator, log->coins.coins[i].symbol, (long long)runs->pair[0],
                             (long long)runs->pair[1], (long long)runs->returns, from, to);
        separator = ",";
    }
    strbuf_append_char(json, ']');
}

void log_coins_sources_to_text(const struct log_coins *log, const struct record_kind *kind,
                               struct strbuf *text)
{
    size_t named = 0;
    for (size_t i = 0; i < log->coins.count && named < COINS_NAMED; i++) {
        const struct coin_runs *runs = &log->runs[i];
        if (runs->source_count < 2) {
            continue;
        }
        strbuf_append_format(text, "%s%s of %s are from ", named > 0 ? "; " : "", kind->records,
                             log->coins.coins[i].symbol);
        for (size_t k = 0; k < runs->source_count; k++) {
            strbuf_append_text(text, k == 0 ? "" : k + 1 < runs->source_count ? ", " : " and ");
            strbuf_append_text(text, runs->sources[k]);
        }
        named++;
    }
}

void log_coins_sources_to_json(const struct log_coins *log, struct strbuf *json)
{
    const char *separator = "";
    strbuf_append_char(json, '[');
    for (size_t i = 0; i < log->coins.count; i++) {
        const struct coin_runs *runs = &log->runs[i];
        if (runs->source_count < 2) {
            continue;
        }
        strbuf_append_format(json, "%s{\"coin\":\"%s\",\"sources\":[", separator,
                             log->coins.coins[i].symbol);
        for (size_t k = 0; k < runs->source_count; k++) {
            strbuf_append_text(json, k > 0 ? "," : "");
            strbuf_append_json_string(json, str_from(runs->sources[k]));
        }
        strbuf_append_text(json, "]}");
        separator = ",";
    }
    strbuf_append_char(json, ']');
}
