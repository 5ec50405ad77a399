#include "commands/top/top_panes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text/fit.h"
#include "terminal/candle_chart.h"

enum {
    LAG_COLUMNS = 7,
    CLOCK_COLUMNS = 14, /* " 21:04:31 UTC" */
    CLOCK_AT = 11,      /* where the time of day begins in RFC 3339 */
};

static void format_clock(int64_t time_ns, char text[CLOCK_TEXT_SIZE])
{
    clock_format_rfc3339(time_ns - time_ns % NS_PER_SECOND, text);
}

static bool shows_synthetic(const struct top_markets *markets)
{
    bool synthetic = false;
    for (size_t i = 0; !synthetic && i < markets->count; i++) {
        synthetic = markets->items[i].synthetic;
    }
    return synthetic;
}

/* Writes the page's own figures. */
static void draw_figures(const struct top_status *status, const struct canvas_area *row, int column)
{
    if (!isnan(status->ticks_per_second)) {
        column = canvas_print(row, column, 0, TONE_PLAIN, "  %.1f/s", status->ticks_per_second);
    }
    if (status->lag.lag >= 0) {
        (void)canvas_print(row, column, 0, lag_trend_tone(&status->lag), "  lag %lld",
                           (long long)status->lag.lag);
    } else {
        (void)canvas_print(row, column, 0, TONE_WAITING, "  lag unknown");
    }
}

/* Writes what keeps prices from arriving, as far as the page or we know it. Returns false if
 * nothing does. */
static bool draw_trouble(const struct top_answers *answers, const struct canvas_area *row,
                         int column)
{
    const struct top_status *status = &answers->status;
    if (answers->away_since_ns != 0) {
        char since[CLOCK_TEXT_SIZE];
        format_clock(answers->away_since_ns, since);
        (void)canvas_print(row, column, 0, TONE_BAD, "  page away since %.8s: %s", since + CLOCK_AT,
                           answers->away_why);
    } else if (!status->known) {
        (void)canvas_print(row, column, 0, TONE_WAITING, "  waiting for the page's answer");
    } else if (status->waiting_for[0] != '\0') {
        (void)canvas_print(row, column, 0, TONE_WAITING, "  waiting for %s", status->waiting_for);
    } else if (status->no_news[0] != '\0') {
        (void)canvas_print(row, column, 0, TONE_WAITING, "  nothing new: %s", status->no_news);
    } else {
        return false;
    }
    return true;
}

void top_draw_head(const struct top_frame *frame, const struct canvas_area *row)
{
    const struct top_answers *answers = frame->answers;
    char clock[CLOCK_TEXT_SIZE];
    const struct canvas_area left = canvas_part(row, 0, 0, row->columns - CLOCK_COLUMNS, 1);
    format_clock(frame->now_ns, clock);
    (void)canvas_print_right(row, row->columns, 0, TONE_PLAIN, "%.8s UTC", clock + CLOCK_AT);
    int column = canvas_print(&left, 0, 0, TONE_STRONG, "candlewick top");
    if (shows_synthetic(&answers->markets)) {
        column = canvas_print(&left, column, 0, TONE_WAITING, "  synthetic");
    }
    if (!draw_trouble(answers, &left, column)) {
        const char *scheme = strstr(frame->page, "://");
        column = canvas_print(&left, column, 0, TONE_FAINT, "  %s",
                              scheme != NULL ? scheme + strlen("://") : frame->page);
        draw_figures(&answers->status, &left, column);
    }
}

/* Draws a partition: its number, its owner, its lag. */
static void draw_partition(const struct top_partition *partition, const struct canvas_area *area,
                           int row)
{
    bool owned = partition->owner[0] != '\0';
    int room = area->columns - 4 - LAG_COLUMNS;
    struct strbuf owner = strbuf_new(TOP_TEXT_SIZE);
    fit_append_middle(&owner, str_from(owned ? partition->owner : "no owner"),
                      room > 0 ? (size_t)room : 1);
    (void)canvas_print(area, 0, row, TONE_FAINT, "%3d", partition->number);
    (void)canvas_print(area, 4, row, owned ? TONE_PLAIN : TONE_BAD, "%s", strbuf_text(&owner));
    if (partition->lag.lag >= 0) {
        (void)canvas_print_right(area, area->columns, row, lag_trend_tone(&partition->lag), "%lld",
                                 (long long)partition->lag.lag);
    } else {
        (void)canvas_print_right(area, area->columns, row, TONE_FAINT, "–");
    }
    strbuf_free(&owner);
}

