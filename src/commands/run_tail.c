#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text/fit.h"
#include "base/text/number.h"
#include "cli/output.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/wiring.h"
#include "kafka/reader/reader.h"
#include "market/day.h"
#include "record/event.h"
#include "record/news.h"
#include "record/record_json.h"
#include "record/ticker.h"

enum {
    LINE_LIMIT = 2 << 20,
    SCHEMA_TIMEOUT_MS = 5000,
    KAFKA_TIMEOUT_MS = 8000,
    LOOK_S = 2,
    KEY_COLUMNS = 8,
    VALUE_COLUMNS = 9,
    DETAIL_SHOWN = 200, /* how many bytes of an event's detail are shown; --format json has all */
};

/* What the threads of all streams share. */
struct printer {
    pthread_mutex_t lock; /* protects the four fields below, and lets only one stream write at a
                             time */
    int64_t left;         /* messages still to print */
    bool failed;          /* a line could not be written, or the log has ended; `error` says why */
    struct error error;
    int64_t looked_ns; /* when it was checked whether the log has ended */
    struct stop *stop;
    int topic_columns; /* width of the topic at the start of each line; 0: there is only one
                          stream, and no topic is printed */
};

/* Reads and prints one stream. */
struct tail {
    const struct options *options;
    const struct stream *stream;
    struct printer *printer;
    struct record_decoder decoder;
    struct text_arena texts; /* long texts of the record that is being printed */
    bool undated;            /* a schema did not come, so records' times are not asked for */
    struct strbuf line;
    struct error error; /* valid if `done` is false */
    bool done;
};

static void append_as_json(const struct tail *tail, const struct message *message,
                           const void *record, const char *why, struct strbuf *line)
{
    strbuf_append_char(line, '{');
    if (tail->printer->topic_columns > 0) {
        strbuf_append_format(line, "\"topic\":\"%s\",", tail->stream->topic);
    }
    strbuf_append_format(
        line, "\"partition\":%d,\"offset\":%lld,\"schema_id\":%d,\"key\":", (int)message->partition,
        (long long)message->offset, (int)tail->decoder.schema_id);
    strbuf_append_json_string(line, message->encoded.key);
    strbuf_append_text(line, ",\"value\":");
    if (record != NULL) {
        record_to_json(tail->decoder.kind, record, &tail->texts, line);
        strbuf_append_text(line, "}\n");
    } else {
        strbuf_append_text(line, "null,\"error\":");
        strbuf_append_json_string(line, str_from(why));
        strbuf_append_text(line, "}\n");
    }
}

static void append_text(struct str value, struct strbuf *text)
{
    strbuf_append_format(text, "  %-9.*s", (int)value.length, value.data);
}

/* Appends the values that every record of the kind has: the identity without the key, the prices
 * and the source. */
static void append_values(const struct record_kind *kind, const void *record, struct strbuf *text)
{
    for (size_t i = 0; i < kind->tag_count; i++) {
        const struct column *tag = kind->tags[i].column;
        if (tag != kind->key && tag != kind->source) {
            append_text(column_text(tag, record), text);
        }
    }
    for (const struct column *column = kind->columns; column->name != NULL; column++) {
        if (column->type == COLUMN_DOUBLE && column->present_offset == COLUMN_REQUIRED) {
            char number[NUMBER_TEXT_SIZE];
            (void)number_format(column_double(column, record), number);
            strbuf_append_format(text, "  %9s", number);
        }
    }
    append_text(column_text(kind->source, record), text);
}

