/* Writes records of the streams' topics to the store again, without a consumer group. This is
 * harmless: a point depends only on its message, so it replaces itself. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "commands/commands.h"
#include "commands/stream_run.h"
#include "commands/wiring.h"
#include "pipeline/log_coins.h"
#include "pipeline/sink_batch.h"
#include "record/record_json.h"
#include "record/series.h"
#include "verify/log_span.h"

enum {
    QUIET_MS = 15000,
    REFUSED_NAMED = 20,
};

/* A record that the store refused. */
struct refused {
    char series[RECORD_SERIES_MAX + 1];
    int64_t time_ns;
    char reason[128];
};

/* The replay of one stream. */
struct replay {
    const struct options *options;
    const struct stream *stream;
    struct stop *stop;
    struct record_decoder decoder;
    struct log_coins coins;
    struct store_sink sink;
    struct sink_batch batch;
    struct error *error;
    bool failed;

    atomic_llong read, written; /* read by the progress line */
    int64_t messages;           /* number of messages to read */
    int64_t left_out, skipped, refused_count;
    struct refused refused[REFUSED_NAMED]; /* the first refused records, to be printed */
};

static void describe(void *context, char *line, size_t size)
{
    struct replay *replay = context;
    (void)snprintf(line, size, "reading the log: %lld of %lld messages of %s, %lld written",
                   atomic_load(&replay->read), (long long)replay->messages, replay->stream->topic,
                   atomic_load(&replay->written));
}

static bool take_result(void *context, const void *record, size_t index, const char *refusal,
                        struct error *error)
{
    struct replay *replay = context;
    const struct record_kind *kind = replay->stream->kind;
    (void)index;
    (void)error;
    if (refusal == NULL) {
        atomic_fetch_add_explicit(&replay->written, 1, memory_order_relaxed);
        return true;
    }
    if (replay->refused_count < REFUSED_NAMED) {
        struct refused *refused = &replay->refused[replay->refused_count];
        refused->time_ns = column_int64(kind->moment, record);
        series_of(kind, record, refused->series);
        (void)str_copy(str_from(refusal), refused->reason, sizeof refused->reason);
    }
    replay->refused_count++;
    return true;
}

static bool wanted(const struct replay *replay, const void *record)
{
    const struct record_kind *kind = replay->stream->kind;
    const char *coin = wiring_coin(replay->options);
    int64_t time_ns = column_int64(kind->moment, record);
    return time_ns >= replay->options->since_ns && time_ns < replay->options->to_ns &&
           (coin == NULL || str_equal_text(column_text(kind->key, record), coin));
}

/* Handles a decoded record, which is in the batch's room (sink_batch_room()). */
static bool take_record(struct replay *replay, int32_t partition, const void *record)
{
    if (!log_coins_record(&replay->coins, replay->stream->kind, partition, record, 0,
                          replay->error)) {
        return false;
    }
    if (!wanted(replay, record)) {
        replay->left_out++;
        return true;
    }
    return sink_batch_keep(&replay->batch, replay->error);
}

static bool take(void *context, const struct message *message)
{
    struct replay *replay = context;
    atomic_fetch_add_explicit(&replay->read, 1, memory_order_relaxed);
    if (stop_requested(replay->stop)) {
        replay->failed = !error_set(replay->error, ERROR_FATAL, "stopped before the end");
        return false;
    }
    struct error why = {.kind = ERROR_NONE};
    void *record = sink_batch_room(&replay->batch);
    switch (record_decode_wait(&replay->decoder, &message->encoded, RECORD_DECODE_PATIENCE_MS,
                               replay->stop, record, &replay->batch.texts, &why)) {
    case DECODE_RECORD:
        replay->failed = !take_record(replay, message->partition, record);
        break;
    case DECODE_BAD:
    case DECODE_AHEAD:
        replay->skipped++; /* it cannot be decoded, so it is in the dead-letter topic */
        break;
    case DECODE_WAIT:
        *replay->error = why;
        replay->failed = true;
        break;
    }
    return !replay->failed;
}

static bool read_and_write(struct replay *replay, const struct log_span *log)
{
    replay->messages = log->messages;
    struct progress *progress = progress_begin(describe, replay);
    bool done =
        reader_read(log->reader, log->ranges, log->count, take, replay, QUIET_MS, replay->error) &&
        !replay->failed && sink_batch_finish(&replay->batch, replay->error);
    progress_end(progress);
    return done;
}

