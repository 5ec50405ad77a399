/* Compares the records of the log with the points of the store, series by series in time order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/handover.h"
#include "base/stop.h"
#include "verify/verify_parts.h"

enum { VARIANTS_MAX = 4 };

/* What the log and the dead letters say about one series and time. */
struct identity {
    uint32_t series;
    int64_t time_ns;
    struct place place; /* of the first message */
    struct place other; /* of the first message with other values */
    int64_t messages;   /* messages of the log with this series and time */
    int64_t as_first;   /* how many of these have the values of the first one */
    bool conflicting;
    bool missing_if_absent; /* if the store has no point, one is missing: a message is committed,
                               and nothing explains that its point is absent */
    bool unsure_if_absent;  /* if the store has no point, that may change: a message is not
                               committed yet */
    bool dead_lettered;     /* a committed message has a dead letter, but the store's description
                          does not confirm that the store refuses it */
    struct place missing;   /* the first committed message that the store should have */
    struct {
        struct verify_mark mark;
        double price, amount;
    } variants[VARIANTS_MAX]; /* the first few different values */
    size_t variant_count;
    bool stored;        /* the store has a point of this identity: a record with its values was
                           found while the log was read */
    bool more_variants; /* there are more different values than can be kept */
    uint32_t has;       /* columns with a value, as kept_record.has, of all messages together */
    struct {
        struct verify_mark mark;
        uint32_t has;
    } older[VARIANTS_MAX]; /* what older members would have written; the first few */
    size_t older_count;
};

/* The state of one pass through the sorted records. */
struct walk {
    struct verify *verify;
    const struct stop *stop;
    struct error *error;
    const struct kept_record *next; /* NULL: all have been read */
    struct identity identity;       /* the first identity, in the current series or a later one,
                                       that is not compared yet */
    bool more;                      /* `identity` is valid */
    struct candle_proof candles;
    int64_t points;            /* points that the store returned for the current series, those
                                  whose times are not in order not counted */
    int64_t least_ns;          /* the next point's time should not be less */
    struct handover *handover; /* passes points to a second thread, which compares them while
                                  this thread reads the next ones; meanwhile this thread uses
                                  nothing else of the walk */
    bool long_texts; /* the kind has long texts: its points are compared on this thread while
                        they are read, because nobody keeps their texts longer */
    bool failed;     /* such a comparison has failed; `error` says why */
};

/* Only one thread writes the counter, so an atomic add is not needed. */
static void count_compared(struct verify *verify, int more)
{
    atomic_store_explicit(&verify->compared,
                          atomic_load_explicit(&verify->compared, memory_order_relaxed) + more,
                          memory_order_relaxed);
}

static bool read_next(struct walk *walk)
{
    const void *record = NULL;
    bool read = sorter_next(walk->verify->records, &record, walk->error);
    walk->next = record;
    count_compared(walk->verify, record != NULL);
    return read;
}

static void add_variant(struct identity *identity, const struct kept_record *record)
{
    identity->stored = identity->stored || verify_mark_equal(&record->mark, &VERIFY_MARK_STORED);
    for (size_t i = 0; i < identity->variant_count; i++) {
        if (verify_mark_equal(&identity->variants[i].mark, &record->mark)) {
            return;
        }
    }
    identity->more_variants = identity->variant_count == VARIANTS_MAX;
    if (!identity->more_variants) {
        identity->variants[identity->variant_count].mark = record->mark;
        identity->variants[identity->variant_count].price = record->price;
        identity->variants[identity->variant_count].amount = record->amount;
        identity->variant_count++;
    }
}

static void add_older(struct identity *identity, const struct kept_record *record)
{
    if (identity->older_count < VARIANTS_MAX) {
        identity->older[identity->older_count].mark = record->mark;
        identity->older[identity->older_count].has = record->has;
        identity->older_count++;
    }
}

/* Returns whether the store really refuses the record. Anybody can write a dead letter that says
 * so; it is believed only if the store's description confirms it: a column has another type, or the
 * time is out of the store's range. */
static bool refusable(const struct verify *verify, const struct kept_record *record)
{
    const struct store_contents *contents = verify->contents;
    return (record->has & contents->other_types) != 0 || record->time_ns < contents->least_ns ||
           record->time_ns > contents->most_ns;
}

