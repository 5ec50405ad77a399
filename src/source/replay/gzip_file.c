#include "source/replay/gzip_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/gzip.h"

bool gzip_file_open(struct gzip_file *file, const char *path, struct error *error)
{
    file->path = path;
    file->begun = false;
    file->packed = false;
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return file->fd >= 0 ||
           error_set(error, ERROR_USAGE, "cannot read %s: %s", path, strerror(errno));
}

static void forget(struct gzip_file *file)
{
    if (file->packed) {
        (void)inflateEnd(&file->stream);
    }
    file->packed = false;
    file->begun = false;
}

void gzip_file_close(struct gzip_file *file)
{
    forget(file);
    if (file->fd >= 0) {
        (void)close(file->fd);
        file->fd = -1;
    }
}

bool gzip_file_rewind(struct gzip_file *file, struct error *error)
{
    forget(file);
    return lseek(file->fd, 0, SEEK_SET) == 0 ||
           error_set(error, ERROR_FATAL, "cannot read %s again from its start: %s", file->path,
                     strerror(errno));
}

/* Reads more input when the last is used up; leaves none at the end of the file. */
static bool refill(struct gzip_file *file, struct error *error)
{
    if (file->stream.avail_in > 0) {
        return true;
    }
    ssize_t got;
    do {
        got = read(file->fd, file->input, sizeof file->input);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return error_set(error, ERROR_FATAL, "cannot read %s: %s", file->path, strerror(errno));
    }
    file->stream.next_in = file->input;
    file->stream.avail_in = (uInt)got;
    return true;
}

static bool begin(struct gzip_file *file, struct error *error)
{
    file->stream = (z_stream){0};
    if (!refill(file, error)) {
        return false;
    }
    file->packed = file->stream.avail_in >= 2 && file->input[0] == 0x1F && file->input[1] == 0x8B;
    if (file->packed && inflateInit2(&file->stream, GZIP_WINDOW_BITS) != Z_OK) {
        file->packed = false;
        return error_set(error, ERROR_FATAL, "cannot read %s: no memory to unpack it", file->path);
    }
    file->between = true;
    file->begun = true;
    return true;
}

static ssize_t read_plain(struct gzip_file *file, char *bytes, size_t size, struct error *error)
{
    if (!refill(file, error)) {
        return -1;
    }
    size_t length = file->stream.avail_in < size ? file->stream.avail_in : size;
    memcpy(bytes, file->stream.next_in, length);
    file->stream.next_in += length;
    file->stream.avail_in -= (uInt)length;
    return (ssize_t)length;
}

static void skip_padding(z_stream *stream)
{
    while (stream->avail_in > 0 && *stream->next_in == 0) {
        stream->next_in++;
        stream->avail_in--;
    }
}

/* Unpacks from the input that is read, up to the end of one gzip member. */
static bool unpack(struct gzip_file *file, struct error *error)
{
    file->between = false;
    switch (inflate(&file->stream, Z_NO_FLUSH)) {
    case Z_OK:
        return true;
    case Z_STREAM_END:
        file->between = true;
        (void)inflateReset(&file->stream);
        return true;
    case Z_MEM_ERROR:
        return error_set(error, ERROR_FATAL, "cannot read %s: no memory to unpack it", file->path);
    default:
        return error_set(error, ERROR_FATAL, "cannot read %s: broken gzip data (%s)", file->path,
                         file->stream.msg != NULL ? file->stream.msg : "of no known kind");
    }
}

static ssize_t read_packed(struct gzip_file *file, char *bytes, size_t size, struct error *error)
{
    z_stream *stream = &file->stream;
    stream->next_out = (Bytef *)bytes;
    stream->avail_out = (uInt)size;
    while (stream->avail_out == size) {
        if (!refill(file, error)) {
            return -1;
        }
        if (stream->avail_in == 0 && file->between) {
            return 0;
        }
        if (stream->avail_in == 0) {
            (void)error_set(error, ERROR_FATAL, "%s is cut off: its gzip data has no end",
                            file->path);
            return -1;
        }
        if (file->between) {
            skip_padding(stream);
        }
        if (stream->avail_in > 0 && !unpack(file, error)) {
            return -1;
        }
    }
    return (ssize_t)(size - stream->avail_out);
}

ssize_t gzip_file_read(struct gzip_file *file, char *bytes, size_t size, struct error *error)
{
    if (!file->begun && !begin(file, error)) {
        return -1;
    }
    return file->packed ? read_packed(file, bytes, size, error)
                        : read_plain(file, bytes, size, error);
}
