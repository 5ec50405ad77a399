#include "source/poller_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "record/event.h"

enum {
    DEFAULT_PER_MINUTE = 30,
    BACKOFF_BASE_MS = 1000,
    BACKOFF_CAP_MS = 60000,
};
/* Waits for a recorded time are shown in the status from this length on. */
#define PACED_TOLD_NS (2 * NS_PER_SECOND)
/* Late rounds are logged at most this often, in one line: they mostly come in series. */
#define LATE_TOLD_NS (60 * NS_PER_SECOND)

static int64_t wall_ns(const struct poller *poller)
{
    return poller->clock.wall_ns(poller->clock.context);
}

static int64_t monotonic_ns(const struct poller *poller)
{
    return poller->clock.monotonic_ns(poller->clock.context);
}

/* Returns false when the stop was requested. */
static bool wait_until(struct poller *poller, int64_t due_ns)
{
    for (;;) {
        if (stop_requested(poller->config.stop)) {
            return false;
        }
        int64_t now_ns = monotonic_ns(poller);
        if (due_ns <= now_ns) {
            return true;
        }
        int64_t ms = (due_ns - now_ns - 1) / NS_PER_MS + 1;
        (void)poller->clock.wait_ms(poller->clock.context, poller->config.stop, ms);
    }
}

/* The key of a record of the batch. */
static struct str key_of(const struct poller *poller, const void *record)
{
    return column_text(poller->batch.kind->key, record);
}

/* Returns whether the record is refused, which is counted, because its coin has another live
 * source. Records of a replay or of a synthetic source are never refused. */
static bool is_owned(struct poller *poller, const void *record)
{
    bool first = false;
    if (poller->owners.coins.count == 0 || poller->batch.kind != poller->kind) {
        return false;
    }
    struct str coin = key_of(poller, record);
    const char *source = coin_owners_find(&poller->owners, coin, wall_ns(poller), &first);
    bool refused = source != NULL && poller->source->live && record_is_live(poller->kind, record);
    if (source != NULL && first) {
        poller_books_notice_owned(&poller->books, coin, source, refused);
    }
    if (refused) {
        poller_books_refuse(&poller->books, ROW_OTHER_SOURCE);
    }
    return refused;
}

/* Checks a record by its kind, and whether its coin may be sent. Counts and logs one that fails its
 * check, which is a fault of its source. */
static bool passes(struct poller *poller, const void *record)
{
    const char *reason = poller->batch.kind->check(record, &poller->batch.texts);
    if (reason == NULL) {
        return !is_owned(poller, record);
    }
    log_warn("tick_refused", log_text("source", poller->source->name),
             log_str("symbol", key_of(poller, record)), log_text("reason", reason));
    if (poller->batch.kind == &event_kind) {
        poller_books_add(&poller->books, &poller->books.stats.events_dropped, 1);
    } else {
        poller_books_refuse(&poller->books, row_fault_of(reason));
    }
    return false;
}

static void deliver(struct poller *poller, const struct source_batch *batch, size_t index)
{
    bool taken =
        poller->config.sink(poller->config.sink_context, batch->kind, source_batch_at(batch, index),
                            &batch->texts, batch->arrived_ns[index]);
    struct poller_stats *stats = &poller->books.stats;
    int64_t *of_rows = taken ? &stats->produced : &stats->dropped;
    int64_t *of_events = taken ? &stats->events : &stats->events_dropped;
    poller_books_add(&poller->books, batch->kind == &event_kind ? of_events : of_rows, 1);
    poller->cut_short = poller->cut_short || (!taken && stop_requested(poller->config.stop));
}

/* Delivers the events of a polled source's run. Returns false when memory ran out. */
static bool deliver_events(struct poller *poller)
{
    struct source_batch *events = &poller->coverage.events;
    for (size_t i = 0; i < events->count; i++) {
        deliver(poller, events, i);
    }
    events->count = 0;
    return !poller->coverage.failed;
}

/* Waits until everything is acknowledged, if the batch asks for it. Returns false when it was not,
 * which happens only after the stop. */
