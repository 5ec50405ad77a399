/* Writes to the store the dead letters whose messages can be decoded by now. It takes the message
 * from the dead letter, and applies the same checks as the members. It sends nothing to Kafka,
 * whose log has the messages. It is harmless at any time, because a point depends only on its
 * message. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text/table.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "commands/commands.h"
#include "commands/letter_check.h"
#include "commands/retry_outcomes.h"
#include "commands/stream_run.h"
#include "commands/wiring.h"
#include "pipeline/sink_batch.h"
#include "record/names.h"
#include "source/coins.h"
#include "verify/dead_letter_place.h"
#include "verify/log_span.h"

enum {
    QUIET_MS = 15000,
    NAMES_LIMIT = 100,
    FORGED_TOLD = 20, /* how many forged dead letters are logged; further ones are only counted */
};

/* The place of a dead letter in its topic, and the place of its source message. */
struct named_letter {
    struct place letter, message;
};

/* The retry of one stream's dead letters. */
struct retry {
    const struct options *options;
    const struct stream *stream;
    struct stop *stop;
    struct record_decoder decoder;
    struct store_sink sink;
    struct sink_batch batch;
    struct place *places; /* the place of each record in `batch` */
    struct letter_check *check;
    char *unproved;                      /* records that `check` has still to confirm; room for
                                            options->batch_ticks */
    struct named_letter *unproved_names; /* the places of the dead letters of these records; the
                                            same room */
    size_t unproved_count;
    struct text_arena unproved_texts; /* their long texts */
    struct retry_outcomes *outcomes;
    struct letter_totals totals;
    struct error *error;
    bool failed;

    atomic_llong read;     /* read by the progress line */
    int64_t letters;       /* number of dead letters to read */
    struct log_span topic; /* the offsets that the stream's topic has; zeroed if the topic does
                              not exist any more */
    int64_t left_out, elsewhere, former, forged;
    struct coin_table coins; /* keys of the dead letters whose source message is in the topic */
};

static void describe(void *context, char *line, size_t size)
{
    struct retry *retry = context;
    (void)snprintf(line, size, "reading %s: %lld of %lld letters", retry->stream->dead_letter_topic,
                   atomic_load(&retry->read), (long long)retry->letters);
}

static bool take_result(void *context, const void *record, size_t index, const char *refusal,
                        struct error *error)
{
    struct retry *retry = context;
    (void)record;
    return refusal == NULL
               ? retry_outcomes_written(retry->outcomes, retry->places[index], error)
               : retry_outcomes_failed(retry->outcomes, retry->places[index], refusal, error);
}

static char *unproved_room(const struct retry *retry)
{
    return retry->unproved + retry->unproved_count * retry->stream->kind->size;
}

static void tell_forged(const struct retry *retry, const struct named_letter *names)
{
    log_warn("forged_letter", log_text("topic", retry->stream->dead_letter_topic),
             log_int("partition", names->letter.partition), log_int("offset", names->letter.offset),
             log_text("of_topic", retry->stream->topic),
             log_int("of_partition", names->message.partition),
             log_int("of_offset", names->message.offset));
}

/* Returns why the record must not be written; NULL: it may be written. */
static const char *objection(struct retry *retry, size_t index)
{
    switch (letter_check_truth(retry->check, index)) {
    case LETTER_TRUE:
        break;
    case LETTER_UNKNOWN:
        return retry->options->unchecked ? NULL
                                         : "the log no longer has the message that it names, so it "
                                           "cannot be checked: --unchecked writes it";
    case LETTER_FALSE:
        if (retry->forged++ < FORGED_TOLD) {
            tell_forged(retry, &retry->unproved_names[index]);
        }
        return "it is not of the message that it names: somebody else wrote it (the log names "
               "both)";
    }
    return NULL;
}

static bool take_record(struct retry *retry, struct place place, const void *record)
{
    const struct record_kind *kind = retry->stream->kind;
    void *room = sink_batch_room(&retry->batch);
    retry->places[retry->batch.count] = place;
    memcpy(room, record, kind->size);
    return record_move_texts(kind, room, &retry->unproved_texts, &retry->batch.texts)
               ? sink_batch_keep(&retry->batch, retry->error)
               : error_set(retry->error, ERROR_FATAL, "out of memory");
}

/* Adds to the batch the kept records to which the log's own messages do not object. */
static bool prove(struct retry *retry)
{
    bool done = letter_check_run(retry->check, retry->error);
    for (size_t i = 0; done && i < retry->unproved_count; i++) {
        const struct place place = retry->unproved_names[i].message;
        const char *why_not = objection(retry, i);
        done = why_not == NULL
                   ? take_record(retry, place, retry->unproved + i * retry->stream->kind->size)
                   : retry_outcomes_failed(retry->outcomes, place, why_not, retry->error);
    }
    letter_check_clear(retry->check);
    retry->unproved_count = 0;
    retry->unproved_texts.length = 0;
    return done;
}

