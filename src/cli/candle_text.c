#include "cli/candle_text.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text/fit.h"
#include "base/text/number.h"
#include "base/text/table.h"
#include "market/coverage.h"
#include "terminal/candle_slots.h"

#define VOLUME_UNITS 1e8

enum {
    PRICES = 4,
    HEADING_LIMIT = 256,
    REMARKS_LIMIT = 128,
    COIN_COLUMNS = 14,
    SIDE_BY_SIDE = 64, /* the least width in which time, prices and ticks stand side by side */
    COUNT_SIZE = 21,   /* for an int64_t */
};

/* A candle's columns as text; numbers parse as the same bits. */
struct candle_columns {
    char time[CLOCK_TEXT_SIZE];
    char prices[PRICES][NUMBER_TEXT_SIZE]; /* open, high, low, close */
    char ticks[COUNT_SIZE];                /* "" if unknown */
    char volume[NUMBER_TEXT_SIZE];         /* likewise */
};

static struct candle_columns columns_of(const struct candle *candle)
{
    const double prices[PRICES] = {candle->open, candle->high, candle->low, candle->close};
    struct candle_columns columns;
    clock_format_rfc3339(candle->time_ns, columns.time);
    for (int i = 0; i < PRICES; i++) {
        (void)number_format(prices[i], columns.prices[i]);
    }
    columns.ticks[0] = columns.volume[0] = '\0';
    if (candle->has_volume) {
        (void)number_format(candle->volume, columns.volume);
    }
    if (candle->ticks != CANDLE_TICKS_UNKNOWN) {
        (void)snprintf(columns.ticks, sizeof columns.ticks, "%lld", (long long)candle->ticks);
    }
    return columns;
}

void candles_csv_header(const struct candle_marks *marks, struct strbuf *text)
{
    strbuf_append_format(text, "time,coin,open,high,low,close,ticks,%s%sforming,cut,synthetic\n",
                         marks->volumes ? "volume," : "",
                         marks->coverage != NULL ? "live,refilled,hole,unknown," : "");
}

static void append_coverage(const struct candle *candle, const struct candle_marks *marks,
                            struct strbuf *text)
{
    struct coverage_share share = candle_coverage(candle, marks);
    const int64_t parts[] = {share.ns[COVERAGE_LIVE], share.ns[COVERAGE_REFILLED],
                             share.ns[COVERAGE_HOLE], share.unknown_ns};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char number[NUMBER_TEXT_SIZE];
        (void)number_format(coverage_part(&share, parts[i]), number);
        strbuf_append_format(text, ",%s", number);
    }
}

static const char *word_of(bool value)
{
    return value ? "true" : "false";
}

void candles_to_csv(const struct candle_list *candles, const char *coin,
                    const struct candle_marks *marks, struct strbuf *text)
{
    for (size_t i = 0; i < candles->count; i++) {
        const struct candle *candle = &candles->items[i];
        struct candle_columns columns = columns_of(candle);
        strbuf_append_format(text, "%s,%s", columns.time, coin);
        for (int k = 0; k < PRICES; k++) {
            strbuf_append_format(text, ",%s", columns.prices[k]);
        }
        strbuf_append_format(text, ",%s", columns.ticks);
        if (marks->volumes) {
            strbuf_append_format(text, ",%s", columns.volume);
        }
        if (marks->coverage != NULL) {
            append_coverage(candle, marks, text);
        }
        strbuf_append_format(text, ",%s,%s,%s\n", word_of(candle_is_forming(candle, marks)),
                             word_of(candle_is_cut(candle, marks)), word_of(marks->synthetic));
    }
}

static struct table table_with_head(const char *heading, const struct candle_marks *marks)
{
    const char *names[] = {heading, "open", "high", "low", "close",
                           "ticks", NULL,   NULL,   NULL,  NULL};
    size_t count = 1 + PRICES + 1;
    if (marks->volumes) {
        names[count++] = "volume";
    }
    if (marks->coverage != NULL) {
        names[count++] = "covered";
    }
    names[count] = "";
    return table_new_with_head(names);
}

