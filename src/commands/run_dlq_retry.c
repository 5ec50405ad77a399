/* Writes to the store the dead letters whose messages can be decoded by now: from the letters' own
 * bytes, judged as the members judge messages. Nothing is sent to Kafka, whose log has the
 * messages. Harmless at any time, since a point depends only on its message. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text/table.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/letter_outcomes.h"
#include "commands/wiring.h"
#include "pipeline/record_decoder.h"
#include "pipeline/store_sink.h"
#include "source/coins.h"
#include "verify/letter_place.h"
#include "verify/log_span.h"

enum {
    QUIET_MS = 15000,
    TEXT_LIMIT = 1 << 20,
    NAMES_LIMIT = 100,
};

struct retry {
    const struct options *options;
    struct stream stream;
    struct stop *stop;
    struct record_decoder decoder;
    struct store_sink sink;
    struct ticker *batch; /* room for options->batch_ticks */
    struct place *places; /* the place of each tick in `batch` */
    size_t batch_count;
    struct rejected_list rejected;
    struct letter_outcomes *outcomes;
    struct letter_totals totals;
    struct error *error;
    bool failed;

    atomic_llong read;     /* read by the progress line */
    int64_t letters;       /* number of letters to read */
    struct log_span ticks; /* the range that the ticks' topic has; zeroed when the topic does not
                              exist any more */
    int64_t left_out, elsewhere, former;
    struct coin_table coins; /* keys of the letters that name a place of the topic */
};

static void describe(void *context, char *line, size_t size)
{
    struct retry *retry = context;
    (void)snprintf(line, size, "reading %s: %lld of %lld letters", retry->stream.dead_letter_topic,
                   atomic_load(&retry->read), (long long)retry->letters);
}

static const char *refusal_of(const struct retry *retry, size_t index)
{
    for (size_t i = 0; i < retry->rejected.count; i++) {
        if (retry->rejected.items[i].index == index) {
            return retry->rejected.items[i].reason;
        }
    }
    return NULL;
}

static bool note_batch(struct retry *retry)
{
    bool noted = true;
    for (size_t i = 0; i < retry->batch_count && noted; i++) {
        const char *refusal = refusal_of(retry, i);
        noted =
            refusal == NULL
                ? letter_outcomes_written(retry->outcomes, retry->places[i], retry->error)
                : letter_outcomes_failed(retry->outcomes, retry->places[i], refusal, retry->error);
    }
    retry->batch_count = 0;
    return noted;
}

static bool write_batch(struct retry *retry)
{
    const struct record_set batch = {&ticker_kind, retry->batch, retry->batch_count};
    bool writes = retry->batch_count > 0 && !retry->options->dry_run;
    return (!writes || store_sink_write_on(&retry->sink, &batch, &retry->rejected, retry->stop,
                                           retry->error)) &&
           note_batch(retry);
}

static bool take_tick(struct retry *retry, struct place place)
{
    retry->places[retry->batch_count] = place;
    return ++retry->batch_count < retry->options->batch_ticks || write_batch(retry);
}

/* Returns whether the ticks' topic has reached that place. If not, the letter is of a deleted topic
 * whose id is unknown, or is made up. */
static bool is_in_log(const struct log_span *ticks, const struct place *place)
{
    return ticks->count == 0 || ((size_t)place->partition < ticks->count &&
                                 place->offset < ticks->ranges[place->partition].end);
}

/* Keeps the key for coin_known(), if it is a valid coin. Running out of memory only shortens that
 * list. */
static void note_coin(struct retry *retry, struct str key)
{
    if (symbol_valid(key)) {
        (void)!coin_table_add(&retry->coins, key);
    }
}

/* Fails when no letter is of the coin of --coin: a typing error must not look like a coin without
 * letters. */
static bool coin_known(const struct retry *retry, struct error *error)
{
    const char *coin = wiring_coin(retry->options);
    if (coin == NULL || retry->coins.count == 0 ||
        coin_table_find(&retry->coins, str_from(coin)) != NULL) {
        return true;
    }
    struct strbuf names = strbuf_new(NAMES_LIMIT); /* as many names as fit */
    for (size_t i = 0; i < retry->coins.count; i++) {
        strbuf_append_format(&names, "%s%s", i > 0 ? ", " : "", retry->coins.coins[i].symbol);
    }
    error_set(error, ERROR_REJECT,
              "--coin %s: topic %.60s has no letter of it; it has letters of: %s", coin,
              retry->stream.dead_letter_topic, strbuf_text(&names));
    strbuf_free(&names);
    return false;
}

