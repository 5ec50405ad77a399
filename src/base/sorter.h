/*
 * Sorts any number of records of one size in bounded memory: what does not fit goes, sorted, to a
 * temporary file without a name, and is merged when it is read. No file while everything fits.
 */
#ifndef CANDLEWICK_BASE_SORTER_H
#define CANDLEWICK_BASE_SORTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct sorter;

struct sorter_config {
    size_t record_bytes;
    /* Below, equal to or above 0, as qsort() wants it. Equal records keep no order of their own. */
    int (*compare)(const void *left, const void *right);
    /* For records, in all. Some pages at least are used; merging needs a page for each sorted run,
     * which is more than this only above memory_bytes^2 / 4096 bytes of records (64 MiB: 1 TiB). */
    size_t memory_bytes;
    const char *folder; /* of the temporary file; copied. NULL: $TMPDIR, or /var/tmp */
};

/* Takes no memory for records yet. NULL: ERROR_FATAL. */
NODISCARD struct sorter *sorter_create(const struct sorter_config *config, struct error *error);
/* Its file goes too. NULL is allowed. */
void sorter_destroy(struct sorter *sorter);

/* Copies one record. False, ERROR_FATAL: no memory, or the temporary file cannot be written (the
 * text names the folder, the bytes and the remedy); the sorter is of no use then. Not after
 * sorter_finish(). */
NODISCARD bool sorter_add(struct sorter *sorter, const void *record, struct error *error);

/* All are added: now they can be read. False: ERROR_FATAL, as sorter_add(). */
NODISCARD bool sorter_finish(struct sorter *sorter, struct error *error);

/* The next record in order, borrowed until the next call; *record is NULL behind the last one.
 * False: ERROR_FATAL, the temporary file cannot be read. */
NODISCARD bool sorter_next(struct sorter *sorter, const void **record, struct error *error);

int64_t sorter_count(const struct sorter *sorter);         /* records added */
int64_t sorter_spilled_bytes(const struct sorter *sorter); /* in the temporary file */

#endif
