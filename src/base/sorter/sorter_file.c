#include "base/sorter/sorter_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool sorter_file_init(struct sorter_file *file, const char *folder, struct error *error)
{
    const char *temporary = getenv("TMPDIR");
    if (folder == NULL) {
        /* /tmp is no default, since it is in memory on many machines. */
        folder = temporary != NULL && temporary[0] != '\0' ? temporary : "/var/tmp";
    }
    *file = (struct sorter_file){.descriptor = -1, .folder = strdup(folder)};
    return file->folder != NULL || error_set(error, ERROR_FATAL, "no memory for sorting");
}

void sorter_file_close(struct sorter_file *file)
{
    if (file->descriptor >= 0) {
        (void)close(file->descriptor);
    }
    free(file->folder);
}

/* Creates and unlinks a named file, on file systems without O_TMPFILE. */
static int open_named(const char *folder)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/candlewick-XXXXXX", folder);
    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int descriptor = mkostemp(path, O_CLOEXEC);
    if (descriptor >= 0) {
        (void)unlink(path);
    }
    return descriptor;
}

static bool make(struct sorter_file *file, struct error *error)
{
    file->descriptor = open(file->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file->descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        file->descriptor = open_named(file->folder);
    }
    return file->descriptor >= 0 ||
           error_set(error, ERROR_FATAL,
                     "no temporary file can be made in %.100s: %s; name another folder by TMPDIR",
                     file->folder, strerror(errno));
}

static bool write_failed(const struct sorter_file *file, struct error *error)
{
    return error_set(error, ERROR_FATAL,
                     "the temporary file in %.80s cannot grow over %lld MiB: %s; name a folder "
                     "with more room by TMPDIR",
                     file->folder, (long long)(file->bytes >> 20), strerror(errno));
}

bool sorter_file_append(struct sorter_file *file, const void *bytes, size_t length,
                        struct error *error)
{
    if (file->descriptor < 0 && !make(file, error)) {
        return false;
    }
    const char *at = bytes;
    while (length > 0) {
        ssize_t written = pwrite(file->descriptor, at, length, file->bytes);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return write_failed(file, error);
        }
        at += written;
        length -= (size_t)written;
        file->bytes += written;
    }
    return true;
}

bool sorter_file_read(const struct sorter_file *file, void *bytes, size_t length, int64_t offset,
                      struct error *error)
{
    char *at = bytes;
    while (length > 0) {
        ssize_t got = pread(file->descriptor, at, length, offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return error_set(error, ERROR_FATAL, "the temporary file in %.100s cannot be read: %s",
                             file->folder,
                             got < 0 ? strerror(errno) : "it is shorter than what was written");
        }
        at += got;
        length -= (size_t)got;
        offset += got;
    }
    return true;
}
