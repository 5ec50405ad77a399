/* The source that replays recorded ticks, trades or bars. The same file yields the same records,
 * with the same identities, in every run. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "record/bar.h"
#include "record/series.h"
#include "source/coins.h"
#include "source/replay/file_kind.h"
#include "source/replay/line_reader.h"
#include "source/replay/replay_csv.h"
#include "source/replay/replay_order.h"
#include "source/sources.h"

enum {
    LINES_PER_BATCH = 1000,
    LINES_NAMED = 20,  /* broken lines that are logged one by one; the others are only in the
                          summary */
    LINE_SHOWN = 120,  /* bytes of a broken line that are logged */
    LOOK_LINES = 1000, /* rows at the start of the file that check_direction() compares */
};

struct replay {
    char *path;
    char first_unknown[RECORD_KEY_MAX + 1]; /* the first coin of the file that was not asked for */
    struct line_reader *reader;
    struct csv_layout layout;
    struct csv_zone zone;
    bool all; /* all coins are wanted; else only those in `wanted` */
    struct coin_table wanted;
    struct replay_order order;
    int64_t run_id;
    struct row_counts counts; /* since the start of the file */
    int64_t broken;           /* rows rejected for a reason other than those of is_expected() */
    bool zone_told;
    atomic_int permille; /* how much of the file was read; any thread reads it */
    bool summed_up;
};

static const struct record_kind *kind_of(const struct replay *replay)
{
    return replay->layout.form->kind;
}

/* Logs the summary that ends a replay, even one that was stopped early. */
static void sum_up(struct replay *replay, const char *event)
{
    struct log_field fields[4 + ROW_FAULTS];
    size_t count = 0;
    if (replay->summed_up) {
        return;
    }
    replay->summed_up = true;
    fields[count++] = log_text("file", replay->path);
    fields[count++] = log_int("rows", replay->counts.rows);
    fields[count++] = log_int(kind_of(replay)->records, replay->counts.records);
    for (int i = 0; i < ROW_FAULTS; i++) {
        if (replay->counts.rejected[i] > 0) {
            fields[count++] = log_int(row_fault_names[i], replay->counts.rejected[i]);
        }
    }
    if (replay->broken > LINES_NAMED) {
        fields[count++] = log_int("not_named", replay->broken - LINES_NAMED);
    }
    log_write(replay->broken > 0 ? LOG_WARN : LOG_INFO, event, fields, count);
}

static void replay_destroy(void *state)
{
    struct replay *replay = state;
    if (replay->counts.rows > 0) {
        sum_up(replay, "replay_stopped");
    }
    line_reader_close(replay->reader);
    coin_table_free(&replay->wanted);
    replay_order_free(&replay->order);
    free(replay->path);
    free(replay);
}

/* Returns whether the fault is only counted in the summary, because the line itself is not
 * wrong. */
static bool is_expected(enum row_fault fault)
{
    return fault == ROW_UNKNOWN_COIN || fault == ROW_REPEAT;
}

/* `earlier_line` is where the row is that this one contradicts; for ROW_CONFLICT only. */
static void name_broken_line(struct replay *replay, struct str line, enum row_fault fault,
                             int64_t earlier_line)
{
    if (is_expected(fault)) {
        return;
    }
    replay->broken++;
    if (replay->broken > LINES_NAMED) {
        return;
    }
    line.length = line.length > LINE_SHOWN ? LINE_SHOWN : line.length;
    struct log_field fields[5];
    size_t count = 0;
    fields[count++] = log_text("file", replay->path);
    fields[count++] = log_int("line", line_reader_number(replay->reader));
    fields[count++] = log_text("reason", row_fault_names[fault]);
    if (fault == ROW_CONFLICT) {
        fields[count++] = log_int("other_line", earlier_line);
    }
    fields[count++] = log_str("text", line);
    log_write(LOG_WARN, "line_rejected", fields, count);
}

