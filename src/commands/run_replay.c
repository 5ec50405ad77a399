/* Writes ticks of the topic to the store again, outside the group. Harmless, since a point depends
 * only on its message. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/wiring.h"
#include "pipeline/log_coins.h"
#include "pipeline/record_decoder.h"
#include "pipeline/store_sink.h"
#include "record/rejected.h"
#include "verify/log_span.h"

enum {
    QUIET_MS = 15000,
    TEXT_LIMIT = 1 << 20,
    REFUSED_NAMED = 20,
};

/* A tick that the store rejected. */
struct refused {
    char symbol[SYMBOL_MAX + 1];
    int64_t time_ns;
    char reason[128];
};

struct replay {
    const struct options *options;
    struct stop *stop;
    struct record_decoder decoder;
    struct log_coins coins;
    struct store_sink sink;
    struct ticker *batch; /* room for options->batch_ticks */
    size_t batch_count;
    struct rejected_list rejected;
    struct error *error;
    bool failed;

    atomic_llong read, written; /* read by the progress line */
    int64_t messages;           /* number of messages to read */
    int64_t left_out, skipped, refused_count;
    struct refused refused[REFUSED_NAMED]; /* the first of them, to be printed */
};

static void describe(void *context, char *line, size_t size)
{
    struct replay *replay = context;
    (void)snprintf(line, size, "reading the log: %lld of %lld messages, %lld written",
                   atomic_load(&replay->read), (long long)replay->messages,
                   atomic_load(&replay->written));
}

static void note_refused(struct replay *replay)
{
    for (size_t i = 0; i < replay->rejected.count; i++) {
        const struct rejected_tick *rejected = &replay->rejected.items[i];
        const struct ticker *tick = &replay->batch[rejected->index];
        if (replay->refused_count < REFUSED_NAMED) {
            struct refused *refused = &replay->refused[replay->refused_count];
            refused->time_ns = tick->event_time_ns;
            (void)str_copy(str_from(tick->symbol), refused->symbol, sizeof refused->symbol);
            (void)str_copy(str_from(rejected->reason), refused->reason, sizeof refused->reason);
        }
        replay->refused_count++;
    }
}

static bool write_batch(struct replay *replay)
{
    if (replay->batch_count == 0) {
        return true;
    }
    const struct record_set batch = {&ticker_kind, replay->batch, replay->batch_count};
    if (!store_sink_write_on(&replay->sink, &batch, &replay->rejected, replay->stop,
                             replay->error)) {
        return false;
    }
    note_refused(replay);
    atomic_fetch_add(&replay->written, (long long)(replay->batch_count - replay->rejected.count));
    replay->batch_count = 0;
    return true;
}

static bool wanted(const struct options *options, const struct ticker *tick)
{
    const char *coin = wiring_coin(options);
    return tick->event_time_ns >= options->since_ns && tick->event_time_ns < options->to_ns &&
           (coin == NULL || strcmp(coin, tick->symbol) == 0);
}

