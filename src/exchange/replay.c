/* A file of recorded ticks. The same file gives the same ticks, identities and all, in every run.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "exchange/coins.h"
#include "exchange/line_reader.h"
#include "exchange/replay_csv.h"
#include "exchange/sources.h"

enum {
    LINES_PER_BATCH = 1000,
    LINES_NAMED = 20, /* broken ones that are logged each; the rest goes into the summary */
    LINE_SHOWN = 120, /* bytes of a broken line in the log */
};

struct replay {
    char *path;
    char first_unknown[SYMBOL_MAX + 1]; /* coin that was not asked for */
    struct line_reader *reader;
    struct csv_layout layout;
    bool all; /* else only the coins in `wanted` */
    struct coin_table wanted;
    struct coin_table times; /* of each coin's last tick */
    int64_t run_id;
    struct row_counts counts; /* since the start of the file */
    int64_t broken;           /* rejected for another reason than not being asked for */
    bool summed_up;
};

/* The line of the log that ends a replay, also one that was stopped early. */
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
    fields[count++] = log_int("ticks", replay->counts.ticks);
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
    coin_table_free(&replay->times);
    free(replay->path);
    free(replay);
}

static void name_broken_line(struct replay *replay, struct str line, enum row_fault fault)
{
    if (fault == ROW_UNKNOWN_COIN) {
        return;
    }
    replay->broken++;
    if (replay->broken > LINES_NAMED) {
        return;
    }
    line.length = line.length > LINE_SHOWN ? LINE_SHOWN : line.length;
    log_warn("line_rejected", log_text("file", replay->path),
             log_int("line", line_reader_number(replay->reader)),
             log_text("reason", row_fault_names[fault]), log_str("text", line));
}

/* Puts the tick behind its coin's last one. Rows older than that are refused, by the times of the
 * input; a row of the same time comes 1 ns after the last, and if such rows have used up the next
 * nanoseconds, a row that meant one of them comes after them too. But no row leaves its second,
 * which may be its candle's last: one for which the second has no nanosecond left is refused. */
static enum row_fault order(struct replay *replay, struct ticker *tick, bool *no_memory)
{
    struct coin *coin = coin_table_add(&replay->times, str_from(tick->symbol));
    if (coin == NULL) {
        *no_memory = true;
        return ROW_FAULTS;
    }
    int64_t input_ns = tick->event_time_ns;
    if (coin->seen) {
        if (input_ns < coin->last_input_ns) {
            return ROW_OUT_OF_ORDER;
        }
        if (input_ns <= coin->last_stamp_ns) {
            tick->event_time_ns = coin->last_stamp_ns + 1;
            if (tick->event_time_ns % NS_PER_SECOND == 0) {
                return ROW_SECOND_FULL;
            }
        }
    }
    coin->seen = true;
    coin->last_input_ns = input_ns;
    coin->last_stamp_ns = tick->event_time_ns;
    return ROW_FAULTS;
}

/* One line to one tick. ROW_FAULTS: it is one. */
static enum row_fault read_row(struct replay *replay, struct str line, struct ticker *tick,
                               bool *no_memory)
{
    struct csv_fields fields;
    if (!csv_split(&replay->layout, line, &fields)) {
        return ROW_BAD_SHAPE;
    }
    /* Before all else: what is wrong with a coin that was not asked for does not matter. */
    struct str symbol = fields.column[CSV_SYMBOL];
    if (!replay->all && symbol_valid(symbol) && coin_table_find(&replay->wanted, symbol) == NULL) {
        if (replay->counts.rejected[ROW_UNKNOWN_COIN] == 0) {
            (void)str_copy(symbol, replay->first_unknown, sizeof replay->first_unknown);
        }
        return ROW_UNKNOWN_COIN;
    }
    enum row_fault fault = csv_read(&fields, tick);
    return fault != ROW_FAULTS ? fault : order(replay, tick, no_memory);
}

