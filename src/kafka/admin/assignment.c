#include "kafka/admin/assignment.h"

#include <stdlib.h>
#include <string.h>

/* The bytes that are still to be read. The format is: version INT16, array of (topic STRING, array
 * of partition INT32), user data; all big-endian. A count that exceeds the remaining bytes is an
 * error, so that it cannot cause a large allocation. */
struct bytes {
    const unsigned char *at;
    size_t left;
};

static bool take_uint(struct bytes *bytes, size_t size, uint32_t *value)
{
    if (bytes->left < size) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < size; i++) {
        *value = *value << 8 | bytes->at[i];
    }
    bytes->at += size;
    bytes->left -= size;
    return true;
}

static bool take_topic(struct bytes *bytes, const char *topic, bool *same)
{
    uint32_t size;
    if (!take_uint(bytes, 2, &size) || size > bytes->left) {
        return false;
    }
    *same = strlen(topic) == size && memcmp(bytes->at, topic, size) == 0;
    bytes->at += size;
    bytes->left -= size;
    return true;
}

static bool append(int32_t **partitions, size_t *count, struct bytes *bytes, size_t more)
{
    int32_t *grown = realloc(*partitions, (*count + more) * sizeof **partitions);
    if (grown == NULL) {
        return false;
    }
    *partitions = grown;
    for (size_t i = 0; i < more; i++) {
        uint32_t partition;
        if (!take_uint(bytes, 4, &partition)) {
            return false;
        }
        grown[(*count)++] = (int32_t)partition;
    }
    return true;
}

static bool take_topics(struct bytes *bytes, const char *topic, int32_t **partitions, size_t *count)
{
    uint32_t topics;
    if (!take_uint(bytes, 4, &topics)) {
        return false;
    }
    for (uint32_t i = 0; i < topics; i++) {
        uint32_t partition_count;
        bool same;
        if (!take_topic(bytes, topic, &same) || !take_uint(bytes, 4, &partition_count) ||
            partition_count > bytes->left / 4) {
            return false;
        }
        if (same && partition_count > 0) {
            if (!append(partitions, count, bytes, partition_count)) {
                return false;
            }
        } else {
            bytes->at += (size_t)partition_count * 4;
            bytes->left -= (size_t)partition_count * 4;
        }
    }
    return true;
}

static int compare_partitions(const void *left, const void *right)
{
    int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return a < b ? -1 : a > b;
}

void assignment_sort(int32_t *partitions, size_t count)
{
    if (count > 0) {
        qsort(partitions, count, sizeof *partitions, compare_partitions);
    }
}

bool assignment_partitions(const void *data, size_t size, const char *topic, int32_t **partitions,
                           size_t *count)
{
    struct bytes bytes = {.at = data, .left = size};
    uint32_t version;
    *partitions = NULL;
    *count = 0;
    if (size == 0) {
        return true;
    }
    if (!take_uint(&bytes, 2, &version) || !take_topics(&bytes, topic, partitions, count)) {
        free(*partitions);
        *partitions = NULL;
        *count = 0;
        return false;
    }
    assignment_sort(*partitions, *count);
    return true;
}
