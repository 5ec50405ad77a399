#include "source/replay/replay_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text/strbuf.h"
#include "record/bar.h"
#include "record/series.h"
#include "source/coins.h"
#include "source/replay/csv_file_name.h"
#include "source/replay/csv_mark.h"
#include "source/replay/line_reader.h"

enum {
    SAMPLE_LINES = 100, /* lines at the file's beginning that tell how it is written */
    LOOK_LINES = 1000,  /* rows whose times are compared */
    STEPS_MAX = 64,     /* different steps from one time to the next that are counted */
    STEPS_TOLD = 3,     /* fewer say nothing against the file's name */
};

/* The file's first lines. */
struct sample {
    struct strbuf text;
    size_t starts[SAMPLE_LINES + 1];
    struct str lines[SAMPLE_LINES]; /* in `text` */
    int count;
};

static bool read_sample(struct line_reader *reader, const char *path, struct sample *sample,
                        struct error *error)
{
    while (sample->count < SAMPLE_LINES) {
        struct str line = {0};
        enum line_result result = line_reader_next(reader, &line, error);
        if (result == LINE_FAILED) {
            return false;
        }
        if (result == LINE_TOO_LONG && sample->count == 0) {
            return error_set(error, ERROR_USAGE,
                             "%s: its first line is too long for names of columns: do its lines "
                             "end in CR alone? Then convert it: tr '\\r' '\\n' <FILE >ticks.csv",
                             path);
        }
        if (result != LINE_READ) {
            break;
        }
        sample->starts[sample->count++] = sample->text.length;
        strbuf_append(&sample->text, line.data, line.length);
    }
    sample->starts[sample->count] = sample->text.length;
    for (int i = 0; i < sample->count; i++) {
        sample->lines[i] = (struct str){.data = strbuf_text(&sample->text) + sample->starts[i],
                                        .length = sample->starts[i + 1] - sample->starts[i]};
    }
    return true;
}

static bool is_blank(const struct sample *sample)
{
    for (int i = 0; i < sample->count; i++) {
        if (str_trim(sample->lines[i]).length > 0) {
            return false;
        }
    }
    return true;
}

static bool read_dialect(const char *path, struct sample *sample, struct csv_dialect *dialect,
                         struct error *error)
{
    struct line_reader *reader = line_reader_open(path, error);
    bool read = reader != NULL && read_sample(reader, path, sample, error);
    line_reader_close(reader);
    if (read && is_blank(sample)) {
        return error_set(error, ERROR_USAGE,
                         "%s has no header: its first line names the columns, such as "
                         "time,symbol,last_price for ticks, open_time,symbol,timeframe,open,"
                         "high,low,close for bars, or time,symbol,trade_id,price,amount for "
                         "trades",
                         path);
    }
    return read && (csv_dialect_find(sample->lines, sample->count, dialect, error) ||
                    error_prefix(error, "%s", path));
}

static bool add_layout(const struct csv_dialect *dialect, const char *columns, struct str ticker,
                       size_t *capacity, struct replay_plan *plan, struct error *error)
{
    struct csv_layout *layouts =
        array_room(plan->layouts, plan->layout_count, capacity, sizeof *layouts);
    if (layouts == NULL) {
        return error_set(error, ERROR_FATAL, "no memory for the file's columns");
    }
    plan->layouts = layouts;
    struct csv_layout *layout = &layouts[plan->layout_count];
    if (!csv_layout_read(dialect, columns, ticker, layout, error)) {
        return false;
    }
    char symbol[CSV_GIVEN_MAX + 1];
    if (ticker.length > 0 && str_copy(ticker, symbol, sizeof symbol)) {
        (void)csv_layout_give(layout, "symbol", symbol);
    }
    plan->layout_count++;
    return true;
}

/* Returns whether a column before number `at` is of the same stock. */
static bool is_known_ticker(const struct csv_dialect *dialect, struct str ticker, int at)
{
    struct str rest = dialect->tickers, other;
    bool more = true;
    for (int i = 0; i < at && csv_next_field(dialect->style.separator, &rest, &other, &more); i++) {
        if (i > 0 && str_equal(other, ticker)) {
            return true;
        }
    }
    return false;
}

static bool read_layouts(const struct csv_dialect *dialect, const char *columns,
                         struct replay_plan *plan, struct error *error)
{
    size_t capacity = 0;
    struct str rest = dialect->tickers, ticker;
    if (rest.length == 0) {
        return add_layout(dialect, columns, (struct str){0}, &capacity, plan, error);
    }
    bool more = true;
    for (int at = 0; more && at < CSV_HEADER_MAX &&
                     csv_next_field(dialect->style.separator, &rest, &ticker, &more);
         at++) {
        if (at > 0 && ticker.length > 0 && !is_known_ticker(dialect, ticker, at) &&
            !add_layout(dialect, columns, ticker, &capacity, plan, error)) {
            return false;
        }
    }
    return plan->layout_count > 0 ||
           error_set(error, ERROR_USAGE, "its second line, Ticker, names no stock");
}