static void add_message(struct verify *verify, struct identity *identity,
                        const struct kept_record *record, bool dead_lettered)
{
    if (identity->messages++ == 0) {
        identity->place = record->place;
    }
    identity->has |= record->has;
    add_variant(identity, record);
    if (verify_mark_equal(&record->mark, &identity->variants[0].mark)) {
        identity->as_first++;
    } else if (!identity->conflicting) {
        identity->conflicting = true;
        identity->other = record->place;
    }
    if (dead_lettered && refusable(verify, record)) {
        return;
    }
    if (!verify_settled(verify, record->place)) {
        identity->unsure_if_absent = true;
        return;
    }
    identity->dead_lettered = identity->dead_lettered || dead_lettered;
    if (!identity->missing_if_absent) {
        identity->missing_if_absent = true;
        identity->missing = record->place;
    }
}

static bool of_identity(const struct identity *identity, const struct kept_record *record)
{
    return record != NULL && record->series == identity->series &&
           record->time_ns == identity->time_ns;
}

/* Removes a message that was read twice from the counts: if the log is truncated while it is read,
 * reading starts again at its beginning. */
static void forget_repeat(struct verify *verify, const struct kept_record *record)
{
    verify->report.series[record->series].records--;
    verify->report.records--;
    verify->report.messages--;
}

/* Reads all records with the place of the next record: a message, its dead letters, and what older
 * members would have written of it; or only dead letters. */
static bool read_place(struct walk *walk)
{
    const struct kept_record first = *walk->next;
    bool dead_lettered = first.kind == RECORD_LETTER;
    bool same = true;
    while (same) {
        if (!read_next(walk)) {
            return false;
        }
        same = of_identity(&walk->identity, walk->next) &&
               place_compare(walk->next->place, first.place) == 0;
        if (same && walk->next->kind == RECORD_LOG) {
            forget_repeat(walk->verify, walk->next);
        }
        dead_lettered = dead_lettered || (same && walk->next->kind == RECORD_LETTER);
        if (same && walk->next->kind == RECORD_OLDER) {
            add_older(&walk->identity, walk->next);
        }
    }
    walk->verify->report.letter_places += dead_lettered ? 1 : 0;
    if (first.kind == RECORD_LETTER) {
        verify_stray_letter(walk->verify, first.place);
    } else {
        add_message(walk->verify, &walk->identity, &first, dead_lettered);
    }
    return true;
}

/* Reads the next identity of which the log has a message; walk->more is false after the last
 * one. */
