/* From when on the log has all of a coin. Its oldest tick does not say it: behind ticks whose older
 * neighbours are gone there may be a replay of times long before them, or a coin that has changed
 * its partition with their number. */
#include <stdlib.h>

#include "app/verify_parts.h"

static bool begins_late(const struct verify *verify, int32_t partition)
{
    return partition >= 0 && (size_t)partition < verify->partition_count &&
           verify->partitions[partition].begin > 0;
}

/* NULL: no memory. A new one is at no offset. */
static struct first_tick *first_of(struct coin_cover *cover, int32_t partition)
{
    for (size_t i = 0; i < cover->count; i++) {
        if (cover->firsts[i].place.partition == partition) {
            return &cover->firsts[i];
        }
    }
    struct first_tick *firsts = reallocarray(cover->firsts, cover->count + 1, sizeof *firsts);
    if (firsts == NULL) {
        return NULL;
    }
    cover->firsts = firsts;
    firsts[cover->count] = (struct first_tick){.place = {partition, INT64_MAX}};
    return &firsts[cover->count++];
}

bool verify_cover_tick(struct verify *verify, uint32_t coin, struct place place, int64_t time_ns,
                       struct error *error)
{
    if (!begins_late(verify, place.partition)) {
        return true;
    }
    int64_t begin = verify->partitions[place.partition].begin;
    if (place.offset < begin) {
        return true; /* told before the gap */
    }
    struct first_tick *first = first_of(&verify->covers[coin], place.partition);
    if (first == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    if (first->place.offset < begin || place.offset < first->place.offset) {
        *first = (struct first_tick){.place = place, .time_ns = time_ns};
    }
    return true;
}

void verify_log_gap(struct verify *verify, struct place next)
{
    if (next.partition >= 0 && (size_t)next.partition < verify->partition_count &&
        next.offset > verify->partitions[next.partition].begin) {
        verify->partitions[next.partition].begin = next.offset;
    }
}

int64_t verify_covered_from(const struct verify *verify, uint32_t coin)
{
    const struct coin_cover *cover = &verify->covers[coin];
    int64_t from_ns = INT64_MIN;
    for (size_t i = 0; i < cover->count; i++) {
        from_ns = cover->firsts[i].time_ns > from_ns ? cover->firsts[i].time_ns : from_ns;
    }
    return from_ns;
}

void verify_cover_free(struct verify *verify)
{
    for (size_t i = 0; verify->covers != NULL && i < verify->report.coin_count; i++) {
        free(verify->covers[i].firsts);
    }
    free(verify->covers);
}
