#include "commands/stream_proof.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cli/options_streams.h"
#include "cli/progress.h"
#include "commands/wiring.h"
#include "kafka/admin/group.h"
#include "kafka/admin/topic_id.h"
#include "pipeline/coverage_read.h"
#include "pipeline/stored_candles.h"
#include "record/series.h"
#include "record/ticker.h"

enum { KAFKA_TIMEOUT_MS = 8000, ASK_AGAIN_MS = 200 };

enum step { STEP_WAIT, STEP_READ, STEP_COMPARE };

void stream_proof_progress(struct stream_proof *proof, char *line, size_t size)
{
    long long read = atomic_load(&proof->reading.messages);
    switch ((enum step)atomic_load(&proof->step)) {
    case STEP_WAIT:
        (void)snprintf(line, size, "waiting for the group: %lld messages of %s not yet written",
                       atomic_load(&proof->behind), proof->stream->topic);
        break;
    case STEP_READ:
        (void)snprintf(line, size, "reading the log: %lld of %lld messages of %s", read,
                       atomic_load(&proof->messages), proof->stream->topic);
        break;
    case STEP_COMPARE:
        (void)snprintf(line, size, "comparing with the store: %lld %s and points",
                       (long long)verify_compared(proof->reading.verify),
                       proof->stream->kind->records);
        break;
    }
}

