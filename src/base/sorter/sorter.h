/*
 * Sorts any number of records of one size in bounded memory. Records beyond the limit are written
 * in sorted runs to an unnamed temporary file; reading merges the runs. No file is created while
 * all records fit into memory.
 */
#ifndef CANDLEWICK_BASE_SORTER_SORTER_H
#define CANDLEWICK_BASE_SORTER_SORTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct sorter;

struct sorter_config {
    size_t record_bytes;
    /* Returns a number below, equal to or above 0, as for qsort(). The order of equal records is
     * undefined. */
    int (*compare)(const void *left, const void *right);
    /* Returns a record's group, a small number; `compare` must order by it first. If the records of
     * each group are added in order, the sorter only counts them by group and needs no sort. NULL:
     * no groups. */
    uint32_t (*group)(const void *record);
    /* Limit for the memory of all records. At least a few pages of 4 KiB are used, and merging
     * needs one page per sorted run; together these exceed the limit only above memory_bytes^2 /
     * 4096 bytes of records (for 64 MiB of memory: 1 TiB). */
    size_t memory_bytes;
    const char *folder; /* for the temporary file; copied. NULL: $TMPDIR, or /var/tmp */
    bool memory_only;   /* write no file: fail when the records do not fit into the memory */
};

/* Allocates no memory for records yet. Returns NULL with ERROR_FATAL. */
NODISCARD struct sorter *sorter_create(const struct sorter_config *config, struct error *error);
/* Also removes its file. NULL is allowed. */
void sorter_destroy(struct sorter *sorter);

/* Copies one record. Fails with ERROR_FATAL when memory runs out, the limit is reached with
 * memory_only, or the temporary file cannot be written (the text names the folder, the bytes and
 * the remedy); the sorter is then unusable. Not
 * allowed after sorter_finish(). */
NODISCARD bool sorter_add(struct sorter *sorter, const void *record, struct error *error);

/* Call when all records are added; then they can be read. Fails as sorter_add() does. */
NODISCARD bool sorter_finish(struct sorter *sorter, struct error *error);

/* Returns the next record in order, borrowed until the next call; *record is NULL after the last
 * one. Fails with ERROR_FATAL when the temporary file cannot be read. */
NODISCARD bool sorter_next(struct sorter *sorter, const void **record, struct error *error);

int64_t sorter_count(const struct sorter *sorter);         /* records added */
int64_t sorter_spilled_bytes(const struct sorter *sorter); /* bytes in the temporary file */

#endif