/* What became of a line. */
struct row_outcome {
    enum row_fault fault; /* ROW_FAULTS: it is a record */
    int64_t earlier_line; /* see name_broken_line() */
    bool no_memory;
};

/* Reads one line into one record. */
static struct row_outcome read_row(struct replay *replay, struct str line, void *record)
{
    struct csv_fields fields;
    struct row_outcome outcome = {.fault = ROW_BAD_SHAPE};
    if (!csv_split(&replay->layout, line, &fields)) {
        return outcome;
    }
    /* Check the coin first: what is wrong with a row of a coin that was not asked for does not
     * matter. */
    struct str symbol = fields.column[replay->layout.key];
    if (!replay->all && kind_of(replay)->tags[0].valid(symbol) &&
        coin_table_find(&replay->wanted, symbol) == NULL) {
        if (replay->counts.rejected[ROW_UNKNOWN_COIN] == 0) {
            (void)str_copy(symbol, replay->first_unknown, sizeof replay->first_unknown);
        }
        outcome.fault = ROW_UNKNOWN_COIN;
        return outcome;
    }
    outcome.fault = csv_read(&replay->layout, &fields, &replay->zone, record);
    if (replay->zone.needed && !replay->zone_told) {
        replay->zone_told = true;
        log_info("times_without_zone", log_text("file", replay->path),
                 log_int("taken_as_seconds_east_of_utc", replay->zone.east_s),
                 log_text("otherwise", kind_of(replay) == &bar_kind
                                           ? "--zone +01:00, for bars shorter than a day"
                                           : "--zone +01:00"));
    }
    if (outcome.fault == ROW_FAULTS) {
        outcome.no_memory =
            !replay_order_take(&replay->order, record, line_reader_number(replay->reader),
                               &outcome.fault, &outcome.earlier_line);
    }
    return outcome;
}

/* Returns whether the last line has no line end and no closing quote, so that it may be
 * truncated. */
static bool may_be_cut(const struct replay *replay, struct str line)
{
    return !line_reader_complete(replay->reader) &&
           (line.length == 0 || line.data[line.length - 1] != '"');
}

/* Adds the line's record to the batch, or counts the line's fault. Returns false when memory runs
 * out. */
static bool take_line(struct replay *replay, enum line_result result, struct str line,
                      struct source_batch *batch)
{
    void *record = source_batch_add(batch);
    struct row_outcome outcome = {.fault = ROW_BAD_SHAPE, .no_memory = record == NULL};
    replay->counts.rows++;
    if (!outcome.no_memory && result == LINE_READ && may_be_cut(replay, line)) {
        outcome.fault = ROW_UNFINISHED;
    } else if (!outcome.no_memory && result == LINE_READ) {
        outcome = read_row(replay, line, record);
    }
    if (outcome.no_memory) {
        return false;
    }
    if (outcome.fault != ROW_FAULTS) {
        batch->count--;
        replay->counts.rejected[outcome.fault]++;
        name_broken_line(replay, line, outcome.fault, outcome.earlier_line);
        return true;
    }
    replay->counts.records++;
    if (batch->kind->run != NULL) {
        column_set_int64(batch->kind->seq, record, replay->counts.rows);
        column_set_int64(batch->kind->run, record, replay->run_id);
    }
    return true;
}

static enum row_fault main_fault(const struct replay *replay)
{
    int most = 0;
    for (int i = 1; i < ROW_FAULTS; i++) {
        most = replay->counts.rejected[i] > replay->counts.rejected[most] ? i : most;
    }
    return (enum row_fault)most;
}

