#include "fault_http.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zlib.h>

enum { READ_BYTES = 65536, MEBIBYTE = 1 << 20, GZIP_WINDOW = 15 + 16 };

static bool read_more(struct fault_connection *connection)
{
    if (connection->capacity - connection->length < READ_BYTES) {
        size_t capacity = 2 * connection->capacity + 2 * READ_BYTES;
        char *bytes = realloc(connection->bytes, capacity);
        if (bytes == NULL) {
            return false;
        }
        connection->bytes = bytes;
        connection->capacity = capacity;
    }
    ssize_t got = recv(connection->fd, connection->bytes + connection->length, READ_BYTES, 0);
    if (got > 0) {
        connection->length += (size_t)got;
    }
    return got > 0;
}

/* The value of a header, or NULL. `head` ends in an empty line and a NUL. */
static bool header_value(const char *head, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *from = line + length + 1;
            from += strspn(from, " ");
            (void)snprintf(value, size, "%.*s", (int)strcspn(from, "\r"), from);
            return true;
        }
    }
    return false;
}

static bool unpack(struct fault_request *request)
{
    z_stream stream = {.next_in = (Bytef *)request->body, .avail_in = (uInt)request->length};
    char *whole = malloc(FAULT_BODY_MAX + 1);
    if (whole == NULL || inflateInit2(&stream, GZIP_WINDOW) != Z_OK) {
        free(whole);
        return false;
    }
    stream.next_out = (Bytef *)whole;
    stream.avail_out = FAULT_BODY_MAX;
    bool complete = inflate(&stream, Z_FINISH) == Z_STREAM_END;
    size_t length = stream.total_out;
    (void)inflateEnd(&stream);
    free(request->body);
    request->body = realloc(whole, length + 1);
    request->length = length;
    if (request->body != NULL) {
        request->body[length] = '\0';
    }
    return complete && request->body != NULL;
}

static bool take_body(struct fault_connection *connection, size_t head_length, size_t length,
                      struct fault_request *request)
{
    while (connection->length < head_length + length) {
        if (!read_more(connection)) {
            return false;
        }
    }
    request->body = malloc(length + 1);
    if (request->body == NULL) {
        return false;
    }
    memcpy(request->body, connection->bytes + head_length, length);
    request->body[length] = '\0';
    request->length = length;
    connection->length -= head_length + length;
    memmove(connection->bytes, connection->bytes + head_length + length, connection->length);
    return true;
}

bool fault_read_request(struct fault_connection *connection, struct fault_request *request)
{
    const char *end = NULL;
    *request = (struct fault_request){.length = 0};
    while (end == NULL) {
        end = connection->length > 0 ? memmem(connection->bytes, connection->length, "\r\n\r\n", 4)
                                     : NULL;
        if (end == NULL && (connection->length > FAULT_HEAD_MAX || !read_more(connection))) {
            return false;
        }
    }
    size_t head_length = (size_t)(end - connection->bytes) + 4;
    char head[FAULT_HEAD_MAX + 1];
    if (head_length > FAULT_HEAD_MAX) {
        return false;
    }
    memcpy(head, connection->bytes, head_length);
    head[head_length] = '\0';
    char *rest = head;
    const char *method = strsep(&rest, " ");
    const char *path = strsep(&rest, " ");
    if (path == NULL || rest == NULL) {
        return false;
    }
    (void)snprintf(request->method, sizeof request->method, "%s", method);
    (void)snprintf(request->path, sizeof request->path, "%s", path);
    char value[64] = "0";
    (void)header_value(rest, "Authorization", request->authorization,
                       sizeof request->authorization);
    size_t length =
        header_value(rest, "Content-Length", value, sizeof value) ? strtoul(value, NULL, 10) : 0;
    if (length > FAULT_BODY_MAX || !take_body(connection, head_length, length, request)) {
        return false;
    }
    bool packed = header_value(rest, "Content-Encoding", value, sizeof value) &&
                  strcasecmp(value, "gzip") == 0;
    return !packed || unpack(request);
}

void fault_send(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        bytes += sent;
        length -= (size_t)sent;
    }
}

void fault_answer(int fd, int status, const char *headers, const char *body)
{
    char *answer = NULL;
    int length = status == 204
                     ? asprintf(&answer, "HTTP/1.1 204 No Content\r\n%s\r\n", headers)
                     : asprintf(&answer, "HTTP/1.1 %d Status\r\n%sContent-Length: %zu\r\n\r\n%s",
                                status, headers, strlen(body), body);
    if (length > 0) {
        fault_send(fd, answer, (size_t)length);
        free(answer);
    }
}

void fault_answer_bomb(int fd, int mebibytes)
{
    static char blanks[MEBIBYTE];
    memset(blanks, ' ', sizeof blanks);
    z_stream stream = {0};
    size_t room = (size_t)mebibytes * 8192 + READ_BYTES;
    char *packed = malloc(room);
    if (packed == NULL || deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, 9,
                                       Z_DEFAULT_STRATEGY) != Z_OK) {
        free(packed);
        return;
    }
    stream.next_out = (Bytef *)packed;
    stream.avail_out = (uInt)room;
    for (int i = 0; i < mebibytes; i++) {
        stream.next_in = (Bytef *)blanks;
        stream.avail_in = sizeof blanks;
        (void)deflate(&stream, i + 1 < mebibytes ? Z_NO_FLUSH : Z_FINISH);
    }
    char head[200];
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 400 Status\r\nContent-Type: application/json\r\n"
                          "Content-Encoding: gzip\r\nContent-Length: %lu\r\n\r\n",
                          stream.total_out);
    fault_send(fd, head, (size_t)length);
    fault_send(fd, packed, stream.total_out);
    (void)deflateEnd(&stream);
    free(packed);
}

void fault_reset(int fd)
{
    const struct linger linger = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    (void)close(fd);
}
