/*
 * Decides how many points without a message can be explained by retention. Kafka deletes the oldest
 * messages of a partition, whatever event times they have: the records of a replay of last year are
 * as young in the log as the live record next to them. So a point without a message may be right if
 * the partition of its series begins above offset 0, and a partition has lost no more messages than
 * its begin offset says. Event times prove nothing here.
 *
 * The partition of a message follows from its key and the topic's number of partitions. If the log
 * has a series in another partition, then partitions were added, or somebody produces with another
 * partitioner. In that case every series may also have been in the partitions that follow from any
 * smaller number of partitions. The records of a kind whose key is no tag have many keys in each
 * series, which may have been in any partition.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pipeline/record_decoder.h"
#include "verify/verify_parts.h"

/* Computes MurmurHash2 (Appleby 2008) with Kafka's seed, made positive as by Java's partitioner
 * (org.apache.kafka.common.utils.Utils.murmur2 and toPositive); librdkafka calls this partitioner
 * `murmur2_random`. */
static uint32_t murmur2_positive(struct str text)
{
    const uint32_t factor = 0x5bd1e995;
    const char *key = text.data;
    size_t length = text.length;
    uint32_t hash = 0x9747b28c ^ (uint32_t)length;
    size_t at = 0;
    for (; length - at >= 4; at += 4) {
        uint32_t word = 0;
        for (size_t i = 0; i < 4; i++) {
            word |= (uint32_t)(unsigned char)key[at + i] << (8 * i);
        }
        word *= factor;
        word ^= word >> 24;
        hash = (hash * factor) ^ (word * factor);
    }
    if (at < length) {
        for (size_t i = length - at; i-- > 0;) {
            hash ^= (uint32_t)(unsigned char)key[at + i] << (8 * i);
        }
        hash *= factor;
    }
    hash ^= hash >> 13;
    hash *= factor;
    hash ^= hash >> 15;
    return hash & 0x7fffffff;
}