/* Keeps the record that is in unproved_room() for prove(). */
static bool keep_unproved(struct retry *retry, const struct message *letter, struct place place,
                          const struct encoded_message *original)
{
    retry->unproved_names[retry->unproved_count] = (struct named_letter){
        .letter = {.partition = letter->partition, .offset = letter->offset}, .message = place};
    return letter_check_add(retry->check, place, original, retry->error) &&
           ((++retry->unproved_count < retry->options->batch_ticks &&
             retry->unproved_texts.length < SINK_BATCH_TEXTS) ||
            prove(retry));
}

/* Returns whether the stream's topic has reached that place. If not, the dead letter is of a
 * deleted topic whose id is unknown, or is forged. */
static bool is_in_log(const struct log_span *log, const struct place *place)
{
    return log->count == 0 || ((size_t)place->partition < log->count &&
                               place->offset < log->ranges[place->partition].end);
}

/* Remembers the key for coin_known(), if it is a valid coin. Running out of memory only shortens
 * that list. */
static void note_coin(struct retry *retry, struct str key)
{
    const struct record_kind *kind = retry->stream->kind;
    if (kind_key_is_tag(kind) ? kind->tags[0].valid(key) : record_symbol_valid(key)) {
        (void)!coin_table_add(&retry->coins, key);
    }
}

/* Fails if no dead letter that was read has the key --coin. */
static bool coin_known(const struct retry *retry, struct error *error)
{
    const char *coin = wiring_coin(retry->options);
    if (coin == NULL || coin_table_find(&retry->coins, str_from(coin)) != NULL) {
        return true;
    }
    struct strbuf names = strbuf_new(NAMES_LIMIT); /* as many names as fit */
    for (size_t i = 0; i < retry->coins.count; i++) {
        strbuf_append_format(&names, "%s%s", i > 0 ? ", " : "", retry->coins.coins[i].symbol);
    }
    error_set(error, ERROR_REJECT,
              "--coin %s: topic %.60s has no letter of it; it has letters of: %s", coin,
              retry->stream->dead_letter_topic, strbuf_text(&names));
    strbuf_free(&names);
    return false;
}

static bool wanted(const struct options *options, const struct message *letter)
{
    struct str kind = {0};
    const char *coin = wiring_coin(options);
    bool of_kind = options->dead_letter_kind == DEAD_LETTER_KINDS ||
                   (message_header(letter, DEAD_LETTER_HEADER_KIND, &kind) && kind.data != NULL &&
                    str_equal_text(kind, dead_letter_kind_names[options->dead_letter_kind]));
    /* The key of a record's message is its coin. */
    return of_kind && (coin == NULL || str_equal_text(letter->encoded.key, coin)) &&
           (options->since_ns == INT64_MIN ||
            letter->encoded.timestamp_ms * NS_PER_MS >= options->since_ns);
}

/* Kafka refuses a dead letter whose message is too large; a second one then has no bytes, only the
 * reason. Takes the reason from it. */
static void reason_of(const struct message *letter, struct error *why)
{
    struct str reason = {0};
    if (letter->encoded.key.data == NULL && letter->encoded.value.data == NULL &&
        message_header(letter, DEAD_LETTER_HEADER_REASON, &reason) && reason.data != NULL) {
        error_set(why, ERROR_REJECT, "%.*s", (int)reason.length, reason.data);
    }
}

static bool judge(struct retry *retry, const struct message *letter, struct place place)
{
    const struct encoded_message original = letter_original(letter);
    struct error why = {.kind = ERROR_NONE};
    size_t texts_kept = retry->unproved_texts.length;
    switch (record_decode_wait(&retry->decoder, &original, RECORD_DECODE_PATIENCE_MS, retry->stop,
                               unproved_room(retry), &retry->unproved_texts, &why)) {
    case DECODE_RECORD:
        return keep_unproved(retry, letter, place, &original);
    case DECODE_BAD:
    case DECODE_AHEAD:
        retry->unproved_texts.length = texts_kept;
        reason_of(letter, &why);
        return retry_outcomes_failed(retry->outcomes, place, why.text, retry->error);
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
    } else if (!dead_letter_place(letter, retry->stream->topic, &place) ||
               !is_in_log(&retry->topic, &place)) {
        retry->elsewhere++;
    } else if (letter_is_former(letter, &retry->topic.topic_id)) {
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
                !retry->failed && prove(retry) && sink_batch_finish(&retry->batch, retry->error) &&
                retry_outcomes_finish(retry->outcomes, &retry->totals, retry->error);
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
               retry->stream->dead_letter_topic);
    add_figure(&table, "left out", retry->left_out,
               "that --kind, --coin and --since do not ask for", "");
    add_figure(&table, "elsewhere", retry->elsewhere, "of no place in topic ",
               retry->stream->topic);
    add_figure(&table, "former", retry->former, "of a topic that was deleted since, before ",
               retry->stream->topic);
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
    strbuf_append_text(text, "]}");
}

