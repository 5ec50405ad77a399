#include "verify/verify_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text/fit.h"
#include "base/text/table.h"
#include "cli/output.h"
#include "record/series.h"

enum {
    NAMED_IN_TABLE = 20,
    FAULT_CELLS = 4,  /* kind, series, time, place */
    ALWAYS_CELLS = 3, /* series, records, points */
    BESIDES_SIZE = 256,
    FIGURE_SIZE = 128,
};

#define COUNT(number) ((long long)(number))

static int compare_names(const void *left, const void *right, void *context)
{
    const struct verify_report *report = context;
    return strcmp(report->series[*(const uint32_t *)left].name,
                  report->series[*(const uint32_t *)right].name);
}

/* Returns the numbers of the series (indices of report->series) ordered by name; the caller frees
 * them. NULL: out of memory. */
static uint32_t *series_by_name(const struct verify_report *report)
{
    struct verify_report borrowed = *report;
    uint32_t *order = calloc(report->series_count + 1, sizeof *order);
    for (uint32_t i = 0; order != NULL && i < report->series_count; i++) {
        order[i] = i;
    }
    if (order != NULL) {
        qsort_r(order, report->series_count, sizeof *order, compare_names, &borrowed);
    }
    return order;
}

/* One row of the table of series: the counts, and the remarks. */
struct series_row {
    const char *name;
    const struct verify_series *series;
    char besides[BESIDES_SIZE]; /* "3 missing, 2 not provable" */
};

static void append_besides(struct strbuf *text, int64_t count, const char *name)
{
    if (count > 0) {
        strbuf_append_format(text, "%s%lld %s", text->length > 0 ? ", " : "", COUNT(count), name);
    }
}

static struct series_row row_of(const char *name, const struct verify_series *series)
{
    struct series_row row = {.name = name, .series = series};
    struct strbuf text = strbuf_new(sizeof row.besides - 1);
    append_besides(&text, series->faults[VERIFY_MISSING], "missing");
    append_besides(&text, series->faults[VERIFY_UNEXPECTED], "unexpected");
    append_besides(&text, series->faults[VERIFY_FORMER], "former");
    append_besides(&text, series->faults[VERIFY_DIFFERING], "differing");
    append_besides(&text, series->faults[VERIFY_OLDER], "older");
    append_besides(&text, series->faults[VERIFY_CONFLICTING], "conflicting");
    append_besides(&text, series->forgotten, "not provable");
    (void)str_copy(strbuf_str(&text), row.besides, sizeof row.besides);
    strbuf_free(&text);
    return row;
}

/* Returns a row for each series with any count or remark, by name, and a last one for their sum;
 * the caller frees them. NULL: out of memory. */
static struct series_row *make_rows(const struct verify_report *report,
                                    const struct verify_series *all, size_t *count)
{
    struct series_row *rows = calloc(report->series_count + 1, sizeof *rows);
    uint32_t *order = series_by_name(report);
    *count = 0;
    for (size_t i = 0; rows != NULL && order != NULL && i < report->series_count; i++) {
        const struct verify_series *series = &report->series[order[i]];
        rows[*count] = row_of(series->name, series);
        *count += series->records + series->points > 0 || rows[*count].besides[0] != '\0' ? 1 : 0;
    }
    if (rows != NULL) {
        rows[(*count)++] = row_of("all", all);
    }
    free(order);
    return rows;
}

/* Which columns the table of series has. */
struct series_columns {
    bool candles; /* only of a kind with a price */
    bool besides; /* only if there are remarks */
};

/* Adds "coin", or "coin source timeframe": the tags of which the name of a series consists. */
static void cell_tags(struct table *table, const struct record_kind *kind)
{
    struct str names[KIND_TAGS_MAX];
    char text[RECORD_SERIES_MAX + 1];
    for (size_t i = 0; i < kind->tag_count; i++) {
        names[i] = str_from(column_stored_name(kind->tags[i].column));
    }
    series_join(kind, names, text);
    table_cell(table, "%s", text);
}