/* Fails when the file had no record, with the reason: nobody replays a file to get nothing. */
static bool there_were_records(const struct replay *replay, struct error *error)
{
    if (replay->counts.records > 0) {
        return true;
    }
    if (replay->counts.rows == 0) {
        return error_set(error, ERROR_FATAL, "%s has a header and no row", replay->path);
    }
    enum row_fault fault = main_fault(replay);
    const char *remedy = replay->layout.form->remedies[fault];
    if (fault == ROW_UNKNOWN_COIN) {
        return error_set(error, ERROR_FATAL,
                         "%s: no row is of a coin that was asked for, the first is of %s: name it "
                         "in --coins, or --coins ALL",
                         replay->path, replay->first_unknown);
    }
    return error_set(error, ERROR_FATAL, "%s: no row could be taken, %lld of %lld are %s%s%s",
                     replay->path, (long long)replay->counts.rejected[fault],
                     (long long)replay->counts.rows, row_fault_names[fault],
                     remedy != NULL ? ": " : "", remedy != NULL ? remedy : "");
}

static enum source_next read_batch(struct replay *replay, struct source_batch *batch,
                                   struct error *error)
{
    for (int i = 0; i < LINES_PER_BATCH; i++) {
        struct str line = {0};
        enum line_result result = line_reader_next(replay->reader, &line, error);
        if (result == LINE_END || result == LINE_FAILED) {
            /* The failure is returned again by the next call; deliver first what was read before
             * it. */
            if (batch->count > 0) {
                return SOURCE_BATCH;
            }
            bool read = result == LINE_END && there_were_records(replay, error);
            sum_up(replay, read ? "replay_read" : "replay_failed");
            return read ? SOURCE_END : SOURCE_ERROR;
        }
        if (result == LINE_READ && str_trim(line).length == 0) {
            continue;
        }
        if (!take_line(replay, result, line, batch)) {
            (void)error_set(error, ERROR_FATAL, "%s: no memory for line %lld (at most %d series)",
                            replay->path, (long long)line_reader_number(replay->reader), COINS_MAX);
            sum_up(replay, "replay_failed");
            return SOURCE_ERROR;
        }
    }
    return SOURCE_BATCH;
}

static enum source_next replay_next(void *state, struct source_batch *batch,
                                    struct row_counts *counts, struct error *error)
{
    struct replay *replay = state;
    struct row_counts before = replay->counts;
    source_batch_begin(batch, kind_of(replay), true);
    enum source_next next = read_batch(replay, batch, error);
    atomic_store(&replay->permille, (int)(1000 * line_reader_share(replay->reader)));
    counts->rows += replay->counts.rows - before.rows;
    counts->records += replay->counts.records - before.records;
    for (int i = 0; i < ROW_FAULTS; i++) {
        counts->rejected[i] += replay->counts.rejected[i] - before.rejected[i];
    }
    return next;
}

static double replay_share(void *state)
{
    struct replay *replay = state;
    return atomic_load(&replay->permille) / 1000.0;
}

static bool read_header(struct replay *replay, struct line_reader *reader, const char *columns,
                        struct error *error)
{
    struct str line = {0};
    for (;;) {
        switch (line_reader_next(reader, &line, error)) {
        case LINE_READ:
            if (str_trim(line).length == 0) {
                continue;
            }
            return csv_layout_read(line, columns, &replay->layout, error) ||
                   error_prefix(error, "%s", replay->path);
        case LINE_FAILED:
            return false;
        case LINE_TOO_LONG:
            return error_set(error, ERROR_USAGE,
                             "%s: its first line is too long for names of columns: do its lines "
                             "end in CR alone? Then convert it: tr '\\r' '\\n' <FILE >ticks.csv",
                             replay->path);
        case LINE_END:
        default:
            return error_set(error, ERROR_USAGE,
                             "%s has no header: its first line names the columns, such as "
                             "time,symbol,last_price for ticks, open_time,symbol,timeframe,open,"
                             "high,low,close for bars, or time,symbol,trade_id,price,amount for "
                             "trades",
                             replay->path);
        }
    }
}

/* Counts in which direction the times of the first rows go. */
struct direction {
    struct coin_table series;
    int64_t earlier, later; /* rows that are earlier or later than their series' last one */
};

