#include "source/replay/line_reader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/stop.h"
#include "source/replay/gzip_file.h"
#include "source/replay/zipped_file.h"

enum {
    BUFFER_BYTES = 4 * LINE_MAX_BYTES,
    HEAD_BYTES = 16,
};

struct line_reader {
    char *path;
    struct gzip_file file;  /* the file itself, plain or gzip */
    struct zipped_file zip; /* used if it is a zip archive */
    bool zipped;
    struct timespec changed; /* the file's modification time when line_reader_scan() began */
    int64_t content_bytes;   /* unpacked bytes that line_reader_scan() counted; -1: it was not
                                called */
    int64_t bytes;           /* bytes read since the start */
    int64_t number;
    size_t start; /* buffer[start, end) is not returned to the caller yet */
    size_t end;
    bool ended;    /* the end of the file was reached */
    bool complete; /* the line that was read last had a line end */
    char head[HEAD_BYTES];
    size_t head_length;
    struct error failure;
    char buffer[BUFFER_BYTES];
};

/* Opens the archive if the file is one. */
static bool open_zip(struct line_reader *reader, struct error *error)
{
    char head[HEAD_BYTES];
    ssize_t length = pread(reader->file.fd, head, sizeof head, 0);
    reader->zipped = length > 0 && zipped_file_is(head, (size_t)length);
    return !reader->zipped || zipped_file_open(&reader->zip, reader->path, error);
}

static ssize_t read_content(struct line_reader *reader, char *bytes, size_t size,
                            struct error *error)
{
    return reader->zipped ? zipped_file_read(&reader->zip, bytes, size, error)
                          : gzip_file_read(&reader->file, bytes, size, error);
}

static bool open_file(struct line_reader *reader, const char *path, struct error *error)
{
    reader->path = strdup(path);
    if (reader->path == NULL) {
        return error_set(error, ERROR_FATAL, "cannot read %s: no memory", path);
    }
    struct stat info;
    if (!gzip_file_open(&reader->file, reader->path, error)) {
        return false;
    }
    if (fstat(reader->file.fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        return error_set(error, ERROR_USAGE,
                         "cannot replay %s: it is not a plain file (it is read twice)", path);
    }
    reader->changed = info.st_mtim;
    return open_zip(reader, error);
}

struct line_reader *line_reader_open(const char *path, struct error *error)
{
    struct line_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        (void)error_set(error, ERROR_FATAL, "cannot read %s: no memory", path);
        return NULL;
    }
    reader->file.fd = -1;
    reader->content_bytes = -1;
    if (!open_file(reader, path, error)) {
        line_reader_close(reader);
        return NULL;
    }
    return reader;
}

void line_reader_close(struct line_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    zipped_file_close(&reader->zip);
    gzip_file_close(&reader->file);
    free(reader->path);
    free(reader);
}

/* Checks, at the end of the file, that it is still as it was when it was scanned. */
static bool is_unchanged(struct line_reader *reader, struct error *error)
{
    struct stat info;
    if (reader->content_bytes < 0 ||
        (reader->bytes == reader->content_bytes && fstat(reader->file.fd, &info) == 0 &&
         info.st_mtim.tv_sec == reader->changed.tv_sec &&
         info.st_mtim.tv_nsec == reader->changed.tv_nsec)) {
        return true;
    }
    return error_set(error, ERROR_FATAL, "%s was changed while it was read: start again",
                     reader->path);
}

/* Appends more of the file to the buffer. Returns false at the end or on a failure. */
static bool fill(struct line_reader *reader, struct error *error)
{
    if (reader->start > 0) {
        memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
        reader->end -= reader->start;
        reader->start = 0;
    }
    ssize_t got =
        read_content(reader, reader->buffer + reader->end, BUFFER_BYTES - reader->end, error);
    if (got > 0) {
        reader->end += (size_t)got;
        reader->bytes += got;
    }
    reader->ended = got == 0;
    return got > 0;
}

