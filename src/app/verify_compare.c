/* Ticks of the log beside points of the store, coin by coin in time order. */
#include <stdlib.h>
#include <string.h>

#include "app/verify_parts.h"
#include "base/stop.h"

enum { VARIANTS_MAX = 4 };

/* All that the log and the dead letters say of one coin and time. */
struct identity {
    uint32_t coin;
    int64_t time_ns;
    struct place place; /* of the first message */
    struct place other; /* of the first one that says something else */
    int64_t messages;   /* of the log */
    int64_t as_first;   /* those that say what the first one says */
    bool conflicting;
    bool missing_if_absent; /* a message is settled and has no dead letter */
    bool unsure_if_absent;  /* a message is not settled yet */
    struct place missing;   /* the first settled one without a letter */
    struct {
        uint64_t fingerprint;
        double price;
    } variants[VARIANTS_MAX]; /* the first few different ones */
    size_t variant_count;
};

/* One walk through the sorted ticks. */
struct walk {
    struct verify *verify;
    const struct stop *stop;
    struct error *error;
    const struct tick_record *next; /* NULL: all read */
    struct identity identity;       /* of the coin at hand, or behind it */
    bool more;                      /* identity is one */
    struct candle_proof candles;
    int64_t covered_ns; /* from here on the log has all of the coin at hand */
    bool failed;
};

static bool read_next(struct walk *walk)
{
    const void *record = NULL;
    bool read = sorter_next(walk->verify->ticks, &record, walk->error);
    walk->next = record;
    atomic_fetch_add_explicit(&walk->verify->compared, record != NULL, memory_order_relaxed);
    return read;
}

static void add_variant(struct identity *identity, const struct tick_record *record)
{
    for (size_t i = 0; i < identity->variant_count; i++) {
        if (identity->variants[i].fingerprint == record->fingerprint) {
            return;
        }
    }
    if (identity->variant_count < VARIANTS_MAX) {
        identity->variants[identity->variant_count].fingerprint = record->fingerprint;
        identity->variants[identity->variant_count].price = record->price;
        identity->variant_count++;
    }
}

static void add_message(struct verify *verify, struct identity *identity,
                        const struct tick_record *record, bool lettered)
{
    if (identity->messages++ == 0) {
        identity->place = record->place;
    }
    add_variant(identity, record);
    if (record->fingerprint == identity->variants[0].fingerprint) {
        identity->as_first++;
    } else if (!identity->conflicting) {
        identity->conflicting = true;
        identity->other = record->place;
    }
    if (lettered) {
        return;
    }
    if (!verify_settled(verify, record->place)) {
        identity->unsure_if_absent = true;
    } else if (!identity->missing_if_absent) {
        identity->missing_if_absent = true;
        identity->missing = record->place;
    }
}

static bool of_identity(const struct identity *identity, const struct tick_record *record)
{
    return record != NULL && record->coin == identity->coin && record->time_ns == identity->time_ns;
}

/* A log that was cut while it was read is told from its beginning again. */
static void forget_repeat(struct verify *verify, const struct tick_record *record)
{
    verify->report.coins[record->coin].ticks--;
    verify->report.ticks--;
    verify->report.messages--;
}

/* What stands at the place of the next record: a message, its letters, or letters alone. */
static bool read_place(struct walk *walk)
{
    const struct tick_record first = *walk->next;
    bool lettered = first.kind == RECORD_LETTER;
    bool same = true;
    while (same) {
        if (!read_next(walk)) {
            return false;
        }
        same = of_identity(&walk->identity, walk->next) &&
               verify_compare_places(walk->next->place, first.place) == 0;
        if (same && walk->next->kind == RECORD_LOG) {
            forget_repeat(walk->verify, walk->next);
        }
        lettered = lettered || (same && walk->next->kind == RECORD_LETTER);
    }
    walk->verify->report.letter_places += lettered ? 1 : 0;
    if (first.kind == RECORD_LETTER) {
        verify_stray_letter(walk->verify, first.place);
    } else {
        add_message(walk->verify, &walk->identity, &first, lettered);
    }
    return true;
}

