/* Takes a snapshot of the topic, waits for the group, reads log and dead letters and compares the
 * store. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/wiring.h"
#include "kafka/admin/group.h"
#include "kafka/admin/topic_id.h"
#include "verify/log_span.h"
#include "verify/verify_read.h"
#include "verify/verify_text.h"

enum {
    TEXT_LIMIT = 64 << 20,
    VERDICT_LIMIT = 4096,
    KAFKA_TIMEOUT_MS = 8000,
    ASK_AGAIN_MS = 200,
};

enum step { STEP_WAIT, STEP_READ, STEP_COMPARE };

struct proof {
    const struct options *options;
    int64_t from_ns; /* the store may already have purged what is older */
    struct kafka_settings kafka;
    struct stop *stop;
    struct registry_client *registry;
    struct store *points, *candles;
    struct log_span log, letters, later;
    struct verify_reading reading;
    int64_t undecided; /* offsets up to the high watermark that an open transaction holds back,
                          at the last look */

    /* The fields below are read by the progress line. */
    atomic_int step;
    atomic_llong behind, messages;
};

static void describe(void *context, char *line, size_t size)
{
    struct proof *proof = context;
    long long read = atomic_load(&proof->reading.messages);
    switch ((enum step)atomic_load(&proof->step)) {
    case STEP_WAIT:
        (void)snprintf(line, size, "waiting for the group: %lld messages not yet written",
                       atomic_load(&proof->behind));
        break;
    case STEP_READ:
        (void)snprintf(line, size, "reading the log: %lld of %lld messages", read,
                       atomic_load(&proof->messages));
        break;
    case STEP_COMPARE:
        (void)snprintf(line, size, "comparing with the store: %lld ticks and points",
                       (long long)verify_compared(proof->reading.verify));
        break;
    }
}

/* Returns how many messages of the snapshot the group has not committed, and fills in its committed
 * offsets. */
static int64_t behind(const struct log_span *log, const struct group_status *status,
                      struct verify_partition *partitions)
{
    int64_t left = 0;
    for (size_t i = 0; i < log->count; i++) {
        const struct partition_range *range = &log->ranges[i];
        int64_t committed = -1;
        if (i < status->partition_count) {
            committed = status->partitions[i].committed;
            partitions[i].former = status->partitions[i].committed_metadata.former;
        }
        partitions[i].settled = committed > range->begin ? committed : range->begin;
        left += partitions[i].settled < range->end ? range->end - partitions[i].settled : 0;
    }
    return left;
}

/* Waits until the group has committed the snapshot, or --wait is over. */
static bool wait_for_group(struct proof *proof, struct verify_partition *partitions,
                           struct error *error)
{
    int64_t until_ns = clock_monotonic_ns() + proof->options->wait_ns;
    struct group_reader *group =
        group_reader_create(&proof->kafka, proof->options->topic, proof->options->group, error);
    bool asked = group != NULL;
    for (bool more = asked; more;) {
        struct group_status status = {0};
        asked = group_reader_status(group, &status, KAFKA_TIMEOUT_MS, error);
        int64_t left = asked ? behind(&proof->log, &status, partitions) : 0;
        proof->undecided = asked ? group_status_undecided(&status) : 0;
        atomic_store(&proof->behind, left);
        more = asked && left > 0 && clock_monotonic_ns() < until_ns;
        asked =
            asked && (more || left == 0 ||
                      wiring_group_known(proof->options, group, &status, KAFKA_TIMEOUT_MS, error));
        group_status_free(&status);
        if (more && stop_wait_ms(proof->stop, ASK_AGAIN_MS)) {
            more = false;
            asked = error_set(error, ERROR_FATAL, "stopped before the end");
        }
    }
    group_reader_destroy(group);
    return asked || (error->kind == ERROR_RETRY && error_prefix(error, "%s", proof->kafka.brokers));
}

static struct verify *make_verify(struct proof *proof, struct verify_partition *partitions,
                                  struct error *error)
{
    const struct options *options = proof->options;
    const struct log_span *log = &proof->log;
    const struct verify_config config = {.kind = &ticker_kind,
                                         .coin = wiring_coin(options),
                                         .from_ns = proof->from_ns,
                                         .to_ns = options->to_ns,
                                         .interval_ns = options->interval_ns,
                                         .memory_bytes = options->memory_bytes};
    for (size_t i = 0; i < log->count; i++) {
        partitions[i].begin = log->ranges[i].begin;
        partitions[i].end = log->ranges[i].end;
    }
    return verify_create(&config, partitions, log->count, error);
}

/* The dead-letter topic may be missing when there never was a dead letter. */
static bool open_letters(struct proof *proof, struct error *error)
{
    struct stream stream;
    struct error failure = {.kind = ERROR_NONE};
    options_stream(proof->options, &ticker_kind, &stream);
    if (log_span_open(&proof->letters, &proof->kafka, stream.dead_letter_topic, proof->stop,
                      &failure)) {
        return true;
    }
    log_span_close(&proof->letters);
    if (failure.kind == ERROR_REJECT) {
        return true;
    }
    *error = failure;
    return false;
}

/* Looks at the dead letters' end last: by then it includes the letters of everything that is
 * committed. */
