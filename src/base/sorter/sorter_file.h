/* The sorter's temporary file. It has no name, so that the system removes it even when the process
 * is killed. */
#ifndef CANDLEWICK_BASE_SORTER_SORTER_FILE_H
#define CANDLEWICK_BASE_SORTER_SORTER_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct sorter_file {
    int descriptor; /* -1: not created yet */
    char *folder;   /* owned */
    int64_t bytes;  /* bytes written; the next ones are appended */
};

/* A NULL `folder` means $TMPDIR, or /var/tmp. Does not access the disk. Fails with ERROR_FATAL when
 * memory runs out. */
NODISCARD bool sorter_file_init(struct sorter_file *file, const char *folder, struct error *error);
void sorter_file_close(struct sorter_file *file);

/* Appends bytes; creates the file at the first call. Fails with ERROR_FATAL. */
NODISCARD bool sorter_file_append(struct sorter_file *file, const void *bytes, size_t length,
                                  struct error *error);
/* Reads exactly `length` bytes. Fails with ERROR_FATAL. */
NODISCARD bool sorter_file_read(const struct sorter_file *file, void *bytes, size_t length,
                                int64_t offset, struct error *error);

#endif