static void add_head(struct table *table, const struct record_kind *kind,
                     const struct series_columns *columns)
{
    cell_tags(table, kind);
    table_cell(table, "%s in log", kind->records);
    table_cell(table, "points");
    if (columns->candles) {
        table_cell(table, "candles proved");
    }
    if (columns->besides) {
        table_cell(table, "besides");
    }
}

static bool has_faults(const struct verify_series *series)
{
    int64_t faults = 0;
    for (size_t kind = 0; kind < VERIFY_KINDS; kind++) {
        faults += series->faults[kind];
    }
    return faults > 0;
}

static void add_row(struct table *table, const struct series_row *row,
                    const struct series_columns *columns)
{
    const struct verify_series *series = row->series;
    table_cell(table, "%s", row->name);
    table_cell(table, "%lld", COUNT(series->records));
    table_cell(table, "%lld", COUNT(series->points));
    if (columns->candles) {
        table_cell(table, "%lld of %lld", COUNT(series->candles_proved), COUNT(series->candles));
    }
    if (columns->besides) {
        table_cell(table, "%s", row->besides);
        table_tone(table, has_faults(series) ? TONE_BAD : TONE_PLAIN);
    }
}

static void append_series(const struct verify_report *report, const struct record_kind *kind,
                          struct text_form form, struct strbuf *text)
{
    struct verify_series all = {.records = report->records,
                                .points = report->points,
                                .forgotten = report->forgotten,
                                .candles = report->candles,
                                .candles_proved = report->candles_proved};
    memcpy(all.faults, report->faults, sizeof all.faults);
    struct series_columns has = {.candles = kind_folds(kind)};
    size_t count = 0;
    struct series_row *rows = make_rows(report, &all, &count);
    for (size_t i = 0; i < count; i++) {
        has.besides = has.besides || rows[i].besides[0] != '\0';
    }
    struct table table =
        table_new((size_t)ALWAYS_CELLS + (has.candles ? 1U : 0U) + (has.besides ? 1U : 0U));
    add_head(&table, kind, &has);
    for (size_t i = 0; i < count; i++) {
        add_row(&table, &rows[i], &has);
    }
    text->failed = text->failed || rows == NULL;
    table.coloured = form.colour;
    table_append_within(&table, form.columns, text);
    table_free(&table);
    free(rows);
}