bool verify_cover_record(struct verify *verify, uint32_t series, int32_t partition,
                         struct error *error)
{
    struct series_cover *cover = &verify->covers[series];
    for (size_t i = 0; i < cover->count; i++) {
        if (cover->seen[i] == partition) {
            return true;
        }
    }
    int32_t *seen = reallocarray(cover->seen, cover->count + 1, sizeof *seen);
    if (seen == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    cover->seen = seen;
    seen[cover->count++] = partition;
    if (kind_key_is_tag(verify->config.kind)) {
        uint32_t hash = murmur2_positive(verify_series_key(verify->report.series[series].name));
        verify->moved = verify->moved || verify->partition_count == 0 ||
                        (int64_t)(hash % verify->partition_count) != partition;
    }
    return true;
}

/* Returns the first event time that no message with at most this Kafka timestamp can have: an event
 * time is at most AHEAD_MAX_S ahead of its message's timestamp. */
static int64_t behind_all_sent_by(int64_t timestamp_ms)
{
    int64_t behind_ns = 0;
    return __builtin_mul_overflow(timestamp_ms, NS_PER_MS, &behind_ns) ||
                   __builtin_add_overflow(behind_ns, AHEAD_MAX_S * NS_PER_SECOND + 1, &behind_ns)
               ? INT64_MAX
               : behind_ns;
}

void verify_log_begins(struct verify *verify, struct place first, int64_t timestamp_ms)
{
    if (first.partition < 0 || (size_t)first.partition >= verify->partition_count) {
        return;
    }
    struct verify_partition *partition = &verify->partitions[first.partition];
    partition->begin = first.offset > partition->begin ? first.offset : partition->begin;
    verify->begins[first.partition] = (struct partition_begin){
        .known = true,
        .whole_ns = timestamp_ms >= 0 ? behind_all_sent_by(timestamp_ms) : INT64_MAX,
    };
}

/* Sets verify->may to the partitions in which a message of the series may have been. */
static void find_candidates(struct verify *verify, uint32_t series)
{
    const struct series_cover *cover = &verify->covers[series];
    uint32_t hash = murmur2_positive(verify_series_key(verify->report.series[series].name));
    if (!kind_key_is_tag(verify->config.kind)) {
        memset(verify->may, true, verify->partition_count * sizeof *verify->may);
        return;
    }
    memset(verify->may, 0, verify->partition_count * sizeof *verify->may);
    size_t partitions = verify->moved || verify->partition_count == 0 ? 1 : verify->partition_count;
    for (; partitions <= verify->partition_count; partitions++) {
        verify->may[hash % partitions] = true;
    }
    for (size_t i = 0; i < cover->count; i++) {
        if (cover->seen[i] >= 0 && (size_t)cover->seen[i] < verify->partition_count) {
            verify->may[cover->seen[i]] = true;
        }
    }
}

/* Timestamps grow with the offsets, so no deleted message has a later timestamp than the first one
 * that is left. Unless a replay produced it, a record was not deleted if its event time is later
 * than any message with such a timestamp can have. */
int64_t verify_whole_from(struct verify *verify, uint32_t series)
{
    int64_t whole_ns = INT64_MIN;
    find_candidates(verify, series);
    for (size_t i = 0; i < verify->partition_count; i++) {
        const struct partition_begin *begin = &verify->begins[i];
        if (verify->may[i] && begin->known && begin->whole_ns > whole_ns) {
            whole_ns = begin->whole_ns;
        }
    }
    return whole_ns;
}

/* Assigns points without a message to deleted messages. Nobody knows which point belongs to which
 * partition. So points count as faults only if there is no assignment in which each partition has
 * deleted messages for all of its points. */
struct sharing {
    struct verify *verify;
    uint32_t *series; /* the series that have points without a message */
    size_t count;
    bool *may;        /* [i * partitions + p]: the i-th series may have been in partition p */
    int64_t *shared;  /* same index: points of the series assigned to partition p */
    int64_t *room;    /* deleted messages of each partition to which no point is assigned yet */
    bool *visited;    /* partitions visited in the current search */
    int64_t *settled; /* points of each series that have been assigned */
};

static int64_t least(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* Makes room for up to `wanted` points in the partition by moving points of other series to other
 * partitions where they may have been (the augmenting paths of Ford and Fulkerson 1956). Returns
 * how many fit now. */
static int64_t make_room(struct sharing *sharing, size_t partition, int64_t wanted)
{
    size_t partitions = sharing->verify->partition_count;
    if (sharing->visited[partition]) {
        return 0;
    }
    sharing->visited[partition] = true;
    int64_t got = least(wanted, sharing->room[partition]);
    sharing->room[partition] -= got;
    for (size_t i = 0; i < sharing->count && got < wanted; i++) {
        int64_t *shared = &sharing->shared[i * partitions];
        for (size_t to = 0; to < partitions && got < wanted && shared[partition] > 0; to++) {
            if (sharing->may[i * partitions + to]) {
                int64_t moved = make_room(sharing, to, least(wanted - got, shared[partition]));
                shared[partition] -= moved;
                shared[to] += moved;
                got += moved;
            }
        }
    }
    return got;
}

static void share_series(struct sharing *sharing, size_t i, int64_t points)
{
    size_t partitions = sharing->verify->partition_count;
    int64_t moved = 1;
    while (points > 0 && moved > 0) {
        moved = 0;
        memset(sharing->visited, 0, partitions * sizeof *sharing->visited);
        for (size_t p = 0; p < partitions && points > 0; p++) {
            if (sharing->may[i * partitions + p]) {
                int64_t fit = make_room(sharing, p, points);
                sharing->shared[i * partitions + p] += fit;
                sharing->settled[i] += fit;
                moved += fit;
                points -= fit;
            }
        }
    }
}

/* Assigns points to the messages that retention has deleted. */
static void share_forgotten(struct sharing *sharing)
{
    struct verify *verify = sharing->verify;
    for (size_t p = 0; p < verify->partition_count; p++) {
        sharing->room[p] = verify->partitions[p].begin;
    }
    for (size_t i = 0; i < sharing->count; i++) {
        struct verify_series *series = &verify->report.series[sharing->series[i]];
        share_series(sharing, i, verify->covers[sharing->series[i]].strays);
        series->forgotten += sharing->settled[i];
        series->points -= sharing->settled[i];
    }
}

/* Assigns points to the messages of former topics. Their numbers of partitions are unknown, so each
 * series may have been in any partition. */
static void share_former(struct sharing *sharing)
{
    struct verify *verify = sharing->verify;
    int64_t room = 0;
    for (size_t p = 0; p < verify->partition_count; p++) {
        room += verify->partitions[p].former;
    }
    for (size_t i = 0; i < sharing->count; i++) {
        struct verify_series *series = &verify->report.series[sharing->series[i]];
        int64_t fit = least(verify->covers[sharing->series[i]].strays - sharing->settled[i], room);
        room -= fit;
        sharing->settled[i] += fit;
        series->former += fit;
        series->points -= fit;
    }
}

static bool make_sharing(struct sharing *sharing)
{
    struct verify *verify = sharing->verify;
    size_t partitions = verify->partition_count;
    size_t series = verify->report.series_count;
    sharing->series = calloc(series + 1, sizeof *sharing->series);
    for (uint32_t i = 0; sharing->series != NULL && i < series; i++) {
        if (verify->covers[i].strays > 0) {
            sharing->series[sharing->count++] = i;
        }
    }
    sharing->may = calloc(sharing->count + 1, partitions * sizeof *sharing->may + 1);
    sharing->shared = calloc(sharing->count + 1, partitions * sizeof *sharing->shared + 1);
    sharing->room = calloc(partitions + 1, sizeof *sharing->room);
    sharing->visited = calloc(partitions + 1, sizeof *sharing->visited);
    sharing->settled = calloc(sharing->count + 1, sizeof *sharing->settled);
    if (sharing->series == NULL || sharing->may == NULL || sharing->shared == NULL ||
        sharing->room == NULL || sharing->visited == NULL || sharing->settled == NULL) {
        return false;
    }
    for (size_t i = 0; i < sharing->count; i++) {
        find_candidates(verify, sharing->series[i]);
        memcpy(&sharing->may[i * partitions], verify->may, partitions * sizeof *verify->may);
    }
    return true;
}

static void free_sharing(struct sharing *sharing)
{
    free(sharing->series);
    free(sharing->may);
    free(sharing->shared);
    free(sharing->room);
    free(sharing->visited);
    free(sharing->settled);
}

bool verify_settle_strays(struct verify *verify, struct error *error)
{
    struct sharing sharing = {.verify = verify};
    bool made = make_sharing(&sharing);
    if (made) {
        share_forgotten(&sharing);
        share_former(&sharing);
    }
    for (size_t i = 0; made && i < sharing.count; i++) {
        struct verify_series *series = &verify->report.series[sharing.series[i]];
        int64_t beyond = verify->covers[sharing.series[i]].strays - sharing.settled[i];
        series->faults[VERIFY_UNEXPECTED] += beyond;
        verify->report.faults[VERIFY_UNEXPECTED] += beyond;
        verify->report.faults[VERIFY_FORMER] += series->former;
        series->faults[VERIFY_FORMER] += series->former;
    }
    free_sharing(&sharing);
    return made || error_set(error, ERROR_FATAL, "out of memory");
}

/* Counts a point without a message. Returns false if it is a fault for sure. Otherwise its message
 * may have been deleted by retention, or may be one of a former topic; verify_settle_strays()
 * decides for how many points that is possible. */
bool verify_count_stray(struct verify *verify, uint32_t series)
{
    bool possible = false;
    find_candidates(verify, series);
    for (size_t i = 0; i < verify->partition_count; i++) {
        possible = possible || verify->partitions[i].former > 0 ||
                   (verify->may[i] && verify->partitions[i].begin > 0);
    }
    verify->covers[series].strays += possible ? 1 : 0;
    return possible;
}

int64_t verify_series_since(const struct verify_report *report, uint32_t series)
{
    const struct verify_series *of = &report->series[series];
    return of->in_log ? of->oldest_ns : report->log_since_ns;
}

bool verify_is_former(const struct verify *verify, uint32_t series, const void *point)
{
    const struct record_kind *kind = verify->config.kind;
    int64_t since_ns = verify_series_since(&verify->report, series);
    if (since_ns == INT64_MAX || column_int64(kind->time, point) >= since_ns ||
        verify->run_count == RUNS_MAX) {
        return false;
    }
    int64_t run = kind->run != NULL ? column_int64(kind->run, point) : 0;
    bool in_log = kind->run == NULL;
    for (size_t i = 0; i < verify->run_count; i++) {
        in_log = in_log || verify->runs[i] == run;
    }
    /* Records with their service's own times are of no run, and have the id 0, in every log. */
    return run == 0 ? in_log : run > 0 && !in_log;
}

void verify_cover_free(struct verify *verify)
{
    for (size_t i = 0; verify->covers != NULL && i < verify->report.series_count; i++) {
        free(verify->covers[i].seen);
    }
    free(verify->covers);
    free(verify->begins);
    free(verify->may);
}
