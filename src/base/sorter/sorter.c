#include "base/sorter/sorter.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/sorter/sorter_file.h"
#include "base/sorter/sorter_order.h"

enum {
    FIRST_RECORDS = 64,
    PAGE_BYTES = 4096,      /* least bytes of a run to read at once */
    GATHERED_BYTES = 16384, /* most bytes of records to write at once, unless one is larger */
};

/* A sorted run of records in the file, read in pieces. */
struct run {
    int64_t offset, end; /* the part of the file that is not read yet; `end` is exclusive */
    char *buffer;        /* a part of the sorter's memory */
    size_t at, filled;   /* positions in `buffer` */
};

struct sorter {
    struct sorter_config config;
    struct sorter_file file;
    size_t most; /* most records in memory */
    char *records;
    size_t count, capacity; /* records in memory now, and how many fit into the allocated memory */
    int64_t total;

    struct run *runs;
    size_t run_count, run_capacity;

    /* The fields below are for reading. */
    uint32_t *order; /* of the records in memory, when there are no runs; also while a run is
                        written */
    size_t next;     /* the next record's place in `order` */
    size_t *heap;    /* runs that have records left, the one with the least record first */
    size_t heap_count;
    size_t buffer_bytes;
    bool moved; /* before the next record is returned, the heap's first run must advance: its
                   record was returned last */
};

static bool no_memory(struct error *error)
{
    return error_set(error, ERROR_FATAL, "no memory for sorting");
}

struct sorter *sorter_create(const struct sorter_config *config, struct error *error)
{
    struct sorter *sorter = calloc(1, sizeof *sorter);
    if (sorter == NULL || !sorter_file_init(&sorter->file, config->folder, error)) {
        free(sorter);
        (void)no_memory(error);
        return NULL;
    }
    sorter->config = *config;
    sorter->most = config->memory_bytes / (config->record_bytes + SORTER_ORDER_SCRATCH_BYTES);
    sorter->most = sorter->most < 2 ? 2 : sorter->most;
    sorter->most = sorter->most > UINT32_MAX ? UINT32_MAX : sorter->most;
    return sorter;
}

void sorter_destroy(struct sorter *sorter)
{
    if (sorter != NULL) {
        sorter_file_close(&sorter->file);
        free(sorter->records);
        free(sorter->order);
        free(sorter->runs);
        free(sorter->heap);
        free(sorter);
    }
}

static bool grow(struct sorter *sorter, struct error *error)
{
    size_t capacity = sorter->capacity > 0 ? sorter->capacity * 2 : FIRST_RECORDS;
    capacity = capacity < sorter->most ? capacity : sorter->most;
    char *records = reallocarray(sorter->records, capacity, sorter->config.record_bytes);
    if (records == NULL) {
        return no_memory(error);
    }
    sorter->records = records;
    sorter->capacity = capacity;
    return true;
}

/* Finds the order of the records in memory. Call it when sorter->order is NULL. */
static bool sort(struct sorter *sorter, struct error *error)
{
    sorter->order = sorter_order(&sorter->config, sorter->records, sorter->count);
    return sorter->order != NULL || no_memory(error);
}

static const char *ordered(const struct sorter *sorter, size_t place)
{
    return sorter->records + (size_t)sorter->order[place] * sorter->config.record_bytes;
}

static bool add_run(struct sorter *sorter, int64_t offset, struct error *error)
{
    struct run *runs =
        array_room(sorter->runs, sorter->run_count, &sorter->run_capacity, sizeof *runs);
    if (runs == NULL) {
        return no_memory(error);
    }
    sorter->runs = runs;
    sorter->runs[sorter->run_count++] = (struct run){.offset = offset, .end = sorter->file.bytes};
    return true;
}

/* Appends the records to the file in their order. */
static bool append_ordered(struct sorter *sorter, struct error *error)
{
    char gathered[GATHERED_BYTES];
    size_t bytes = sorter->config.record_bytes;
    size_t most = bytes > GATHERED_BYTES ? 1 : GATHERED_BYTES / bytes;
    bool done = true;
    for (size_t at = 0; done && at < sorter->count; at += most) {
        size_t count = sorter->count - at < most ? sorter->count - at : most;
        const char *piece = gathered;
        if (bytes > GATHERED_BYTES) {
            piece = ordered(sorter, at);
        }
        for (size_t i = 0; i < count && piece == gathered; i++) {
            memcpy(gathered + i * bytes, ordered(sorter, at + i), bytes);
        }
        done = sorter_file_append(&sorter->file, piece, count * bytes, error);
    }
    return done;
}

