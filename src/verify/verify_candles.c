/* Compares the candles of the log's records, bit for bit, with those that the store returns. */
#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/handover.h"
#include "base/text/number.h"
#include "verify/verify_parts.h"

enum { PENDING_MAX = 1000 };

/* The longest time range of one query, so that InfluxDB opens few files. */
#define PENDING_SPAN_NS (24 * 3600 * NS_PER_SECOND)

/* The thread writes to nothing of struct verify but the series' candles_proved, the faults of kind
 * VERIFY_CANDLE and the doubted candles, which nobody else touches meanwhile. */
struct candle_checks {
    struct verify *verify;
    struct store *store;
    struct handover *handover;
    atomic_bool failed;
    struct error error; /* set before `failed` */
};

/* Candles of one series, in time order, that the store must have in [from_ns, to_ns). */
struct candle_check {
    uint32_t series;
    int64_t from_ns, to_ns;
    struct candle_list candles;
};

struct candle_proof candle_proof_begin(struct verify *verify, struct candle_checks *checks,
                                       uint32_t series, int64_t cut_ns, int64_t to_ns)
{
    return (struct candle_proof){.verify = verify,
                                 .checks = checks,
                                 .series = series,
                                 .to_ns = to_ns,
                                 .cut_ns = cut_ns,
                                 .unsure_ns = INT64_MIN};
}

static bool same_candle(const struct candle *left, const struct candle *right)
{
    return left->ticks == right->ticks && left->has_volume == right->has_volume &&
           number_same_bits(left->volume, right->volume) &&
           number_same_bits(left->open, right->open) && number_same_bits(left->high, right->high) &&
           number_same_bits(left->low, right->low) && number_same_bits(left->close, right->close);
}

static struct verify_series *series_of_proof(const struct candle_proof *proof)
{
    return &proof->verify->report.series[proof->series];
}

