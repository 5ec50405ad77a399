#include "source/replay/replay_sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/sorter/sorter.h"

enum { MEMORY_BYTES = 64 * 1024 * 1024 };

/* What precedes each record in the sorter. */
struct head {
    int64_t time_ns;
    int64_t tie; /* orders rows of the same time */
    int64_t line, row;
};

struct replay_sort {
    const struct record_kind *kind;
    bool newest_first;
    struct sorter *sorter;
    char *item; /* room for one head and record */
    int64_t given;
};

static int compare(const void *left, const void *right)
{
    struct head a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    if (a.time_ns != b.time_ns) {
        return a.time_ns < b.time_ns ? -1 : 1;
    }
    return (a.tie > b.tie) - (a.tie < b.tie);
}

struct replay_sort *replay_sort_create(const struct record_kind *kind, bool newest_first,
                                       struct error *error)
{
    struct replay_sort *sort = calloc(1, sizeof *sort);
    size_t bytes = sizeof(struct head) + kind->size;
    const struct sorter_config config = {
        .record_bytes = bytes, .compare = compare, .memory_bytes = MEMORY_BYTES};
    if (sort != NULL) {
        *sort =
            (struct replay_sort){.kind = kind, .newest_first = newest_first, .item = malloc(bytes)};
    }
    if (sort == NULL || sort->item == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory to sort the file's rows");
        replay_sort_destroy(sort);
        return NULL;
    }
    sort->sorter = sorter_create(&config, error);
    if (sort->sorter == NULL) {
        replay_sort_destroy(sort);
        return NULL;
    }
    return sort;
}

void replay_sort_destroy(struct replay_sort *sort)
{
    if (sort != NULL) {
        sorter_destroy(sort->sorter);
        free(sort->item);
        free(sort);
    }
}

bool replay_sort_add(struct replay_sort *sort, const struct sorted_row *row, struct error *error)
{
    const struct head head = {
        .time_ns = column_int64(sort->kind->moment, row->record),
        .tie = sort->newest_first ? -row->line : row->line,
        .line = row->line,
        .row = row->row,
    };
    memcpy(sort->item, &head, sizeof head);
    memcpy(sort->item + sizeof head, row->record, sort->kind->size);
    return sorter_add(sort->sorter, sort->item, error);
}

bool replay_sort_finish(struct replay_sort *sort, struct error *error)
{
    return sorter_finish(sort->sorter, error);
}

bool replay_sort_next(struct replay_sort *sort, struct sorted_row *row, struct error *error)
{
    const void *item = NULL;
    if (!sorter_next(sort->sorter, &item, error)) {
        return false;
    }
    *row = (struct sorted_row){.record = NULL};
    if (item != NULL) {
        struct head head;
        memcpy(&head, item, sizeof head);
        *row = (struct sorted_row){
            .line = head.line, .row = head.row, .record = (const char *)item + sizeof head};
        sort->given++;
    }
    return true;
}

double replay_sort_share(const struct replay_sort *sort)
{
    int64_t all = sorter_count(sort->sorter);
    return all > 0 ? (double)sort->given / (double)all : 1;
}