static bool settle(struct poller *poller)
{
    if (!poller->batch.settle || poller->config.settle == NULL) {
        return true;
    }
    poller_books_settle(&poller->books, true, monotonic_ns(poller));
    bool settled = poller->config.settle(poller->config.sink_context);
    poller_books_settle(&poller->books, false, 0);
    poller->cut_short = poller->cut_short || !settled;
    return settled;
}

/* Waits until a record is due. Returns false when the stop was requested, after which only the
 * records of a live source are still delivered. */
static bool wait_for_record(struct poller *poller, const void *record)
{
    if (poller->source->live) {
        return true;
    }
    if (poller->replay.speed <= 0) {
        return !stop_requested(poller->config.stop);
    }
    int64_t now_ns = monotonic_ns(poller);
    int64_t due_ns =
        replay_pacer_due(&poller->replay, column_int64(poller->kind->moment, record), now_ns);
    bool told = due_ns > now_ns && due_ns - now_ns >= PACED_TOLD_NS;
    if (told) {
        poller_books_set_state(&poller->books, POLLER_PACED, due_ns);
    }
    bool come = wait_until(poller, due_ns);
    if (told) {
        poller_books_set_state(&poller->books, POLLER_FLOWING, 0);
    }
    return come;
}

/* Delivers records that have their own time and identity. Returns false when the stop was
 * requested. */
static bool hand_on(struct poller *poller)
{
    for (size_t i = 0; i < poller->batch.count; i++) {
        const void *record = source_batch_at(&poller->batch, i);
        if (!passes(poller, record)) {
            continue;
        }
        if (!wait_for_record(poller, record)) {
            return false;
        }
        deliver(poller, &poller->batch, i);
    }
    return true;
}

/* Counts a record that gets no stamp because the clock is behind its coin's last one. */
static void hold_back(struct poller *poller, const void *record, int64_t behind_ns,
                      struct poller_held *held)
{
    poller_books_add(&poller->books, &poller->books.stats.held_back, 1);
    held->coins++;
    if (behind_ns > held->behind_ns) {
        const struct coin *coin = coin_table_find(&poller->stamper.coins, key_of(poller, record));
        held->behind_ns = behind_ns;
        held->clock_was_ahead = coin == NULL || !coin->last_told;
        (void)str_copy(key_of(poller, record), held->coin, sizeof held->coin);
    }
}

/* Sets the state after an answer's records. Logs when the clock falls behind a coin's last stamp,
 * and when it has passed all of them again. */
static void end_of_answer(struct poller *poller, const struct poller_held *held)
{
    if (held->coins == 0) {
        poller_books_set_state(&poller->books, POLLER_FLOWING, 0);
    } else {
        poller_books_hold(&poller->books, held);
    }
    bool holds = held->coins > 0;
    if (holds && !poller->holding) {
        log_warn("clock_behind", log_text("source", poller->source->name),
                 log_int("coins", held->coins), log_text("symbol", held->coin),
                 log_int("behind_ms", held->behind_ns / NS_PER_MS),
                 log_text("newest_stamp", held->clock_was_ahead ? "of this run" : "of the log"));
    } else if (!holds && poller->holding) {
        log_info("clock_caught_up", log_text("source", poller->source->name));
    }
    poller->holding = holds;
}

/* Stamps a record; if its stamp has to lie in the next second, waits for that second and sets
 * `*now_ns` to the time after the wait. */
static enum stamp_answer stamp(struct poller *poller, void *record, int64_t *now_ns,
                               int64_t *wait_ns)
{
    enum stamp_answer answer =
        stamper_stamp(&poller->stamper, poller->kind, record, *now_ns, wait_ns);
    while (answer == STAMP_NEXT_SECOND && wait_until(poller, monotonic_ns(poller) + *wait_ns)) {
        *now_ns = wall_ns(poller);
        answer = stamper_stamp(&poller->stamper, poller->kind, record, *now_ns, wait_ns);
    }
    return answer;
}

static bool fail(struct poller *poller, const struct error *error)
{
    log_error("poll_failed", log_text("source", poller->source->name),
              log_text("reason", error->text));
    poller_books_end(&poller->books, POLLER_FAILED, error);
    return false;
}