/* Appends a cell such as "100 %" or "80 %, hole". */
static void add_covered(struct table *table, const struct coverage_share *share)
{
    const char *hole = share->ns[COVERAGE_HOLE] > 0 ? ", hole" : "";
    const char *unknown = share->unknown_ns > 0 ? ", unknown" : "";
    table_cell(table, "%.4g %%%s%s", 100 * coverage_covered(share), hole, unknown);
}

/* Appends the volume to 8 decimals, which an amount has at most: a sum of doubles has more. */
static void add_volume(struct table *table, const struct candle *candle)
{
    char number[NUMBER_TEXT_SIZE] = "";
    if (candle->has_volume) {
        (void)number_format(round(candle->volume * VOLUME_UNITS) / VOLUME_UNITS, number);
    }
    table_cell(table, "%s", number);
}

/* Adds what is to be said of the candle: "cut", "forming", and how long the time before it has
 * none. */
static void add_remarks(struct table *table, const struct candle_list *candles, size_t index,
                        const struct candle_marks *marks)
{
    const struct candle *candle = &candles->items[index];
    int64_t gap_ns = candle_gap_ns(candles, index, marks->interval_ns);
    struct strbuf remarks = strbuf_new(REMARKS_LIMIT);
    if (candle_is_cut(candle, marks)) {
        strbuf_append_text(&remarks, "cut");
    }
    if (candle_is_forming(candle, marks)) {
        strbuf_append_text(&remarks, remarks.length > 0 ? ", forming" : "forming");
    }
    if (gap_ns > 0) {
        char gap[CLOCK_TEXT_SIZE];
        candle_gap_format(gap_ns, gap);
        strbuf_append_format(&remarks, "%snone for %s before", remarks.length > 0 ? ", " : "", gap);
    }
    table_cell(table, "%s", strbuf_text(&remarks));
    strbuf_free(&remarks);
}

static void add_candle(struct table *table, const struct candle_list *candles, size_t index,
                       const struct candle_marks *marks)
{
    const struct candle *candle = &candles->items[index];
    struct candle_columns texts = columns_of(candle);
    struct coverage_share share = {.polls = 0};
    if (marks->coverage != NULL) {
        share = candle_coverage(candle, marks);
    }
    table_cell(table, "%s", texts.time);
    for (int k = 0; k < PRICES; k++) {
        table_cell(table, "%s", texts.prices[k]);
    }
    bool of_polls = !marks->volumes; /* each tick is a poll's; a bar or a trade is not */
    /* The expected polls are known up to the last record of coverage; later ticks are not among
     * them. */
    bool told = share.unknown_ns == 0 || share.polls >= candle->ticks;
    if (of_polls && share.polls > 0 && told) {
        table_cell(table, "%s of %lld", texts.ticks, (long long)share.polls);
    } else {
        table_cell(table, "%s", texts.ticks);
    }
    if (marks->volumes) {
        add_volume(table, candle);
    }
    if (marks->coverage != NULL) {
        add_covered(table, &share);
    }
    add_remarks(table, candles, index, marks);
}

void candles_to_table(const struct candle_list *candles, const char *coin,
                      const struct candle_marks *marks, int columns, struct strbuf *text)
{
    struct strbuf heading = strbuf_new(HEADING_LIMIT);
    /* Fit the coin's name to the width of the times below it. */
    fit_append_middle(&heading, str_from(coin), columns > 0 ? COIN_COLUMNS : SIZE_MAX);
    strbuf_append_text(&heading, " (UTC)");
    struct table table = table_with_head(strbuf_text(&heading), marks);
    table.keys = columns > 0 && columns < SIDE_BY_SIDE ? 1 : 0;
    for (size_t i = 0; i < candles->count; i++) {
        add_candle(&table, candles, i, marks);
    }
    table_append_within(&table, columns, text);
    table_free(&table);
    strbuf_free(&heading);
}
