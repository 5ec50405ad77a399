#include "market/compare.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"

#define BASIS_POINTS 1e4
#define VOLUME_DECIMALS 1e8

const char *const compare_reason_names[COMPARE_REASONS] = {
    [COMPARE_EQUAL] = "equal",
    [COMPARE_NO_BAR_YET] = "no_bar_yet",
    [COMPARE_HOLE] = "hole",
    [COMPARE_UNKNOWN] = "unknown",
    [COMPARE_BAR_CHANGED] = "bar_changed",
    [COMPARE_LATE_TRADE] = "late_trade",
    [COMPARE_UNEXPLAINED] = "unexplained",
};

static bool add(struct compare *compare, const struct compared *item)
{
    struct compared *items =
        array_room(compare->items, compare->count, &compare->capacity, sizeof *items);
    if (items == NULL) {
        return false;
    }
    compare->items = items;
    items[compare->count++] = *item;
    return true;
}

static double off_by(double ours, double theirs)
{
    return fabs(ours - theirs) / theirs * BASIS_POINTS;
}

static bool same_volume(const struct candle *ours, const struct candle *theirs)
{
    return round(ours->volume * VOLUME_DECIMALS) == round(theirs->volume * VOLUME_DECIMALS);
}

/* Compares the two sides of one candle. The reason of a difference is found later. */
static void judge(struct compared *item, bool open_matches, bool close_matches)
{
    const struct candle *ours = &item->ours, *theirs = &item->theirs;
    if (!item->has_ours || !item->has_theirs) {
        return;
    }
    bool opens = open_matches || ours->open == theirs->open;
    bool closes = close_matches || ours->close == theirs->close;
    item->off = fmax(off_by(ours->high, theirs->high), off_by(ours->low, theirs->low));
    item->off = fmax(item->off, opens ? 0 : off_by(ours->open, theirs->open));
    item->off = fmax(item->off, closes ? 0 : off_by(ours->close, theirs->close));
    item->has_volumes = ours->has_volume && theirs->has_volume;
    item->equal_volume = item->has_volumes && same_volume(ours, theirs);
}

/* Returns their next candle if it begins at or before `time_ns`; NULL: it does not. */
static const struct candle *their_next(const struct compare *compare, int64_t time_ns)
{
    const struct candle_list *theirs = compare->theirs;
    return compare->next < theirs->count && theirs->items[compare->next].time_ns <= time_ns
               ? &theirs->items[compare->next]
               : NULL;
}

static void take_theirs(struct compare *compare, const struct candle *theirs, struct compared *item)
{
    item->theirs = *theirs;
    item->has_theirs = true;
    compare->next++;
}

static struct compared nothing(void)
{
    return (struct compared){.first_id = INT64_MAX, .last_id = INT64_MIN};
}

/* Adds their candles that begin before `time_ns`. Our side has no candles there. */
static bool pass_theirs(struct compare *compare, int64_t time_ns)
{
    const struct candle *theirs = their_next(compare, time_ns);
    while (theirs != NULL && theirs->time_ns < time_ns) {
        struct compared item = nothing();
        take_theirs(compare, theirs, &item);
        judge(&item, false, false);
        if (!add(compare, &item)) {
            return false;
        }
        theirs = their_next(compare, time_ns);
    }
    return true;
}

/* Begins the item of a bucket: adds their candles before it, and takes their candle of the bucket
 * if there is one. */
static bool begin_bucket(struct compare *compare, int64_t start_ns, struct compared *item)
{
    *item = nothing();
    if (!pass_theirs(compare, start_ns)) {
        return false;
    }
    const struct candle *theirs = their_next(compare, start_ns);
    if (theirs != NULL) {
        take_theirs(compare, theirs, item);
    }
    item->has_ours = true;
    return true;
}

static bool close_bucket(struct compare *compare)
{
    if (!compare->is_open) {
        return true;
    }
    compare->is_open = false;
    judge(&compare->open, compare->open_matches, compare->close_matches);
    return add(compare, &compare->open);
}

static bool open_bucket(struct compare *compare, int64_t time_ns)
{
    int64_t start_ns = candle_bucket_start(time_ns, compare->interval_ns);
    compare->is_open = true;
    compare->open_matches = compare->close_matches = false;
    compare->first_ms = compare->last_ms = time_ns / NS_PER_MS;
    return begin_bucket(compare, start_ns, &compare->open);
}