static bool read_all(struct proof *proof, struct error *error)
{
    struct verify_partition *partitions = calloc(proof->log.count, sizeof *partitions);
    if (partitions == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    bool waited =
        wait_for_group(proof, partitions, error) && log_span_move_begin(&proof->log, error);
    proof->reading.verify = waited ? make_verify(proof, partitions, error) : NULL;
    free(partitions);
    if (proof->reading.verify == NULL || !open_letters(proof, error)) {
        return false;
    }
    proof->reading.topic_id = proof->log.topic_id;
    atomic_store(&proof->messages, proof->log.messages + proof->letters.messages);
    atomic_store(&proof->step, STEP_READ);
    return (proof->letters.count == 0 ||
            verify_read(&proof->reading, proof->letters.reader, proof->letters.ranges,
                        proof->letters.count, VERIFY_LETTERS, error)) &&
           verify_read(&proof->reading, proof->log.reader, proof->log.ranges, proof->log.count,
                       VERIFY_LOG, error);
}

/* Reads what was sent while the store was read, because points of it may have been seen there. */
static bool read_later(struct proof *proof, struct error *error)
{
    struct log_span *later = &proof->later;
    if (!log_span_open(later, &proof->kafka, proof->options->topic, proof->stop, error) ||
        !topic_id_same(proof->options->topic, &proof->log.topic_id, &later->topic_id, error)) {
        return false;
    }
    for (size_t i = 0; i < later->count && i < proof->log.count; i++) {
        int64_t seen = proof->log.ranges[i].end;
        later->ranges[i].begin = seen > later->ranges[i].begin ? seen : later->ranges[i].begin;
    }
    return verify_read(&proof->reading, later->reader, later->ranges, later->count, VERIFY_LATER,
                       error);
}

static bool open_store(const struct options *options, struct stop *stop, struct store **store,
                       struct error *error)
{
    struct store_config config = wiring_store(options);
    config.read_only = true;
    config.stop = stop;
    *store = store_open(&config, error);
    return *store != NULL;
}

static bool compare(struct proof *proof, struct error *error)
{
    struct progress *progress = progress_begin(describe, proof);
    bool done = read_all(proof, error);
    if (done) {
        /* Drop the messages that these readers have prefetched. */
        log_span_close(&proof->letters);
        log_span_quiet(&proof->log);
        atomic_store(&proof->step, STEP_COMPARE);
        done = verify_compare(proof->reading.verify, proof->points, proof->candles, proof->stop,
                              error) &&
               read_later(proof, error) && verify_conclude(proof->reading.verify, error);
    }
    progress_end(progress);
    return done;
}

static bool print(const struct proof *proof, struct error *error)
{
    const struct options *options = proof->options;
    const struct verify_report *report = verify_report(proof->reading.verify);
    const struct verify_source source = {.kind = proof->reading.decoder.kind,
                                         .topic = options->topic,
                                         .group = options->group,
                                         .store = store_name(proof->points),
                                         .interval_ns = options->interval_ns,
                                         .coin = wiring_coin(options),
                                         .from_ns = proof->from_ns,
                                         .to_ns = options->to_ns,
                                         .coins = &proof->reading.coins,
                                         .undecided = proof->undecided};
    /* If the books do not balance, the report already names a coin that only the store has. */
    if (report->balanced && !log_coins_known(&proof->reading.coins, proof->reading.decoder.kind,
                                             options->topic, wiring_coin(options), error)) {
        return false;
    }
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    if (options->format == FORMAT_JSON) {
        verify_to_json(report, &source, &text);
    } else {
        verify_to_table(report, &source, output_columns(STDOUT_FILENO), &text);
    }
    bool printed = output_write(&text, error);
    strbuf_free(&text);
    /* The exit code is the verdict even when the reader of the output has gone (`| head`). */
    bool told = printed || error->kind == ERROR_NONE;
    if (told && !report->balanced) {
        return error_set(error, ERROR_REJECT, "the books of topic %.80s do not balance",
                         options->topic);
    }
    return printed;
}

/* Returns the start of the time range to prove: --from, or the oldest time that --retention keeps
 * plus a margin (at most an hour) for the time that the proof takes. */
static int64_t first_kept(const struct options *options)
{
    int64_t kept_ns = options->retention_ns;
    int64_t margin_ns = kept_ns / 10 < 3600 * NS_PER_SECOND ? kept_ns / 10 : 3600 * NS_PER_SECOND;
    int64_t first_ns = 0;
    if (kept_ns <= 0 || __builtin_sub_overflow(clock_wall_ns(), kept_ns - margin_ns, &first_ns)) {
        return options->from_ns;
    }
    return first_ns > options->from_ns ? first_ns : options->from_ns;
}

bool run_verify(const struct options *options, struct error *error)
{
    struct proof proof = {.options = options,
                          .from_ns = first_kept(options),
                          .kafka = wiring_kafka(options, NULL),
                          .reading = {.topic = options->topic}};
    struct signal_watch *watch = NULL;
    bool done = false;
    proof.stop = stop_create(error);
    if (proof.stop == NULL || (watch = signal_watch_create(proof.stop, 0, error)) == NULL ||
        (proof.registry = wiring_registry(options, &ticker_kind, &registry_reader_limits,
                                          proof.stop, error)) == NULL ||
        !open_store(options, proof.stop, &proof.points, error) ||
        !open_store(options, proof.stop, &proof.candles, error)) {
        goto out;
    }
    proof.reading.stop = proof.stop;
    proof.reading.decoder.kind = &ticker_kind;
    proof.reading.decoder.registry = proof.registry;
    done = log_span_open(&proof.log, &proof.kafka, options->topic, proof.stop, error);
    if (!done && error->kind == ERROR_RETRY) {
        error_prefix(error, "%s", options->brokers);
    }
    done = done && compare(&proof, error) && print(&proof, error);
out:
    record_decoder_release(&proof.reading.decoder);
    log_coins_free(&proof.reading.coins);
    verify_destroy(proof.reading.verify);
    log_span_close(&proof.letters);
    log_span_close(&proof.log);
    log_span_close(&proof.later);
    store_close(proof.candles);
    store_close(proof.points);
    registry_client_destroy(proof.registry);
    signal_watch_destroy(watch);
    stop_destroy(proof.stop);
    return done;
}
