/* The sorter's temporary file: without a name, so that nothing is left whatever happens. */
#ifndef CANDLEWICK_BASE_SORTER_FILE_H
#define CANDLEWICK_BASE_SORTER_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct sorter_file {
    int descriptor; /* -1: not made yet */
    char *folder;   /* owned */
    int64_t bytes;  /* written; the next ones go behind them */
};

/* `folder` NULL: $TMPDIR, or /var/tmp. Touches no disk. False: ERROR_FATAL, no memory. */
NODISCARD bool sorter_file_init(struct sorter_file *file, const char *folder, struct error *error);
void sorter_file_close(struct sorter_file *file);

/* Writes behind what is there; makes the file when it is the first. ERROR_FATAL. */
NODISCARD bool sorter_file_append(struct sorter_file *file, const void *bytes, size_t length,
                                  struct error *error);
/* Reads exactly `length` bytes. ERROR_FATAL. */
NODISCARD bool sorter_file_read(const struct sorter_file *file, void *bytes, size_t length,
                                int64_t offset, struct error *error);

#endif
