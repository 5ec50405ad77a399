#include "commands/compare_report.h"

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

/* Says for how many candles the sources have all their time, so that a difference proves
 * something. */
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
