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

enum {
    LINE_LIMIT = 2 << 20,
    SCHEMA_TIMEOUT_MS = 5000,
    KAFKA_TIMEOUT_MS = 8000,
    COIN_COLUMNS = 8,
};

struct tail {
    const struct options *options;
    struct record_decoder decoder;
    struct stop *stop;
    struct strbuf line;
    int64_t left; /* to print */
    struct error *error;
    bool failed;
};

static void append_as_json(const struct message *message, int32_t schema_id,
                           const struct ticker *tick, const char *why, struct strbuf *line)
{
    strbuf_append_format(line, "{\"partition\":%d,\"offset\":%lld,\"schema_id\":%d,\"key\":",
                         (int)message->partition, (long long)message->offset, (int)schema_id);
    strbuf_append_json_string(line, message->encoded.key);
    strbuf_append_text(line, ",\"value\":");
    if (tick != NULL) {
        ticker_to_json(tick, line);
        strbuf_append_text(line, "}\n");
    } else {
        strbuf_append_text(line, "null,\"error\":");
        strbuf_append_json_string(line, str_from(why));
        strbuf_append_text(line, "}\n");
    }
}

/* The tick's part of a line, its coin in at most so many columns. */
static void append_tick(const struct ticker *tick, int32_t schema_id, size_t coin_columns,
                        struct strbuf *text)
{
    char time[CLOCK_TEXT_SIZE], price[NUMBER_TEXT_SIZE];
    struct strbuf coin = strbuf_new(sizeof tick->symbol + COIN_COLUMNS);
    clock_format_rfc3339(tick->event_time_ns, time);
    (void)number_format(tick->last_price, price);
    fit_append_middle(&coin, str_from(tick->symbol), coin_columns);
    strbuf_append_format(text, "%-24s  %-*s  %9s  %-9s  schema %d", time, COIN_COLUMNS,
                         strbuf_text(&coin), price, tick->source, (int)schema_id);
    strbuf_free(&coin);
}

/* On a terminal that is too narrow a long coin is cut, and what is still too long goes on in a line
 * below. */
static void append_as_text(const struct message *message, int32_t schema_id,
                           const struct ticker *tick, const char *why, struct strbuf *line)
{
    size_t columns = (size_t)output_columns(STDOUT_FILENO);
    struct strbuf text = strbuf_new(LINE_LIMIT);
    strbuf_append_format(line, "%2d %8lld  ", (int)message->partition, (long long)message->offset);
    size_t indent = line->length;
    if (tick != NULL) {
        append_tick(tick, schema_id, sizeof tick->symbol, &text);
        size_t wide = indent + fit_columns(strbuf_str(&text));
        if (columns > 0 && wide > columns) {
            size_t over = wide - columns;
            size_t coin = strlen(tick->symbol);
            strbuf_clear(&text);
            append_tick(tick, schema_id, coin > over + COIN_COLUMNS ? coin - over : COIN_COLUMNS,
                        &text);
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
        return true; /* nothing new at the moment */
    }
    struct ticker tick;
    struct error error = {0};
    bool decoded = record_decode_wait(&tail->decoder, &message->encoded, SCHEMA_TIMEOUT_MS,
                                      tail->stop, &tick, &error) == DECODE_RECORD;
    if (stop_requested(tail->stop)) {
        return false;
    }
    strbuf_clear(&tail->line);
    (tail->options->format == FORMAT_JSON ? append_as_json : append_as_text)(
        message, tail->decoder.schema_id, decoded ? &tick : NULL, error.text, &tail->line);
    tail->failed = !output_write(&tail->line, tail->error);
    return !tail->failed && --tail->left > 0;
}

/* The newest `last` messages that there are now, and then the end. */
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

/* One partition from an offset (or its newest messages), to where it ends now. */
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
        (tail.decoder.registry = wiring_registry(options, &registry_reader_limits, stop, error)) ==
            NULL ||
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
