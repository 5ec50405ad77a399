#include "verify/verify_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/output.h"

enum { NAMED_IN_TABLE = 20 };

#define COUNT(number) ((long long)(number))

static int compare_names(const void *left, const void *right, void *context)
{
    const struct verify_report *report = context;
    return strcmp(report->coins[*(const uint32_t *)left].symbol,
                  report->coins[*(const uint32_t *)right].symbol);
}

/* The coins by name: numbers of report->coins, to free(). NULL: no memory. */
static uint32_t *coins_by_name(const struct verify_report *report)
{
    struct verify_report borrowed = *report;
    uint32_t *order = calloc(report->coin_count + 1, sizeof *order);
    for (uint32_t i = 0; order != NULL && i < report->coin_count; i++) {
        order[i] = i;
    }
    if (order != NULL) {
        qsort_r(order, report->coin_count, sizeof *order, compare_names, &borrowed);
    }
    return order;
}

static int64_t coin_faults(const struct verify_coin *coin)
{
    return coin->faults[VERIFY_MISSING] + coin->faults[VERIFY_UNEXPECTED] +
           coin->faults[VERIFY_FORMER] + coin->faults[VERIFY_DIFFERING] +
           coin->faults[VERIFY_CONFLICTING];
}

static void append_coin_row(const char *name, const struct verify_coin *coin, struct strbuf *text)
{
    char candles[64];
    struct strbuf proved = strbuf_new(sizeof candles);
    strbuf_append_format(&proved, "%lld of %lld", COUNT(coin->candles_proved),
                         COUNT(coin->candles));
    strbuf_append_format(
        text, "%-14s  %12lld  %12lld  %9lld  %10lld  %9lld  %11lld  %12lld  %s\n", name,
        COUNT(coin->ticks), COUNT(coin->points), COUNT(coin->faults[VERIFY_MISSING]),
        COUNT(coin->faults[VERIFY_UNEXPECTED]), COUNT(coin->faults[VERIFY_DIFFERING]),
        COUNT(coin->faults[VERIFY_CONFLICTING]), COUNT(coin->forgotten), strbuf_text(&proved));
    strbuf_free(&proved);
}

static void append_coins(const struct verify_report *report, struct strbuf *text)
{
    struct verify_coin all = {.ticks = report->ticks,
                              .points = report->points,
                              .forgotten = report->forgotten,
                              .candles = report->candles,
                              .candles_proved = report->candles_proved};
    memcpy(all.faults, report->faults, sizeof all.faults);
    strbuf_append_format(text, "%-14s  %12s  %12s  %9s  %10s  %9s  %11s  %12s  %s\n", "coin",
                         "ticks in log", "points", "missing", "unexpected", "differing",
                         "conflicting", "not provable", "candles proved");
    uint32_t *order = coins_by_name(report);
    for (size_t i = 0; order != NULL && i < report->coin_count; i++) {
        const struct verify_coin *coin = &report->coins[order[i]];
        if (coin->ticks + coin->points + coin->forgotten + coin_faults(coin) > 0) {
            append_coin_row(coin->symbol, coin, text);
        }
    }
    free(order);
    append_coin_row("all", &all, text);
}

static void append_figure(struct strbuf *text, const char *name, int64_t number, const char *more)
{
    if (number > 0) {
        strbuf_append_format(text, "%-18s  %10lld  %s\n", name, COUNT(number), more);
    }
}

