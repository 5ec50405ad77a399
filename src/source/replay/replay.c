/* The source that replays recorded ticks, trades or bars. The same file yields the same records,
 * with the same identities, in every run. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "record/bar.h"
#include "record/names.h"
#include "record/series.h"
#include "record/ticker.h"
#include "source/coins.h"
#include "source/replay/csv_zone.h"
#include "source/replay/file_kind.h"
#include "source/replay/line_reader.h"
#include "source/replay/replay_loop.h"
#include "source/replay/replay_order.h"
#include "source/replay/replay_plan.h"
#include "source/replay/replay_sort.h"
#include "source/sources.h"

enum {
    LINES_PER_BATCH = 1000,
    LINES_NAMED = 20,   /* broken lines that are logged one by one; the others are only in the
                           summary */
    LINE_SHOWN = 120,   /* bytes of a broken line that are logged */
    SOURCE_LETTERS = 7, /* of the content's hash, in the name of a file's own source */
};

struct replay {
    char *path;
    char source[SOURCE_MAX + 1];            /* of records that name none */
    char first_unknown[RECORD_KEY_MAX + 1]; /* the first coin of the file that was not asked for */
    struct line_reader *reader;
    struct replay_plan plan;
    struct csv_reading reading;
    bool all; /* all coins are wanted; else only those in `wanted` */
    struct coin_table wanted;
    struct coin_table clocks; /* the time of each series' last row, to decide between two times
                                 where the clocks were put back */
    struct replay_order order;
    struct replay_sort *sort; /* NULL: the rows are taken as they come */
    bool sorted;              /* all rows were read and sorted */
    int64_t run_id;
    bool loops; /* the file is read again and again */
    struct replay_loop loop;
    int64_t rows_before;      /* rows of the rounds before this one */
    struct row_counts counts; /* of all rounds */
    int64_t broken;           /* rows rejected for a reason other than those of is_expected() */
    bool zone_told, slash_told;
    atomic_int permille; /* how much of the file was read; any thread reads it */
    bool ended;
    struct error failure;
    bool summed_up;
};

static const struct record_kind *kind_of(const struct replay *replay)
{
    return replay->plan.layouts[0].form->kind;
}