/* The next identity that the log has; walk->more is false behind the last one. */
static bool read_identity(struct walk *walk)
{
    walk->more = false;
    while (walk->next != NULL && !walk->more) {
        walk->identity =
            (struct identity){.coin = walk->next->coin, .time_ns = walk->next->time_ns};
        while (of_identity(&walk->identity, walk->next)) {
            if (!read_place(walk)) {
                return false;
            }
        }
        walk->more = walk->identity.messages > 0;
    }
    return true;
}

static bool fault(struct walk *walk, enum verify_fault_kind kind, int64_t time_ns,
                  struct place place)
{
    return verify_fault(walk->verify, kind, walk->candles.coin, time_ns, place, walk->error);
}

/* What the log says of the identity by itself. */
static bool note_repeats(struct walk *walk)
{
    const struct identity *identity = &walk->identity;
    walk->verify->report.sent_twice += identity->as_first - 1;
    return !identity->conflicting ||
           fault(walk, VERIFY_CONFLICTING, identity->time_ns, identity->other);
}

/* The identity at hand has no point. */
static bool settle_absent(struct walk *walk)
{
    const struct identity *identity = &walk->identity;
    if (identity->missing_if_absent) {
        return fault(walk, VERIFY_MISSING, identity->time_ns, identity->missing) &&
               candle_proof_tick(&walk->candles, identity->time_ns, identity->variants[0].price,
                                 walk->error);
    }
    if (identity->unsure_if_absent) {
        return candle_proof_unsure(&walk->candles, identity->time_ns, walk->error);
    }
    walk->verify->report.refused += identity->messages - (identity->as_first - 1);
    return true;
}

static bool settle_present(struct walk *walk, const struct ticker *point)
{
    const struct identity *identity = &walk->identity;
    uint64_t fingerprint = verify_fingerprint(point);
    size_t variant = 0;
    while (variant < identity->variant_count &&
           identity->variants[variant].fingerprint != fingerprint) {
        variant++;
    }
    bool same = variant < identity->variant_count;
    double price = identity->variants[same ? variant : 0].price;
    return (same || fault(walk, VERIFY_DIFFERING, identity->time_ns, identity->place)) &&
           candle_proof_tick(&walk->candles, identity->time_ns, price, walk->error);
}

static bool stopped(const struct walk *walk)
{
    return walk->stop != NULL && stop_requested(walk->stop) &&
           !error_set(walk->error, ERROR_FATAL, "stopped before the end");
}

static bool at_hand(const struct walk *walk)
{
    return walk->more && walk->identity.coin == walk->candles.coin;
}

/* Identities of the coin before `time_ns` have no point. */
static bool pass_absent(struct walk *walk, int64_t time_ns)
{
    while (at_hand(walk) && walk->identity.time_ns < time_ns) {
        if (stopped(walk) || !note_repeats(walk) || !settle_absent(walk) || !read_identity(walk)) {
            return false;
        }
    }
    return true;
}

/* A point of which the log has nothing. */
static bool take_stray(struct walk *walk, const struct ticker *point)
{
    struct verify_coin *coin = &walk->verify->report.coins[walk->candles.coin];
    if (point->event_time_ns >= walk->covered_ns) {
        return fault(walk, VERIFY_UNEXPECTED, point->event_time_ns,
                     (struct place){.partition = -1});
    }
    coin->points--;
    coin->outside++;
    return candle_proof_unsure(&walk->candles, point->event_time_ns, walk->error);
}

static bool take_point(struct walk *walk, const struct ticker *point)
{
    walk->verify->report.coins[walk->candles.coin].points++;
    atomic_fetch_add_explicit(&walk->verify->compared, 1, memory_order_relaxed);
    if (!pass_absent(walk, point->event_time_ns)) {
        return false;
    }
    if (at_hand(walk) && walk->identity.time_ns == point->event_time_ns) {
        return note_repeats(walk) && settle_present(walk, point) && read_identity(walk);
    }
    return take_stray(walk, point);
}

static bool on_point(void *context, const struct ticker *point)
{
    struct walk *walk = context;
    walk->failed = stopped(walk) || !take_point(walk, point);
    return !walk->failed;
}

/* The span of a coin that is compared; empty when the log has nothing of it there. */
struct span {
    int64_t from_ns, to_ns;
};

