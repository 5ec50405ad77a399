#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text/utf8.h"

/* A line is one write of at most PIPE_BUF bytes, so that lines of several processes on one pipe
 * never mix. */
enum { LINE_MAX_BYTES = 4096, VALUE_MAX_BYTES = 1000 };

/* Set once, before threads start. */
static atomic_int lowest_level = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&lowest_level, (int)level);
}

struct log_field log_text(const char *key, const char *value)
{
    return log_str(key, str_from(value != NULL ? value : ""));
}

struct log_field log_str(const char *key, struct str value)
{
    return (struct log_field){.key = key, .type = LOG_TYPE_TEXT, .value.text = value};
}

struct log_field log_int(const char *key, int64_t value)
{
    return (struct log_field){.key = key, .type = LOG_TYPE_INT, .value.integer = value};
}

struct line {
    char text[LINE_MAX_BYTES];
    size_t length;
    size_t limit; /* where the fields must end, so that the newline still fits */
    bool cut;
};

static void put(struct line *line, const char *bytes, size_t length)
{
    if (line->cut || length > line->limit - line->length) {
        line->cut = true;
        return;
    }
    memcpy(line->text + line->length, bytes, length);
    line->length += length;
}

static void put_text(struct line *line, const char *text)
{
    put(line, text, strlen(text));
}

/* Returns whether the character is a control character (C0, DEL or C1), which could move a
 * terminal's cursor. */
static bool is_control(struct str character)
{
    unsigned char first = (unsigned char)character.data[0];
    return first < 0x20 || first == 0x7F ||
           (character.length == 2 && first == 0xC2 && (unsigned char)character.data[1] < 0xA0);
}

static bool needs_quotes(struct str value)
{
    if (value.length == 0) {
        return true;
    }
    while (value.length > 0) {
        size_t length = utf8_sequence(value);
        if (length == 0 || strchr(" \"=\\", value.data[0]) != NULL ||
            is_control((struct str){.data = value.data, .length = length})) {
            return true;
        }
        value.data += length;
        value.length -= length;
    }
    return false;
}

static void put_escaped(struct line *line, struct str character)
{
    unsigned char last = (unsigned char)character.data[character.length - 1];
    char escape[8];
    if (last == '"' || last == '\\') {
        (void)snprintf(escape, sizeof escape, "\\%c", last);
    } else if (last == '\n' || last == '\r' || last == '\t') {
        (void)snprintf(escape, sizeof escape, "\\%c",
                       last == '\n'   ? 'n'
                       : last == '\r' ? 'r'
                                      : 't');
    } else {
        (void)snprintf(escape, sizeof escape, "\\u%04x", last);
    }
    put_text(line, escape);
}

static void put_quoted(struct line *line, struct str value)
{
    put_text(line, "\"");
    while (value.length > 0) {
        size_t length = utf8_sequence(value);
        struct str character = {.data = value.data, .length = length > 0 ? length : 1};
        if (length == 0) {
            put_text(line, "\xEF\xBF\xBD");
        } else if (is_control(character) || character.data[0] == '"' || character.data[0] == '\\') {
            put_escaped(line, character);
        } else {
            put(line, character.data, length);
        }
        value.data += character.length;
        value.length -= character.length;
    }
    put_text(line, "\"");
}

/* Cuts a long value between two characters and marks the cut with "...". */
static void put_value(struct line *line, struct str value)
{
    char shorter[VALUE_MAX_BYTES + 3];
    if (value.length > VALUE_MAX_BYTES) {
        size_t length = VALUE_MAX_BYTES;
        while (length > VALUE_MAX_BYTES - 4 && ((unsigned char)value.data[length] & 0xC0) == 0x80) {
            length--;
        }
        memcpy(shorter, value.data, length);
        memcpy(shorter + length, "...", 3);
        value = (struct str){.data = shorter, .length = length + 3};
    }
    if (needs_quotes(value)) {
        put_quoted(line, value);
    } else {
        put(line, value.data, value.length);
    }
}

/* Appends a field; one that does not fit is left out whole. */
static void put_field(struct line *line, const struct log_field *field)
{
    size_t before = line->length;
    put_text(line, " ");
    put_text(line, field->key);
    put_text(line, "=");
    if (field->type == LOG_TYPE_TEXT) {
        put_value(line, field->value.text);
    } else {
        char text[24];
        (void)snprintf(text, sizeof text, "%lld", (long long)field->value.integer);
        put_text(line, text);
    }
    if (line->cut) {
        line->length = before;
    }
}

/* Always writes milliseconds, so that lines are aligned. */
static void put_time(struct line *line)
{
    int64_t now = clock_wall_ns();
    char text[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(now - now % NS_PER_MS, text);
    put_text(line, "time=");
    put(line, text, strcspn(text, ".Z"));
    (void)snprintf(text, sizeof text, ".%03dZ", (int)(now / NS_PER_MS % 1000));
    put_text(line, text);
}

static void write_all(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, bytes, length);
        if (written < 0 && errno == EAGAIN) {
            /* The pipe or terminal is full, and another process that shares it has made it
             * non-blocking. */
            (void)poll(&(struct pollfd){.fd = STDERR_FILENO, .events = POLLOUT}, 1, -1);
        } else if (written < 0 && errno != EINTR) {
            return; /* nobody reads the log, and there is no other place to report that */
        }
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        }
    }
}

void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    static const char cut_mark[] = " cut=true";
    if (level >= LOG_OFF || (int)level < atomic_load(&lowest_level)) {
        return;
    }
    int errno_before = errno;
    struct line line = {.length = 0};
    line.limit = sizeof line.text - sizeof cut_mark;
    put_time(&line);
    put_text(&line, " level=");
    put_text(&line, names[level]);
    put_text(&line, " event=");
    put_value(&line, str_from(event));
    for (size_t i = 0; i < count; i++) {
        put_field(&line, &fields[i]);
    }
    if (line.cut) {
        memcpy(line.text + line.length, cut_mark, sizeof cut_mark - 1);
        line.length += sizeof cut_mark - 1;
    }
    line.text[line.length++] = '\n';
    write_all(line.text, line.length);
    errno = errno_before;
}