/* Logs the summary that ends a replay, even one that was stopped early. */
static void sum_up(struct replay *replay, const char *event)
{
    struct log_field fields[5 + ROW_FAULTS];
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
    if (replay->reading.volumes_swapped > 0) {
        fields[count++] = log_int("volumes_put_right", replay->reading.volumes_swapped);
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
    replay_plan_free(&replay->plan);
    replay_sort_destroy(replay->sort);
    coin_table_free(&replay->wanted);
    coin_table_free(&replay->clocks);
    replay_order_free(&replay->order);
    free(replay->path);
    free(replay);
}

/* Returns whether the fault is only counted in the summary, because the line itself is not
 * wrong. */
static bool is_expected(enum row_fault fault)
{
    return fault == ROW_UNKNOWN_COIN || fault == ROW_REPEAT || fault == ROW_NO_PRICE;
}

/* A row of the file: where it is, and its text (of length 0 where it is no longer known). */
struct row {
    int64_t line;
    struct str text;
};

/* What became of a row. */
struct row_outcome {
    enum row_fault fault; /* ROW_FAULTS: it is a record */
    int64_t earlier_line; /* where the row is that this one contradicts; for ROW_CONFLICT only */
    bool no_memory;
};

static void refuse_row(struct replay *replay, const struct row *row,
                       const struct row_outcome *outcome)
{
    replay->counts.rejected[outcome->fault]++;
    if (is_expected(outcome->fault) || replay->loop.round > 0 || ++replay->broken > LINES_NAMED) {
        return;
    }
    struct str text = row->text;
    text.length = text.length > LINE_SHOWN ? LINE_SHOWN : text.length;
    struct log_field fields[5];
    size_t count = 0;
    fields[count++] = log_text("file", replay->path);
    fields[count++] = log_int("line", row->line);
    fields[count++] = log_text("reason", row_fault_names[outcome->fault]);
    if (outcome->fault == ROW_CONFLICT) {
        fields[count++] = log_int("other_line", outcome->earlier_line);
    }
    if (text.length > 0) {
        fields[count++] = log_str("text", text);
    }
    log_write(LOG_WARN, "line_rejected", fields, count);
}

/* Logs once what was taken for granted about the rows. */
static void tell_reading(struct replay *replay)
{
    if (replay->reading.zone_needed && !replay->zone_told) {
        replay->zone_told = true;
        const char *zone = getenv("TZ");
        log_info("times_without_zone", log_text("file", replay->path),
                 replay->reading.zone.named
                     ? log_text("taken_as", zone != NULL ? zone : "")
                     : log_int("taken_as_seconds_east_of_utc", replay->reading.zone.east_s),
                 log_text("otherwise", kind_of(replay) == &bar_kind
                                           ? "--zone +01:00, for bars shorter than a day"
                                           : "--zone +01:00"));
    }
    if (replay->reading.slash_dropped && !replay->slash_told) {
        replay->slash_told = true;
        log_info("symbols_without_slash", log_text("file", replay->path),
                 log_text("example", "BTC/USD is taken as BTCUSD"));
    }
}

/* Chooses the time of a row whose wall clock time occurred twice, because the clocks were put back:
 * the one that fits the order of the file. Returns false when memory runs out. */
static bool settle_twice(struct replay *replay, void *record)
{
    const struct record_kind *kind = kind_of(replay);
    char name[RECORD_SERIES_MAX + 1];
    series_of(kind, record, name);
    struct coin *series = coin_table_add(&replay->clocks, str_from(name));
    if (series == NULL) {
        return false;
    }
    int64_t first_ns = column_int64(kind->moment, record);
    int64_t second_ns = first_ns + replay->reading.again_ns;
    /* Two bars never begin at one time, but ticks and trades do. */
    int64_t same = kind == &bar_kind ? 0 : 1;
    bool second = replay->plan.newest_first
                      ? !series->seen || second_ns < series->last_input_ns + same
                      : series->seen && first_ns <= series->last_input_ns - same;
    series->seen = true;
    series->last_input_ns = second ? second_ns : first_ns;
    if (second && second_ns != first_ns) {
        column_set_int64(kind->moment, record, second_ns);
        record_complete(kind, record);
    }
    return true;
}

/* Reads a row of one of the layouts into one record, which has no place in the order yet. */
static struct row_outcome read_row(struct replay *replay, const struct csv_layout *layout,
                                   struct str line, void *record)
{
    struct csv_fields fields;
    struct row_outcome outcome = {.fault = ROW_BAD_SHAPE};
    if (!csv_split(layout, line, &fields)) {
        return outcome;
    }
    /* Check the coin first: what is wrong with a row of a coin that was not asked for does not
     * matter. */
    char plain[RECORD_KEY_MAX + 1];
    struct str symbol = csv_symbol(fields.column[layout->key], plain);
    if (!replay->all && kind_of(replay)->tags[0].valid(symbol) &&
        coin_table_find(&replay->wanted, symbol) == NULL) {
        if (replay->counts.rejected[ROW_UNKNOWN_COIN] == 0) {
            (void)str_copy(symbol, replay->first_unknown, sizeof replay->first_unknown);
        }
        outcome.fault = ROW_UNKNOWN_COIN;
        return outcome;
    }
    outcome.fault = csv_read(layout, &fields, &replay->reading, record);
    if (replay->loops) {
        /* Times are made up in all rounds but the first: every record says so, whatever source the
         * file names. */
        (void)column_set_text(kind_of(replay)->source, record, str_from(replay->source));
    }
    tell_reading(replay);
    outcome.no_memory =
        outcome.fault == ROW_FAULTS && replay->reading.zone.named && !settle_twice(replay, record);
    return outcome;
}

/* Returns whether the last line has no line end and no closing quote, so that it may be
 * truncated. */
static bool may_be_cut(const struct replay *replay, struct str line)
{
    return !line_reader_complete(replay->reader) &&
           (line.length == 0 || line.data[line.length - 1] != '"');
}

static bool no_memory(const struct replay *replay, int64_t line, struct error *error)
{
    return error_set(error, ERROR_FATAL, "%s: no memory for line %lld (at most %d series)",
                     replay->path, (long long)line, COINS_MAX);
}

/* Finds the place of the batch's last record, row number `number` of the file, in the order of its
 * series; a record that has none is taken out and counted. */
static bool place_record(struct replay *replay, const struct row *row, int64_t number,
                         struct source_batch *batch, struct error *error)
{
    void *record = source_batch_at(batch, batch->count - 1);
    struct row_outcome outcome = {.fault = ROW_FAULTS};
    if (!replay_order_take(&replay->order, record, row->line, &outcome.fault,
                           &outcome.earlier_line)) {
        return no_memory(replay, row->line, error);
    }
    if (outcome.fault != ROW_FAULTS) {
        batch->count--;
        refuse_row(replay, row, &outcome);
        return true;
    }
    if (batch->kind->run != NULL) {
        column_set_int64(batch->kind->seq, record, number);
        column_set_int64(batch->kind->run, record, replay->run_id);
    }
    if (replay->loops) {
        replay_loop_move(&replay->loop, record);
    }
    replay->counts.records++;
    return true;
}

/* Adds the record of a row of one layout to the batch or the sort, or counts the row's fault. */
static bool take_row(struct replay *replay, const struct csv_layout *layout,
                     enum line_result result, const struct row *row, struct source_batch *batch,
                     struct error *error)
{
    void *record = source_batch_add(batch);
    struct row_outcome outcome = {.fault = ROW_BAD_SHAPE, .no_memory = record == NULL};
    replay->counts.rows++;
    if (!outcome.no_memory && result == LINE_READ) {
        if (may_be_cut(replay, row->text)) {
            outcome.fault = ROW_UNFINISHED;
        } else {
            outcome = read_row(replay, layout, row->text, record);
        }
    }
    if (outcome.no_memory) {
        return no_memory(replay, row->line, error);
    }
    if (outcome.fault != ROW_FAULTS) {
        batch->count--;
        refuse_row(replay, row, &outcome);
        return true;
    }
    if (replay->sort == NULL) {
        return place_record(replay, row, replay->counts.rows - replay->rows_before, batch, error);
    }
    batch->count--;
    return replay_sort_add(replay->sort,
                           &(struct sorted_row){.line = row->line,
                                                .row = replay->counts.rows - replay->rows_before,
                                                .record = record},
                           error);
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
    const char *remedy = replay->plan.layouts[0].form->remedies[fault];
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

/* What reading some of the file came to. */
enum progress { PROGRESS_MORE, PROGRESS_END, PROGRESS_FAILED };

/* Reads up to LINES_PER_BATCH lines. */
static enum progress read_lines(struct replay *replay, struct source_batch *batch,
                                struct error *error)
{
    for (int i = 0; i < LINES_PER_BATCH; i++) {
        struct row row = {.line = 0};
        enum line_result result = line_reader_next(replay->reader, &row.text, error);
        if (result == LINE_END || result == LINE_FAILED) {
            return result == LINE_END ? PROGRESS_END : PROGRESS_FAILED;
        }
        row.line = line_reader_number(replay->reader);
        if (row.line <= replay->plan.lines_before ||
            (result == LINE_READ && str_trim(row.text).length == 0)) {
            continue;
        }
        for (size_t k = 0; k < replay->plan.layout_count; k++) {
            if (!take_row(replay, &replay->plan.layouts[k], result, &row, batch, error)) {
                return PROGRESS_FAILED;
            }
        }
    }
    return PROGRESS_MORE;
}

/* Takes up to LINES_PER_BATCH rows from the sort. */
static enum progress take_sorted(struct replay *replay, struct source_batch *batch,
                                 struct error *error)
{
    for (int i = 0; i < LINES_PER_BATCH; i++) {
        struct sorted_row sorted;
        if (!replay_sort_next(replay->sort, &sorted, error)) {
            return PROGRESS_FAILED;
        }
        if (sorted.record == NULL) {
            return PROGRESS_END;
        }
        void *record = source_batch_add(batch);
        if (record == NULL) {
            (void)no_memory(replay, sorted.line, error);
            return PROGRESS_FAILED;
        }
        memcpy(record, sorted.record, batch->kind->size);
        const struct row row = {.line = sorted.line};
        if (!place_record(replay, &row, sorted.row, batch, error)) {
            return PROGRESS_FAILED;
        }
    }
    return PROGRESS_MORE;
}

/* Reads some of the file: lines into the batch; or, to sort them, first all lines into the sort and
 * then rows from it. */
static enum progress go_on(struct replay *replay, struct source_batch *batch, struct error *error)
{
    if (replay->sort == NULL) {
        return read_lines(replay, batch, error);
    }
    if (replay->sorted) {
        return take_sorted(replay, batch, error);
    }
    enum progress progress = read_lines(replay, batch, error);
    if (progress != PROGRESS_END) {
        return progress;
    }
    replay->sorted = true;
    return replay_sort_finish(replay->sort, error) ? PROGRESS_MORE : PROGRESS_FAILED;
}

/* Makes room for the rows of a file that is to be sorted. */
static bool open_sort(struct replay *replay, struct error *error)
{
    replay_sort_destroy(replay->sort);
    replay->sorted = false;
    replay->sort = replay->plan.sort
                       ? replay_sort_create(kind_of(replay), replay->plan.newest_first, error)
                       : NULL;
    return !replay->plan.sort || replay->sort != NULL;
}

/* Begins the file again after its end. Returns false when it ends, or `failure` is set. */
static bool begin_again(struct replay *replay, struct error *failure)
{
    if (!replay->loops || replay->counts.records == 0) {
        return false;
    }
    enum loop_next next = replay_loop_next(&replay->loop);
    if (next == LOOP_OF_MONTHS) {
        return error_set(failure, ERROR_FATAL,
                         "%s: bars of a month cannot be repeated, because months differ in length: "
                         "leave out --loop",
                         replay->path);
    }
    if (next == LOOP_ENDS) {
        return false;
    }
    if (replay->loop.round == 1) {
        char by[CLOCK_TEXT_SIZE];
        clock_format_duration(replay->loop.later_ns, by);
        log_info("replay_repeats", log_text("file", replay->path),
                 log_text("each_time_later_by", by));
    }
    replay->rows_before = replay->counts.rows;
    coin_table_free(&replay->clocks);
    replay_order_free(&replay->order);
    replay->order = (struct replay_order){.kind = kind_of(replay)};
    return line_reader_rewind(replay->reader, failure) && open_sort(replay, failure);
}

static enum source_next read_batch(struct replay *replay, struct source_batch *batch,
                                   struct error *error)
{
    if (replay->failure.kind == ERROR_NONE && !replay->ended) {
        enum progress progress = go_on(replay, batch, &replay->failure);
        replay->ended = progress == PROGRESS_END && !begin_again(replay, &replay->failure);
        /* Deliver first what was read before the end or the failure. */
        bool goes_on = !replay->ended && replay->failure.kind == ERROR_NONE;
        if (goes_on || batch->count > 0) {
            return SOURCE_BATCH;
        }
    }
    if (replay->failure.kind != ERROR_NONE) {
        sum_up(replay, "replay_failed");
        (void)error_set(error, replay->failure.kind, "%s", replay->failure.text);
        return SOURCE_ERROR;
    }
    bool read = there_were_records(replay, error);
    sum_up(replay, read ? "replay_read" : "replay_failed");
    return read ? SOURCE_END : SOURCE_ERROR;
}

/* Returns how much of the work is done; to sort the rows is half of it. */
static double share_of(const struct replay *replay)
{
    double read = line_reader_share(replay->reader);
    if (replay->sort == NULL) {
        return read;
    }
    return read / 2 + (replay->sorted ? replay_sort_share(replay->sort) / 2 : 0);
}

static enum source_next replay_next(void *state, struct source_batch *batch,
                                    struct row_counts *counts, struct error *error)
{
    struct replay *replay = state;
    struct row_counts before = replay->counts;
    source_batch_begin(batch, kind_of(replay), true);
    enum source_next next = read_batch(replay, batch, error);
    atomic_store(&replay->permille, (int)(1000 * share_of(replay)));
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

/* Names the source after the file's content where it is a part of a record's identity, so that two
 * files have different ones, and one file always has the same. */
static void name_source(struct replay *replay, const struct replay_config *config, uint64_t hash)
{
    if (config->loop) {
        (void)str_copy(str_from(RECORD_SOURCE_LOOP), replay->source, sizeof replay->source);
    } else if (config->as != NULL) {
        (void)str_copy(str_from(config->as), replay->source, sizeof replay->source);
    } else if (kind_of(replay) == &ticker_kind) {
        (void)str_copy(str_from(REPLAY_TICKS_SOURCE), replay->source, sizeof replay->source);
    } else {
        char digits[17];
        (void)snprintf(digits, sizeof digits, "%016llx", (unsigned long long)hash);
        (void)snprintf(replay->source, sizeof replay->source, "replay-%.*s", SOURCE_LETTERS,
                       digits);
    }
    replay->reading.source = replay->source;
}

static bool open_replay(struct replay *replay, const struct replay_config *config,
                        struct error *error)
{
    uint64_t hash = 0;
    replay->path = strdup(config->path);
    if (replay->path == NULL) {
        return error_set(error, ERROR_FATAL, "cannot read %s: no memory", config->path);
    }
    if (config->zone != NULL && !csv_zone_use(config->zone, error)) {
        return false;
    }
    replay->reader = line_reader_open(config->path, error);
    replay->reading.zone =
        (struct csv_zone){.east_s = config->zone_s, .named = config->zone != NULL};
    if (replay->reader == NULL || !line_reader_scan(replay->reader, config->stop, &hash, error)) {
        return false;
    }
    if (!file_kind_is_text(line_reader_head(replay->reader), error)) {
        return error_prefix(error, "%s", replay->path);
    }
    if (!replay_plan_read(config, &replay->plan, error) ||
        !coins_parse(config->coins, kind_of(replay), &replay->wanted, &replay->all, error)) {
        return false;
    }
    replay->order.kind = kind_of(replay);
    name_source(replay, config, hash);
    replay->run_id = (int64_t)(hash & INT64_MAX);
    replay->loops = config->loop;
    replay->loop = (struct replay_loop){.kind = kind_of(replay), .content_id = replay->run_id};
    return open_sort(replay, error);
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
                              .share = config->loop ? NULL : replay_share,
                              .destroy = replay_destroy};
    return source;
}
