#include "commands/compare_report.h"

#include <math.h>

#include "base/clock.h"
#include "base/text/fit.h"
#include "base/text/number.h"
#include "base/text/table.h"

enum {
    SHOWN = 20, /* limit for the candles in the second table */
    SENTENCE_LIMIT = 512,
};

/* Appends a cell such as "1.5 bp". */
static void add_off(struct table *table, bool compared, double off)
{
    if (compared) {
        table_cell(table, "%.4g bp", off);
    } else {
        table_cell(table, "-");
    }
}

static void append_pairs(const struct compare_report *report, int columns, struct strbuf *text)
{
    struct table table = table_new_with_head(
        (const char *const[]){"compared", "candles", "equal", "off by median", "worst",
                              "one side only", "volume off", "explained", "unexplained", NULL});
    for (size_t i = 0; i < report->count; i++) {
        const struct compare_pair *pair = &report->pairs[i];
        const struct compare_figures *figures = &pair->figures;
        size_t unexplained = figures->reasons[COMPARE_UNEXPLAINED];
        table_cell(&table, "%s, %s", pair->ours, pair->theirs);
        table_cell(&table, "%zu", figures->candles);
        table_cell(&table, "%zu", figures->equal);
        add_off(&table, figures->both > 0, figures->median_off);
        add_off(&table, figures->both > 0, figures->worst_off);
        table_cell(&table, "%zu", figures->only_ours + figures->only_theirs);
        if (figures->volumes > 0) {
            table_cell(&table, "%zu", figures->volumes_off);
        } else {
            table_cell(&table, "-");
        }
        if (pair->judged) {
            table_cell(&table, "%zu", figures->candles - figures->equal - unexplained);
            table_cell(&table, "%zu", unexplained);
        } else {
            table_cell(&table, "-");
            table_cell(&table, "-");
        }
    }
    table_append_within(&table, columns, text);
    table_free(&table);
}

static int64_t start_of(const struct compared *item)
{
    return item->has_ours ? item->ours.time_ns : item->theirs.time_ns;
}

static void add_closes(struct table *table, bool has, const struct candle *candle)
{
    char number[NUMBER_TEXT_SIZE] = "-";
    if (has) {
        (void)number_format(candle->close, number);
    }
    table_cell(table, "%s", number);
}

static void append_differences(const struct compare_pair *pair, int columns, struct strbuf *text)
{
    const struct compare *compare = &pair->compare;
    size_t differ = compare->count - pair->figures.equal, passed = 0;
    if (differ == 0) {
        return;
    }
    struct table table = table_new_with_head(
        (const char *const[]){"candle (UTC)", "reason", "off by", pair->ours, pair->theirs, NULL});
    for (size_t i = 0; i < compare->count; i++) {
        const struct compared *item = &compare->items[i];
        char time[CLOCK_TEXT_SIZE];
        if (item->reason == COMPARE_EQUAL || ++passed + SHOWN <= differ) {
            continue;
        }
        clock_format_rfc3339(start_of(item), time);
        table_cell(&table, "%s", time);
        table_cell(&table, "%s", compare_reason_names[item->reason]);
        add_off(&table, item->has_ours && item->has_theirs, item->off);
        add_closes(&table, item->has_ours, &item->ours);
        add_closes(&table, item->has_theirs, &item->theirs);
    }
    strbuf_append_format(text,
                         "\nThe newest candles of %s and %s that differ, with their closes:\n",
                         pair->ours, pair->theirs);
    table_append_within(&table, columns, text);
    table_free(&table);
}

/* Says of how many candles a difference would prove something. */
static void append_whole(const struct compare_report *report, int columns, struct strbuf *text)
{
    struct strbuf sentence = strbuf_new(SENTENCE_LIMIT);
    for (size_t i = 0; i < report->count; i++) {
        const struct compare_pair *pair = &report->pairs[i];
        if (pair->judged) {
            strbuf_append_format(&sentence,
                                 "\n%zu of %zu candles of %s had all of their time covered; only "
                                 "in those is a difference a fault.\n",
                                 pair->figures.whole, pair->figures.candles, pair->ours);
        }
    }
    fit_append_lines(text, strbuf_str(&sentence), (size_t)columns);
    strbuf_free(&sentence);
}

void compare_to_table(const struct compare_report *report, int columns, struct strbuf *text)
{
    append_pairs(report, columns, text);
    append_whole(report, columns, text);
    for (size_t i = 0; i < report->count; i++) {
        if (report->pairs[i].judged) {
            append_differences(&report->pairs[i], columns, text);
        }
    }
}