/* Makes a tick of the line, or counts why it is none. False: no memory. */
static bool take_line(struct replay *replay, enum line_result result, struct str line,
                      struct tick_batch *batch)
{
    struct ticker *tick = tick_batch_add(batch);
    bool no_memory = tick == NULL;
    replay->counts.rows++;
    enum row_fault fault = ROW_BAD_SHAPE;
    if (!no_memory && result == LINE_READ) {
        fault = read_row(replay, line, tick, &no_memory);
    }
    if (no_memory) {
        return false;
    }
    if (fault != ROW_FAULTS) {
        batch->count--;
        replay->counts.rejected[fault]++;
        name_broken_line(replay, line, fault);
        return true;
    }
    replay->counts.ticks++;
    (void)str_copy(str_from("replay"), tick->source, sizeof tick->source);
    tick->seq = replay->counts.rows;
    tick->run_id = replay->run_id;
    return true;
}

/* A file of other coins only was not what was meant. */
static bool coins_were_there(const struct replay *replay, struct error *error)
{
    int64_t other = replay->counts.rejected[ROW_UNKNOWN_COIN];
    if (other == 0 || other < replay->counts.rows) {
        return true;
    }
    return error_set(error, ERROR_FATAL,
                     "%s: no row is of a coin that was asked for, the first is of %s: name it in "
                     "--coins, or --coins ALL",
                     replay->path, replay->first_unknown);
}

static enum source_next read_batch(struct replay *replay, struct tick_batch *batch,
                                   struct error *error)
{
    for (int i = 0; i < LINES_PER_BATCH; i++) {
        struct str line = {0};
        enum line_result result = line_reader_next(replay->reader, &line, error);
        if (result == LINE_END || result == LINE_FAILED) {
            /* It will say so again: first what was read before. */
            if (batch->count > 0) {
                return SOURCE_BATCH;
            }
            bool read = result == LINE_END && coins_were_there(replay, error);
            sum_up(replay, read ? "replay_read" : "replay_failed");
            return read ? SOURCE_END : SOURCE_ERROR;
        }
        if (result == LINE_READ && str_trim(line).length == 0) {
            continue;
        }
        if (!take_line(replay, result, line, batch)) {
            (void)error_set(error, ERROR_FATAL, "%s: no memory for line %lld (at most %d coins)",
                            replay->path, (long long)line_reader_number(replay->reader), COINS_MAX);
            sum_up(replay, "replay_failed");
            return SOURCE_ERROR;
        }
    }
    return SOURCE_BATCH;
}

static enum source_next replay_next(void *state, struct tick_batch *batch,
                                    struct row_counts *counts, struct error *error)
{
    struct replay *replay = state;
    struct row_counts before = replay->counts;
    batch->count = 0;
    batch->has_time = true;
    enum source_next next = read_batch(replay, batch, error);
    counts->rows += replay->counts.rows - before.rows;
    counts->ticks += replay->counts.ticks - before.ticks;
    for (int i = 0; i < ROW_FAULTS; i++) {
        counts->rejected[i] += replay->counts.rejected[i] - before.rejected[i];
    }
    return next;
}

static bool read_header(struct replay *replay, struct error *error)
{
    struct str line = {0};
    for (;;) {
        switch (line_reader_next(replay->reader, &line, error)) {
        case LINE_READ:
            if (str_trim(line).length == 0) {
                continue;
            }
            return csv_layout_read(line, &replay->layout, error) ||
                   error_prefix(error, "%s", replay->path);
        case LINE_FAILED:
            return false;
        case LINE_END:
        case LINE_TOO_LONG:
        default:
            return error_set(error, ERROR_USAGE,
                             "%s has no header: its first line names the columns, such as "
                             "time,symbol,last_price",
                             replay->path);
        }
    }
}

static bool open_replay(struct replay *replay, const struct replay_config *config,
                        struct error *error)
{
    uint64_t hash = 0;
    replay->path = strdup(config->path);
    if (replay->path == NULL) {
        return error_set(error, ERROR_FATAL, "cannot read %s: no memory", config->path);
    }
    if (!coins_parse(config->coins, &replay->wanted, &replay->all, error)) {
        return false;
    }
    replay->reader = line_reader_open(config->path, error);
    if (replay->reader == NULL || !line_reader_scan(replay->reader, config->stop, &hash, error) ||
        !read_header(replay, error)) {
        return false;
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
    *source = (struct source){
        .name = "replay", .state = replay, .next = replay_next, .destroy = replay_destroy};
    return source;
}
