#include "sink_reader.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void drop(struct str *bytes, size_t count)
{
    bytes->data += count;
    bytes->length -= count;
}

/* Collects bytes until `end` has come; what stands behind it stays in `bytes`. False: not yet, or
 * never, and *event says which. */
static bool collect(struct sink_reader *reader, struct str *bytes, const char *end,
                    enum sink_event *event)
{
    size_t room = sizeof reader->text - 1 - reader->length;
    size_t count = bytes->length < room ? bytes->length : room;
    memcpy(reader->text + reader->length, bytes->data, count);
    size_t before = reader->length;
    reader->length += count;
    char *found = memmem(reader->text, reader->length, end, strlen(end));
    if (found == NULL) {
        drop(bytes, count);
        *event = reader->length + 1 < sizeof reader->text ? SINK_MORE : SINK_BROKEN;
        return false;
    }
    reader->length = (size_t)(found - reader->text) + strlen(end);
    reader->text[reader->length] = '\0';
    drop(bytes, reader->length - before);
    return true;
}

/* The value of a header in `line`, without blanks in front; NULL when it is another header. */
static const char *header_value(const char *line, const char *name)
{
    size_t length = strlen(name);
    if (strncasecmp(line, name, length) != 0 || line[length] != ':') {
        return NULL;
    }
    line += length + 1;
    return line + strspn(line, " \t");
}

static bool read_header(struct sink_reader *reader, const char *line)
{
    const char *value = NULL;
    if ((value = header_value(line, "Content-Length")) != NULL) {
        struct str digits = {.data = value, .length = strspn(value, "0123456789")};
        int64_t length = 0;
        if (!str_to_int64(digits, &length)) {
            return false;
        }
        reader->left = (uint64_t)length;
    } else if ((value = header_value(line, "Transfer-Encoding")) != NULL) {
        reader->chunked = strncasecmp(value, "chunked", 7) == 0;
    } else if ((value = header_value(line, "Connection")) != NULL) {
        reader->last = strncasecmp(value, "close", 5) == 0;
    } else if ((value = header_value(line, "Expect")) != NULL) {
        reader->expects_continue = strncasecmp(value, "100-continue", 12) == 0;
    }
    return true;
}

static bool read_head(struct sink_reader *reader)
{
    reader->chunked = reader->expects_continue = reader->last = false;
    reader->left = 0;
    struct str rest = {.data = reader->text, .length = strcspn(reader->text, "\r")};
    struct str method, path;
    if (!str_split(&rest, ' ', &method) || !str_split(&rest, ' ', &path) ||
        !str_starts_with(rest, "HTTP/1.") ||
        !str_copy(method, reader->method, sizeof reader->method)) {
        return false;
    }
    (void)str_copy(path, reader->path, sizeof reader->path);
    for (const char *line = reader->text; (line = strstr(line, "\r\n")) != NULL;) {
        line += 2;
        if (!read_header(reader, line)) {
            return false;
        }
    }
    return true;
}

static enum sink_event take_head(struct sink_reader *reader, struct str *bytes)
{
    enum sink_event event;
    if (!collect(reader, bytes, "\r\n\r\n", &event)) {
        return event;
    }
    if (!read_head(reader)) {
        return SINK_BROKEN;
    }
    reader->length = 0;
    reader->state = reader->chunked ? SINK_IN_SIZE : reader->left > 0 ? SINK_IN_BODY : SINK_AT_END;
    return SINK_BEGUN;
}

/* Of the body or a chunk. */
static enum sink_event take_body(struct sink_reader *reader, struct str *bytes, struct str *body)
{
    size_t count = bytes->length < reader->left ? bytes->length : (size_t)reader->left;
    *body = (struct str){.data = bytes->data, .length = count};
    drop(bytes, count);
    reader->left -= count;
    if (reader->left == 0) {
        reader->state = reader->state == SINK_IN_CHUNK ? SINK_IN_GAP : SINK_AT_END;
    }
    return SINK_BODY;
}

/* A line between chunks: a size, the end of one, or a trailer. False: broken. */
static bool take_line(struct sink_reader *reader)
{
    bool empty = strcmp(reader->text, "\r\n") == 0;
    char *end = reader->text;
    reader->length = 0;
    switch (reader->state) {
    case SINK_IN_SIZE:
        reader->left = strtoull(reader->text, &end, 16);
        reader->state = reader->left > 0 ? SINK_IN_CHUNK : SINK_IN_TRAILER;
        return end > reader->text && reader->left < UINT64_C(1) << 40;
    case SINK_IN_GAP:
        reader->state = SINK_IN_SIZE;
        return empty;
    default:
        reader->state = empty ? SINK_AT_END : SINK_IN_TRAILER;
        return true;
    }
}

enum sink_event sink_reader_next(struct sink_reader *reader, struct str *bytes, struct str *body)
{
    enum sink_event event;
    if (reader->state == SINK_AT_END) {
        reader->state = SINK_IN_HEAD;
        return SINK_ENDED;
    }
    while (bytes->length > 0) {
        switch (reader->state) {
        case SINK_IN_HEAD:
            return take_head(reader, bytes);
        case SINK_IN_BODY:
        case SINK_IN_CHUNK:
            return take_body(reader, bytes, body);
        default:
            if (!collect(reader, bytes, "\r\n", &event)) {
                return event;
            }
            if (!take_line(reader)) {
                return SINK_BROKEN;
            }
            if (reader->state == SINK_AT_END) {
                reader->state = SINK_IN_HEAD;
                return SINK_ENDED;
            }
        }
    }
    return SINK_MORE;
}