/* Appends the optional fields of an event: its number, its time range, its detail. */
static void append_event(const struct event *event, const struct text_arena *texts,
                         struct strbuf *text)
{
    char time[CLOCK_TEXT_SIZE];
    struct str detail = event_detail(event, texts);
    if (event->has_number) {
        strbuf_append_format(text, "  %lld", (long long)event->number);
    }
    if (event->has_begin_ns) {
        clock_format_rfc3339(event->begin_ns, time);
        strbuf_append_format(text, "  from %s", time);
    }
    if (event->has_end_ns) {
        clock_format_rfc3339(event->end_ns, time);
        strbuf_append_format(text, " to %s", time);
    }
    if (detail.length > DETAIL_SHOWN) {
        strbuf_append_format(text, "  %.*s... (%zu bytes)", DETAIL_SHOWN, detail.data,
                             detail.length);
    } else if (detail.length > 0) {
        strbuf_append_format(text, "  %.*s", (int)detail.length, detail.data);
    }
}

/* Appends the market cap, if the tick has one. */
static void append_cap(const void *tick, struct strbuf *text)
{
    double cap = day_reported_cap(tick);
    if (!isnan(cap)) {
        char number[NUMBER_TEXT_SIZE];
        (void)number_format(cap, number);
        strbuf_append_format(text, "  market cap %s", number);
    }
}

/* Appends the coins that a news item names, and its title. */
static void append_news(const struct news *news, const struct text_arena *texts,
                        struct strbuf *text)
{
    struct str title = text_arena_at(texts, news->title);
    strbuf_append_format(text, "  %s%s%.*s", news->coins, news->has_coins ? "  " : "",
                         (int)title.length, title.data);
}

/* Appends the record's part of a line; a longer key is cut to `key_columns`. */
static void append_record(const struct tail *tail, const void *record, size_t key_columns,
                          struct strbuf *text)
{
    const struct record_kind *kind = tail->decoder.kind;
    char time[CLOCK_TEXT_SIZE];
    struct strbuf key = strbuf_new(RECORD_KEY_MAX + KEY_COLUMNS);
    clock_format_rfc3339(column_int64(kind->moment, record), time);
    fit_append_middle(&key, column_text(kind->key, record), key_columns);
    strbuf_append_format(text, "%-24s  %-*s", time, KEY_COLUMNS, strbuf_text(&key));
    strbuf_free(&key);
    append_values(kind, record, text);
    if (kind == &ticker_kind) {
        append_cap(record, text);
    }
    if (kind == &news_kind) {
        append_news(record, &tail->texts, text);
    }
    if (kind == &event_kind) {
        append_event(record, &tail->texts, text);
    }
    strbuf_append_format(text, "  schema %d", (int)tail->decoder.schema_id);
}

/* Appends the heads of the values that append_values() appends, each in the width of its value. */
static void append_value_heads(const struct record_kind *kind, struct strbuf *text)
{
    for (size_t i = 0; i < kind->tag_count; i++) {
        const struct column *tag = kind->tags[i].column;
        if (tag != kind->key && tag != kind->source) {
            append_text(str_from(tag->name), text);
        }
    }
    for (const struct column *column = kind->columns; column->name != NULL; column++) {
        if (column->type == COLUMN_DOUBLE && column->present_offset == COLUMN_REQUIRED) {
            struct strbuf name = strbuf_new(RECORD_KEY_MAX);
            fit_append_middle(&name, str_from(column->name), VALUE_COLUMNS);
            fit_append_blanks(text, 2 + VALUE_COLUMNS - fit_columns(strbuf_str(&name)));
            strbuf_append_str(text, strbuf_str(&name));
            strbuf_free(&name);
        }
    }
    append_text(str_from("source"), text);
}

/* Prints the heads of the columns, for a person; those of the values if all lines are of one
 * `kind` (otherwise NULL). */