bool compare_trade(struct compare *compare, int64_t time_ns, int64_t trade_id, double price,
                   double amount)
{
    struct compared *open = &compare->open;
    if (!compare->is_open && !open_bucket(compare, time_ns)) {
        return false;
    }
    if (candle_fold_trade(&open->ours, compare->interval_ns, time_ns, price, amount)) {
        return close_bucket(compare) && open_bucket(compare, time_ns) &&
               compare_trade(compare, time_ns, trade_id, price, amount);
    }
    int64_t ms = time_ns / NS_PER_MS;
    compare->close_matches = compare->close_matches && ms == compare->last_ms;
    compare->last_ms = ms;
    compare->close_matches =
        compare->close_matches || (open->has_theirs && price == open->theirs.close);
    compare->open_matches = compare->open_matches || (ms == compare->first_ms && open->has_theirs &&
                                                      price == open->theirs.open);
    open->first_id = trade_id < open->first_id ? trade_id : open->first_id;
    open->last_id = trade_id > open->last_id ? trade_id : open->last_id;
    return true;
}

bool compare_candle(struct compare *compare, const struct candle *candle)
{
    struct compared item;
    if (!begin_bucket(compare, candle->time_ns, &item)) {
        return false;
    }
    item.ours = *candle;
    judge(&item, false, false);
    return add(compare, &item);
}

static int64_t start_of(const struct compared *item)
{
    return item->has_ours ? item->ours.time_ns : item->theirs.time_ns;
}

static struct coverage_share share_of(const struct compare *compare, const struct compared *item)
{
    int64_t start_ns = start_of(item);
    return coverage_of(compare->coverage, start_ns,
                       candle_bucket_end(start_ns, compare->interval_ns));
}

/* Finds whether all of the candle's time was covered, and the reason if its sides differ.
 * `later_id` is the lowest id of a trade in a later candle. */
static enum compare_reason explain(const struct compare *compare, struct compared *item,
                                   int64_t later_id)
{
    struct coverage_share share = {.length_ns = 0};
    if (compare->coverage != NULL) {
        share = share_of(compare, item);
        item->whole = coverage_is_whole(&share);
    }

    const struct candle_list *theirs = compare->theirs;
    bool newer = theirs->count == 0 || start_of(item) > theirs->items[theirs->count - 1].time_ns;
    if (item->has_ours && item->has_theirs && item->off == 0) {
        return COMPARE_EQUAL;
    }
    if (newer) {
        return COMPARE_NO_BAR_YET;
    }
    if (share.ns[COVERAGE_HOLE] > 0) {
        return COMPARE_HOLE;
    }
    if (share.unknown_ns > 0) {
        return COMPARE_UNKNOWN;
    }
    if (item->theirs.revised) {
        return COMPARE_BAR_CHANGED;
    }
    return item->last_id > later_id ? COMPARE_LATE_TRADE : COMPARE_UNEXPLAINED;
}

bool compare_conclude(struct compare *compare)
{
    if (!close_bucket(compare) || !pass_theirs(compare, INT64_MAX)) {
        return false;
    }
    int64_t later_id = INT64_MAX;
    for (size_t i = compare->count; i > 0; i--) {
        struct compared *item = &compare->items[i - 1];
        item->reason = explain(compare, item, later_id);
        later_id = item->first_id < later_id ? item->first_id : later_id;
    }
    return true;
}

void compare_free(struct compare *compare)
{
    free(compare->items);
    *compare = (struct compare){.items = NULL};
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Returns the median of `count` numbers, and sorts them. */
static double median_of(double *numbers, size_t count)
{
    if (count == 0) {
        return 0;
    }
    qsort(numbers, count, sizeof *numbers, compare_doubles);
    double upper = numbers[count / 2];
    return count % 2 == 1 ? upper : (numbers[count / 2 - 1] + upper) / 2;
}

bool compare_sum_up(const struct compare *compare, struct compare_figures *figures)
{
    double *off = calloc(compare->count + 1, sizeof *off);
    size_t count = 0;
    if (off == NULL) {
        return false;
    }
    *figures = (struct compare_figures){.candles = compare->count};
    for (size_t i = 0; i < compare->count; i++) {
        const struct compared *item = &compare->items[i];
        figures->both += item->has_ours && item->has_theirs ? 1 : 0;
        figures->only_ours += item->has_theirs ? 0 : 1;
        figures->only_theirs += item->has_ours ? 0 : 1;
        figures->reasons[item->reason]++;
        figures->whole += item->whole ? 1 : 0;
        figures->volumes += item->has_volumes ? 1 : 0;
        figures->volumes_off += item->has_volumes && !item->equal_volume ? 1 : 0;
        if (item->off > 0) {
            off[count++] = item->off;
        }
    }
    figures->equal = figures->reasons[COMPARE_EQUAL];
    figures->median_off = median_of(off, count);
    figures->worst_off = count > 0 ? off[count - 1] : 0;
    free(off);
    return true;
}
