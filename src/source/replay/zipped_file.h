/*
 * Reads the one CSV file of a zip archive, as Binance and others publish them, in bounded memory
 * (libzip). Not thread-safe.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_ZIPPED_FILE_H
#define CANDLEWICK_SOURCE_REPLAY_ZIPPED_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <zip.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

enum {
    /* An archive may unpack to at most so many times its size, and this many bytes more: prices
     * pack to about a tenth; what packs to a thousandth was made to fill a disk. */
    ZIPPED_RATIO_MAX = 200,
    ZIPPED_SPARE_BYTES = 1024 * 1024,
};

/* The fields are private to this module. A zero-initialised one is closed. */
struct zipped_file {
    const char *path; /* borrowed */
    zip_t *archive;
    zip_file_t *entry;
    uint64_t index;  /* of the entry */
    uint64_t packed; /* the entry's bytes in the archive */
    uint64_t read;   /* unpacked bytes that were read */
};

/* Returns whether a file with these first bytes is a zip archive. */
bool zipped_file_is(const char *head, size_t length);

/* Fails with ERROR_USAGE when the archive cannot be opened, or has no CSV file or several, or an
 * encrypted one. Call close in either case. */
NODISCARD bool zipped_file_open(struct zipped_file *file, const char *path, struct error *error);
void zipped_file_close(struct zipped_file *file);

/* Returns 1 to `size` bytes, 0 at the end, and -1 with ERROR_FATAL for a read error, broken data (a
 * wrong checksum among it) or more bytes than ZIPPED_RATIO_MAX allows. */
NODISCARD ssize_t zipped_file_read(struct zipped_file *file, char *bytes, size_t size,
                                   struct error *error);

/* Goes back to the start of the entry. Fails with ERROR_FATAL. */
NODISCARD bool zipped_file_rewind(struct zipped_file *file, struct error *error);

#endif