static bool print_head(const struct printer *printer, const struct options *options,
                       const struct record_kind *kind, struct error *error)
{
    const struct text_form form = output_form();
    if (isatty(STDOUT_FILENO) != 1 || options->format == FORMAT_JSON) {
        return true;
    }
    struct strbuf line = strbuf_new(LINE_LIMIT), heads = strbuf_new(LINE_LIMIT);
    if (printer->topic_columns > 0) {
        strbuf_append_format(&line, "%-*s ", printer->topic_columns, "topic");
    }
    strbuf_append_format(&line, " p %8s  ", "offset");
    size_t indent = line.length;
    strbuf_append_format(&heads, "%-24s  %-*s", "time (UTC)", KEY_COLUMNS, "key");
    if (kind != NULL) {
        append_value_heads(kind, &heads);
    }
    fit_append_words(&line, strbuf_str(&heads), indent,
                     form.columns > 0 ? (size_t)form.columns : SIZE_MAX);
    strbuf_append_char(&line, '\n');
    bool printed = output_write(&line, error);
    strbuf_free(&heads);
    strbuf_free(&line);
    return printed;
}

/* Appends a line of text. On a narrow terminal a long key is cut, and a line that is still too long
 * is broken. */
static void append_as_text(const struct tail *tail, const struct message *message,
                           const void *record, const char *why, struct strbuf *line)
{
    size_t columns = (size_t)output_columns(STDOUT_FILENO);
    struct strbuf text = strbuf_new(LINE_LIMIT);
    if (tail->printer->topic_columns > 0) {
        strbuf_append_format(line, "%-*s ", tail->printer->topic_columns, tail->stream->topic);
    }
    strbuf_append_format(line, "%2d %8lld  ", (int)message->partition, (long long)message->offset);
    size_t indent = line->length;
    if (record != NULL) {
        append_record(tail, record, SIZE_MAX, &text);
        size_t wide = indent + fit_columns(strbuf_str(&text));
        if (columns > 0 && wide > columns) {
            size_t over = wide - columns;
            size_t key = column_text(tail->decoder.kind->key, record).length;
            strbuf_clear(&text);
            append_record(tail, record, key > over + KEY_COLUMNS ? key - over : KEY_COLUMNS, &text);
        }
    } else {
        strbuf_append_format(&text, "not decoded: %s (%zu bytes)", why,
                             message->encoded.value.length);
    }
    output_make_plain(&text);
    bool red = record == NULL && output_coloured(STDOUT_FILENO);
    strbuf_append_text(line, red ? tone_begin(TONE_BAD, true) : "");
    fit_append_words(line, strbuf_str(&text), indent, columns > 0 ? columns : SIZE_MAX);
    strbuf_append_text(line, red ? tone_end(TONE_BAD, true) : "");
    strbuf_append_char(line, '\n');
    strbuf_free(&text);
}

/* Writes the line, unless another stream has written the last requested one. Returns false if no
 * more lines are wanted; then the other streams end, too. */
static bool print_line(struct tail *tail)
{
    struct printer *printer = tail->printer;
    pthread_mutex_lock(&printer->lock);
    if (printer->left > 0 && !printer->failed) {
        printer->failed = !output_write(&tail->line, &printer->error);
        printer->left--;
    }
    bool more = printer->left > 0 && !printer->failed;
    pthread_mutex_unlock(&printer->lock);
    if (!more) {
        stop_request(printer->stop);
    }
    return more;
}

/* Called while no message comes. Returns false if none can come any more, because the demo whose
 * log is followed has ended; then the other streams end, too. */
static bool look_for_end(struct tail *tail)
{
    struct printer *printer = tail->printer;
    int64_t now_ns = clock_monotonic_ns();
    pthread_mutex_lock(&printer->lock);
    if (!printer->failed && now_ns - printer->looked_ns >= LOOK_S * NS_PER_SECOND) {
        printer->looked_ns = now_ns;
        printer->failed = options_log_has_ended(tail->options, &printer->error);
        printer->error.kind = ERROR_RETRY;
    }
    bool failed = printer->failed;
    pthread_mutex_unlock(&printer->lock);
    if (failed) {
        stop_request(printer->stop);
    }
    return !failed;
}