static bool fail_for_memory(struct poller *poller)
{
    struct error error;
    (void)error_set(&error, ERROR_FATAL, "no memory for one more coin than %zu",
                    poller->stamper.coins.count);
    return fail(poller, &error);
}

/* Stamps an answer's records with the time at which the answer arrived and delivers all of them,
 * even after the stop was requested. Returns false when the loop cannot go on. */
static bool stamp_and_hand_on(struct poller *poller, int64_t now_ns)
{
    struct poller_held held = {0};
    int64_t arrived_ns = now_ns;
    if (!poller->holding) {
        poller_books_set_state(&poller->books, POLLER_FLOWING, 0);
    }
    poll_coverage_answer(&poller->coverage, arrived_ns);
    for (size_t i = 0; i < poller->batch.count; i++) {
        void *record = source_batch_at(&poller->batch, i);
        if (!passes(poller, record)) {
            continue;
        }
        int64_t wait_ns = 0;
        switch (stamp(poller, record, &now_ns, &wait_ns)) {
        case STAMP_GIVEN:
            poller->batch.arrived_ns[i] = arrived_ns;
            poll_coverage_coin(&poller->coverage, key_of(poller, record));
            deliver(poller, &poller->batch, i);
            break;
        case STAMP_NEXT_SECOND: /* stamp() was still waiting for that second when the stop was
                                   requested, so the record has no stamp */
        case STAMP_BEHIND:
            hold_back(poller, record, wait_ns, &held);
            break;
        case STAMP_NO_MEMORY:
            return fail_for_memory(poller);
        }
    }
    end_of_answer(poller, &held);
    if (held.coins > 0) {
        poll_coverage_fail(&poller->coverage, arrived_ns);
    }
    return deliver_events(poller) || fail_for_memory(poller);
}

/* Records that the source works, unless it pushes and the batch is empty, which says nothing. */
static void succeed(struct poller *poller, int64_t now_ns)
{
    if (poller->batch.count > 0 || !poller->source->pushed) {
        backoff_reset(&poller->backoff);
        poller_books_succeed(&poller->books, now_ns);
    }
}

/* Records that the batch's coins have a past, if it is one. Returns false when memory ran out. */
static bool cover_past(struct poller *poller)
{
    const struct source_batch *batch = &poller->batch;
    if (batch->step_ns == 0 || batch->count == 0) {
        return true;
    }
    const struct column *time = batch->kind->time;
    int64_t first_ns = column_int64(time, source_batch_at(batch, 0));
    int64_t last_ns = column_int64(time, source_batch_at(batch, batch->count - 1));
    for (size_t i = 0; i < batch->count; i++) {
        poll_coverage_coin(&poller->coverage, key_of(poller, source_batch_at(batch, i)));
    }
    poll_coverage_past(&poller->coverage, first_ns, last_ns + batch->step_ns, batch->step_ns);
    return !poller->coverage.failed || fail_for_memory(poller);
}

/* Stamps and delivers what the batch holds. Returns false when the loop ends. */
static bool take_batch(struct poller *poller)
{
    int64_t now_ns = wall_ns(poller);
    succeed(poller, now_ns);
    if (!poller->batch.has_time) {
        return stamp_and_hand_on(poller, now_ns) && settle(poller);
    }
    poller_books_set_state(&poller->books, POLLER_FLOWING, 0);
    return hand_on(poller) && cover_past(poller) && settle(poller);
}

static bool take_error(struct poller *poller, const struct error *error)
{
    if (error->kind != ERROR_RETRY) {
        return fail(poller, error);
    }
    if (stop_requested(poller->config.stop)) {
        return false; /* the stop may have interrupted the request: this is no failure */
    }
    poll_coverage_fail(&poller->coverage, wall_ns(poller));
    if (!deliver_events(poller)) {
        return fail_for_memory(poller);
    }
    int64_t now_ns = monotonic_ns(poller);
    int wait_ms = backoff_next_ms(&poller->backoff, error->retry_after_ms);
    round_pacer_retry(&poller->rounds, now_ns, wait_ms * NS_PER_MS);
    int64_t due_ns = round_pacer_due(&poller->rounds);
    log_warn("poll_retry", log_text("source", poller->source->name),
             log_int("wait_ms", (due_ns - now_ns) / NS_PER_MS), log_text("reason", error->text));
    poller_books_retry(&poller->books, error, due_ns);
    return true;
}