static void describe(void *context, char *line, size_t size)
{
    stream_proof_progress(context, line, size);
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
static bool wait_for_group(struct stream_proof *proof, struct verify_partition *partitions,
                           struct error *error)
{
    int64_t until_ns = clock_monotonic_ns() + proof->options->wait_ns;
    struct group_reader *group =
        group_reader_create(&proof->kafka, proof->stream->topic, proof->options->group, error);
    bool asked = group != NULL;
    for (bool more = asked; more;) {
        struct group_status status = {0};
        asked = group_reader_status(group, &status, KAFKA_TIMEOUT_MS, error);
        int64_t left = asked ? behind(&proof->log, &status, partitions) : 0;
        proof->undecided = asked ? group_status_undecided(&status) : 0;
        atomic_store(&proof->behind, left);
        more = asked && left > 0 && clock_monotonic_ns() < until_ns;
        asked = asked &&
                (more || left == 0 ||
                 wiring_group_known(proof->options, group, &status, 1, KAFKA_TIMEOUT_MS, error));
        group_status_free(&status);
        if (more && stop_wait_ms(proof->stop, ASK_AGAIN_MS)) {
            more = false;
            asked = error_set(error, ERROR_FATAL, "stopped before the end");
        }
    }
    group_reader_destroy(group);
    return asked || (error->kind == ERROR_RETRY && error_prefix(error, "%s", proof->kafka.brokers));
}

static struct verify *make_verify(struct stream_proof *proof, struct verify_partition *partitions,
                                  struct error *error)
{
    const struct options *options = proof->options;
    const struct log_span *log = &proof->log;
    const struct verify_config config = {.kind = proof->stream->kind,
                                         .coin = wiring_coin(options),
                                         .from_ns = proof->from_ns,
                                         .to_ns = proof->to_ns,
                                         .interval_ns = options->interval_ns,
                                         .memory_bytes = options->memory_bytes,
                                         .memory_only = proof->in_background};
    for (size_t i = 0; i < log->count; i++) {
        partitions[i].begin = log->ranges[i].begin;
        partitions[i].end = log->ranges[i].end;
    }
    return verify_create(&config, partitions, log->count, error);
}

/* Opens the dead-letter topic. It may be missing if there never was a dead letter. */
static bool open_letters(struct stream_proof *proof, struct error *error)
{
    struct error failure = {.kind = ERROR_NONE};
    if (log_span_open(&proof->letters, &proof->kafka, proof->stream->dead_letter_topic, proof->stop,
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

/* Notes which tables of other kinds have points, so that the report names them. A table that cannot
 * be read counts as one with points. */
static void look_at_tables(struct stream_proof *proof)
{
    size_t used = 0;
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        struct error ignored;
        bool any = true;
        const struct record_kind *kind = record_kinds[i];
        if (!options_name_stream(proof->options, kind) &&
            (!store_any(proof->points, kind, &any, &ignored) || any)) {
            used += (size_t)snprintf(proof->tables + used, sizeof proof->tables - used, "%s%s",
                                     used > 0 ? ", " : "", kind->name);
        }
    }
}

/* Takes the store's snapshot, where the store can be compared early, and reads the log and the dead
 * letters. It asks for the end of the dead-letter topic after it has
 * waited for the group: by then the topic contains the dead letters of all committed messages. */
static bool read_all(struct stream_proof *proof, struct error *error)
{
    struct verify_partition *partitions = calloc(proof->log.count, sizeof *partitions);
    if (partitions == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    bool waited =
        wait_for_group(proof, partitions, error) && log_span_move_begin(&proof->log, error);
    proof->reading.verify = waited ? make_verify(proof, partitions, error) : NULL;
    free(partitions);
    if (proof->reading.verify == NULL) {
        return false;
    }
    look_at_tables(proof);
    if (!verify_compare_early(proof->reading.verify, proof->points, error) ||
        !open_letters(proof, error)) {
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

/* Reads the records that were sent while the store was read, because their points may have been
 * seen there. */
static bool read_later(struct stream_proof *proof, struct error *error)
{
    struct log_span *later = &proof->later;
    if (!log_span_open(later, &proof->kafka, proof->stream->topic, proof->stop, error) ||
        !topic_id_same(proof->stream->topic, &proof->log.topic_id, &later->topic_id, error)) {
        return false;
    }
    for (size_t i = 0; i < later->count && i < proof->log.count; i++) {
        int64_t seen = proof->log.ranges[i].end;
        later->ranges[i].begin = seen > later->ranges[i].begin ? seen : later->ranges[i].begin;
    }
    return verify_read(&proof->reading, later->reader, later->ranges, later->count, VERIFY_LATER,
                       error);
}

static bool open_store(const struct stream_proof *proof, struct store **store, struct error *error)
{
    struct store_config config = wiring_store(proof->options);
    config.read_only = true;
    config.stop = proof->stop;
    *store = store_open(&config, error);
    return *store != NULL;
}

/* Reads how much of a series' time was covered by a source. Returns false when that source has
 * written no events. If the store cannot be read, the coverage is left unknown, because it is no
 * part of the proof. */
static bool look_at_source(struct stream_proof *proof, size_t i, const char *source,
                           const char *coin)
{
    const struct verify_series *series = &verify_report(proof->reading.verify)->series[i];
    struct coverage coverage;
    struct error ignored;
    bool any = false;
    if (!coverage_read(proof->points, source, coin, series->oldest_ns, &coverage, &any, &ignored)) {
        return false;
    }
    if (any) {
        proof->covered[i] = coverage_of(&coverage, series->oldest_ns, series->newest_ns + 1);
    }
    coverage_free(&coverage);
    return any;
}

/* Reads the coverage of each series. Its source is in the series' name; ticks, which name none,
 * have that of the service, or of the synthetic source. */
static void look_at_coverage(struct stream_proof *proof)
{
    const struct record_kind *kind = proof->stream->kind;
    const struct verify_report *report = verify_report(proof->reading.verify);
    bool named = kind->tag_count > 1 && kind->tags[1].column == kind->source;
    proof->covered = (named || kind == &ticker_kind) && kind_folds(kind)
                         ? calloc(report->series_count + 1, sizeof *proof->covered)
                         : NULL;
    for (size_t i = 0; proof->covered != NULL && i < report->series_count; i++) {
        const struct verify_series *series = &report->series[i];
        struct str parts[KIND_TAGS_MAX];
        char source[SOURCE_MAX + 1], coin[RECORD_KEY_MAX + 1];
        if (!series->in_log || !series_split(kind, str_from(series->name), parts)) {
            continue;
        }
        coverage_source(kind, named ? parts[1] : str_from(TICKS_SERVICE), source);
        (void)str_copy(parts[0], coin, sizeof coin);
        if (!look_at_source(proof, i, source, coin) && !named) {
            (void)look_at_source(proof, i, TICKS_SYNTHETIC, coin);
        }
    }
}

static bool compare(struct stream_proof *proof, struct error *error)
{
    struct progress *progress = proof->in_background ? NULL : progress_begin(describe, proof);
    bool done = read_all(proof, error);
    if (done) {
        /* Drop the messages that these readers have prefetched, before the store is compared. */
        log_span_close(&proof->letters);
        log_span_quiet(&proof->log);
        atomic_store(&proof->step, STEP_COMPARE);
        done = verify_compare(proof->reading.verify, proof->points, proof->candles, proof->stop,
                              error) &&
               read_later(proof, error) && verify_conclude(proof->reading.verify, error);
    }
    if (done) {
        look_at_coverage(proof);
    }
    progress_end(progress);
    return done;
}

/* Returns a time from which --retention has certainly kept all points: a margin (at most an hour)
 * allows for how long the proof takes. INT64_MIN: retention deletes nothing. */
static int64_t first_kept(const struct options *options)
{
    int64_t kept_ns = options->retention_ns;
    int64_t margin_ns = kept_ns / 10 < 3600 * NS_PER_SECOND ? kept_ns / 10 : 3600 * NS_PER_SECOND;
    int64_t first_ns = 0;
    bool all =
        kept_ns <= 0 || __builtin_sub_overflow(clock_wall_ns(), kept_ns - margin_ns, &first_ns);
    return all ? INT64_MIN : first_ns;
}

/* Sets the time range to prove. It is widened so that a record and its point are both inside or
 * both outside. For bars it begins after the day that --retention is deleting. */
static void set_span(struct stream_proof *proof)
{
    const struct record_kind *kind = proof->stream->kind;
    int64_t from_ns = kind_range_begin(kind, proof->options->from_ns);
    int64_t kept_ns = kind_range_end(kind, first_kept(proof->options));
    proof->from_ns = from_ns > kept_ns ? from_ns : kept_ns;
    proof->to_ns = kind_range_end(kind, proof->options->to_ns);
}

bool stream_proof_run(struct stream_proof *proof, struct error *error)
{
    const struct stream *stream = proof->stream;
    set_span(proof);
    proof->kafka = wiring_kafka(proof->options, NULL);
    if (!wiring_decoder(proof->options, stream->kind, proof->stop, &proof->reading.decoder,
                        error) ||
        !open_store(proof, &proof->points, error) || !open_store(proof, &proof->candles, error)) {
        return false;
    }
    proof->reading.topic = stream->topic;
    proof->reading.stop = proof->stop;
    bool there = log_span_open(&proof->log, &proof->kafka, stream->topic, proof->stop, error);
    if (!there && error->kind == ERROR_RETRY) {
        error_prefix(error, "%s", proof->kafka.brokers);
    }
    return there && compare(proof, error);
}

void stream_proof_free(struct stream_proof *proof)
{
    wiring_decoder_free(&proof->reading.decoder);
    log_coins_free(&proof->reading.coins);
    free(proof->covered);
    verify_destroy(proof->reading.verify);
    log_span_close(&proof->letters);
    log_span_close(&proof->log);
    log_span_close(&proof->later);
    store_close(proof->candles);
    store_close(proof->points);
}

struct verify_source stream_proof_source(const struct stream_proof *proof)
{
    const struct stream *stream = proof->stream;
    return (struct verify_source){
        .kind = stream->kind,
        .topic = stream->topic,
        .group = proof->options->group,
        .store = store_name(proof->points),
        .interval_ns = proof->options->interval_ns,
        .coin = wiring_coin(proof->options),
        .from_ns = proof->from_ns,
        .to_ns = proof->to_ns,
        .coins = stream->kind->run != NULL ? &proof->reading.coins : NULL,
        .undecided = proof->undecided,
        .tables = proof->tables,
        .covered = proof->covered,
    };
}