static bool print_message(void *context, const struct message *message)
{
    struct tail *tail = context;
    if (message == NULL) {
        return look_for_end(tail);
    }
    union record_room record;
    struct error error = {0};
    tail->texts.length = 0;
    bool decoded =
        record_decode_wait(&tail->decoder, &message->encoded, SCHEMA_TIMEOUT_MS,
                           tail->printer->stop, &record, &tail->texts, &error) == DECODE_RECORD;
    if (stop_requested(tail->printer->stop)) {
        return false;
    }
    strbuf_clear(&tail->line);
    (tail->options->format == FORMAT_JSON ? append_as_json : append_as_text)(
        tail, message, decoded ? &record : NULL, error.text, &tail->line);
    return print_line(tail);
}

/* Returns the time that a line shows: the record's moment or, of a message that is no record, its
 * timestamp. If a schema does not come, waits for it only once. */
static int64_t time_of(void *context, const struct message *message)
{
    struct tail *tail = context;
    union record_room record;
    struct error error = {0};
    enum decode_answer answer = DECODE_WAIT;
    tail->texts.length = 0;
    if (!tail->undated) {
        answer = record_decode_wait(&tail->decoder, &message->encoded, SCHEMA_TIMEOUT_MS,
                                    tail->printer->stop, &record, &tail->texts, &error);
        tail->undated = answer == DECODE_WAIT;
    }
    return answer == DECODE_RECORD ? column_int64(tail->decoder.kind->moment, &record)
                                   : message->encoded.timestamp_ms * NS_PER_MS;
}

/* Prints the newest `last` messages that exist now. */
static bool print_newest(struct tail *tail, struct reader *reader)
{
    struct partition_range *ranges = NULL;
    size_t count = 0;
    if (!reader_ranges(reader, &ranges, &count, KAFKA_TIMEOUT_MS, &tail->error)) {
        return false;
    }
    bool done = reader_newest(reader, ranges, count, tail->options->last, print_message, tail,
                              &tail->error);
    free(ranges);
    return done;
}

/* Prints one partition, from an offset or its newest messages, to its current end. */
static bool print_partition(struct tail *tail, struct reader *reader)
{
    const struct options *options = tail->options;
    struct partition_range *ranges = NULL;
    size_t count = 0;
    if (!reader_ranges(reader, &ranges, &count, KAFKA_TIMEOUT_MS, &tail->error)) {
        return false;
    }
    bool done = false;
    if ((size_t)options->partition >= count) {
        error_set(&tail->error, ERROR_USAGE, "--partition: %s has only 0 to %zu",
                  tail->stream->topic, count - 1);
    } else {
        struct partition_range range = ranges[options->partition];
        range.begin = options->offset > range.begin ? options->offset : range.begin;
        done =
            options->offset < 0
                ? reader_newest(reader, &range, 1, options->last, print_message, tail, &tail->error)
                : range.begin >= range.end || reader_read(reader, &range, 1, print_message, tail,
                                                          KAFKA_TIMEOUT_MS, &tail->error);
    }
    free(ranges);
    return done;
}

static bool print_messages(struct tail *tail, struct reader *reader)
{
    const struct options *options = tail->options;
    if (options->partition >= 0) {
        return print_partition(tail, reader);
    }
    if (options->follow) {
        return reader_follow(reader, options->last, print_message, tail, tail->printer->stop,
                             &tail->error);
    }
    return print_newest(tail, reader);
}