/* Gives the column to all layouts that lack it; logs from where the value was taken. */
static void give(struct replay_plan *plan, const char *path, const char *column, const char *value,
                 const char *from)
{
    bool given = false;
    for (size_t i = 0; i < plan->layout_count && value[0] != '\0'; i++) {
        given = csv_layout_give(&plan->layouts[i], column, value) || given;
    }
    if (given) {
        log_info("column_taken", log_text("file", path), log_text("column", column),
                 log_text("value", value), log_text("from", from));
    }
}

/* What the times of the rows say. */
struct look {
    struct coin_table series;
    int64_t earlier, later; /* rows that are earlier or later than their series' last one */
    int64_t last_ns;        /* time of the row before */
    bool begun;
    bool mixed; /* a row was earlier than the one before it, or may have been: its time was there
                   twice */
    int64_t steps_ns[STEPS_MAX], times[STEPS_MAX];
    int step_count;
};

static void count_step(struct look *look, int64_t step_ns)
{
    int at = 0;
    while (at < look->step_count && look->steps_ns[at] != step_ns) {
        at++;
    }
    if (at == look->step_count && at < STEPS_MAX) {
        look->steps_ns[look->step_count++] = step_ns;
    }
    look->times[at < STEPS_MAX ? at : 0] += at < STEPS_MAX ? 1 : 0;
}

/* Writes the name of the row's series: its symbol and, if the file has a column for it, its
 * timeframe, as they are in the file. */
static bool name_series(const struct csv_layout *layout, const struct csv_fields *fields,
                        char name[RECORD_SERIES_MAX + 1])
{
    struct strbuf text = strbuf_new(RECORD_SERIES_MAX);
    strbuf_append_str(&text, fields->column[layout->key]);
    if (layout->timeframe >= 0) {
        strbuf_append_char(&text, ' ');
        strbuf_append_str(&text, fields->column[layout->timeframe]);
    }
    bool named = str_copy(str_trim(strbuf_str(&text)), name, RECORD_SERIES_MAX + 1);
    strbuf_free(&text);
    return named && name[0] != '\0';
}

static void look_at_row(const struct csv_layout *layout, struct str line, bool among_first,
                        const struct csv_zone *zone, struct look *look)
{
    struct csv_fields fields;
    struct csv_reading reading = {.zone = *zone};
    int64_t time_ns = 0;
    char name[RECORD_SERIES_MAX + 1];
    if (!csv_split(layout, line, &fields) || !csv_read_time(layout, &fields, &reading, &time_ns) ||
        !name_series(layout, &fields, name)) {
        return;
    }
    if (reading.again_ns > 0) {
        look->mixed = true;
        return;
    }
    look->mixed = look->mixed || (look->begun && time_ns < look->last_ns);
    look->begun = true;
    look->last_ns = time_ns;
    struct coin *series = among_first ? coin_table_add(&look->series, str_from(name)) : NULL;
    if (series == NULL) {
        return;
    }
    if (series->seen && time_ns != series->last_input_ns) {
        bool later = time_ns > series->last_input_ns;
        look->earlier += later ? 0 : 1;
        look->later += later ? 1 : 0;
        int64_t step_ns = 0;
        if (!__builtin_sub_overflow(time_ns, series->last_input_ns, &step_ns)) {
            count_step(look, step_ns < 0 ? -step_ns : step_ns);
        }
    }
    series->seen = true;
    series->last_input_ns = time_ns;
}

/* Compares the times of the file's rows; `all`: of the whole file. */
static bool look_ahead(const struct replay_config *config, const struct replay_plan *plan, bool all,
                       struct look *look, struct error *error)
{
    const struct csv_zone zone = {.east_s = config->zone_s, .named = config->zone != NULL};
    struct line_reader *reader = line_reader_open(config->path, error);
    const int64_t first_lines = plan->lines_before + LOOK_LINES;
    for (int64_t at = 0; reader != NULL && (all || at < first_lines); at++) {
        struct error ignored = {0}; /* the replay itself meets and reports the same error */
        struct str line = {0};
        if (config->stop != NULL && at % LOOK_LINES == 0 && stop_requested(config->stop)) {
            line_reader_close(reader);
            return error_set(error, ERROR_RETRY, "stopped while %s was read", config->path);
        }
        enum line_result result = line_reader_next(reader, &line, &ignored);
        if (result == LINE_END || result == LINE_FAILED) {
            break;
        }
        if (result == LINE_READ && at >= plan->lines_before) {
            look_at_row(&plan->layouts[0], line, at < first_lines, &zone, look);
        }
    }
    bool opened = reader != NULL;
    line_reader_close(reader);
    return opened;
}

