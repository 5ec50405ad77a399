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

/* The later records of one series and time. */
struct found {
    bool there;
    bool same;          /* a message has the point's values */
    bool older;         /* an older member would have written the point's values for a message */
    uint32_t older_has; /* the columns with a value in that point, as kept_record.has */
    uint32_t has;       /* the columns with a value in all messages together */
    struct place place; /* of the last message */
};

static void compare_later(struct found *found, const struct kept_record *later,
                          const struct kept_record *point)
{
    bool equal = verify_mark_equal(&later->mark, &point->mark);
    found->there = true;
    if (later->kind == RECORD_OLDER) {
        found->older_has = equal ? later->has : found->older_has;
        found->older = found->older || equal;
        return;
    }
    found->same = found->same || equal;
    found->has |= later->has;
    found->place = later->place;
}

/* Reads the later records up to the point's series and time; the records before are skipped. */
static bool find(struct matching *matching, const struct kept_record *point, struct found *found)
{
    *found = (struct found){.place = {.partition = -1}};
    while (matching->later != NULL && compare_identities(matching->later, point) <= 0) {
        if (compare_identities(matching->later, point) == 0) {
            compare_later(found, matching->later, point);
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
    struct found found;
    if (!find(matching, point, &found)) {
        return false;
    }
    if (found.same) {
        verify->report.series[point->series].points--;
        verify->report.series[point->series].later++;
        return true;
    }
    if (found.older) {
        return verify_fault_older(verify, point->series, point->time_ns, found.place,
                                  found.has & ~found.older_has, matching->error);
    }
    if (found.there) {
        return verify_fault(verify, VERIFY_DIFFERING, point->series, point->time_ns, found.place,
                            matching->error);
    }
    return verify_count_stray(verify, point->series) ||
           verify_fault(verify, point->kind == RECORD_FORMER ? VERIFY_FORMER : VERIFY_UNEXPECTED,
                        point->series, point->time_ns, found.place, matching->error);
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
