/* Compares the points without a message in the snapshot with the records that were produced after
 * it. */
#include "verify/verify_parts.h"

struct matching {
    struct verify *verify;
    const struct kept_record *later; /* NULL: all have been read */
    struct error *error;
};

static int compare_identities(const struct kept_record *left, const struct kept_record *right)
{
    if (left->series != right->series) {
        return left->series < right->series ? -1 : 1;
    }
    return (left->time_ns > right->time_ns) - (left->time_ns < right->time_ns);
}

static bool next_later(struct matching *matching)
{
    const void *record = NULL;
    bool read = sorter_next(matching->verify->later, &record, matching->error);
    matching->later = record;
    return read;
}

/* Skips the later records up to the point's series and time. *there: some have this series and
 * time; *same: one of them also has the point's values; *place is that of the last of them. */
static bool find(struct matching *matching, const struct kept_record *point, bool *there,
                 bool *same, struct place *place)
{
    *there = *same = false;
    while (matching->later != NULL && compare_identities(matching->later, point) <= 0) {
        if (compare_identities(matching->later, point) == 0) {
            *there = true;
            *same = *same || verify_mark_equal(&matching->later->mark, &point->mark);
            *place = matching->later->place;
        }
        if (!next_later(matching)) {
            return false;
        }
    }
    return true;
}

static bool settle(struct matching *matching, const struct kept_record *point)
{
    struct verify *verify = matching->verify;
    struct place place = {.partition = -1};
    bool there = false;
    bool same = false;
    if (!find(matching, point, &there, &same, &place)) {
        return false;
    }
    if (same) {
        verify->report.series[point->series].points--;
        verify->report.series[point->series].later++;
        return true;
    }
    if (there) {
        return verify_fault(verify, VERIFY_DIFFERING, point->series, point->time_ns, place,
                            matching->error);
    }
    return verify_count_stray(verify, point->series) ||
           verify_fault(verify, VERIFY_UNEXPECTED, point->series, point->time_ns, place,
                        matching->error);
}

bool verify_match_later(struct verify *verify, struct error *error)
{
    struct matching matching = {.verify = verify, .error = error};
    const void *point = NULL;
    if (!sorter_finish(verify->strays, error) || !sorter_finish(verify->later, error) ||
        !next_later(&matching)) {
        return false;
    }
    do {
        if (!sorter_next(verify->strays, &point, error) ||
            (point != NULL && !settle(&matching, point))) {
            return false;
        }
    } while (point != NULL);
    return true;
}