/* Returns the timeframe whose length is the most frequent step; "": there is none. */
static const char *timeframe_of_steps(const struct look *look)
{
    static const char *const timeframes[] = {"1m", "3m", "5m", "15m", "30m", "1h", "2h",
                                             "4h", "6h", "8h", "12h", "1d",  "3d", "1w"};
    int most = 0;
    for (int i = 1; i < look->step_count; i++) {
        most = look->times[i] > look->times[most] ? i : most;
    }
    for (size_t i = 0; i < sizeof timeframes / sizeof timeframes[0] && look->step_count > 0; i++) {
        int64_t length_ns = 0;
        if (bar_timeframe_find(str_from(timeframes[i]), &length_ns) &&
            length_ns == look->steps_ns[most]) {
            return timeframes[i];
        }
    }
    const int64_t day_ns = 86400 * NS_PER_SECOND;
    bool months = look->step_count > 0 &&
                  (look->steps_ns[most] == 31 * day_ns || look->steps_ns[most] == 30 * day_ns);
    return months ? "1M" : "";
}

static bool complete(const char *path, const struct csv_dialect *dialect, struct replay_plan *plan,
                     struct error *error)
{
    for (size_t i = 0; i < plan->layout_count; i++) {
        if (!csv_layout_complete(dialect, &plan->layouts[i], error)) {
            return false;
        }
    }
    if (plan->layout_count == 1 && plan->layouts[0].ignored[0] != '\0') {
        log_info("columns_ignored", log_text("file", path),
                 log_text("columns", plan->layouts[0].ignored));
    }
    return true;
}

/* Finds the decimal mark of the sample's rows. */
static void find_mark(const struct sample *sample, struct replay_plan *plan)
{
    int before = plan->lines_before < sample->count ? plan->lines_before : sample->count;
    bool comma =
        csv_mark_is_comma(&plan->layouts[0], sample->lines + before, sample->count - before);
    for (size_t i = 0; i < plan->layout_count; i++) {
        plan->layouts[i].style.decimal_comma = comma;
    }
}

/* Returns whether the name's timeframe fits the times. For bars that are all a day or more apart it
 * cannot be shorter than a day: the 1 of AAPL_1.csv may be the number of a copy. */
static bool fits_times(const char *timeframe, const struct look *look)
{
    int64_t length_ns = 0, steps = 0;
    bool days = true;
    for (int i = 0; i < look->step_count; i++) {
        steps += look->times[i];
        days = days && look->steps_ns[i] >= NS_PER_DAY;
    }
    bool shorter = bar_timeframe_find(str_from(timeframe), &length_ns) && length_ns > 0 &&
                   length_ns < NS_PER_DAY;
    return !days || !shorter || steps < STEPS_TOLD;
}

static bool make_plan(const struct replay_config *config, const struct csv_dialect *dialect,
                      const struct sample *sample, struct replay_plan *plan, struct error *error)
{
    plan->lines_before = dialect->lines_before;
    if (!read_layouts(dialect, config->columns, plan, error)) {
        return error_prefix(error, "%s", config->path);
    }
    find_mark(sample, plan);
    bool bars = plan->layouts[0].form->kind == &bar_kind;
    const struct csv_file_name name = csv_file_name_of(config->path);
    if (bars) {
        give(plan, config->path, "symbol", name.symbol, "the file's name");
    }
    struct look look = {.earlier = 0};
    bool looked = look_ahead(config, plan, config->paced, &look, error);
    if (looked && bars && fits_times(name.timeframe, &look)) {
        give(plan, config->path, "timeframe", name.timeframe, "the file's name");
    }
    if (looked && bars) {
        give(plan, config->path, "timeframe", timeframe_of_steps(&look), "most steps of its times");
    }
    coin_table_free(&look.series);
    plan->newest_first = look.earlier > 0 && look.later == 0;
    plan->sort = plan->newest_first || (config->paced && look.mixed);
    if (plan->sort) {
        log_info("rows_sorted", log_text("file", config->path),
                 log_text("why", plan->newest_first ? "its newest rows come first"
                                                    : "its rows are not in the order of time"));
    }
    return looked && (complete(config->path, dialect, plan, error) ||
                      error_prefix(error, "%s", config->path));
}

bool replay_plan_read(const struct replay_config *config, struct replay_plan *plan,
                      struct error *error)
{
    struct sample sample = {.text = strbuf_new(SIZE_MAX)};
    struct csv_dialect dialect;
    *plan = (struct replay_plan){.layouts = NULL};
    bool made = read_dialect(config->path, &sample, &dialect, error) &&
                make_plan(config, &dialect, &sample, plan, error);
    if (made && dialect.known_form != NULL) {
        log_info("file_form", log_text("file", config->path), log_text("form", dialect.known_form));
    }
    strbuf_free(&sample.text);
    return made;
}

void replay_plan_free(struct replay_plan *plan)
{
    free(plan->layouts);
    plan->layouts = NULL;
}