static bool wanted(const struct options *options, const struct message *letter)
{
    struct str kind = {0};
    const char *coin = wiring_coin(options);
    bool of_kind = options->letter_kind == LETTER_KINDS ||
                   (message_header(letter, LETTER_HEADER_KIND, &kind) && kind.data != NULL &&
                    str_equal_text(kind, letter_kind_names[options->letter_kind]));
    /* The key of a tick's message is its coin. */
    return of_kind && (coin == NULL || str_equal_text(letter->encoded.key, coin)) &&
           (options->since_ns == INT64_MIN ||
            letter->encoded.timestamp_ms * NS_PER_MS >= options->since_ns);
}

/* When Kafka refused a letter with the message's bytes, the letter carries only the reason, so use
 * that. */
static void reason_of(const struct message *letter, struct error *why)
{
    struct str reason = {0};
    if (letter->encoded.key.data == NULL && letter->encoded.value.data == NULL &&
        message_header(letter, LETTER_HEADER_REASON, &reason) && reason.data != NULL) {
        error_set(why, ERROR_REJECT, "%.*s", (int)reason.length, reason.data);
    }
}

static bool judge(struct retry *retry, const struct message *letter, struct place place)
{
    const struct encoded_message original = letter_original(letter);
    struct error why = {.kind = ERROR_NONE};
    switch (record_decode_wait(&retry->decoder, &original, RECORD_DECODE_PATIENCE_MS, retry->stop,
                               &retry->batch[retry->batch_count], &why)) {
    case DECODE_RECORD:
        return take_tick(retry, place);
    case DECODE_BAD:
    case DECODE_AHEAD:
        reason_of(letter, &why);
        return letter_outcomes_failed(retry->outcomes, place, why.text, retry->error);
    case DECODE_WAIT:
        break;
    }
    *retry->error = why;
    return false;
}

static void take_letter(struct retry *retry, const struct message *letter, struct place place)
{
    note_coin(retry, letter->encoded.key);
    if (!wanted(retry->options, letter)) {
        retry->left_out++;
    } else {
        retry->failed = !judge(retry, letter, place);
    }
}

static bool take(void *context, const struct message *letter)
{
    struct retry *retry = context;
    struct place place;
    atomic_fetch_add_explicit(&retry->read, 1, memory_order_relaxed);
    if (stop_requested(retry->stop)) {
        retry->failed = !error_set(retry->error, ERROR_FATAL, "stopped before the end");
    } else if (!letter_place(letter, retry->options->topic, &place) ||
               !is_in_log(&retry->ticks, &place)) {
        retry->elsewhere++;
    } else if (letter_is_former(letter, &retry->ticks.topic_id)) {
        retry->former++;
    } else {
        take_letter(retry, letter, place);
    }
    return !retry->failed;
}

static bool read_and_write(struct retry *retry, const struct log_span *log)
{
    retry->letters = log->messages;
    struct progress *progress = progress_begin(describe, retry);
    bool done = (log->messages == 0 || reader_read(log->reader, log->ranges, log->count, take,
                                                   retry, QUIET_MS, retry->error)) &&
                !retry->failed && write_batch(retry) &&
                letter_outcomes_finish(retry->outcomes, &retry->totals, retry->error);
    progress_end(progress);
    return done;
}

static void add_figure(struct table *table, const char *name, int64_t number, const char *more,
                       const char *of)
{
    table_cell(table, "%s", name);
    table_cell(table, "%lld", (long long)number);
    table_cell(table, "%s%s", more, of);
}

static void append_table(const struct retry *retry, struct strbuf *text)
{
    bool dry = retry->options->dry_run;
    struct table table = table_new(3);
    add_figure(&table, "read", atomic_load(&retry->read), "dead letters of ",
               retry->stream.dead_letter_topic);
    add_figure(&table, "left out", retry->left_out,
               "that --kind, --coin and --since do not ask for", "");
    add_figure(&table, "elsewhere", retry->elsewhere, "of no place in topic ",
               retry->options->topic);
    add_figure(&table, "former", retry->former, "of a topic that was deleted since, before ",
               retry->options->topic);
    add_figure(&table, dry ? "readable" : "written", retry->totals.written,
               dry ? "places: --dry-run writes nothing" : "places, to ",
               dry ? "" : store_name(retry->sink.store));
    add_figure(&table, "unreadable", retry->totals.failed, "places, still", "");
    for (size_t i = 0; i < retry->totals.reason_count; i++) {
        add_figure(&table, "", retry->totals.reasons[i].places, retry->totals.reasons[i].text, "");
    }
    table_append_within(&table, output_columns(STDOUT_FILENO), text);
    table_free(&table);
    output_make_plain(text);
}