static void log_late(struct poller *poller, int64_t late_ns, int64_t now_ns)
{
    poller->late_count++;
    poller->late_most_ns = late_ns > poller->late_most_ns ? late_ns : poller->late_most_ns;
    if (poller->late_told_ns != 0 && now_ns - poller->late_told_ns < LATE_TOLD_NS) {
        return;
    }
    char by[CLOCK_TEXT_SIZE];
    int64_t most_ns = poller->late_most_ns;
    clock_format_duration(most_ns < NS_PER_MS ? most_ns : most_ns - most_ns % NS_PER_MS, by);
    log_warn("poll_late", log_text("source", poller->source->name),
             log_int("rounds", poller->late_count), log_text("by", by));
    poller->late_told_ns = now_ns;
    poller->late_count = poller->late_most_ns = 0;
}

/* Waits until the next round is due and counts it if it is late (sources that are polled only).
 * Returns false when the stop was requested. */
static bool begin_round(struct poller *poller)
{
    struct poller_books *books = &poller->books;
    if (!wait_until(poller, round_pacer_due(&poller->rounds))) {
        return false;
    }
    int64_t now_ns = monotonic_ns(poller);
    int64_t late_ns = round_pacer_start(&poller->rounds, now_ns);
    if (!source_is_polled(poller->source)) {
        return true;
    }
    if (late_ns > 0) {
        log_late(poller, late_ns, now_ns);
        poller_books_add(books, &books->stats.late_rounds, 1);
    }
    poller_books_add(books, &books->stats.requests, 1);
    return true;
}

/* Asks the source once and handles what it returns. Returns false when the loop ends. */
static bool run_round(struct poller *poller)
{
    struct row_counts counts = {0};
    struct error error = {0};
    if (!begin_round(poller)) {
        return false;
    }
    struct source *source = poller->source;
    enum source_next next = source->next(source->state, &poller->batch, &counts, &error);
    poller_books_add_rows(&poller->books, &counts);
    switch (next) {
    case SOURCE_BATCH:
        return take_batch(poller);
    case SOURCE_ERROR:
        return take_error(poller, &error);
    case SOURCE_END:
    default:
        poller_books_end(&poller->books, POLLER_DONE, NULL);
        return false;
    }
}

/* Delivers the last events of a polled source's run, and what the source's `last` returns. */
static void say_last(struct poller *poller)
{
    struct source *source = poller->source;
    if (!poller->cut_short) {
        poll_coverage_end(&poller->coverage, wall_ns(poller));
        (void)deliver_events(poller);
    }
    while (source->last != NULL && !poller->cut_short &&
           source->last(source->state, &poller->batch)) {
        for (size_t i = 0; i < poller->batch.count; i++) {
            if (passes(poller, source_batch_at(&poller->batch, i))) {
                deliver(poller, &poller->batch, i);
            }
        }
        (void)settle(poller); /* a failure ends the loop, too */
    }
}

static void *run(void *context)
{
    struct poller *poller = context;
    (void)pthread_setname_np(pthread_self(), "poller");
    if (poller->source->begin != NULL) {
        poller->source->begin(poller->source->state, poller->newest_told_ns);
    }
    poll_coverage_start(&poller->coverage, wall_ns(poller));
    bool goes_on = deliver_events(poller) || fail_for_memory(poller);
    while (goes_on) {
        goes_on = run_round(poller);
    }
    say_last(poller);
    poller_books_stop(&poller->books);
    if (poller->config.on_end != NULL) {
        poller->config.on_end(poller->config.on_end_context);
    }
    return NULL;
}

