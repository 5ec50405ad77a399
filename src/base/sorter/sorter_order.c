#include "base/sorter/sorter_order.h"

#include <stdlib.h>

struct ordering {
    const struct sorter_config *config;
    const char *records;
    size_t count;
    uint32_t *order;
};

static const void *record_at(const struct ordering *ordering, uint32_t index)
{
    return ordering->records + (size_t)index * ordering->config->record_bytes;
}

static int compare_indexes(const void *left, const void *right, void *context)
{
    const struct ordering *ordering = context;
    return ordering->config->compare(record_at(ordering, *(const uint32_t *)left),
                                     record_at(ordering, *(const uint32_t *)right));
}

static bool in_order(struct ordering *ordering, const uint32_t *order, size_t count)
{
    bool fits = true;
    for (size_t i = 1; fits && i < count; i++) {
        fits = compare_indexes(&order[i - 1], &order[i], ordering) <= 0;
    }
    return fits;
}

static void sort_range(struct ordering *ordering, size_t begin, size_t end)
{
    uint32_t *order = ordering->order + begin;
    if (!in_order(ordering, order, end - begin)) {
        qsort_r(order, end - begin, sizeof *order, compare_indexes, ordering);
    }
}

/* Returns the number of groups: one above the greatest; 1 if there are so many that counting them
 * takes more memory than the records' indexes. */
static size_t count_groups(const struct ordering *ordering)
{
    uint32_t greatest = 0;
    for (size_t i = 0; ordering->config->group != NULL && i < ordering->count; i++) {
        uint32_t group = ordering->config->group(record_at(ordering, (uint32_t)i));
        greatest = group > greatest ? group : greatest;
    }
    return greatest < ordering->count ? (size_t)greatest + 1 : 1;
}

static size_t group_of(const struct ordering *ordering, size_t groups, size_t index)
{
    return groups > 1 ? ordering->config->group(record_at(ordering, (uint32_t)index)) : 0;
}

/* A counting sort by group, which keeps the order in which the records of a group were added; then
 * each group is sorted, if it is not in order already. `ends` has a zero for each group. */
static void order_by_group(struct ordering *ordering, uint32_t *ends, size_t groups)
{
    for (size_t i = 0; i < ordering->count; i++) {
        ends[group_of(ordering, groups, i)]++;
    }
    uint32_t begin = 0;
    for (size_t group = 0; group < groups; group++) {
        uint32_t members = ends[group];
        ends[group] = begin;
        begin += members;
    }
    for (size_t i = 0; i < ordering->count; i++) {
        ordering->order[ends[group_of(ordering, groups, i)]++] = (uint32_t)i;
    }
    for (size_t group = 0; group < groups; group++) {
        sort_range(ordering, group > 0 ? ends[group - 1] : 0, ends[group]);
    }
}

uint32_t *sorter_order(const struct sorter_config *config, const char *records, size_t count)
{
    struct ordering ordering = {.config = config, .records = records, .count = count};
    size_t groups = count_groups(&ordering);
    uint32_t *ends = calloc(groups, sizeof *ends);
    ordering.order = reallocarray(NULL, count + 1, sizeof *ordering.order);
    if (ends == NULL || ordering.order == NULL) {
        free(ends);
        free(ordering.order);
        return NULL;
    }
    order_by_group(&ordering, ends, groups);
    free(ends);
    return ordering.order;
}