static void append_json(const struct retry *retry, struct strbuf *text)
{
    strbuf_append_format(text,
                         "{\"read\":%lld,\"left_out\":%lld,\"elsewhere\":%lld,\"former\":%lld,"
                         "\"dry_run\":%s,"
                         "\"%s\":%lld,\"unreadable\":%lld,\"reasons\":[",
                         atomic_load(&retry->read), (long long)retry->left_out,
                         (long long)retry->elsewhere, (long long)retry->former,
                         retry->options->dry_run ? "true" : "false",
                         retry->options->dry_run ? "readable" : "written",
                         (long long)retry->totals.written, (long long)retry->totals.failed);
    for (size_t i = 0; i < retry->totals.reason_count; i++) {
        strbuf_append_format(text, "%s{\"places\":%lld,\"reason\":", i > 0 ? "," : "",
                             (long long)retry->totals.reasons[i].places);
        strbuf_append_json_string(text, str_from(retry->totals.reasons[i].text));
        strbuf_append_char(text, '}');
    }
    strbuf_append_text(text, "]}\n");
}

/* Fails when letters were asked for and none could be written. */
static bool print(const struct retry *retry, struct error *error)
{
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    (retry->options->format == FORMAT_JSON ? append_json : append_table)(retry, &text);
    bool printed = output_write(&text, error);
    strbuf_free(&text);
    if (printed && retry->totals.written == 0 && retry->totals.failed > 0) {
        return error_set(error, ERROR_REJECT, "no letter can be written: %s",
                         retry->totals.reasons[0].text);
    }
    return printed;
}

/* Reads which range the ticks' topic has. A missing topic is no failure: its letters may outlive
 * it. */
static bool look_at_topic(struct retry *retry, const struct kafka_settings *kafka,
                          struct error *error)
{
    bool there = log_span_open(&retry->ticks, kafka, retry->options->topic, retry->stop, error);
    if (!there && error->kind == ERROR_REJECT) {
        log_span_close(&retry->ticks);
        *error = (struct error){.kind = ERROR_NONE};
        return true;
    }
    if (there) {
        log_span_quiet(&retry->ticks);
    }
    return there;
}

static bool open_ends(struct retry *retry, struct log_span *log, struct error *error)
{
    const struct options *options = retry->options;
    struct store_config config = wiring_store(options);
    struct kafka_settings kafka = wiring_kafka(options, NULL);
    config.retention_ns = 0; /* only members purge old points */
    config.stop = retry->stop;
    options_stream(options, &ticker_kind, &retry->stream);
    retry->decoder.kind = &ticker_kind;
    retry->decoder.registry =
        wiring_registry(options, &ticker_kind, &registry_reader_limits, retry->stop, error);
    retry->batch = calloc(options->batch_ticks, sizeof *retry->batch);
    retry->places = calloc(options->batch_ticks, sizeof *retry->places);
    retry->outcomes = letter_outcomes_create(error);
    if (retry->batch == NULL || retry->places == NULL || retry->outcomes == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    if (retry->decoder.registry == NULL ||
        (!options->dry_run && !store_sink_open(&retry->sink, &config, error))) {
        return false;
    }
    bool there = log_span_open(log, &kafka, retry->stream.dead_letter_topic, retry->stop, error) &&
                 look_at_topic(retry, &kafka, error);
    if (!there && error->kind == ERROR_REJECT) {
        *error = (struct error){.kind = ERROR_NONE};
        there = log_span_has_topic(&kafka, options->topic, retry->stop, error);
    }
    return there || (error->kind == ERROR_RETRY && error_prefix(error, "%s", kafka.brokers));
}

bool run_dlq_retry(const struct options *options, struct error *error)
{
    struct retry retry = {.options = options, .error = error};
    struct log_span log = {.reader = NULL};
    struct signal_watch *watch = NULL;
    retry.stop = stop_create(error);
    bool done = retry.stop != NULL && (watch = signal_watch_create(retry.stop, 0, error)) != NULL &&
                open_ends(&retry, &log, error) && read_and_write(&retry, &log) &&
                coin_known(&retry, error) && print(&retry, error);
    record_decoder_release(&retry.decoder);
    log_span_close(&log);
    log_span_close(&retry.ticks);
    store_sink_close(&retry.sink);
    registry_client_destroy(retry.decoder.registry);
    rejected_list_free(&retry.rejected);
    letter_outcomes_destroy(retry.outcomes);
    free(retry.batch);
    free(retry.places);
    coin_table_free(&retry.coins);
    signal_watch_destroy(watch);
    stop_destroy(retry.stop);
    return done;
}