bool line_reader_rewind(struct line_reader *reader, struct error *error)
{
    if (reader->zipped ? !zipped_file_rewind(&reader->zip, error)
                       : !gzip_file_rewind(&reader->file, error)) {
        return false;
    }
    reader->bytes = reader->number = 0;
    reader->start = reader->end = 0;
    reader->ended = false;
    return true;
}

bool line_reader_scan(struct line_reader *reader, struct stop *stop, uint64_t *hash,
                      struct error *error)
{
    struct error failure = {0};
    *hash = HASH_START;
    while (fill(reader, &failure)) {
        *hash = hash_bytes(*hash, reader->buffer, reader->end);
        for (size_t i = 0; i < reader->end && reader->head_length < HEAD_BYTES; i++) {
            reader->head[reader->head_length++] = reader->buffer[i];
        }
        reader->end = 0;
        if (stop != NULL && stop_requested(stop)) {
            return error_set(error, ERROR_RETRY, "stopped while %s was read", reader->path);
        }
    }
    if (!reader->ended) {
        return error_set(error, failure.kind, "%s", failure.text);
    }
    reader->content_bytes = reader->bytes;
    return line_reader_rewind(reader, error);
}

/* Skips the rest of a line that is too long. */
static void skip_line(struct line_reader *reader)
{
    for (;;) {
        char *newline = memchr(reader->buffer + reader->start, '\n', reader->end - reader->start);
        if (newline != NULL) {
            reader->start = (size_t)(newline - reader->buffer) + 1;
            return;
        }
        reader->start = reader->end;
        if (!fill(reader, &reader->failure)) {
            return;
        }
    }
}

/* Finds the line at the start of the buffer. Returns false when the file has no more lines. */
static bool find_line(struct line_reader *reader, struct str *line, bool *complete)
{
    size_t searched = 0;
    for (;;) {
        const char *start = reader->buffer + reader->start;
        size_t there = reader->end - reader->start;
        const char *newline = memchr(start + searched, '\n', there - searched);
        *complete = newline != NULL;
        *line = (struct str){.data = start, .length = newline ? (size_t)(newline - start) : there};
        if (newline != NULL || there > LINE_MAX_BYTES) {
            return true;
        }
        searched = there;
        if (reader->ended || !fill(reader, &reader->failure)) {
            line->data = reader->buffer + reader->start;
            return reader->ended && there > 0;
        }
    }
}

static void strip(struct line_reader *reader, struct str *line)
{
    if (line->length > 0 && line->data[line->length - 1] == '\r') {
        line->length--;
    }
    if (reader->number == 1 && str_starts_with(*line, "\xEF\xBB\xBF")) {
        line->data += 3;
        line->length -= 3;
    }
}

enum line_result line_reader_next(struct line_reader *reader, struct str *line, struct error *error)
{
    if (reader->failure.kind == ERROR_NONE && find_line(reader, line, &reader->complete)) {
        reader->number++;
        reader->start += line->length + (reader->complete ? 1 : 0);
        if (line->length > LINE_MAX_BYTES) {
            if (!reader->complete) {
                skip_line(reader);
            }
            return LINE_TOO_LONG;
        }
        strip(reader, line);
        return LINE_READ;
    }
    if (reader->failure.kind == ERROR_NONE && is_unchanged(reader, &reader->failure)) {
        return LINE_END;
    }
    (void)error_set(error, reader->failure.kind, "%s", reader->failure.text);
    return LINE_FAILED;
}

bool line_reader_complete(const struct line_reader *reader)
{
    return reader->complete;
}

struct str line_reader_head(const struct line_reader *reader)
{
    return (struct str){.data = reader->head, .length = reader->head_length};
}

double line_reader_share(const struct line_reader *reader)
{
    int64_t waiting = (int64_t)(reader->end - reader->start);
    return reader->content_bytes > 0
               ? (double)(reader->bytes - waiting) / (double)reader->content_bytes
               : 1;
}

int64_t line_reader_number(const struct line_reader *reader)
{
    return reader->number;
}