static bool spill(struct sorter *sorter, struct error *error)
{
    if (sorter->config.memory_only) {
        return error_set(error, ERROR_FATAL, "sorting more than %lld records needs more memory",
                         (long long)sorter->total);
    }
    int64_t offset = sorter->file.bytes;
    bool done =
        sort(sorter, error) && append_ordered(sorter, error) && add_run(sorter, offset, error);
    free(sorter->order);
    sorter->order = NULL;
    sorter->count = done ? 0 : sorter->count;
    return done;
}

bool sorter_add(struct sorter *sorter, const void *record, struct error *error)
{
    if (sorter->count == sorter->most && !spill(sorter, error)) {
        return false;
    }
    if (sorter->count == sorter->capacity && !grow(sorter, error)) {
        return false;
    }
    size_t bytes = sorter->config.record_bytes;
    memcpy(sorter->records + sorter->count * bytes, record, bytes);
    sorter->count++;
    sorter->total++;
    return true;
}

/* Reads the next piece of a run; an empty one at the run's end. */
static bool fill(struct sorter *sorter, struct run *run, struct error *error)
{
    int64_t left = run->end - run->offset;
    size_t length = left < (int64_t)sorter->buffer_bytes ? (size_t)left : sorter->buffer_bytes;
    if (!sorter_file_read(&sorter->file, run->buffer, length, run->offset, error)) {
        return false;
    }
    run->offset += (int64_t)length;
    run->filled = length;
    run->at = 0;
    return true;
}

static const void *front(const struct sorter *sorter, size_t run)
{
    return sorter->runs[run].buffer + sorter->runs[run].at;
}

/* Restores the heap's order after the run at `place` changed: moves it down. */
static void sink(struct sorter *sorter, size_t place)
{
    for (;;) {
        size_t least = place;
        for (size_t child = 2 * place + 1; child <= 2 * place + 2; child++) {
            if (child < sorter->heap_count &&
                sorter->config.compare(front(sorter, sorter->heap[child]),
                                       front(sorter, sorter->heap[least])) < 0) {
                least = child;
            }
        }
        if (least == place) {
            return;
        }
        size_t run = sorter->heap[place];
        sorter->heap[place] = sorter->heap[least];
        sorter->heap[least] = run;
        place = least;
    }
}

/* Frees the memory of the records, and allocates the runs' buffers instead. */
static bool share_memory(struct sorter *sorter, struct error *error)
{
    size_t record = sorter->config.record_bytes;
    size_t share = sorter->config.memory_bytes / sorter->run_count;
    share = share > PAGE_BYTES ? share : PAGE_BYTES;
    sorter->buffer_bytes = share > record ? share / record * record : record;
    free(sorter->records);
    sorter->records = reallocarray(NULL, sorter->run_count, sorter->buffer_bytes);
    sorter->heap = reallocarray(NULL, sorter->run_count, sizeof *sorter->heap);
    return (sorter->records != NULL && sorter->heap != NULL) || no_memory(error);
}

bool sorter_finish(struct sorter *sorter, struct error *error)
{
    if (sorter->run_count == 0) {
        return sort(sorter, error);
    }
    if ((sorter->count > 0 && !spill(sorter, error)) || !share_memory(sorter, error)) {
        return false;
    }
    for (size_t i = 0; i < sorter->run_count; i++) {
        sorter->runs[i].buffer = sorter->records + i * sorter->buffer_bytes;
        if (!fill(sorter, &sorter->runs[i], error)) {
            return false;
        }
        sorter->heap[i] = i;
    }
    sorter->heap_count = sorter->run_count;
    for (size_t i = sorter->heap_count / 2; i-- > 0;) {
        sink(sorter, i);
    }
    return true;
}

/* Advances past the record that was returned last. */
static bool go_on(struct sorter *sorter, struct error *error)
{
    struct run *run = &sorter->runs[sorter->heap[0]];
    run->at += sorter->config.record_bytes;
    if (run->at == run->filled && !fill(sorter, run, error)) {
        return false;
    }
    if (run->filled == 0) {
        sorter->heap[0] = sorter->heap[--sorter->heap_count];
    }
    sink(sorter, 0);
    return true;
}

bool sorter_next(struct sorter *sorter, const void **record, struct error *error)
{
    *record = NULL;
    if (sorter->run_count == 0) {
        if (sorter->next < sorter->count) {
            *record = ordered(sorter, sorter->next++);
        }
        return true;
    }
    if (sorter->moved && !go_on(sorter, error)) {
        return false;
    }
    sorter->moved = sorter->heap_count > 0;
    if (sorter->moved) {
        *record = front(sorter, sorter->heap[0]);
    }
    return true;
}

int64_t sorter_count(const struct sorter *sorter)
{
    return sorter->total;
}

int64_t sorter_spilled_bytes(const struct sorter *sorter)
{
    return sorter->file.bytes;
}