static void look_at_row(struct replay *replay, struct str line, struct direction *direction)
{
    struct csv_fields fields;
    struct csv_zone zone = replay->zone;
    union record_room record = {.bytes = {0}};
    if (!csv_split(&replay->layout, line, &fields) ||
        csv_read(&replay->layout, &fields, &zone, &record) != ROW_FAULTS) {
        return;
    }
    char name[RECORD_SERIES_MAX + 1];
    series_of(kind_of(replay), &record, name);
    struct coin *series = coin_table_add(&direction->series, str_from(name));
    if (series == NULL) {
        return;
    }
    int64_t time_ns = column_int64(kind_of(replay)->moment, &record);
    if (series->seen) {
        direction->earlier += time_ns < series->last_input_ns ? 1 : 0;
        direction->later += time_ns > series->last_input_ns ? 1 : 0;
    }
    series->seen = true;
    series->last_input_ns = time_ns;
}

/* Rejects a file whose newest rows are first: all but the first row of each series would be lost,
 * or, of a kind in any order, none would wait for its time. Uses its own line reader. */
static bool check_direction(struct replay *replay, const char *columns, struct error *error)
{
    struct direction direction = {.earlier = 0};
    struct str line = {0};
    struct line_reader *reader = line_reader_open(replay->path, error);
    bool read = reader != NULL && read_header(replay, reader, columns, error);
    for (int i = 0; read && i < LOOK_LINES; i++) {
        struct error ignored = {0}; /* the replay itself meets and reports the same error */
        enum line_result result = line_reader_next(reader, &line, &ignored);
        if (result == LINE_END || result == LINE_FAILED) {
            break;
        }
        if (result == LINE_READ) {
            look_at_row(replay, line, &direction);
        }
    }
    line_reader_close(reader);
    coin_table_free(&direction.series);
    if (read && direction.earlier > 0 && direction.later == 0) {
        return error_set(error, ERROR_USAGE,
                         "%s: its newest rows come first, and a replay goes forward in time: sort "
                         "it, as in (head -n 1 FILE; tail -n +2 FILE | tac) >sorted.csv",
                         replay->path);
    }
    return read;
}

static bool open_replay(struct replay *replay, const struct replay_config *config,
                        struct error *error)
{
    uint64_t hash = 0;
    replay->path = strdup(config->path);
    if (replay->path == NULL) {
        return error_set(error, ERROR_FATAL, "cannot read %s: no memory", config->path);
    }
    replay->reader = line_reader_open(config->path, error);
    replay->zone.east_s = config->zone_s;
    if (replay->reader == NULL || !line_reader_scan(replay->reader, config->stop, &hash, error)) {
        return false;
    }
    if (!file_kind_is_text(line_reader_head(replay->reader), error)) {
        return error_prefix(error, "%s", replay->path);
    }
    if (!read_header(replay, replay->reader, config->columns, error) ||
        !check_direction(replay, config->columns, error) ||
        !coins_parse(config->coins, kind_of(replay), &replay->wanted, &replay->all, error)) {
        return false;
    }
    replay->order.kind = kind_of(replay);
    if (replay->layout.ignored[0] != '\0') {
        log_info("columns_ignored", log_text("file", replay->path),
                 log_text("columns", replay->layout.ignored));
    }
    replay->run_id = (int64_t)(hash & INT64_MAX);
    return true;
}

struct source *replay_source_create(const struct replay_config *config, struct error *error)
{
    struct source *source = calloc(1, sizeof *source);
    struct replay *replay = calloc(1, sizeof *replay);
    if (source == NULL || replay == NULL) {
        free(source);
        free(replay);
        (void)error_set(error, ERROR_FATAL, "cannot read %s: no memory", config->path);
        return NULL;
    }
    if (!open_replay(replay, config, error)) {
        replay_destroy(replay);
        free(source);
        return NULL;
    }
    *source = (struct source){.name = "replay",
                              .kind = kind_of(replay),
                              .state = replay,
                              .next = replay_next,
                              .share = replay_share,
                              .destroy = replay_destroy};
    return source;
}
