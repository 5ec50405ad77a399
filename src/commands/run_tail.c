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
#include "market/json.h"
#include "pipeline/record_decoder.h"
#include "record/record_json.h"
#include "record/ticker.h"

enum {
    LINE_LIMIT = 2 << 20,
    SCHEMA_TIMEOUT_MS = 5000,
    KAFKA_TIMEOUT_MS = 8000,
    KEY_COLUMNS = 8,
};

struct tail {
    const struct options *options;
    struct record_decoder decoder;
    struct stop *stop;
    struct strbuf line;
    int64_t left; /* messages still to print */
    struct error *error;
    bool failed;
};

static void append_as_json(const struct record_kind *kind, const struct message *message,
                           int32_t schema_id, const void *record, const char *why,
                           struct strbuf *line)
{
    strbuf_append_format(line, "{\"partition\":%d,\"offset\":%lld,\"schema_id\":%d,\"key\":",
                         (int)message->partition, (long long)message->offset, (int)schema_id);
    strbuf_append_json_string(line, message->encoded.key);
    strbuf_append_text(line, ",\"value\":");
    if (record != NULL) {
        record_to_json(kind, record, line);
        strbuf_append_text(line, "}\n");
    } else {
        strbuf_append_text(line, "null,\"error\":");
        strbuf_append_json_string(line, str_from(why));
        strbuf_append_text(line, "}\n");
    }
}

/* Appends the record's part of a line; its key is cut to `key_columns`. */
static void append_record(const struct record_kind *kind, const void *record, int32_t schema_id,
                          size_t key_columns, struct strbuf *text)
{
    char time[CLOCK_TEXT_SIZE], price[NUMBER_TEXT_SIZE];
    struct strbuf key = strbuf_new(RECORD_KEY_MAX + KEY_COLUMNS);
    clock_format_rfc3339(column_int64(kind->time, record), time);
    fit_append_middle(&key, column_text(kind->key, record), key_columns);
    strbuf_append_format(text, "%-24s  %-*s", time, KEY_COLUMNS, strbuf_text(&key));
    strbuf_free(&key);
    if (kind->price != NULL) {
        (void)number_format(column_double(kind->price, record), price);
        strbuf_append_format(text, "  %9s", price);
    }
    for (const struct column *column = kind->columns; column->name != NULL; column++) {
        if (column->type == COLUMN_TEXT && column != kind->key) {
            struct str value = column_text(column, record);
            strbuf_append_format(text, "  %-9.*s", (int)value.length, value.data);
        }
    }
    strbuf_append_format(text, "  schema %d", (int)schema_id);
}

/* On a narrow terminal a long key is cut, and a line that is still too long is continued below. */
static void append_as_text(const struct record_kind *kind, const struct message *message,
                           int32_t schema_id, const void *record, const char *why,
                           struct strbuf *line)
{
    size_t columns = (size_t)output_columns(STDOUT_FILENO);
    struct strbuf text = strbuf_new(LINE_LIMIT);
    strbuf_append_format(line, "%2d %8lld  ", (int)message->partition, (long long)message->offset);
    size_t indent = line->length;
    if (record != NULL) {
        append_record(kind, record, schema_id, SIZE_MAX, &text);
        size_t wide = indent + fit_columns(strbuf_str(&text));
        if (columns > 0 && wide > columns) {
            size_t over = wide - columns;
            size_t key = column_text(kind->key, record).length;
            strbuf_clear(&text);
            append_record(kind, record, schema_id,
                          key > over + KEY_COLUMNS ? key - over : KEY_COLUMNS, &text);
        }
    } else {
        strbuf_append_format(&text, "not decoded: %s (%zu bytes)", why,
                             message->encoded.value.length);
    }
    fit_append_words(line, strbuf_str(&text), indent, columns > 0 ? columns : SIZE_MAX);
    strbuf_append_char(line, '\n');
    output_make_plain(line);
    strbuf_free(&text);
}

