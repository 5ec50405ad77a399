#include "page/status_motion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text/str.h"
#include "page/rate.h"

enum { TOPIC_SIZE = 256, WHOLE_TOPIC = -1 };

struct moving {
    char topic[TOPIC_SIZE];
    int32_t partition; /* or WHOLE_TOPIC */
    struct rate end, read;
    struct motion shown;
};

struct status_motion {
    struct moving *items; /* owned */
    size_t count, capacity;
};

struct status_motion *status_motion_create(void)
{
    return calloc(1, sizeof(struct status_motion));
}

void status_motion_destroy(struct status_motion *motion)
{
    if (motion != NULL) {
        free(motion->items);
        free(motion);
    }
}

static struct moving *find(const struct status_motion *motion, const char *topic, int32_t partition)
{
    for (size_t i = 0; i < motion->count; i++) {
        struct moving *item = &motion->items[i];
        if (item->partition == partition && strcmp(item->topic, topic) == 0) {
            return item;
        }
    }
    return NULL;
}

/* Finds the place of a partition, or makes one; NULL when memory runs out. */
static struct moving *place_of(struct status_motion *motion, const char *topic, int32_t partition)
{
    struct moving *item = find(motion, topic, partition);
    if (item != NULL) {
        return item;
    }
    struct moving *items =
        array_room(motion->items, motion->count, &motion->capacity, sizeof *items);
    if (items == NULL) {
        return NULL;
    }
    motion->items = items;
    item = &motion->items[motion->count++];
    *item = (struct moving){.partition = partition, .shown = {.in_per_s = NAN, .out_per_s = NAN}};
    (void)str_copy(str_from(topic), item->topic, sizeof item->topic);
    return item;
}

/* Returns how fast an offset grows; NAN if it is not known (-1) or was not known before. */
static double growth(struct rate *rate, int64_t offset, int64_t now_ns)
{
    if (offset < 0) {
        *rate = (struct rate){.count = 0};
        return NAN;
    }
    double per_s = rate_sample(rate, offset, now_ns);
    return rate->count > 1 ? per_s : NAN;
}

/* What is behind the group is the end less the lag: it is known also where nothing was committed,
 * because nothing came yet. */
static void take(struct status_motion *motion, const char *topic, int32_t partition, int64_t end,
                 int64_t lag, int64_t now_ns)
{
    struct moving *item = place_of(motion, topic, partition);
    if (item != NULL) {
        item->shown.in_per_s = growth(&item->end, end, now_ns);
        item->shown.out_per_s = growth(&item->read, end >= 0 && lag >= 0 ? end - lag : -1, now_ns);
        lag_trend_take(&item->shown.lag, lag);
    }
}

/* Adds an offset to a sum that is -1 as soon as one of its parts is. */
static int64_t sum_of(int64_t sum, int64_t offset)
{
    return sum < 0 || offset < 0 ? -1 : sum + offset;
}

void status_motion_take(struct status_motion *motion, const struct group_status *statuses,
                        size_t count, int64_t now_ns)
{
    for (size_t i = 0; i < count; i++) {
        const struct group_status *status = &statuses[i];
        int64_t end = 0;
        for (size_t k = 0; k < status->partition_count; k++) {
            const struct partition_status *partition = &status->partitions[k];
            take(motion, status->topic, partition->partition, partition->end, partition->lag,
                 now_ns);
            end = sum_of(end, partition->end);
        }
        take(motion, status->topic, WHOLE_TOPIC, end, group_status_lag(status), now_ns);
    }
}

struct motion status_motion_of(const struct status_motion *motion, const char *topic,
                               int32_t partition)
{
    const struct moving *item = motion != NULL ? find(motion, topic, partition) : NULL;
    return item != NULL ? item->shown
                        : (struct motion){.in_per_s = NAN, .out_per_s = NAN, .lag = {.lag = -1}};
}