static bool read_identity(struct walk *walk)
{
    walk->more = false;
    while (walk->next != NULL && !walk->more) {
        walk->identity =
            (struct identity){.series = walk->next->series, .time_ns = walk->next->time_ns};
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
    return verify_fault(walk->verify, kind, walk->candles.series, time_ns, place, walk->error);
}

/* Counts repeated messages, and reports conflicting ones. */
static bool note_repeats(struct walk *walk)
{
    const struct identity *identity = &walk->identity;
    walk->verify->report.sent_twice += identity->as_first - 1;
    walk->verify->report.of_many += identity->more_variants ? 1 : 0;
    return !identity->conflicting ||
           fault(walk, VERIFY_CONFLICTING, identity->time_ns, identity->other);
}

/* Folds one of the identity's values into the candle of the log's records. */
static bool fold_value(struct walk *walk, size_t variant)
{
    const struct identity *identity = &walk->identity;
    return candle_proof_tick(&walk->candles, identity->time_ns, identity->variants[variant].price,
                             identity->variants[variant].amount, walk->error);
}

/* Handles an identity that has no point in the store. */
static bool settle_absent(struct walk *walk)
{
    const struct identity *identity = &walk->identity;
    if (verify_closed(walk->verify, identity->time_ns, identity->time_ns)) {
        walk->verify->report.closed_records++;
        return candle_proof_unsure(&walk->candles, identity->time_ns, walk->error);
    }
    if (identity->missing_if_absent) {
        walk->verify->report.missing_lettered += identity->dead_lettered ? 1 : 0;
        return fault(walk, VERIFY_MISSING, identity->time_ns, identity->missing) &&
               fold_value(walk, 0);
    }
    if (identity->unsure_if_absent) {
        return candle_proof_unsure(&walk->candles, identity->time_ns, walk->error);
    }
    walk->verify->report.refused += identity->messages - (identity->as_first - 1);
    return true;
}

/* Reports a point whose values are not those of any message. */
static bool settle_other(struct walk *walk, const struct verify_mark *mark, bool odd)
{
    const struct identity *identity = &walk->identity;
    for (size_t i = 0; i < identity->older_count && !odd; i++) {
        if (verify_mark_equal(&identity->older[i].mark, mark)) {
            return verify_fault_older(walk->verify, identity->series, identity->time_ns,
                                      identity->place, identity->has & ~identity->older[i].has,
                                      walk->error);
        }
    }
    return fault(walk, VERIFY_DIFFERING, identity->time_ns, identity->place);
}

/* Finds the identity's variant with this mark. */
static bool find_variant(const struct identity *identity, const struct verify_mark *mark,
                         size_t *variant)
{
    size_t i = 0;
    while (i < identity->variant_count && !verify_mark_equal(&identity->variants[i].mark, mark)) {
        i++;
    }
    *variant = i;
    return i < identity->variant_count;
}

static bool settle_present(struct walk *walk, const void *point, const struct text_arena *texts,
                           bool odd)
{
    const struct identity *identity = &walk->identity;
    struct verify_mark mark = VERIFY_MARK_STORED;
    size_t variant = 0;
    bool same = !odd && find_variant(identity, &mark, &variant);
    if (!same) {
        if (!verify_marker_mark(walk->verify->marker, point, texts, &mark, walk->error)) {
            return false;
        }
        same = !odd && find_variant(identity, &mark, &variant);
    }
    if (!same && !odd && identity->more_variants) {
        /* The log has more different values of this identity than are kept (VARIANTS_MAX). The
         * point may have one of the others, so it is neither proved nor a fault. */
        return candle_proof_unsure(&walk->candles, identity->time_ns, walk->error);
    }
    return (same || settle_other(walk, &mark, odd)) && fold_value(walk, same ? variant : 0);
}

static bool stopped(const struct walk *walk)
{
    return walk->stop != NULL && stop_requested(walk->stop) &&
           !error_set(walk->error, ERROR_FATAL, "stopped before the end");
}

static bool at_hand(const struct walk *walk)
{
    return walk->more && walk->identity.series == walk->candles.series;
}

static bool pass_one(struct walk *walk)
{
    return !stopped(walk) && note_repeats(walk) && settle_absent(walk) && read_identity(walk);
}

/* Handles the identities of this series before `time_ns`: the store has no point for them. */
static bool pass_before(struct walk *walk, int64_t time_ns)
{
    while (at_hand(walk) && walk->identity.time_ns < time_ns) {
        if (!pass_one(walk)) {
            return false;
        }
    }
    return true;
}

/* Handles the remaining identities of this series: the store has no point for them. */
static bool pass_rest(struct walk *walk)
{
    while (at_hand(walk)) {
        if (!pass_one(walk)) {
            return false;
        }
    }
    return true;
}

/* Handles a point without a message in the snapshot. Its candle is not compared, unless the point
 * is newer than all records that the log has of the series. */
static bool take_stray(struct walk *walk, const void *point, const struct text_arena *texts,
                       bool odd)
{
    const struct verify_series *series = &walk->verify->report.series[walk->candles.series];
    const struct place nowhere = {.partition = -1};
    int64_t time_ns = column_int64(walk->verify->config.kind->time, point);
    bool behind = !series->in_log || time_ns > series->newest_ns;
    enum record_from from =
        verify_is_former(walk->verify, walk->candles.series, point) ? RECORD_FORMER : RECORD_LOG;
    bool taken = odd ? fault(walk, VERIFY_UNEXPECTED, time_ns, nowhere)
                     : verify_add_record(walk->verify, walk->verify->strays, nowhere, point, texts,
                                         walk->candles.series, from, walk->error);
    return taken && (behind || candle_proof_unsure(&walk->candles, time_ns, walk->error));
}

/* Reports a row whose time is not a number, or that a search found under this series although its
 * tags are those of another. */
static bool take_placeless(struct walk *walk, const char *odd)
{
    char what[RECORD_SERIES_MAX + 64];
    (void)snprintf(what, sizeof what,
                   strcmp(odd, column_stored_name(walk->verify->config.kind->time)) == 0
                       ? "a point of %s whose time is no integer"
                       : "a point among those of %s that is of another coin or tag",
                   walk->verify->report.series[walk->candles.series].name);
    return verify_foreign(walk->verify, 1, what, walk->error);
}

/* Counts a point of the current series. Another program may have changed the order of the rows, so
 * that several searches find one row: it is counted once. */
static void count_point(struct walk *walk, int64_t time_ns)
{
    if (time_ns >= walk->least_ns) {
        walk->points++;
        walk->least_ns = time_ns < INT64_MAX ? time_ns + 1 : time_ns;
    }
}

static bool take_point(struct walk *walk, const void *point, const struct text_arena *texts,
                       const char *odd)
{
    const struct record_kind *kind = walk->verify->config.kind;
    int64_t time_ns = column_int64(kind->time, point);
    if (odd != NULL && (strcmp(odd, column_stored_name(kind->time)) == 0 ||
                        strcmp(odd, column_stored_name(kind->tags[0].column)) == 0)) {
        walk->points++;
        return take_placeless(walk, odd);
    }
    count_point(walk, time_ns);
    walk->verify->report.series[walk->candles.series].points++;
    count_compared(walk->verify, 1);
    if (!pass_before(walk, time_ns)) {
        return false;
    }
    if (at_hand(walk) && walk->identity.time_ns == time_ns) {
        return note_repeats(walk) && settle_present(walk, point, texts, odd != NULL) &&
               read_identity(walk);
    }
    return take_stray(walk, point, texts, odd != NULL);
}

/* A point that one thread has read and the other will compare. */
struct found {
    const char *odd;
    union record_room point;
};

static bool take_found(void *context, const void *record)
{
    struct walk *walk = context;
    const struct found *found = record;
    return !stopped(walk) && take_point(walk, &found->point, NULL, found->odd);
}

static bool on_point(void *context, const void *record, const struct text_arena *texts,
                     const char *odd)
{
    struct walk *walk = context;
    if (walk->long_texts) {
        walk->failed = stopped(walk) || !take_point(walk, record, texts, odd);
        return !walk->failed;
    }
    struct found *found = handover_room(walk->handover);
    found->odd = odd;
    memcpy(&found->point, record, walk->verify->config.kind->size);
    return handover_put(walk->handover);
}

/* Compares the points of a time range: a second thread compares them while this one reads on (but
 * see walk->long_texts). */
static bool walk_range(struct walk *walk, struct store *store, const char *series, int64_t from_ns,
                       int64_t to_ns)
{
    struct error unread = {.kind = ERROR_NONE};
    bool read = store_scan(store, walk->verify->config.kind, series, from_ns, to_ns, on_point, walk,
                           &unread);
    if (!handover_drain(walk->handover) || walk->failed) {
        return false; /* the comparison has set the error */
    }
    if (!read) {
        *walk->error = unread;
    }
    return read;
}

/* Returns the time up to which candles are compared: the snapshot's newest record, because the
 * group keeps writing. */
static int64_t end_of_candles(const struct verify *verify, const struct verify_series *series)
{
    int64_t to_ns = verify->config.to_ns;
    bool before = series->in_log && series->newest_ns < INT64_MAX && series->newest_ns + 1 < to_ns;
    return before ? series->newest_ns + 1 : to_ns;
}

/* Sets *cut_ns: candles that begin earlier are not compared, because some of their records may be
 * missing. The log or the store has records just before the requested span, or retention has
 * deleted some. */
static bool find_cut(struct verify *verify, struct store *store, uint32_t number, int64_t *cut_ns,
                     struct error *error)
{
    const struct verify_series *series = &verify->report.series[number];
    int64_t from_ns = verify->config.from_ns;
    int64_t points = 0;
    *cut_ns = verify_whole_from(verify, number);
    if (!verify->has_candles || from_ns == INT64_MIN || *cut_ns >= from_ns) {
        return true;
    }
    int64_t start_ns = candle_bucket_start(from_ns, verify->config.interval_ns);
    if (!store_count_between(store, verify->config.kind, series->name, start_ns, from_ns, &points,
                             error)) {
        return false;
    }
    *cut_ns = points > 0 || series->begins_before ? from_ns : *cut_ns;
    return true;
}

/* Handles an identity whose point was compared while the log was read. */
static bool pass_stored(struct walk *walk)
{
    size_t variant = 0;
    count_point(walk, walk->identity.time_ns);
    walk->verify->report.series[walk->candles.series].points++;
    count_compared(walk->verify, 1);
    bool kept = find_variant(&walk->identity, &VERIFY_MARK_STORED, &variant);
    return !stopped(walk) && note_repeats(walk) &&
           (kept ? fold_value(walk, variant)
                 : candle_proof_unsure(&walk->candles, walk->identity.time_ns, walk->error)) &&
           read_identity(walk);
}

/* Handles the identities of a span, all of whose points were compared while the log was read. */
static bool pass_span(struct walk *walk, const struct stored_span *span)
{
    bool done = pass_before(walk, span->from_ns);
    while (done && at_hand(walk) && walk->identity.time_ns < span->to_ns) {
        done = walk->identity.stored ? pass_stored(walk) : pass_one(walk);
    }
    return done;
}

/* Compares the points of the current series up to the end of its last span. Sets *from_ns to where
 * the next ones begin. */
static bool walk_spans(struct walk *walk, struct store *store, const char *name, int64_t *from_ns)
{
    const struct stored_window *window = &walk->verify->windows[walk->candles.series];
    bool done = true;
    for (size_t i = 0; done && i < window->span_count && !window->disordered; i++) {
        const struct stored_span *span = &window->spans[i];
        done = walk_range(walk, store, name, *from_ns, span->from_ns) && pass_span(walk, span);
        *from_ns = span->to_ns;
    }
    return done;
}

/* Compares all points of the current series, except in time ranges that InfluxDB refuses. */
static bool walk_points(struct walk *walk, struct store *store)
{
    const struct store_contents *contents = walk->verify->contents;
    const char *name = walk->verify->report.series[walk->candles.series].name;
    const struct series_extent *extent = verify_extent(walk->verify, walk->candles.series);
    walk->points = 0;
    walk->least_ns = INT64_MIN;
    if (extent == NULL) {
        return true;
    }
    int64_t from_ns = extent->first_ns;
    int64_t end_ns = extent->last_ns < INT64_MAX ? extent->last_ns + 1 : INT64_MAX;
    if (!walk_spans(walk, store, name, &from_ns)) {
        return false;
    }
    for (size_t i = 0; i <= contents->closed_count; i++) {
        bool last = i == contents->closed_count;
        int64_t to_ns =
            last || contents->closed[i].from_ns > end_ns ? end_ns : contents->closed[i].from_ns;
        if (!walk_range(walk, store, name, from_ns, to_ns)) {
            return false;
        }
        from_ns = last || contents->closed[i].to_ns < from_ns ? from_ns : contents->closed[i].to_ns;
    }
    walk->verify->windows[walk->candles.series].given = walk->points;
    return true;
}

static bool compare_series(struct walk *walk, uint32_t number, struct store *points,
                           struct candle_checks *candles)
{
    struct verify *verify = walk->verify;
    struct verify_series *series = &verify->report.series[number];
    int64_t cut_ns = INT64_MIN;
    if (!find_cut(verify, points, number, &cut_ns, walk->error)) {
        return false;
    }
    walk->candles =
        candle_proof_begin(verify, candles, number, cut_ns, end_of_candles(verify, series));
    bool walked = walk_points(walk, points) && pass_rest(walk);
    return candle_proof_end(&walk->candles, walked, walk->error);
}

static bool compare_all(struct walk *walk, struct store *points, struct candle_checks *candles)
{
    struct verify *verify = walk->verify;
    if (!verify_take_contents(verify, walk->error) ||
        !sorter_finish(verify->records, walk->error) || !read_next(walk) || !read_identity(walk)) {
        return false;
    }
    for (uint32_t i = 0; i < verify->report.series_count; i++) {
        if (stopped(walk) || !compare_series(walk, i, points, candles)) {
            return false;
        }
    }
    return verify_report_hidden(verify, points, walk->error);
}

bool verify_compare(struct verify *verify, struct store *points, struct store *candles,
                    const struct stop *stop, struct error *error)
{
    struct walk walk = {.verify = verify,
                        .stop = stop,
                        .error = error,
                        .long_texts = kind_long_texts(verify->config.kind) > 0};
    walk.handover = handover_create(sizeof(struct found), take_found, &walk, error);
    if (walk.handover == NULL) {
        return false;
    }
    struct candle_checks *checks = candle_checks_begin(verify, candles, error);
    bool done = checks != NULL &&
                (verify->snapshot != NULL || verify_begin_contents(verify, points, error)) &&
                compare_all(&walk, points, checks);
    if (checks != NULL) {
        done = candle_checks_end(checks, done ? error : NULL) && done;
    }
    verify_end_contents(verify);
    handover_destroy(walk.handover);
    return done;
}