static bool doubt(struct verify *verify, uint32_t series, int64_t time_ns, struct error *error)
{
    struct doubted_candle *doubted = array_room(verify->doubted, verify->doubted_count,
                                                &verify->doubted_capacity, sizeof *doubted);
    if (doubted == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    verify->doubted = doubted;
    doubted[verify->doubted_count++] =
        (struct doubted_candle){.series = series, .time_ns = time_ns};
    return true;
}

static int compare_doubted(const void *left, const void *right)
{
    const struct doubted_candle *a = left, *b = right;
    if (a->series != b->series) {
        return a->series < b->series ? -1 : 1;
    }
    return (a->time_ns > b->time_ns) - (a->time_ns < b->time_ns);
}

void verify_explain_candle(struct verify *verify, uint32_t series, int64_t time_ns)
{
    const struct doubted_candle wanted = {
        .series = series, .time_ns = candle_bucket_start(time_ns, verify->config.interval_ns)};
    struct doubted_candle *found = verify->doubted_count == 0
                                       ? NULL
                                       : bsearch(&wanted, verify->doubted, verify->doubted_count,
                                                 sizeof wanted, compare_doubted);
    if (found != NULL) {
        found->explained = true;
    }
}

bool verify_settle_doubted(struct verify *verify, struct error *error)
{
    bool settled = true;
    for (size_t i = 0; settled && i < verify->doubted_count; i++) {
        const struct doubted_candle *doubted = &verify->doubted[i];
        struct verify_series *series = &verify->report.series[doubted->series];
        if (doubted->explained) {
            series->candles--;
            series->candles_cut++;
        } else {
            settled = verify_fault(verify, VERIFY_CANDLE, doubted->series, doubted->time_ns,
                                   (struct place){.partition = -1}, error);
        }
    }
    return settled;
}

static bool refute(struct candle_checks *checks, uint32_t series, int64_t time_ns)
{
    if (checks->verify->config.kind->any_order) {
        return doubt(checks->verify, series, time_ns, &checks->error);
    }
    return verify_fault(checks->verify, VERIFY_CANDLE, series, time_ns,
                        (struct place){.partition = -1}, &checks->error);
}

/* Compares both lists, which are in time order. Candles that only the store has need no check: the
 * points from which they are made are reported as faults. */
static bool compare(struct candle_checks *checks, const struct candle_check *check,
                    const struct candle_list *stored)
{
    size_t k = 0;
    for (size_t i = 0; i < check->candles.count; i++) {
        const struct candle *candle = &check->candles.items[i];
        while (k < stored->count && stored->items[k].time_ns < candle->time_ns) {
            k++;
        }
        bool there = k < stored->count && stored->items[k].time_ns == candle->time_ns;
        if (there && same_candle(candle, &stored->items[k])) {
            checks->verify->report.series[check->series].candles_proved++;
        } else if (!refute(checks, check->series, candle->time_ns)) {
            return false;
        }
    }
    return true;
}

static bool run_check(struct candle_checks *checks, const struct candle_check *check)
{
    const struct verify *verify = checks->verify;
    const struct candle_query query = {.kind = verify->config.kind,
                                       .series = verify->report.series[check->series].name,
                                       .interval_ns = verify->config.interval_ns,
                                       .from_ns = check->from_ns,
                                       .to_ns = check->to_ns,
                                       .cut = true};
    struct candle_list stored = {0};
    bool done = store_candles(checks->store, &query, &stored, &checks->error) &&
                compare(checks, check, &stored);
    candle_list_free(&stored);
    return done;
}

/* Always returns true, so that it is called for all checks and frees their candles. */
static bool take_check(void *context, const void *record)
{
    struct candle_checks *checks = context;
    struct candle_check check = *(const struct candle_check *)record;
    if (!atomic_load(&checks->failed) && !run_check(checks, &check)) {
        atomic_store(&checks->failed, true);
    }
    candle_list_free(&check.candles);
    return true;
}

struct candle_checks *candle_checks_begin(struct verify *verify, struct store *store,
                                          struct error *error)
{
    struct candle_checks *checks = calloc(1, sizeof *checks);
    if (checks == NULL) {
        (void)error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    checks->verify = verify;
    checks->store = store;
    checks->handover = handover_create(sizeof(struct candle_check), take_check, checks, error);
    if (checks->handover == NULL) {
        free(checks);
        return NULL;
    }
    return checks;
}

bool candle_checks_end(struct candle_checks *checks, struct error *error)
{
    if (error == NULL) {
        atomic_store(&checks->failed, true);
    }
    bool failed = !handover_drain(checks->handover) || atomic_load(&checks->failed);
    if (failed && error != NULL) {
        *error = checks->error;
    }
    handover_destroy(checks->handover);
    free(checks);
    return !failed;
}

/* Returns the end of the last pending candle's bucket, but at most the time after the snapshot's
 * newest record. */
static int64_t end_of_pending(const struct candle_proof *proof)
{
    int64_t last_ns = proof->pending.items[proof->pending.count - 1].time_ns;
    int64_t end_ns = candle_bucket_end(last_ns, proof->verify->config.interval_ns);
    return end_ns > proof->to_ns ? proof->to_ns : end_ns;
}

/* Passes the pending candles on. */
static bool flush(struct candle_proof *proof, struct error *error)
{
    if (proof->pending.count == 0) {
        return true;
    }
    if (atomic_load(&proof->checks->failed)) {
        return error_pass(error, &proof->checks->error);
    }
    struct candle_check *check = handover_room(proof->checks->handover);
    *check = (struct candle_check){.series = proof->series,
                                   .from_ns = proof->pending.items[0].time_ns,
                                   .to_ns = end_of_pending(proof),
                                   .candles = proof->pending};
    proof->pending = (struct candle_list){0};
    return handover_pass(proof->checks->handover);
}

/* Returns whether the candle cannot be queried together with the pending ones: it is too far from
 * the first one, or InfluxDB refuses a time range between them. */
static bool too_far(const struct candle_proof *proof, const struct candle *candle)
{
    int64_t span_ns = 0;
    return proof->pending.count > 0 &&
           (proof->pending.count == PENDING_MAX ||
            __builtin_sub_overflow(candle->time_ns, proof->pending.items[0].time_ns, &span_ns) ||
            span_ns >= PENDING_SPAN_NS ||
            verify_closed(proof->verify, proof->pending.items[0].time_ns, candle->time_ns));
}

static bool complete(struct candle_proof *proof, struct error *error)
{
    const struct candle candle = proof->open;
    proof->open.ticks = 0;
    int64_t last_ns = candle_bucket_end(candle.time_ns, proof->verify->config.interval_ns) - 1;
    if (candle.time_ns < proof->cut_ns || candle.time_ns == proof->unsure_ns ||
        verify_closed(proof->verify, candle.time_ns, last_ns)) {
        series_of_proof(proof)->candles_cut++;
        return true;
    }
    if (too_far(proof, &candle) && !flush(proof, error)) {
        return false;
    }
    series_of_proof(proof)->candles++;
    return candle_list_add(&proof->pending, &candle) ||
           error_set(error, ERROR_FATAL, "out of memory");
}

static bool fold(struct candle_proof *proof, int64_t time_ns, double price, double amount)
{
    const struct verify_config *config = &proof->verify->config;
    return config->kind->amount != NULL
               ? candle_fold_trade(&proof->open, config->interval_ns, time_ns, price, amount)
               : candle_fold(&proof->open, config->interval_ns, time_ns, price);
}

bool candle_proof_tick(struct candle_proof *proof, int64_t time_ns, double price, double amount,
                       struct error *error)
{
    if (!proof->verify->has_candles) {
        return true;
    }
    /* candle_fold() has not added the record: close this candle, and fold the record into the next
     * one. */
    while (fold(proof, time_ns, price, amount)) {
        if (!complete(proof, error)) {
            return false;
        }
    }
    return true;
}

bool candle_proof_unsure(struct candle_proof *proof, int64_t time_ns, struct error *error)
{
    if (!proof->verify->has_candles) {
        return true;
    }
    int64_t start_ns = candle_bucket_start(time_ns, proof->verify->config.interval_ns);
    bool done = proof->open.ticks == 0 || proof->open.time_ns == start_ns || complete(proof, error);
    proof->unsure_ns = start_ns;
    return done;
}

bool candle_proof_end(struct candle_proof *proof, bool all_fed, struct error *error)
{
    bool done =
        all_fed && (proof->open.ticks == 0 || complete(proof, error)) && flush(proof, error);
    candle_list_free(&proof->pending);
    return done;
}