static bool check_config(const struct poller_config *config, const struct source *source,
                         struct error *error)
{
    if (source_is_polled(source) && config->interval_ns <= 0) {
        return error_set(error, ERROR_USAGE, "the poll interval has to be above 0");
    }
    if (!isfinite(config->speed) || config->speed < 0) {
        return error_set(error, ERROR_USAGE,
                         "the replay speed has to be above 0 (60: an hour in a minute), or max");
    }
    return true;
}

struct poller *poller_create(const struct poller_config *config, struct source *source,
                             struct error *error)
{
    if (!check_config(config, source, error)) {
        return NULL;
    }
    struct poller *poller = calloc(1, sizeof *poller);
    if (poller == NULL || !poller_books_init(&poller->books, source)) {
        free(poller);
        (void)error_set(error, ERROR_FATAL, "no memory for the poller");
        return NULL;
    }
    int per_minute =
        config->requests_per_minute == 0 ? DEFAULT_PER_MINUTE : config->requests_per_minute;
    poller->config = *config;
    poller->clock = config->clock != NULL ? *config->clock : poller_real_clock;
    poller->source = source;
    poller->kind = source->kind;
    poller->stamper = stamper_new(config->run_id);
    poller->newest_told_ns = INT64_MIN;
    poller->rounds = source_is_polled(source) ? round_pacer_new(config->interval_ns, per_minute)
                                              : round_pacer_new(0, -1);
    poller->coverage.writes = source_is_polled(source) && source->writes_events;
    poller->coverage.run.source = source->name;
    poller->coverage.interval_ns = poller->rounds.interval_ns;
    poller->replay.speed = config->speed;
    poller->backoff = backoff_new(BACKOFF_BASE_MS, BACKOFF_CAP_MS, random_from_system());
    if (source_is_polled(source) && poller->rounds.interval_ns > config->interval_ns) {
        log_warn("poll_interval_raised", log_text("source", source->name),
                 log_int("requests_per_minute", per_minute),
                 log_int("interval_ms", poller->rounds.interval_ns / NS_PER_MS));
    }
    return poller;
}

bool poller_start(struct poller *poller, struct error *error)
{
    poller_books_set_state(&poller->books, POLLER_ASKING, 0);
    int failure = pthread_create(&poller->thread, NULL, run, poller);
    if (failure != 0) {
        poller_books_set_state(&poller->books, POLLER_IDLE, 0);
        return error_set(error, ERROR_RETRY, "cannot start the poller's thread: %s",
                         strerror(failure));
    }
    poller->runs = true;
    return true;
}

static void add_report(struct poller_stats *stats, const struct source_report *report)
{
    stats->requests += report->requests;
    stats->request_errors += report->request_errors;
    stats->figure_count = report->figure_count;
    memcpy(stats->figures, report->figures, sizeof stats->figures);
    if (stats->healthy && !stats->ended && report->trouble[0] != '\0') {
        stats->healthy = false;
        memcpy(stats->reason, report->trouble, sizeof stats->reason);
    }
    if (stats->notice[0] == '\0') {
        memcpy(stats->notice, report->notice, sizeof stats->notice);
    }
}

void poller_stats(struct poller *poller, struct poller_stats *stats)
{
    poller_books_read(&poller->books, monotonic_ns(poller), stats);
    struct source *source = poller->source;
    stats->share = source->share != NULL ? source->share(source->state) : -1;
    stats->interval_ns = source_is_polled(source) ? poller->rounds.interval_ns : 0;
    stats->speed = poller->replay.speed;
    if (source->report != NULL) {
        struct source_report report = {.figure_count = 0};
        source->report(source->state, &report);
        add_report(stats, &report);
    }
}

void poller_join(struct poller *poller)
{
    if (poller->runs) {
        (void)pthread_join(poller->thread, NULL);
        poller->runs = false;
    }
}

void poller_destroy(struct poller *poller)
{
    if (poller == NULL) {
        return;
    }
    poller_join(poller);
    source_destroy(poller->source);
    source_batch_free(&poller->batch);
    stamper_free(&poller->stamper);
    coin_owners_free(&poller->owners);
    poll_coverage_free(&poller->coverage);
    poller_books_free(&poller->books);
    free(poller);
}