/* Adds a line for a figure, unless it is 0. `format` and the values after it say what it counts. */
static PRINTF_LIKE(5, 6) void add_figure(struct table *table, enum tone tone, const char *name,
                                         int64_t number, const char *format, ...)
{
    char what[FIGURE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (number > 0) {
        table_cell(table, "%s", name);
        table_cell(table, "%lld", COUNT(number));
        table_tone(table, tone);
        table_cell(table, "%s", what);
    }
}

static void add_letters(struct table *table, const struct verify_report *report)
{
    add_figure(table, TONE_BAD, "dead letters", report->letters, "messages");
    add_figure(table, TONE_PLAIN, "  of places", report->letter_places, "each counted once");
    add_figure(table, TONE_PLAIN, "  outside log", report->letters_outside,
               "places older than the log");
    add_figure(table, TONE_PLAIN, "  of another log", report->letters_elsewhere,
               "that name no message of this one");
}

static void append_figures(const struct verify_report *report, const struct record_kind *kind,
                           struct text_form form, struct strbuf *text)
{
    struct table table = table_new(3);
    add_figure(&table, TONE_WAITING, "not yet written", report->not_yet_written,
               "messages that the group has not committed");
    add_figure(&table, TONE_PLAIN, "  parting", report->parting,
               "of them written by a member as it left: the next one reads them");
    add_figure(&table, TONE_PLAIN, "sent twice", report->sent_twice,
               "messages that repeat a %s: one point", kind->record);
    add_figure(&table, TONE_BAD, "of many values", report->of_many,
               "conflicting %s with more values than are kept: the store may have any",
               kind->records);
    add_figure(&table, TONE_PLAIN, "not provable", report->forgotten,
               "points without a message, where the log has forgotten some");
    add_figure(&table, TONE_PLAIN, "log forgot", report->log_forgot,
               "messages, at most: they lay before the first ones left");
    add_figure(&table, TONE_BAD, "former", report->faults[VERIFY_FORMER],
               "points of no message of this log, but of a former topic or log of that name");
    add_figure(&table, TONE_PLAIN, "older", report->faults[VERIFY_OLDER],
               "points that a member of an earlier version wrote: they lack newer columns only");
    add_figure(&table, TONE_BAD, "foreign", report->faults[VERIFY_FOREIGN],
               "rows or columns of the store that candlewick never writes");
    add_figure(&table, TONE_PLAIN, "not looked at", report->closed_records,
               "%s of times whose points InfluxDB does not tell", kind->records);
    add_figure(&table, TONE_PLAIN, "later", report->later,
               "points of messages that came meanwhile");
    add_figure(&table, TONE_PLAIN, "unreadable", report->unreadable, "messages that are no %s",
               kind->records);
    add_figure(&table, TONE_BAD, "unaccounted", report->faults[VERIFY_UNACCOUNTED],
               "of them without a dead letter");
    add_figure(&table, TONE_PLAIN, "refused", report->refused,
               "%s that the store refuses, as its columns say: dead letters, not missing",
               kind->records);
    add_letters(&table, report);
    add_figure(&table, TONE_PLAIN, "candles in part", report->candles_cut,
               "of which the log covers a part only: not proved");
    strbuf_append_text(text, table.count > 0 ? "\n" : "");
    table.coloured = form.colour;
    table_append_within(&table, form.columns, text);
    table_free(&table);
}

static void cell_place(struct table *table, struct place place)
{
    if (place.partition >= 0) {
        table_cell(table, "partition %d, offset %lld", (int)place.partition, COUNT(place.offset));
    } else {
        table_cell(table, "%s", "");
    }
}

/* Foreign rows have neither series nor place; messages that are not records have no series. */
static void add_fault(struct table *table, const struct verify_report *report,
                      enum verify_fault_kind kind, const struct verify_fault *fault)
{
    table_cell(table, "%s", verify_fault_names[kind]);
    table_tone(table, TONE_BAD);
    if (kind == VERIFY_FOREIGN) {
        table_cell(table, "%s: %lld", fault->what != NULL ? fault->what : "", COUNT(fault->rows));
        return;
    }
    if (kind != VERIFY_UNACCOUNTED) {
        char time[CLOCK_TEXT_SIZE];
        clock_format_rfc3339(fault->time_ns, time);
        table_cell(table, "%s", report->series[fault->series].name);
        table_cell(table, "%s", time);
    }
    cell_place(table, fault->place);
}

static void append_named(const struct verify_report *report, enum verify_fault_kind kind,
                         struct text_form form, struct strbuf *text)
{
    const struct verify_fault_list *named = &report->named[kind];
    struct table table =
        table_new(kind == VERIFY_FOREIGN || kind == VERIFY_UNACCOUNTED ? 2 : FAULT_CELLS);
    for (size_t i = 0; i < named->count && i < NAMED_IN_TABLE; i++) {
        add_fault(&table, report, kind, &named->items[i]);
    }
    strbuf_append_text(text, named->count > 0 ? "\n" : "");
    table.coloured = form.colour;
    table_append_within(&table, form.columns, text);
    table_free(&table);
    if (named->count > NAMED_IN_TABLE) {
        strbuf_append_format(text, "%s  and %lld more: --format json names up to %d\n",
                             verify_fault_names[kind], COUNT(report->faults[kind] - NAMED_IN_TABLE),
                             VERIFY_FAULTS_MAX);
    }
}

static void add_line(struct table *table, const char *name, const char *value)
{
    table_cell(table, "%s", name);
    table_cell(table, "%s", value);
}

/* Names the topic, group and store, and what the user restricted the proof to, so that nobody
 * mistakes a part for the whole. */
static void append_source(const struct verify_source *source, struct text_form form,
                          struct strbuf *text)
{
    char time[CLOCK_TEXT_SIZE];
    struct table table = table_new(2);
    add_line(&table, "topic", source->topic);
    add_line(&table, "group", source->group);
    add_line(&table, "store", source->store);
    if (source->coin != NULL) {
        table_cell(&table, "only");
        table_cell(&table, "coin %s", source->coin);
    }
    if (source->from_ns > INT64_MIN) {
        clock_format_rfc3339(source->from_ns, time);
        add_line(&table, "from", time);
    }
    if (source->to_ns < INT64_MAX) {
        clock_format_rfc3339(source->to_ns, time);
        add_line(&table, "to", time);
    }
    table.coloured = form.colour;
    table_append_within(&table, form.columns, text);
    table_free(&table);
}

static void append_percent(double part, const char *name, bool *any, struct strbuf *text)
{
    if (part > 0) {
        strbuf_append_format(text, "%s%.4g %% %s", *any ? ", " : "", 100 * part, name);
        *any = true;
    }
}

/* Appends "99.5 % live, 0.5 % hole". */
static void append_share(const struct coverage_share *share, struct strbuf *text)
{
    static const char *const names[COVERAGE_STATES] = {"live", "refilled", "hole"};
    bool any = false;
    for (int i = 0; i < COVERAGE_STATES; i++) {
        append_percent(coverage_part(share, share->ns[i]), names[i], &any, text);
    }
    append_percent(coverage_part(share, share->unknown_ns), "unknown", &any, text);
}

/* Appends a line for each series of whose time something is known. */
static void append_covered(const struct verify_report *report, const struct verify_source *source,
                           struct strbuf *text)
{
    bool any = false;
    for (size_t i = 0; source->covered != NULL && i < report->series_count; i++) {
        const struct coverage_share *share = &source->covered[i];
        if (share->length_ns > 0) {
            strbuf_append_text(text, any ? "" : "\nCovered by the source, which is not proved:\n");
            strbuf_append_format(text, "%s: ", report->series[i].name);
            append_share(share, text);
            if (share->polls > 0 && source->kind->seq != NULL) { /* not each minute has a bar */
                strbuf_append_format(text, "; %lld %s came, %lld are expected of the live time",
                                     (long long)report->series[i].records, source->kind->records,
                                     (long long)share->polls);
            }
            strbuf_append_char(text, '\n');
            any = true;
        }
    }
}

/* Names the sources of coins that have several. */
static void append_sources(const struct verify_source *source, struct strbuf *sentences)
{
    struct strbuf names = strbuf_new(sentences->limit);
    if (source->coins != NULL) {
        log_coins_sources_to_text(source->coins, source->kind, &names);
    }
    if (names.length > 0) {
        strbuf_append_format(sentences, "\nnotice: %s\n", strbuf_text(&names));
    }
    strbuf_free(&names);
}

static void append_sentences(const struct verify_report *report, const struct verify_source *source,
                             struct text_form form, struct strbuf *text)
{
    struct strbuf sentences = strbuf_new(text->limit);
    if (source->coins != NULL && log_coins_mixed(source->coins) > 0) {
        strbuf_append_text(&sentences, "\nnotice: ");
        log_coins_mixed_to_text(source->coins, &sentences);
        strbuf_append_char(&sentences, '\n');
    }
    append_sources(source, &sentences);
    append_covered(report, source, &sentences);
    strbuf_append_char(&sentences, '\n');
    output_append_lines(text, &sentences, TONE_PLAIN, form);
    strbuf_clear(&sentences);
    verify_verdict(report, source, &sentences);
    strbuf_append_char(&sentences, '\n');
    output_append_lines(text, &sentences, report->balanced ? TONE_GOOD : TONE_BAD, form);
    strbuf_free(&sentences);
}

void verify_to_table(const struct verify_report *report, const struct verify_source *source,
                     struct text_form form, struct strbuf *text)
{
    append_source(source, form, text);
    strbuf_append_char(text, '\n');
    append_series(report, source->kind, form, text);
    append_figures(report, source->kind, form, text);
    for (int kind = 0; kind < VERIFY_KINDS; kind++) {
        append_named(report, (enum verify_fault_kind)kind, form, text);
    }
    append_sentences(report, source, form, text);
}