/* Fails if there were dead letters and none could be written. */
static bool any_written(const struct retry *retry, struct error *error)
{
    return retry->totals.written > 0 || retry->totals.failed == 0 ||
           error_set(error, ERROR_REJECT, "no letter can be written: %s",
                     retry->totals.reasons[0].text);
}

/* Reads which offsets the stream's topic has. It is no failure if the topic does not exist but has
 * dead letters, which can outlive it. */
static bool look_at_topic(struct retry *retry, const struct kafka_settings *kafka, bool has_letters,
                          struct error *error)
{
    bool there = log_span_open(&retry->topic, kafka, retry->stream->topic, retry->stop, error);
    if (!there && has_letters && error->kind == ERROR_REJECT) {
        log_span_close(&retry->topic);
        *error = (struct error){.kind = ERROR_NONE};
        there = true;
    }
    retry->check = there ? letter_check_create(retry->stream->kind, &retry->topic, error) : NULL;
    return retry->check != NULL;
}

static bool open_ends(struct retry *retry, struct log_span *log, struct error *error)
{
    const struct options *options = retry->options;
    const struct record_kind *kind = retry->stream->kind;
    struct store_config config = wiring_store(options);
    struct kafka_settings kafka = wiring_kafka(options, NULL);
    config.retention_ns = 0; /* only members purge old points */
    config.stop = retry->stop;
    if (!wiring_decoder(options, kind, retry->stop, &retry->decoder, error) ||
        (!options->dry_run && !store_sink_open(&retry->sink, &config, error)) ||
        !sink_batch_open(&retry->batch, kind, options->batch_ticks,
                         options->dry_run ? NULL : &retry->sink, retry->stop, take_result, retry,
                         error)) {
        return false;
    }
    retry->places = calloc(options->batch_ticks, sizeof *retry->places);
    retry->unproved = calloc(options->batch_ticks, kind->size);
    retry->unproved_names = calloc(options->batch_ticks, sizeof *retry->unproved_names);
    retry->outcomes = retry_outcomes_create(error);
    if (retry->places == NULL || retry->unproved == NULL || retry->unproved_names == NULL ||
        retry->outcomes == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    /* Read the end of the dead-letter topic first: then the topic's range, read later, contains the
     * source messages of all its dead letters. */
    bool has_letters =
        log_span_open(log, &kafka, retry->stream->dead_letter_topic, retry->stop, error);
    bool missing = !has_letters && error->kind == ERROR_REJECT;
    if (missing) {
        *error = (struct error){.kind = ERROR_NONE};
    }
    bool there = (has_letters || missing) && look_at_topic(retry, &kafka, has_letters, error);
    return there || (error->kind == ERROR_RETRY && error_prefix(error, "%s", kafka.brokers));
}

static void free_ends(struct retry *retry)
{
    log_span_close(&retry->topic);
    sink_batch_close(&retry->batch);
    store_sink_close(&retry->sink);
    wiring_decoder_free(&retry->decoder);
    retry_outcomes_destroy(retry->outcomes);
    free(retry->places);
    letter_check_destroy(retry->check);
    free(retry->unproved);
    text_arena_free(&retry->unproved_texts);
    free(retry->unproved_names);
    coin_table_free(&retry->coins);
}

static bool retry_stream(struct stream_run *run, const struct stream *stream, struct strbuf *report,
                         struct error *error)
{
    struct retry retry = {
        .options = run->options, .stream = stream, .stop = run->stop, .error = error};
    struct log_span log = {.reader = NULL};
    bool done = open_ends(&retry, &log, error) && read_and_write(&retry, &log);
    /* If no dead letter was read, nothing shows whether the coin exists. */
    if (done &&
        (retry.coins.count == 0 || stream_run_coin(run, coin_known(&retry, &run->no_coin)))) {
        (run->options->format == FORMAT_JSON ? append_json : append_table)(&retry, report);
        done = any_written(&retry, error);
    }
    log_span_close(&log);
    free_ends(&retry);
    return done;
}

bool run_dlq_retry(const struct options *options, struct error *error)
{
    struct stream_run run = {.options = options, .command = retry_stream};
    return stream_run(&run, error);
}