static void append_table(const struct replay *replay, struct strbuf *text)
{
    const char *records = replay->stream->kind->records;
    strbuf_append_format(text,
                         "read       %10lld  messages of topic %s\n"
                         "written    %10lld  %s to %s\n"
                         "left out   %10lld  %s that --since, --to and --coin do not ask for\n"
                         "skipped    %10lld  messages that are no %s: candlewick dlq lists them\n"
                         "refused    %10lld  by the store\n",
                         atomic_load(&replay->read), replay->stream->topic,
                         atomic_load(&replay->written), records, store_name(replay->sink.store),
                         (long long)replay->left_out, records, (long long)replay->skipped, records,
                         (long long)replay->refused_count);
    for (int64_t i = 0; i < replay->refused_count && i < REFUSED_NAMED; i++) {
        char time[CLOCK_TEXT_SIZE];
        clock_format_rfc3339(replay->refused[i].time_ns, time);
        strbuf_append_format(text, "  %-14s  %-30s  %s\n", replay->refused[i].series, time,
                             replay->refused[i].reason);
    }
    output_make_plain(text);
}

static void append_json(const struct replay *replay, struct strbuf *text)
{
    const struct record_kind *kind = replay->stream->kind;
    strbuf_append_format(text,
                         "{\"read\":%lld,\"written\":%lld,\"left_out\":%lld,\"skipped\":%lld,"
                         "\"refused\":%lld,\"refused_%s\":[",
                         atomic_load(&replay->read), atomic_load(&replay->written),
                         (long long)replay->left_out, (long long)replay->skipped,
                         (long long)replay->refused_count, kind->records);
    for (int64_t i = 0; i < replay->refused_count && i < REFUSED_NAMED; i++) {
        char time[CLOCK_TEXT_SIZE];
        clock_format_rfc3339(replay->refused[i].time_ns, time);
        strbuf_append_text(text, i > 0 ? ",{" : "{");
        series_to_json(kind, replay->refused[i].series, text);
        strbuf_append_format(text, ",\"time\":\"%s\",\"reason\":", time);
        strbuf_append_json_string(text, str_from(replay->refused[i].reason));
        strbuf_append_char(text, '}');
    }
    strbuf_append_text(text, "]}");
}

static bool open_ends(struct replay *replay, struct log_span *log, struct error *error)
{
    const struct stream *stream = replay->stream;
    struct store_config config = wiring_store(replay->options);
    struct kafka_settings kafka = wiring_kafka(replay->options, NULL);
    config.retention_ns = 0; /* only members purge old points */
    config.stop = replay->stop;
    if (!wiring_decoder(replay->options, stream->kind, replay->stop, &replay->decoder, error) ||
        !store_sink_open(&replay->sink, &config, error) ||
        !sink_batch_open(&replay->batch, stream->kind, replay->options->batch_ticks, &replay->sink,
                         replay->stop, take_result, replay, error)) {
        return false;
    }
    return log_span_open(log, &kafka, stream->topic, replay->stop, error) ||
           (error->kind == ERROR_RETRY && error_prefix(error, "%s", kafka.brokers));
}

static bool replay_stream(struct stream_run *run, const struct stream *stream,
                          struct strbuf *report, struct error *error)
{
    struct replay replay = {
        .options = run->options, .stream = stream, .stop = run->stop, .error = error};
    struct log_span log = {.reader = NULL};
    bool done = open_ends(&replay, &log, error) && read_and_write(&replay, &log);
    if (done && stream_run_coin(run, log_coins_known(&replay.coins, stream->kind, stream->topic,
                                                     wiring_coin(run->options), &run->no_coin))) {
        (run->options->format == FORMAT_JSON ? append_json : append_table)(&replay, report);
    }
    log_span_close(&log);
    sink_batch_close(&replay.batch);
    store_sink_close(&replay.sink);
    wiring_decoder_free(&replay.decoder);
    log_coins_free(&replay.coins);
    return done;
}

bool run_replay(const struct options *options, struct error *error)
{
    struct stream_run run = {.options = options, .command = replay_stream};
    return stream_run(&run, error);
}