static void append_figures(const struct verify_report *report, struct strbuf *text)
{
    append_figure(text, "not yet written", report->not_yet_written,
                  "messages that the group has not committed");
    append_figure(text, "sent twice", report->sent_twice, "messages that repeat a tick: one point");
    append_figure(text, "of many values", report->of_many,
                  "conflicting ticks with more values than are kept: the store may have any");
    append_figure(text, "not provable", report->forgotten,
                  "points without a message, where the log has forgotten some");
    append_figure(text, "log forgot", report->log_forgot,
                  "messages, at most: they lay before the first ones left");
    append_figure(text, "former", report->faults[VERIFY_FORMER],
                  "points of no message of this log, but of a former topic of that name");
    append_figure(text, "foreign", report->faults[VERIFY_FOREIGN],
                  "rows or columns of the store that candlewick never writes");
    append_figure(text, "not looked at", report->closed_ticks,
                  "ticks of times whose points InfluxDB does not tell");
    append_figure(text, "later", report->later, "points of messages that came meanwhile");
    append_figure(text, "unreadable", report->unreadable, "messages that are no ticks");
    append_figure(text, "unaccounted", report->faults[VERIFY_UNACCOUNTED],
                  "of them without a dead letter");
    append_figure(text, "refused", report->refused,
                  "ticks that the store refuses, as its columns say: dead letters, not missing");
    append_figure(text, "dead letters", report->letters, "messages");
    append_figure(text, "  of places", report->letter_places, "each counted once");
    append_figure(text, "  outside log", report->letters_outside, "places older than the log");
    append_figure(text, "  of another log", report->letters_elsewhere,
                  "that name no message of this one");
    append_figure(text, "candles in part", report->candles_cut,
                  "of which the log covers a part only: not proved");
}

static void append_place(struct place place, struct strbuf *text)
{
    if (place.partition >= 0) {
        strbuf_append_format(text, "  partition %d, offset %lld", (int)place.partition,
                             COUNT(place.offset));
    }
}

static void append_named(const struct verify_report *report, enum verify_fault_kind kind,
                         struct strbuf *text)
{
    const struct verify_fault_list *named = &report->named[kind];
    for (size_t i = 0; i < named->count && i < NAMED_IN_TABLE; i++) {
        const struct verify_fault *fault = &named->items[i];
        strbuf_append_format(text, "%s%-12s", i == 0 ? "\n" : "", verify_fault_names[kind]);
        if (fault->what != NULL) {
            strbuf_append_format(text, "  %s: %lld", fault->what, COUNT(fault->rows));
        } else if (kind != VERIFY_UNACCOUNTED) {
            char time[CLOCK_TEXT_SIZE];
            clock_format_rfc3339(fault->time_ns, time);
            strbuf_append_format(text, "  %-14s  %-30s", report->coins[fault->coin].symbol, time);
        }
        append_place(fault->place, text);
        strbuf_append_char(text, '\n');
    }
    if (named->count > NAMED_IN_TABLE) {
        strbuf_append_format(text, "%-12s  and %lld more: --format json names up to %d\n",
                             verify_fault_names[kind], COUNT(report->faults[kind] - NAMED_IN_TABLE),
                             VERIFY_FAULTS_MAX);
    }
}

/* So that nobody takes a part for the whole. */
static void append_narrowing(const struct verify_source *source, struct strbuf *text)
{
    char time[CLOCK_TEXT_SIZE];
    if (source->coin != NULL) {
        strbuf_append_format(text, "only      coin %s\n", source->coin);
    }
    if (source->from_ns > INT64_MIN) {
        clock_format_rfc3339(source->from_ns, time);
        strbuf_append_format(text, "from      %s\n", time);
    }
    if (source->to_ns < INT64_MAX) {
        clock_format_rfc3339(source->to_ns, time);
        strbuf_append_format(text, "to        %s\n", time);
    }
}

void verify_to_table(const struct verify_report *report, const struct verify_source *source,
                     struct strbuf *text)
{
    strbuf_append_format(text, "topic     %s\ngroup     %s\nstore     %s\n", source->topic,
                         source->group, source->store);
    append_narrowing(source, text);
    strbuf_append_char(text, '\n');
    append_coins(report, text);
    strbuf_append_char(text, '\n');
    append_figures(report, text);
    for (int kind = 0; kind < VERIFY_KINDS; kind++) {
        append_named(report, (enum verify_fault_kind)kind, text);
    }
    if (source->coins != NULL && log_coins_mixed(source->coins) > 0) {
        strbuf_append_text(text, "\nnotice: ");
        log_coins_mixed_to_text(source->coins, text);
        strbuf_append_char(text, '\n');
    }
    strbuf_append_char(text, '\n');
    verify_verdict(report, source, text);
    strbuf_append_char(text, '\n');
    output_make_plain(text);
}