static bool take_tick(struct replay *replay, int32_t partition)
{
    if (!log_coins_record(&replay->coins, &ticker_kind, partition,
                          &replay->batch[replay->batch_count], 0, replay->error)) {
        return false;
    }
    if (!wanted(replay->options, &replay->batch[replay->batch_count])) {
        replay->left_out++;
        return true;
    }
    return ++replay->batch_count < replay->options->batch_ticks || write_batch(replay);
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
    switch (record_decode_wait(&replay->decoder, &message->encoded, RECORD_DECODE_PATIENCE_MS,
                               replay->stop, &replay->batch[replay->batch_count], &why)) {
    case DECODE_RECORD:
        replay->failed = !take_tick(replay, message->partition);
        break;
    case DECODE_BAD:
    case DECODE_AHEAD:
        replay->skipped++; /* its message is in the dead-letter topic */
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
        !replay->failed && write_batch(replay);
    progress_end(progress);
    return done;
}

static void append_table(const struct replay *replay, struct strbuf *text)
{
    strbuf_append_format(
        text,
        "read       %10lld  messages of topic %s\n"
        "written    %10lld  ticks to %s\n"
        "left out   %10lld  ticks that --since, --to and --coin do not ask for\n"
        "skipped    %10lld  messages that are no ticks: candlewick dlq lists them\n"
        "refused    %10lld  by the store\n",
        atomic_load(&replay->read), replay->options->topic, atomic_load(&replay->written),
        store_name(replay->sink.store), (long long)replay->left_out, (long long)replay->skipped,
        (long long)replay->refused_count);
    for (int64_t i = 0; i < replay->refused_count && i < REFUSED_NAMED; i++) {
        char time[CLOCK_TEXT_SIZE];
        clock_format_rfc3339(replay->refused[i].time_ns, time);
        strbuf_append_format(text, "  %-14s  %-30s  %s\n", replay->refused[i].symbol, time,
                             replay->refused[i].reason);
    }
    output_make_plain(text);
}

static void append_json(const struct replay *replay, struct strbuf *text)
{
    strbuf_append_format(text,
                         "{\"read\":%lld,\"written\":%lld,\"left_out\":%lld,\"skipped\":%lld,"
                         "\"refused\":%lld,\"refused_ticks\":[",
                         atomic_load(&replay->read), atomic_load(&replay->written),
                         (long long)replay->left_out, (long long)replay->skipped,
                         (long long)replay->refused_count);
    for (int64_t i = 0; i < replay->refused_count && i < REFUSED_NAMED; i++) {
        char time[CLOCK_TEXT_SIZE];
        clock_format_rfc3339(replay->refused[i].time_ns, time);
        strbuf_append_format(text,
                             "%s{\"coin\":\"%s\",\"time\":\"%s\",\"reason\":", i > 0 ? "," : "",
                             replay->refused[i].symbol, time);
        strbuf_append_json_string(text, str_from(replay->refused[i].reason));
        strbuf_append_char(text, '}');
    }
    strbuf_append_text(text, "]}\n");
}

static bool print(const struct replay *replay, struct error *error)
{
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    (replay->options->format == FORMAT_JSON ? append_json : append_table)(replay, &text);
    bool printed = output_write(&text, error);
    strbuf_free(&text);
    return printed;
}

static bool open_ends(struct replay *replay, struct log_span *log, struct error *error)
{
    struct store_config config = wiring_store(replay->options);
    struct kafka_settings kafka = wiring_kafka(replay->options, NULL);
    config.retention_ns = 0; /* only members purge old points */
    config.stop = replay->stop;
    replay->decoder.kind = &ticker_kind;
    replay->decoder.registry = wiring_registry(replay->options, &ticker_kind,
                                               &registry_reader_limits, replay->stop, error);
    replay->batch = calloc(replay->options->batch_ticks, sizeof *replay->batch);
    if (replay->batch == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    if (replay->decoder.registry == NULL || !store_sink_open(&replay->sink, &config, error)) {
        return false;
    }
    return log_span_open(log, &kafka, replay->options->topic, replay->stop, error) ||
           (error->kind == ERROR_RETRY && error_prefix(error, "%s", kafka.brokers));
}

bool run_replay(const struct options *options, struct error *error)
{
    struct replay replay = {.options = options, .error = error};
    struct log_span log = {.reader = NULL};
    struct signal_watch *watch = NULL;
    replay.stop = stop_create(error);
    bool done =
        replay.stop != NULL && (watch = signal_watch_create(replay.stop, 0, error)) != NULL &&
        open_ends(&replay, &log, error) && read_and_write(&replay, &log) &&
        log_coins_known(&replay.coins, &ticker_kind, options->topic, wiring_coin(options), error) &&
        print(&replay, error);
    record_decoder_release(&replay.decoder);
    log_span_close(&log);
    store_sink_close(&replay.sink);
    registry_client_destroy(replay.decoder.registry);
    rejected_list_free(&replay.rejected);
    log_coins_free(&replay.coins);
    free(replay.batch);
    signal_watch_destroy(watch);
    stop_destroy(replay.stop);
    return done;
}