static struct span span_of(const struct verify *verify, const struct verify_coin *coin)
{
    struct span span = {.from_ns = verify->config.from_ns, .to_ns = verify->config.to_ns};
    if (span.from_ns < coin->oldest_ns) {
        span.from_ns = coin->oldest_ns;
    }
    if (coin->newest_ns < INT64_MAX && span.to_ns > coin->newest_ns + 1) {
        span.to_ns = coin->newest_ns + 1;
    }
    return span;
}

/* Points of the store before the log's oldest tick of the coin. */
static bool count_outside(struct verify *verify, struct store *store, struct verify_coin *coin,
                          struct error *error)
{
    int64_t to_ns = verify->config.to_ns;
    if (coin->in_log && coin->oldest_ns < to_ns) {
        to_ns = coin->oldest_ns;
    }
    return store_count_between(store, coin->symbol, verify->config.from_ns, to_ns, &coin->outside,
                               error);
}

/* Where the log or the store has something just before the span, the span's first candle is made of
 * more than the ticks at hand. */
static bool find_cut(struct verify *verify, struct store *store, const struct verify_coin *coin,
                     struct span span, int64_t *cut_ns, struct error *error)
{
    int64_t points = 0;
    int64_t start_ns = candle_bucket_start(span.from_ns, verify->config.interval_ns);
    if (!store_count_between(store, coin->symbol, start_ns, span.from_ns, &points, error)) {
        return false;
    }
    *cut_ns = points > 0 || coin->begins_before ? span.from_ns : INT64_MIN;
    return true;
}

static bool compare_coin(struct walk *walk, uint32_t number, struct store *points,
                         struct store *candles)
{
    struct verify *verify = walk->verify;
    struct verify_coin *coin = &verify->report.coins[number];
    struct span span = span_of(verify, coin);
    int64_t cut_ns = INT64_MIN;
    if (!count_outside(verify, points, coin, walk->error)) {
        return false;
    }
    if (!coin->in_log || span.from_ns >= span.to_ns) {
        return true;
    }
    if (!find_cut(verify, points, coin, span, &cut_ns, walk->error)) {
        return false;
    }
    walk->covered_ns = verify_covered_from(verify, number);
    walk->candles = candle_proof_begin(verify, candles, number, cut_ns, span.to_ns);
    bool walked =
        store_scan(points, coin->symbol, span.from_ns, span.to_ns, on_point, walk, walk->error) &&
        !walk->failed && pass_absent(walk, INT64_MAX);
    return candle_proof_end(&walk->candles, walked, walk->error);
}

/* So that coins of which the log has nothing are told too. */
static bool add_stored_coins(struct verify *verify, struct store *store, struct error *error)
{
    struct coin_summary *stored = NULL;
    size_t count = 0;
    uint32_t number = 0;
    bool done = store_coins(store, &stored, &count, error);
    for (size_t i = 0; done && i < count; i++) {
        done =
            (verify->config.coin != NULL && strcmp(verify->config.coin, stored[i].symbol) != 0) ||
            verify_coin_number(verify, stored[i].symbol, &number, error);
    }
    free(stored);
    return done;
}

static void sum_up(struct verify_report *report)
{
    for (size_t i = 0; i < report->coin_count; i++) {
        const struct verify_coin *coin = &report->coins[i];
        report->points += coin->points;
        report->outside += coin->outside;
        report->candles += coin->candles;
        report->candles_proved += coin->candles_proved;
        report->candles_cut += coin->candles_cut;
    }
    report->balanced = report->not_yet_written == 0;
    for (size_t i = 0; i < VERIFY_KINDS; i++) {
        report->balanced = report->balanced && report->faults[i] == 0;
    }
}

bool verify_compare(struct verify *verify, struct store *points, struct store *candles,
                    const struct stop *stop, struct error *error)
{
    struct walk walk = {.verify = verify, .stop = stop, .error = error};
    if (!sorter_finish(verify->ticks, error) || !add_stored_coins(verify, points, error) ||
        !read_next(&walk) || !read_identity(&walk)) {
        return false;
    }
    for (uint32_t i = 0; i < verify->report.coin_count; i++) {
        if (stopped(&walk) || !compare_coin(&walk, i, points, candles)) {
            return false;
        }
    }
    if (!verify_match_places(verify, error)) {
        return false;
    }
    sum_up(&verify->report);
    return true;
}
