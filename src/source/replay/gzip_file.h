/*
 * Reads a file's bytes and unpacks them when it is gzip, recognised by its first bytes and not by
 * its name. Stricter than zlib's gzread(), which ignores whatever follows the packed data: here,
 * anything other than gzip or zeros (the padding of a tape block) is an error. Not thread-safe.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_GZIP_FILE_H
#define CANDLEWICK_SOURCE_REPLAY_GZIP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <zlib.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

#ifdef CANDLEWICK_FUZZING
enum { GZIP_FILE_INPUT = 512 };
#else
enum { GZIP_FILE_INPUT = 128 * 1024 };
#endif

/* The owner may pass `fd` to fstat() and the like; the other fields are private to this module. */
struct gzip_file {
    const char *path; /* borrowed */
    int fd;
    bool begun;      /* the first bytes were examined */
    bool packed;     /* the first bytes are those of gzip */
    bool between;    /* between two gzip members: the data may end here */
    z_stream stream; /* holds the unused part of `input`; when `packed`, also zlib's state */
    unsigned char input[GZIP_FILE_INPUT];
};

/* Fails with ERROR_USAGE when the file cannot be opened. Call close in either case. */
NODISCARD bool gzip_file_open(struct gzip_file *file, const char *path, struct error *error);
void gzip_file_close(struct gzip_file *file);

/* Returns 1 to `size` bytes, 0 at the end, and -1 with ERROR_FATAL for a read error or for gzip
 * data that is cut off, broken or followed by something else. `size` is > 0 and at most
 * UINT_MAX. */
NODISCARD ssize_t gzip_file_read(struct gzip_file *file, char *bytes, size_t size,
                                 struct error *error);

/* Goes back to the start of the file. Fails with ERROR_FATAL. */
NODISCARD bool gzip_file_rewind(struct gzip_file *file, struct error *error);

#endif