static bool print_message(void *context, const struct message *message)
{
    struct tail *tail = context;
    if (message == NULL) {
        return true; /* no new message yet */
    }
    union record_room record;
    struct error error = {0};
    bool decoded = record_decode_wait(&tail->decoder, &message->encoded, SCHEMA_TIMEOUT_MS,
                                      tail->stop, &record, &error) == DECODE_RECORD;
    if (stop_requested(tail->stop)) {
        return false;
    }
    strbuf_clear(&tail->line);
    (tail->options->format == FORMAT_JSON ? append_as_json : append_as_text)(
        tail->decoder.kind, message, tail->decoder.schema_id, decoded ? &record : NULL, error.text,
        &tail->line);
    tail->failed = !output_write(&tail->line, tail->error);
    return !tail->failed && --tail->left > 0;
}

/* Prints the newest `last` messages that exist now, and then follows the end. */
static bool print_newest(struct tail *tail, struct reader *reader)
{
    struct partition_range *ranges = NULL;
    size_t count = 0;
    if (!reader_ranges(reader, &ranges, &count, KAFKA_TIMEOUT_MS, tail->error)) {
        return false;
    }
    bool done =
        reader_newest(reader, ranges, count, tail->options->last, print_message, tail, tail->error);
    free(ranges);
    return done;
}

/* Prints one partition from an offset (or its newest messages) to its current end. */
static bool print_partition(struct tail *tail, struct reader *reader)
{
    const struct options *options = tail->options;
    struct partition_range *ranges = NULL;
    size_t count = 0;
    if (!reader_ranges(reader, &ranges, &count, KAFKA_TIMEOUT_MS, tail->error)) {
        return false;
    }
    bool done = false;
    if ((size_t)options->partition >= count) {
        error_set(tail->error, ERROR_USAGE, "--partition: %s has only 0 to %zu", options->topic,
                  count - 1);
    } else {
        struct partition_range range = ranges[options->partition];
        range.begin = options->offset > range.begin ? options->offset : range.begin;
        done =
            options->offset < 0
                ? reader_newest(reader, &range, 1, options->last, print_message, tail, tail->error)
                : range.begin >= range.end || reader_read(reader, &range, 1, print_message, tail,
                                                          KAFKA_TIMEOUT_MS, tail->error);
    }
    free(ranges);
    return done;
}

static bool print_all(struct tail *tail, struct reader *reader, struct stop *stop)
{
    const struct options *options = tail->options;
    if (options->partition >= 0 && options->follow) {
        return error_set(tail->error, ERROR_USAGE,
                         "--follow goes with all partitions: leave --partition out");
    }
    if (options->partition >= 0) {
        return print_partition(tail, reader);
    }
    if (options->follow) {
        return reader_follow(reader, options->last, print_message, tail, stop, tail->error);
    }
    return print_newest(tail, reader);
}

bool run_tail(const struct options *options, struct error *error)
{
    struct kafka_settings kafka = wiring_kafka(options, NULL);
    struct tail tail = {.options = options,
                        .decoder = {.kind = &ticker_kind},
                        .line = strbuf_new(LINE_LIMIT),
                        .error = error};
    struct signal_watch *watch = NULL;
    struct reader *reader = NULL;
    bool done = false;
    struct stop *stop = stop_create(error);
    if (stop == NULL || (watch = signal_watch_create(stop, options->duration_ns, error)) == NULL ||
        (tail.decoder.registry = wiring_registry(options, &ticker_kind, &registry_reader_limits,
                                                 stop, error)) == NULL ||
        (reader = reader_create(&kafka, options->topic, error)) == NULL) {
        goto out;
    }
    if (!options->follow) {
        reader_heed(reader, stop);
    }
    tail.stop = stop;
    tail.left = options->count > 0 ? options->count : INT64_MAX;
    done = print_all(&tail, reader, stop) && !tail.failed;
    if (!done && error->kind == ERROR_RETRY) {
        error_prefix(error, "%s", options->brokers);
    }
out:
    reader_destroy(reader);
    record_decoder_release(&tail.decoder);
    registry_client_destroy(tail.decoder.registry);
    signal_watch_destroy(watch);
    stop_destroy(stop);
    strbuf_free(&tail.line);
    return done;
}