void top_draw_owners(const struct top_frame *frame, const struct canvas_area *area)
{
    const struct top_status *status = &frame->answers->status;
    if (status->stream_count == 0) {
        (void)canvas_print(area, 0, 0, TONE_FAINT, "partitions: not known");
        return;
    }
    size_t shown = frame->view->stream % status->stream_count;
    const struct top_stream *stream = &status->streams[shown];
    struct strbuf topic = strbuf_new(TOP_TEXT_SIZE);
    int room = area->columns - LAG_COLUMNS - 4;
    fit_append_middle(&topic, str_from(stream->topic), room > 0 ? (size_t)room : 1);
    int column = canvas_print(area, 0, 0, TONE_STRONG, "%s", strbuf_text(&topic));
    strbuf_free(&topic);
    if (status->stream_count > 1) {
        (void)canvas_print(area, column, 0, TONE_FAINT, " %zu/%zu", shown + 1,
                           status->stream_count);
    }
    if (stream->lag.lag >= 0) {
        (void)canvas_print_right(area, area->columns, 0, lag_trend_tone(&stream->lag), " lag %lld",
                                 (long long)stream->lag.lag);
    }
    if (stream->partition_count == 0) {
        (void)canvas_print(area, 0, 1, TONE_FAINT, "not known");
    }
    size_t rows = (size_t)area->rows - 1;
    bool all = stream->partition_count <= rows;
    size_t drawn = all ? stream->partition_count : rows - 1;
    for (size_t i = 0; i < drawn; i++) {
        draw_partition(&stream->partitions[i], area, (int)i + 1);
    }
    if (!all) {
        (void)canvas_print(area, 0, area->rows - 1, TONE_FAINT, "… %zu more",
                           stream->partition_count - drawn);
    }
}

static const struct top_market *chosen_market(const struct top_frame *frame)
{
    const struct top_markets *markets = &frame->answers->markets;
    for (size_t i = 0; i < markets->count; i++) {
        if (strcmp(markets->items[i].coin, frame->view->coin) == 0) {
            return &markets->items[i];
        }
    }
    return NULL;
}

void top_draw_candles(const struct top_frame *frame, const struct canvas_area *area)
{
    const struct top_answers *answers = frame->answers;
    const struct top_view *view = frame->view;
    const struct top_market *market = chosen_market(frame);
    char interval[CLOCK_TEXT_SIZE], title[TOP_TEXT_SIZE];
    if (market == NULL) {
        return;
    }
    candle_interval_format(view->interval_ns, interval);
    (void)snprintf(title, sizeof title, "%s %s", market->name, interval);
    bool asked = strcmp(answers->candles_of.coin, view->coin) == 0 &&
                 answers->candles_of.interval_ns == view->interval_ns;
    const struct candle_marks marks = {.interval_ns = view->interval_ns,
                                       .now_ns = frame->now_ns,
                                       .from_ns = INT64_MIN,
                                       .to_ns = INT64_MAX};
    const struct candle_chart chart = {
        .candles = &answers->candles, .marks = &marks, .title = title};
    if (asked && answers->candles_refused[0] == '\0' && candle_chart_draw(&chart, area) > 0) {
        return;
    }
    (void)canvas_print(area, 0, 0, TONE_STRONG, "%s", title);
    bool refused = asked && answers->candles_refused[0] != '\0';
    (void)canvas_print(area, 0, 1, refused ? TONE_BAD : TONE_FAINT, "%s",
                       refused  ? answers->candles_refused
                       : !asked ? "asking for candles"
                                : "no candles yet");
}

void top_draw_help(const struct canvas_area *area)
{
    static const char *const lines[][2] = {
        {"j, k, arrows", "next or previous coin; Page Up, Page Down, g and G: further"},
        {"1 to 7", "candles of 1m, 5m, 15m, 1h, 4h, 1d, 1w"},
        {"/", "filter by coin, name or source; Enter keeps it, Esc clears it"},
        {"s, S", "sort by market cap, name, 1 h, 24 h, 7 d; S turns it round"},
        {"f, *", "favourite or not: they come first (as those of --favourites)"},
        {"t", "partitions of the next topic"},
        {"Ctrl-L, Ctrl-Z", "draw all again; suspend"},
        {"q, Ctrl-C", "quit"},
    };
    (void)canvas_print(area, 0, 1, TONE_STRONG, "Keys");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        (void)canvas_print(area, 2, (int)i + 3, TONE_STRONG, "%s", lines[i][0]);
        (void)canvas_print(area, 18, (int)i + 3, TONE_PLAIN, "%s", lines[i][1]);
    }
    (void)canvas_print(area, 0, 12, TONE_FAINT,
                       "Green and red: risen and fallen. A lag is yellow, and red once it grows.");
    (void)canvas_print(area, 0, 13, TONE_FAINT, "Any key goes back.");
}