static void append_number(struct strbuf *json, const char *name, double value)
{
    strbuf_append_format(json, ",\"%s\":", name);
    strbuf_append_json_double(json, value);
}

static void append_count(struct strbuf *json, const char *name, bool known, size_t value)
{
    if (known) {
        strbuf_append_format(json, ",\"%s\":%zu", name, value);
    } else {
        strbuf_append_format(json, ",\"%s\":null", name);
    }
}

static void append_side(struct strbuf *json, const char *name, bool has,
                        const struct candle *candle)
{
    strbuf_append_format(json, ",\"%s\":", name);
    if (!has) {
        strbuf_append_text(json, "null");
        return;
    }
    strbuf_append_text(json, "{\"open\":");
    strbuf_append_json_double(json, candle->open);
    append_number(json, "high", candle->high);
    append_number(json, "low", candle->low);
    append_number(json, "close", candle->close);
    append_number(json, "volume", candle->has_volume ? candle->volume : NAN);
    strbuf_append_char(json, '}');
}

static void append_difference(struct strbuf *json, const struct compared *item)
{
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(start_of(item), time);
    strbuf_append_format(json, "{\"time\":\"%s\",\"reason\":\"%s\"", time,
                         compare_reason_names[item->reason]);
    append_number(json, "bp", item->has_ours && item->has_theirs ? item->off : NAN);
    strbuf_append_format(json, ",\"whole\":%s,\"equal_volume\":%s", item->whole ? "true" : "false",
                         !item->has_volumes   ? "null"
                         : item->equal_volume ? "true"
                                              : "false");
    append_side(json, "ours", item->has_ours, &item->ours);
    append_side(json, "theirs", item->has_theirs, &item->theirs);
    strbuf_append_char(json, '}');
}

static void append_pair(struct strbuf *json, const struct compare_pair *pair)
{
    const struct compare_figures *figures = &pair->figures;
    strbuf_append_format(json, "{\"ours\":\"%s\",\"theirs\":\"%s\",\"judged\":%s", pair->ours,
                         pair->theirs, pair->judged ? "true" : "false");
    strbuf_append_format(json,
                         ",\"candles\":%zu,\"both\":%zu,\"equal\":%zu,\"only_ours\":%zu,"
                         "\"only_theirs\":%zu",
                         figures->candles, figures->both, figures->equal, figures->only_ours,
                         figures->only_theirs);
    append_count(json, "whole", pair->compare.coverage != NULL, figures->whole);
    append_count(json, "volumes_off", figures->volumes > 0, figures->volumes_off);
    append_number(json, "median_bp", figures->both > 0 ? figures->median_off : NAN);
    append_number(json, "worst_bp", figures->both > 0 ? figures->worst_off : NAN);
    if (!pair->judged) {
        strbuf_append_char(json, '}');
        return;
    }
    strbuf_append_text(json, ",\"reasons\":{");
    for (int i = COMPARE_EQUAL + 1; i < COMPARE_REASONS; i++) {
        strbuf_append_format(json, "%s\"%s\":%zu", i > COMPARE_EQUAL + 1 ? "," : "",
                             compare_reason_names[i], figures->reasons[i]);
    }
    strbuf_append_text(json, "},\"differences\":[");
    const char *separator = "";
    for (size_t i = 0; i < pair->compare.count; i++) {
        if (pair->compare.items[i].reason != COMPARE_EQUAL) {
            strbuf_append_text(json, separator);
            append_difference(json, &pair->compare.items[i]);
            separator = ",";
        }
    }
    strbuf_append_text(json, "]}");
}

void compare_to_json(const struct compare_report *report, struct strbuf *json)
{
    char interval[CLOCK_TEXT_SIZE];
    candle_interval_format(report->interval_ns, interval);
    strbuf_append_text(json, "{\"coin\":");
    strbuf_append_json_string(json, str_from(report->coin));
    strbuf_append_text(json, ",\"source\":");
    strbuf_append_json_string(json, str_from(report->source));
    strbuf_append_format(json, ",\"interval\":\"%s\",\"pairs\":[", interval);
    for (size_t i = 0; i < report->count; i++) {
        strbuf_append_text(json, i > 0 ? "," : "");
        append_pair(json, &report->pairs[i]);
    }
    strbuf_append_text(json, "]}\n");
}
