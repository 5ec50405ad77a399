/*
 * A file's bytes, unpacked when it is gzip (told by its first bytes, not its name). Stricter than
 * zlib's own gzread(), which passes over what stands behind the packed data: whatever is neither
 * gzip nor zeros (which pad a block of a tape) is an error here. One thread at a time.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_GZIP_FILE_H
#define CANDLEWICK_SOURCE_REPLAY_GZIP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <zlib.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

enum { GZIP_FILE_INPUT = 128 * 1024 };

/* Its owner may ask the system about `fd`; all else is this module's. */
struct gzip_file {
    const char *path; /* borrowed */
    int fd;
    bool begun;      /* the first bytes were looked at */
    bool packed;     /* they are those of gzip */
    bool between;    /* no member of the gzip data is open: it may end here */
    z_stream stream; /* what of `input` was not used yet; when `packed` also its state */
    unsigned char input[GZIP_FILE_INPUT];
};

/* False: ERROR_USAGE, it cannot be opened; close it in either case. */
NODISCARD bool gzip_file_open(struct gzip_file *file, const char *path, struct error *error);
void gzip_file_close(struct gzip_file *file);

/* 1 to `size` bytes; 0 at the end; -1: ERROR_FATAL for a read error, or gzip data that is cut off,
 * broken or followed by something else. `size` > 0 and at most UINT_MAX. */
NODISCARD ssize_t gzip_file_read(struct gzip_file *file, char *bytes, size_t size,
                                 struct error *error);

/* Back to the start. False: ERROR_FATAL. */
NODISCARD bool gzip_file_rewind(struct gzip_file *file, struct error *error);

#endif