/* Prints one stream; sets tail->done. */
static void *print_stream(void *context)
{
    struct tail *tail = context;
    struct kafka_settings kafka = wiring_kafka(tail->options, NULL);
    struct reader *reader = NULL;
    tail->line = strbuf_new(LINE_LIMIT);
    if (wiring_decoder(tail->options, tail->stream->kind, tail->printer->stop, &tail->decoder,
                       &tail->error) &&
        (reader = reader_create(&kafka, tail->stream->topic, &tail->error)) != NULL) {
        reader_order(reader, time_of, tail);
        if (!tail->options->follow) {
            reader_heed(reader, tail->printer->stop);
        }
        bool interleaved = tail->options->follow && tail->printer->topic_columns > 0;
        tail->done = (interleaved ||
                      print_head(tail->printer, tail->options, tail->stream->kind, &tail->error)) &&
                     print_messages(tail, reader);
    }
    if (!tail->done && tail->error.kind == ERROR_RETRY) {
        error_prefix(&tail->error, "%s", tail->options->brokers);
    }
    reader_destroy(reader);
    wiring_decoder_free(&tail->decoder);
    text_arena_free(&tail->texts);
    strbuf_free(&tail->line);
    return NULL;
}

/* Follows one stream, on its own thread. If that fails, says so at once, because the other streams
 * may go on for ever. */
static void *follow_stream(void *context)
{
    struct tail *tail = context;
    (void)print_stream(tail);
    if (!tail->done && tail->error.kind != ERROR_NONE) {
        (void)fprintf(stderr, "candlewick: %s\n", tail->error.text);
    }
    return NULL;
}

static void follow_streams(struct tail *tails, size_t count)
{
    pthread_t threads[STREAMS_MAX];
    bool runs[STREAMS_MAX];
    for (size_t i = 0; i < count; i++) {
        runs[i] = pthread_create(&threads[i], NULL, follow_stream, &tails[i]) == 0;
        if (!runs[i]) {
            error_set(&tails[i].error, ERROR_FATAL, "%s: no thread to follow it",
                      tails[i].stream->topic);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (runs[i]) {
            pthread_join(threads[i], NULL);
        }
    }
}

/* Prints the streams one after the other, even if one cannot be read. */
static void print_streams(struct tail *tails, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !stop_requested(tails[i].printer->stop)) {
            (void)print_stream(&tails[i]);
        } else {
            tails[i].done = true;
        }
    }
}

static bool check(const struct options *options, size_t streams, struct error *error)
{
    if (options->partition >= 0 && options->follow) {
        return error_set(error, ERROR_USAGE,
                         "--follow goes with all partitions: leave --partition out");
    }
    if (options->partition >= 0 && streams > 1) {
        return error_set(error, ERROR_USAGE,
                         "--partition goes with one stream: name it, as --streams ticker");
    }
    return true;
}

/* Returns whether all streams succeeded; if not, fills in the first error. */
static bool all_done(const struct tail *tails, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (!tails[i].done) {
            return error_pass(error, &tails[i].error);
        }
    }
    return true;
}

static bool tail_streams(const struct options *options, struct printer *printer,
                         struct error *error)
{
    struct stream streams[STREAMS_MAX];
    struct tail tails[STREAMS_MAX];
    size_t count = options_streams(options, streams);
    if (!check(options, count, error)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        int length = (int)strlen(streams[i].topic);
        tails[i] = (struct tail){.options = options, .stream = &streams[i], .printer = printer};
        printer->topic_columns = count == 1                        ? 0
                                 : length > printer->topic_columns ? length
                                                                   : printer->topic_columns;
    }
    if (options->follow && count > 1) {
        if (!print_head(printer, options, NULL, error)) {
            return false;
        }
        follow_streams(tails, count);
    } else {
        print_streams(tails, count);
    }
    return printer->failed ? error_pass(error, &printer->error) : all_done(tails, count, error);
}

bool run_tail(const struct options *options, struct error *error)
{
    struct printer printer = {.lock = PTHREAD_MUTEX_INITIALIZER,
                              .left = options->count > 0 ? options->count : INT64_MAX};
    struct signal_watch *watch = NULL;
    printer.stop = stop_create(error);
    bool done = printer.stop != NULL &&
                (watch = signal_watch_create(printer.stop, options->duration_ns, error)) != NULL &&
                tail_streams(options, &printer, error);
    signal_watch_destroy(watch);
    stop_destroy(printer.stop);
    return done;
}
